"""Where a log's hashes and entries are published (C2SP tlog-tiles): paths, widths, entry bundles.

A tile of level L holds up to 256 hashes, each the root over 256**L entries. A bundle holds the entries below
one tile of level 0. A tile or bundle with fewer than 256 items is partial, and its path names its width.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, Literal

from isa_verify.errors import MalformedError
from isa_verify.merkle import HASH_SIZE

Level = int | Literal["entries"]

FULL_WIDTH: Final = 256
MAX_LEVEL: Final = 63
MAX_ENTRY_SIZE: Final = 65535

_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<number>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


def tile_path(level: Level, number: int, width: int) -> str:
    """Return the path of a tile, or of a bundle where `level` is "entries"; a width of 256 is a full one.

    The path is relative to the log's prefix. Raises `ValueError` for a level, number or width out of range.
    """
    if level != "entries" and not 0 <= level <= MAX_LEVEL:
        raise ValueError("a tile's level lies between 0 and 63")
    if number < 0 or not 1 <= width <= FULL_WIDTH:
        raise ValueError("a tile's number is not negative and its width lies between 1 and 256")
    groups = [f"{number % 1000:03}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03}")
    suffix = "" if width == FULL_WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(groups)}{suffix}"


def parse_tile_path(path: str) -> tuple[Level, int, int]:
    """Return the level, number and width that `tile_path` would spell exactly so. Raises `MalformedError`."""
    match = _PATH.fullmatch(path)
    if match is not None and len(path) <= 128:
        level: Level = "entries" if match["level"] == "entries" else int(match["level"])
        number = int(match["number"].replace("/", "").replace("x", ""))
        width = int(match["width"] or FULL_WIDTH)
        within = (level == "entries" or level <= MAX_LEVEL) and width <= FULL_WIDTH
        if within and tile_path(level, number, width) == path:
            return level, number, width
    raise MalformedError("tile-path-malformed", "The path does not name a tile.")


def tiles_of(size: int) -> Iterator[tuple[int, int, int]]:
    """Yield (level, number, width) of every hash tile of a log of `size` entries, level by level.

    The bundles of the same log are those of level 0.
    """
    level, hashes = 0, size
    while hashes:
        full, partial = divmod(hashes, FULL_WIDTH)
        for number in range(full):
            yield level, number, FULL_WIDTH
        if partial:
            yield level, full, partial
        level, hashes = level + 1, full


def check_tile(data: bytes, width: int) -> bytes:
    """Return a tile of this width as it is. Raises `MalformedError` where the length does not fit."""
    if len(data) != width * HASH_SIZE:
        raise MalformedError("tile-malformed", f"A tile holds {len(data)} bytes instead of {width * HASH_SIZE}.")
    return data


def parse_tile(data: bytes, width: int) -> list[bytes]:
    """Return the hashes of a tile of this width. Raises as `check_tile`."""
    check_tile(data, width)
    return [data[start : start + HASH_SIZE] for start in range(0, len(data), HASH_SIZE)]


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """Return entries as a bundle: each after its length in two bytes, big-endian.

    Raises `ValueError` for an entry of more than 65,535 bytes.
    """
    parts = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_SIZE:
            raise ValueError("an entry is at most 65,535 bytes")
        parts.append(len(entry).to_bytes(2, "big"))
        parts.append(entry)
    return b"".join(parts)


def parse_bundle(data: bytes, expected_count: int) -> list[bytes]:
    """Return the entries of a bundle of exactly `expected_count`.

    Raises `MalformedError` for any other layout.
    """
    entries = []
    position, end = 0, len(data)
    while position + 1 < end:
        start = position + 2
        position = start + (data[position] << 8 | data[position + 1])
        entries.append(data[start:position])
    if position != end:
        raise MalformedError("bundle-malformed", "An entry bundle ends in the middle of an entry.")
    if len(entries) != expected_count:
        raise MalformedError(
            "bundle-malformed", f"An entry bundle holds {len(entries)} entries instead of {expected_count}."
        )
    return entries
