"""Snapshots of the register: working state that makes starting fast. The log remains the truth."""

from __future__ import annotations

from datetime import datetime

import asyncpg
from msgspec import Struct

from isa_registry.store.sql import statements

_SQL = statements("snapshots")


class StoredSnapshot(Struct, frozen=True):
    """A folded register after `size` entries; `leaf_hash` is that of the last of them, `sha256` of `body`."""

    size: int
    leaf_hash: bytes
    sha256: bytes
    body: bytes


async def newest_snapshot(connection: asyncpg.Connection, *, snapshot_format: str) -> StoredSnapshot | None:
    row = await connection.fetchrow(_SQL["newest_snapshot"], snapshot_format)
    return None if row is None else StoredSnapshot(**dict(row))


async def keep_snapshot(
    connection: asyncpg.Connection, snapshot: StoredSnapshot, *, snapshot_format: str, made_at: datetime
) -> None:
    await connection.execute(
        _SQL["keep_snapshot"],
        snapshot.size,
        snapshot_format,
        snapshot.leaf_hash,
        snapshot.sha256,
        snapshot.body,
        made_at,
    )
    await connection.execute(_SQL["drop_older_snapshots"])


async def all_snapshots(connection: asyncpg.Connection, *, snapshot_format: str) -> list[StoredSnapshot]:
    """Every snapshot kept in a format, by size."""
    return [StoredSnapshot(**dict(row)) for row in await connection.fetch(_SQL["all_snapshots"], snapshot_format)]
