"""Reading the log for auditors: stretches of entries with their payloads as far as a reader may see them."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
from msgspec import Struct

from isa_registry.domain.dates import instant
from isa_registry.domain.entries import REGISTER_KINDS
from isa_registry.store.sql import statements

_SQL = statements("audit")


class SeenEntry(Struct, frozen=True):
    """An entry as one reader sees it. `kind`, `readers`, `payload` and `salt` are None where the payload is erased, or
    not for this reader; `readers` is None also where everybody that sees the register may read."""

    index: int
    at: str
    leaf_kind: str
    leaf: bytes
    leaf_hash: bytes
    kind: str | None
    readers: tuple[str, ...] | None
    payload: bytes | None
    salt: bytes | None


async def entries_down(
    connection: asyncpg.Connection,
    start: int,
    end: int,
    *,
    kinds: Sequence[str],
    readers: Sequence[str],
    limit: int,
    auditor: bool,
) -> list[SeenEntry]:
    """Up to `limit` entries from `end` (exclusive) down to `start`. `readers` narrows records to those that one of
    these organisations may read; register entries stay in."""
    return await _stretch(connection, _SQL["entries_down"], start, end, kinds, readers, limit, auditor=auditor)


async def entries_up(
    connection: asyncpg.Connection,
    start: int,
    end: int,
    *,
    kinds: Sequence[str],
    readers: Sequence[str],
    limit: int,
    auditor: bool,
) -> list[SeenEntry]:
    """Up to `limit` entries from `start` up to `end` (exclusive)."""
    return await _stretch(connection, _SQL["entries_up"], start, end, kinds, readers, limit, auditor=auditor)


async def _stretch(
    connection: asyncpg.Connection,
    statement: str,
    start: int,
    end: int,
    kinds: Sequence[str],
    readers: Sequence[str],
    limit: int,
    *,
    auditor: bool,
) -> list[SeenEntry]:
    of_register = bool(kinds) and REGISTER_KINDS.issuperset(kinds)
    rows = await connection.fetch(
        statement, start, end, list(kinds) or None, list(readers) or None, limit, auditor, of_register
    )
    return [_seen(row) for row in rows]


async def entries_at(connection: asyncpg.Connection, indexes: Sequence[int]) -> list[SeenEntry]:
    return [_seen(row) for row in await connection.fetch(_SQL["entries_at"], list(indexes))]


async def erased_by(connection: asyncpg.Connection, indexes: Sequence[int]) -> dict[int, int]:
    """The entry that erased each of these, where one did."""
    return {row["erased"]: row["index"] for row in await connection.fetch(_SQL["erased_by"], list(indexes))}


async def checkpoint_within(connection: asyncpg.Connection, start: int, end: int) -> bool:
    """Whether a checkpoint was made of a size from `start` up to `end`."""
    return bool(await connection.fetchval(_SQL["checkpoint_within"], start, end))


async def full_tile(pool: asyncpg.Pool, level: int, number: int) -> bytes | None:
    """A full tile's bytes: one read of one row, outside any transaction. Tiles have no readers to tell apart."""
    hashes: bytes | None = await pool.fetchval(_SQL["full_tile"], level, number, timeout=5)
    return hashes


def _seen(row: asyncpg.Record) -> SeenEntry:
    return SeenEntry(
        index=row["index"],
        at=instant(row["at"]),
        leaf_kind=row["leaf_kind"],
        leaf=row["leaf"],
        leaf_hash=row["leaf_hash"],
        kind=row["kind"],
        readers=None if row["readers"] is None else tuple(row["readers"]),
        payload=row["payload"],
        salt=row["salt"],
    )
