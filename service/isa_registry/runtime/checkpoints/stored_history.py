"""The history as a database holds it: what is held against everything that was signed."""

from __future__ import annotations

from typing import Protocol

from isa_registry.runtime.tree import stored_frontier
from isa_registry.store import log, server
from isa_registry.store.pool import Connection


class StoredHistory(Protocol):
    """One database's log. Every call looks anew."""

    async def identity(self) -> server.Identity:
        """Which server answers."""

    async def size(self) -> int:
        """How many entries it holds."""

    async def root(self, size: int) -> bytes:
        """The root of its first `size` entries, from stored hashes. Only where it holds as many."""

    async def newest(self) -> log.StoredCheckpoint | None:
        """Its own newest checkpoint, whose word alone counts for nothing."""

    async def warnings(self) -> tuple[str, ...]:
        """Codes for what could lose a commit that was answered; see `server.durability_warnings`."""


class DatabaseHistory:
    """The history behind one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def identity(self) -> server.Identity:
        return await server.identity(self._connection)

    async def size(self) -> int:
        return (await log.tail(self._connection)).size

    async def root(self, size: int) -> bytes:
        return (await stored_frontier(self._connection, size)).root()

    async def newest(self) -> log.StoredCheckpoint | None:
        return await log.newest_checkpoint(self._connection)

    async def warnings(self) -> tuple[str, ...]:
        return await server.durability_warnings(self._connection)
