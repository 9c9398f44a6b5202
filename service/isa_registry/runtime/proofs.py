"""Inclusion and consistency proofs from stored tiles (RFC 9162 sections 2.1.3 and 2.1.4)."""

from __future__ import annotations

from isa_registry.ledger.tiles import TILE_WIDTH, stored_ranges
from isa_registry.store import log
from isa_registry.store.pool import Connection
from isa_verify.merkle import EMPTY_ROOT, consistency_ranges, fold, inclusion_ranges, perfect_ranges, root_of

_KEPT_TILES = 64
_KEPT_RANGES = 8_192


class Tree:
    """The tree of the first `size` entries. Keeps what neighbouring proofs share, within bounds."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._tiles: dict[tuple[int, int], list[bytes]] = {}
        self._ranges: dict[tuple[int, int], bytes] = {}

    async def inclusion(self, connection: Connection, index: int) -> list[bytes]:
        """The proof that entry `index` is in the tree. Raises ValueError unless 0 <= index < size."""
        return [await self._hash(connection, *found) for found in inclusion_ranges(index, self.size)]

    async def consistency(self, connection: Connection, old: int) -> list[bytes]:
        """The proof that the tree extends that of the first `old` entries; empty for 0, which needs none."""
        if old == 0:
            return []
        return [await self._hash(connection, *found) for found in consistency_ranges(old, self.size)]

    async def root(self, connection: Connection) -> bytes:
        if self.size == 0:
            return EMPTY_ROOT
        return fold([await self._hash(connection, *found) for found in perfect_ranges(0, self.size)])

    async def _hash(self, connection: Connection, start: int, end: int) -> bytes:
        known = self._ranges.get((start, end))
        if known is not None:
            return known
        parts: list[bytes] = []
        for found in stored_ranges(start, end):
            number, first = divmod(found.start, TILE_WIDTH)
            hashes = await self._tile(connection, found.level, number)
            parts.append(root_of(hashes[first : first + found.end - found.start]))
        if len(self._ranges) >= _KEPT_RANGES:
            self._ranges.clear()
        self._ranges[start, end] = fold(parts)
        return self._ranges[start, end]

    async def _tile(self, connection: Connection, level: int, number: int) -> list[bytes]:
        known = self._tiles.get((level, number))
        if known is not None:
            return known
        start = number * TILE_WIDTH
        end = min(start + TILE_WIDTH, self.size // TILE_WIDTH**level)
        hashes = await log.tile_hashes(connection, level, start, end)
        if len(self._tiles) >= _KEPT_TILES:
            self._tiles.pop(next(iter(self._tiles)))
        self._tiles[level, number] = hashes
        return hashes
