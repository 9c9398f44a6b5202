"""Reading every table for checking it against the log: a stretch at a time, in order."""

from __future__ import annotations

from datetime import UTC, datetime

import asyncpg
from msgspec import Struct

from isa_registry.store.log import StoredCheckpoint
from isa_registry.store.publication import Cosignature
from isa_registry.store.sql import statements

_SQL = statements("fsck")
_LAST = 2**62
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


class StoredRow(Struct, frozen=True):
    """An entry and its payload, column by column; what belongs to the payload is None where there is none."""

    index: int
    kind: str
    at: datetime
    leaf: bytes
    leaf_hash: bytes
    payload_kind: str | None
    readers: tuple[str, ...] | None
    payload: bytes | None
    salt: bytes | None


class StoredPublication(Struct, frozen=True):
    """A published checkpoint: its size, that of the one before it, and its note, None where none is stored."""

    size: int
    previous: int
    note: bytes | None


class StoredCosignature(Struct, frozen=True):
    """A witness's line with what is stored beside it, and the note of the checkpoint that it stands under, None where
    there is no such checkpoint."""

    size: int
    held: Cosignature
    note: bytes | None


async def stretch(connection: asyncpg.Connection, start: int, end: int) -> list[StoredRow]:
    """The entries from `start` up to `end`, with their payloads."""
    return [
        StoredRow(
            index=row[0],
            kind=row[1],
            at=row[2],
            leaf=row[3],
            leaf_hash=row[4],
            payload_kind=row[5],
            readers=None if row[6] is None else tuple(row[6]),
            payload=row[7],
            salt=row[8],
        )
        for row in await connection.fetch(_SQL["stretch"], start, end)
    ]


async def orphans(connection: asyncpg.Connection, start: int, end: int) -> list[int]:
    """Payloads from `start` up to `end` that belong to no entry."""
    return [row["index"] for row in await connection.fetch(_SQL["orphans"], start, end)]


async def next_entry(connection: asyncpg.Connection, start: int) -> int | None:
    """The first entry from `start` on."""
    found: int | None = await connection.fetchval(_SQL["next_entry"], start)
    return found


async def payloads_beyond(connection: asyncpg.Connection, start: int) -> list[int]:
    """Up to 100 payloads from `start` on."""
    return [row["index"] for row in await connection.fetch(_SQL["payloads_beyond"], start)]


async def checkpoints(connection: asyncpg.Connection, above: int, up_to: int = _LAST) -> list[StoredCheckpoint]:
    """Checkpoints of sizes above one and up to another, by size."""
    return [StoredCheckpoint(**dict(row)) for row in await connection.fetch(_SQL["checkpoints"], above, up_to)]


async def tiles(connection: asyncpg.Connection, level: int, start: int, end: int) -> dict[int, tuple[bytes, bytes]]:
    """Full tiles of a level by number: their hashes and the root over them."""
    rows = await connection.fetch(_SQL["tiles"], level, start, end)
    return {row["number"]: (row["hashes"], row["root"]) for row in rows}


async def tiles_beyond(connection: asyncpg.Connection, size: int) -> list[tuple[int, int]]:
    """(level, number) of full tiles that a log of this size does not have; up to 100 of each level."""
    found: list[tuple[int, int]] = []
    for level in range(int(await connection.fetchval(_SQL["highest_level"])) + 1):
        rows = await connection.fetch(_SQL["tiles_beyond"], level, size // 256 ** (level + 1))
        found += [(level, row["number"]) for row in rows]
    return found


async def publications(connection: asyncpg.Connection, above: int, limit: int) -> list[StoredPublication]:
    """The next published checkpoints above a size."""
    return [StoredPublication(**dict(row)) for row in await connection.fetch(_SQL["publications"], above, limit)]


async def cosignatures(
    connection: asyncpg.Connection, after: StoredCosignature | None, limit: int
) -> list[StoredCosignature]:
    """The next witnesses' lines, by size, name, key and time."""
    last = (-1, "", b"", _BEFORE_ALL)
    if after is not None:
        last = (after.size, after.held.name, after.held.key_id, after.held.at)
    return [
        StoredCosignature(
            size=row["size"],
            held=Cosignature(name=row["name"], key_id=row["key_id"], at=row["at"], line=row["line"]),
            note=row["note"],
        )
        for row in await connection.fetch(_SQL["cosignatures"], *last, limit)
    ]


async def answers_beyond(connection: asyncpg.Connection, size: int) -> list[int]:
    """Up to 100 entries that repeated requests would be answered with, and that a log of this size does not have."""
    return [row["index"] for row in await connection.fetch(_SQL["answers_beyond"], size)]


async def answers_left(connection: asyncpg.Connection, size: int) -> list[int]:
    """Up to 100 entries without a payload for which the hash of the request is still kept."""
    return [row["index"] for row in await connection.fetch(_SQL["answers_left"], size)]
