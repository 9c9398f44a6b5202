"""Checking tiles and checkpoints against the leaves, with a tile's worth of hashes of each level in memory."""

from __future__ import annotations

from collections.abc import Sequence

from isa_registry.ledger.log_keys import LogKeys
from isa_registry.ledger.tiles import TILE_WIDTH
from isa_registry.runtime.fsck.findings import Findings
from isa_registry.store import fsck
from isa_registry.store.log import StoredCheckpoint
from isa_registry.store.pool import Connection
from isa_verify.errors import VerificationError
from isa_verify.merkle import EMPTY_ROOT, Frontier, fold, root_of

_TILES = 32


class TreeCheck:
    """The tree over leaf hashes that come in order, held against what is stored of it."""

    def __init__(self, connection: Connection, findings: Findings, keys: LogKeys) -> None:
        self._connection = connection
        self._findings = findings
        self.keys = keys
        self._open: list[list[bytes]] = [[]]  # by level, the hashes of the tile that is not full yet
        self._filled: list[int] = [0]  # by level, how many full tiles there are below it
        self._stored: dict[int, dict[int, tuple[bytes, bytes]]] = {}
        self._edge = Frontier()  # over the open hashes of level 0
        self._above: tuple[bytes, ...] = ()
        self.size = 0

    def root(self) -> bytes:
        """The root over every leaf so far."""
        self._edge = self._edge.extend(self._open[0][self._edge.size :])
        hashes = (*self._above, *self._edge.hashes)
        return fold(hashes) if hashes else EMPTY_ROOT

    async def extend(self, hashes: Sequence[bytes]) -> None:
        """Takes the next leaves; compares each tile that they fill."""
        start = 0
        while start < len(hashes):
            taken = hashes[start : start + TILE_WIDTH - len(self._open[0])]
            self._open[0].extend(taken)
            start += len(taken)
            if len(self._open[0]) == TILE_WIDTH:
                await self._fill(0)
        self.size += len(hashes)

    async def _fill(self, level: int) -> None:
        number, hashes = self._filled[level], self._open[level]
        root = root_of(hashes)
        if await self._tile(level, number) != (b"".join(hashes), root):
            self._findings.add("tile", f"level {level} tile {number}")
        self._open[level] = []
        self._filled[level] += 1
        if level == 0:
            self._edge = Frontier()
        if level + 1 == len(self._open):
            self._open.append([])
            self._filled.append(0)
        self._open[level + 1].append(root)
        if len(self._open[level + 1]) == TILE_WIDTH:
            await self._fill(level + 1)
        if level == 0:
            above = self._open[:0:-1]
            self._above = tuple(digest for part in above for digest in Frontier().extend(part).hashes)

    async def _tile(self, level: int, number: int) -> tuple[bytes, bytes] | None:
        """The stored tile; some are fetched ahead, and each is let go once it was asked for."""
        if number not in self._stored.get(level, {}):
            self._stored[level] = await fsck.tiles(self._connection, level, number, number + _TILES)
        return self._stored[level].pop(number, None)

    async def end(self) -> None:
        """Says that all leaves came: what is stored beyond them is found."""
        for level, number in await fsck.tiles_beyond(self._connection, self.size):
            self._findings.add("tile", f"level {level} tile {number}")

    def checkpoint(self, stored: StoredCheckpoint) -> None:
        """Compares a recorded checkpoint with the tree as it stands at this size."""
        where = f"checkpoint {stored.size}"
        try:
            signed = self.keys.open(stored.note).checkpoint
        except VerificationError as error:
            self._findings.add(error.code, where, error.detail)
            return
        held = (signed.origin, signed.size, signed.root, stored.size, stored.root)
        if held != (self.keys.origin, self.size, self.root(), signed.size, signed.root):
            self._findings.add("checkpoint", where)
