"""One reading of a log, tile by tile, from where it begins or goes on to its end."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from isa_verify.anchors import Anchor
from isa_verify.audit_options import Options
from isa_verify.errors import AccessDeniedError, VerificationError
from isa_verify.memory import Prefix
from isa_verify.merkle import EMPTY_ROOT
from isa_verify.ranges import CheckedRange, Fetch, Range, in_this_process, read_part
from isa_verify.signed_checkpoint import SignedCheckpoint
from isa_verify.tiles import FULL_WIDTH, parse_tile
from isa_verify.walk import TreeWalk

TILES_OF_A_RANGE: Final = 16


@dataclass(slots=True)
class Run:
    """Reads a log from where it begins, or goes on, to its end."""

    fetch: Fetch
    signed: SignedCheckpoint
    asked: Options
    anchors: list[Anchor]
    placed: dict[int, tuple[bytes, str]]
    wanted: frozenset[int]
    walk: TreeWalk = field(init=False)
    entries: bool = True
    resumed_at: int = 0
    previous: str | None = None
    at: str | None = None
    times: dict[int, str] = field(default_factory=dict)
    roots: dict[int, bytes] = field(default_factory=dict)
    """Of the trees of the anchors' sizes."""
    _found: dict[int, bytes] = field(default_factory=dict)
    """The leaf hashes of the entries that have to be in their places."""
    prefix: Prefix | None = None
    """How far whole tiles have been read, None where there is none."""

    def __post_init__(self) -> None:
        self.walk = TreeWalk(self.fetch)

    def may_read_entries(self) -> bool:
        """Return whether the log shows its first entries to this reader."""
        size = self.signed.checkpoint.size
        try:
            if size:
                read_part(self.fetch, "entries", 0, min(size, FULL_WIDTH))
        except AccessDeniedError:
            return False
        return True

    def read_all(self, prefix: Prefix | None) -> None:
        self.prefix = prefix
        if prefix is not None:
            self.resumed_at, self.entries = prefix.size, prefix.entries
            self.previous, self.at = prefix.previous, prefix.at
            self.walk.resume(prefix.frontier, prefix.pending)
        elif any(anchor.checkpoint.size == 0 for anchor in self.anchors):
            self.roots[0] = EMPTY_ROOT
        size = self.signed.checkpoint.size
        first, end = self.resumed_at // FULL_WIDTH, -(-size // FULL_WIDTH)
        if first < end:
            self._read_first(first)
            read = self.asked.read or in_this_process(self.fetch)
            for checked in read(self._ranges(first + 1, end)):
                self._take(checked)
        self.walk.finish()

    def check_placed(self) -> None:
        for index, (digest, code) in self.placed.items():
            if self._found.get(index, digest) != digest:
                raise VerificationError(code, f"Entry {index} is not the one that was proved to be there.")

    def _read_first(self, number: int) -> None:
        """Read one tile here, and find out whether entries may be read."""
        here = in_this_process(self.fetch)
        try:
            checked = next(here(iter([self._range(number, number + 1)])))
        except AccessDeniedError:
            if self.asked.entries_required or not self.entries:
                raise
            self.entries = False
            self.previous = self.at = None
            checked = next(here(iter([self._range(number, number + 1)])))
        self._take(checked)

    def _ranges(self, first: int, end: int) -> Iterator[Range]:
        full = self.signed.checkpoint.size // FULL_WIDTH
        for start in range(first, full, TILES_OF_A_RANGE):
            yield self._range(start, min(full, start + TILES_OF_A_RANGE))
        if full < end and first <= full:
            yield self._range(full, end)

    def _range(self, first: int, end: int) -> Range:
        here = range(first * FULL_WIDTH, end * FULL_WIDTH)
        sizes = (anchor.checkpoint.size for anchor in self.anchors)
        first_entry = first * FULL_WIDTH == self.resumed_at and self.entries
        return Range(
            origin=self.signed.checkpoint.origin,
            size=self.signed.checkpoint.size,
            first=first,
            end=end,
            entries=self.entries,
            previous=(self.previous or "0" * 64) if first_entry else None,
            at=self.at if first_entry else None,
            keep=frozenset(index // FULL_WIDTH for index in itertools.chain(sizes, self.placed) if index in here),
            wanted=frozenset(index for index in self.wanted if index in here),
        )

    def _take(self, checked: CheckedRange) -> None:
        if checked.range.entries:
            self._join(checked)
        width = self.signed.checkpoint.size
        for number in range(checked.range.first, checked.range.end):
            if number in checked.kept:
                self._look_into(number, parse_tile(checked.kept[number], min(FULL_WIDTH, width - number * FULL_WIDTH)))
            if number - checked.range.first < len(checked.roots):
                self.walk.add_tile(checked.roots[number - checked.range.first])
            else:
                self.walk.add_last(checked.kept[number])
        self.times.update(checked.times)
        if self.walk.frontier.size % FULL_WIDTH == 0:
            self.prefix = self._prefix_now()
            if self.asked.keep is not None and self._anchors_hold():
                self.asked.keep(self.prefix)
        if self.asked.progress is not None:
            self.asked.progress(self.walk.frontier.size, width)

    def _join(self, checked: CheckedRange) -> None:
        """Check that a range of entries follows the one before it."""
        start = checked.range.first * FULL_WIDTH
        if not checked.range.known:
            if checked.first_previous != self.previous:
                raise VerificationError("chain-broken", f"Entry {start} does not follow the entry before it.")
            if self.at is not None and checked.first_at is not None and checked.first_at < self.at:
                raise VerificationError("time-fell", f"Entry {start} is earlier than the entry before it.")
        self.previous, self.at = checked.previous, checked.at

    def _look_into(self, number: int, hashes: list[bytes]) -> None:
        start = number * FULL_WIDTH
        for anchor in self.anchors:
            size = anchor.checkpoint.size
            if start <= size < start + FULL_WIDTH and size - start <= len(hashes):
                self.roots[size] = self.walk.frontier.extend(hashes[: size - start]).root()
        for index in self.placed:
            if start <= index < start + len(hashes):
                self._found[index] = hashes[index - start]

    def _anchors_hold(self) -> bool:
        """Whether what has been read so far extends what was seen before: nothing else may be gone on from."""
        return all(
            self.roots.get(anchor.checkpoint.size, anchor.checkpoint.root) == anchor.checkpoint.root
            for anchor in self.anchors
        )

    def _prefix_now(self) -> Prefix:
        return Prefix(self.walk.frontier, self.walk.pending, self.entries, self.previous, self.at, self.signed.data)
