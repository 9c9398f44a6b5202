"""Which tiles an append completes, and where a proof's hashes are found among stored ones (C2SP tlog-tiles)."""

from __future__ import annotations

from msgspec import Struct

from isa_verify.merkle import perfect_ranges, root_of

TILE_WIDTH = 256


class FullTile(Struct, frozen=True):
    """256 hashes of one level (8192 bytes) and the root over them, which is one hash of the level above."""

    level: int
    number: int
    hashes: bytes
    root: bytes


def full_tile(level: int, number: int, hashes: list[bytes]) -> FullTile:
    """The full tile over 256 hashes. Raises ValueError for another count."""
    if len(hashes) != TILE_WIDTH:
        raise ValueError("a full tile has 256 hashes")
    return FullTile(level=level, number=number, hashes=b"".join(hashes), root=root_of(hashes))


class StoredRange(Struct, frozen=True):
    """Positions `start` up to `end` of a tile level, whose root is the hash of one perfect subtree."""

    level: int
    start: int
    end: int


def stored_ranges(start: int, end: int) -> list[StoredRange]:
    """Where to find the perfect subtrees that cover leaves `start` up to `end`, left to right.

    Each lies within one tile: a subtree of 2^k leaves is 2^(k mod 8) hashes of tile level k div 8.
    """
    found: list[StoredRange] = []
    for low, high in perfect_ranges(start, end):
        level = ((high - low).bit_length() - 1) // 8
        span = TILE_WIDTH**level
        found.append(StoredRange(level=level, start=low // span, end=high // span))
    return found
