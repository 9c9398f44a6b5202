"""What the database holds of the log's keys: the rotations that were logged, and the checkpoints that prove them."""

from __future__ import annotations

import asyncpg

from isa_registry.store.log import PayloadMissing, StoredCheckpoint, StoredEntry, stored_entry
from isa_registry.store.sql import statements

_SQL = statements("log_keys")
_PAGE = 256


async def rotations(connection: asyncpg.Connection) -> list[StoredEntry]:
    """Every entry that changes the log's keys, oldest first. Raises `PayloadMissing`."""
    rows = await connection.fetch(_SQL["rotations"])
    for row in rows:
        if row["payload"] is None:
            raise PayloadMissing(row["index"])
    return [stored_entry(row) for row in rows]


async def checkpoints_down(connection: asyncpg.Connection, below: int) -> list[StoredCheckpoint]:
    """Some checkpoints below a size, newest first; none when there are none."""
    return [_stored(row) for row in await connection.fetch(_SQL["checkpoints_down"], below, _PAGE)]


async def oldest_checkpoint(connection: asyncpg.Connection) -> StoredCheckpoint | None:
    row = await connection.fetchrow(_SQL["oldest_checkpoint"])
    return None if row is None else _stored(row)


async def first_checkpoint(connection: asyncpg.Connection, size: int) -> StoredCheckpoint | None:
    """The first checkpoint that covers `size` entries, published or not."""
    row = await connection.fetchrow(_SQL["first_checkpoint"], size)
    return None if row is None else _stored(row)


async def first_published(connection: asyncpg.Connection, size: int) -> StoredCheckpoint | None:
    """The first published checkpoint that covers `size` entries, with the first line of each witness that cosigned."""
    row = await connection.fetchrow(_SQL["first_published"], size)
    if row is None:
        return None
    lines = "".join(f"{line}\n" for line in row["lines"]).encode()
    return StoredCheckpoint(size=row["size"], root=row["root"], note=row["note"] + lines, signed_at=row["signed_at"])


def _stored(row: asyncpg.Record) -> StoredCheckpoint:
    return StoredCheckpoint(size=row["size"], root=row["root"], note=row["note"], signed_at=row["signed_at"])
