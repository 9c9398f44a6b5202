"""The tiles that an append fills, computed from what is stored."""

from __future__ import annotations

from isa_registry.ledger.tiles import TILE_WIDTH, FullTile, full_tile
from isa_registry.store import log
from isa_registry.store.pool import Connection


async def completed_tiles(connection: Connection, old: int, new: int) -> list[FullTile]:
    """The tiles that growing from `old` to `new` fills, level by level, from what is stored."""
    tiles: list[FullTile] = []
    level = 0
    roots: dict[int, bytes] = {}
    while old // TILE_WIDTH < new // TILE_WIDTH:
        filled: dict[int, bytes] = {}
        for number in range(old // TILE_WIDTH, new // TILE_WIDTH):
            start, end = number * TILE_WIDTH, (number + 1) * TILE_WIDTH
            kept = [position for position in range(start, end) if position not in roots]
            stored = await log.tile_hashes(connection, level, kept[0], kept[-1] + 1) if kept else []
            tile = full_tile(level, number, [*stored, *(roots[p] for p in range(start, end) if p in roots)])
            tiles.append(tile)
            filled[number] = tile.root
        level, roots = level + 1, filled
        old, new = old // TILE_WIDTH, new // TILE_WIDTH
    return tiles
