"""The tree as the database stores it: frontiers, proofs, and reading entries back before they are signed over."""

from __future__ import annotations

import asyncio

from isa_registry.ledger.tiles import TILE_WIDTH, stored_ranges
from isa_registry.store import log
from isa_registry.store.pool import Connection
from isa_verify.merkle import Frontier, consistency_ranges, fold, leaf_hash, root_of

_PAGE = 2_048


class LogDisagrees(Exception):
    """What is stored is not what this process knows of the log. Nothing may be appended or signed."""


async def stored_frontier(connection: Connection, size: int) -> Frontier:
    """The frontier of the first `size` entries, from the stored hashes of each perfect subtree."""
    return Frontier(size, tuple(await _subtrees(connection, 0, size)))


async def consistency_proof(connection: Connection, old: int, new: int) -> list[bytes]:
    """The proof that the tree of `new` entries extends that of `old` (RFC 9162 section 2.1.4); empty for 0 and for
    equal sizes. Raises ValueError for a size that falls."""
    if old == 0:
        return []
    return [fold(await _subtrees(connection, *span)) for span in consistency_ranges(old, new)]


async def _subtrees(connection: Connection, start: int, end: int) -> list[bytes]:
    return [
        root_of(await log.tile_hashes(connection, found.level, found.start, found.end))
        for found in stored_ranges(start, end)
    ]


async def read_back(connection: Connection, frontier: Frontier, size: int) -> Frontier:
    """The frontier at `size`, from the stored leaves themselves. Raises `LogDisagrees` where a stored hash or a tile
    is not what they hash to."""
    start = frontier.size
    while frontier.size < size:
        end = min(size, frontier.size + _PAGE)
        hashes: list[bytes] = []
        for index, leaf, stored in await log.leaves(connection, frontier.size, end):
            computed = leaf_hash(leaf)
            if computed != stored or index != frontier.size + len(hashes):
                raise LogDisagrees(f"entry {index} does not hash to what is stored beside it")
            hashes.append(computed)
        if len(hashes) != end - frontier.size:
            raise LogDisagrees("the stored log has a gap")
        frontier = frontier.extend(hashes)
        # Whatever else this process does comes first.
        await asyncio.sleep(0)
    await _check_tiles(connection, start, size)
    return frontier


async def _check_tiles(connection: Connection, old: int, new: int) -> None:
    level = 0
    while old // TILE_WIDTH < new // TILE_WIDTH:
        first, last = old // TILE_WIDTH, new // TILE_WIDTH
        tiles = await log.full_tiles(connection, level, first, last)
        below = await log.tile_hashes(connection, level, first * TILE_WIDTH, last * TILE_WIDTH)
        expected = [below[start : start + TILE_WIDTH] for start in range(0, len(below), TILE_WIDTH)]
        if [(hashes, root) for _, hashes, root in tiles] != [(b"".join(h), root_of(h)) for h in expected]:
            raise LogDisagrees(f"a stored tile of level {level} is not what its hashes make")
        level, old, new = level + 1, first, last
