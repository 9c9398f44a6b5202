"""Check a run of tiles with their entries: the piece of an audit that any process can do on its own."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from isa_verify.entries import EntryChain
from isa_verify.errors import NotFoundError, VerificationError
from isa_verify.leaf import Leaf
from isa_verify.merkle import HASH_SIZE, perfect_root
from isa_verify.tiles import FULL_WIDTH, Level, check_tile, encode_bundle, parse_bundle, tile_path

Fetch: TypeAlias = Callable[[str], bytes]
"""Returns what the log serves under a path relative to its prefix, such as `checkpoint` or `tile/0/000`.

Raises `NotFoundError` and `AccessDeniedError` where the log says so, another `CannotRunError` where it says nothing.
"""

FetchMany: TypeAlias = Callable[[Sequence[str]], Iterator[bytes]]
"""Does the same for several paths, in their order."""


@dataclass(frozen=True, slots=True)
class Range:
    """Tiles `first` up to `end` (exclusive) of level 0, in a log of `size` entries.

    With `entries` their bundles are checked too. `previous` and `at` are the entry before them, None where it is not
    known. `keep` are tiles whose hashes, `wanted` entries whose times the result is to hold.
    """

    origin: str
    size: int
    first: int
    end: int
    entries: bool
    previous: str | None = None
    at: str | None = None
    keep: frozenset[int] = frozenset()
    wanted: frozenset[int] = frozenset()

    @property
    def known(self) -> bool:
        """Whether the entry before is known, so that the first one need not be taken at its word."""
        return self.previous is not None


@dataclass(frozen=True, slots=True)
class CheckedRange:
    """What is left of a range once it has been checked.

    `roots` are those of its full tiles. What the first entry claims of the one before it, where that was not known,
    stands in `first_previous` and `first_at`; `previous` and `at` are the last entry's hash and time.
    """

    range: Range
    roots: tuple[bytes, ...]
    kept: Mapping[int, bytes] = field(default_factory=dict)
    times: Mapping[int, str] = field(default_factory=dict)
    first_previous: str | None = None
    first_at: str | None = None
    previous: str | None = None
    at: str | None = None


ReadRanges: TypeAlias = Callable[[Iterable[Range]], Iterator[CheckedRange]]
"""Checks ranges, and returns the results in their order. Raises as `check_range`."""


def check_range(fetch: Fetch, fetch_many: FetchMany, asked: Range) -> CheckedRange:
    """Read and check a range.

    Raises `VerificationError` `tile-missing`, `bundle-missing`, `tile-malformed`, `bundle-malformed`, and as
    `EntryChain.check`; `CannotRunError` where the log could not be read.
    """
    chain = EntryChain(asked.origin, asked.previous, asked.at)
    roots: list[bytes] = []
    kept: dict[int, bytes] = {}
    times: dict[int, str] = {}
    full = min(asked.end, asked.size // FULL_WIDTH)
    levels: tuple[Level, ...] = (0, "entries") if asked.entries else (0,)
    parts = fetch_many(
        [tile_path(level, number, FULL_WIDTH) for number in range(asked.first, full) for level in levels]
    )
    for number in range(asked.first, asked.end):
        width = min(FULL_WIDTH, asked.size - number * FULL_WIDTH)
        if width == FULL_WIDTH:
            tile = check_tile(_next(parts, 0, number), width)
        else:
            tile = check_tile(read_part(fetch, 0, number, width), width)
        if asked.entries:
            bundle = _next(parts, "entries", number) if width == FULL_WIDTH else None
            if bundle is None:
                bundle = read_part(fetch, "entries", number, width)
            entries = parse_bundle(bundle, width)
            chain.check(number * FULL_WIDTH, entries, tile)
            for index in asked.wanted:
                if index // FULL_WIDTH == number and index < asked.size:
                    times[index] = Leaf.parse(entries[index % FULL_WIDTH]).at
        if width == FULL_WIDTH:
            roots.append(perfect_root(tile))
        if width < FULL_WIDTH or number in asked.keep:
            kept[number] = tile
    return CheckedRange(
        asked, tuple(roots), kept, times, chain.first_previous, chain.first_at, chain.previous, chain.at
    )


def read_part(fetch: Fetch, level: Level, number: int, width: int) -> bytes:
    """Return a tile or bundle, cut from the full one where the log no longer keeps the partial one.

    Raises `VerificationError` `tile-missing` or `bundle-missing`.
    """
    try:
        return fetch(tile_path(level, number, width))
    except NotFoundError:
        if width == FULL_WIDTH:
            raise _missing(level, number) from None
    try:
        data = fetch(tile_path(level, number, FULL_WIDTH))
    except NotFoundError:
        raise _missing(level, number) from None
    if level == "entries":
        return encode_bundle(parse_bundle(data, FULL_WIDTH)[:width])
    return check_tile(data, FULL_WIDTH)[: width * HASH_SIZE]


def one_by_one(fetch: Fetch) -> FetchMany:
    """Return how to fetch several paths where nothing better is known: one after the other."""
    return lambda paths: map(fetch, paths)


def in_this_process(fetch: Fetch, fetch_many: FetchMany | None = None) -> ReadRanges:
    """Return how to check ranges one after the other, here."""
    many = fetch_many or one_by_one(fetch)
    return lambda ranges: (check_range(fetch, many, asked) for asked in ranges)


def _next(parts: Iterator[bytes], level: Level, number: int) -> bytes:
    try:
        return next(parts)
    except NotFoundError:
        raise _missing(level, number) from None


def _missing(level: Level, number: int) -> VerificationError:
    if level == "entries":
        return VerificationError("bundle-missing", f"The log does not serve its entry bundle {number}.")
    return VerificationError("tile-missing", f"The log does not serve tile {number} of its level {level}.")
