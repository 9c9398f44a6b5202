"""The log's tables: entries, payloads, tiles, checkpoints."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import datetime

import asyncpg
from msgspec import Struct

from isa_registry.domain.dates import instant, parse_instant
from isa_registry.ledger.leaves import Sealed
from isa_registry.ledger.readers import readers_of
from isa_registry.ledger.tiles import FullTile
from isa_registry.store.sql import statements

_SQL = statements("log")


class Tail(Struct, frozen=True):
    """Where the log ends: its size, the last entry's time (RFC 3339 UTC) and leaf hash; zeros for an empty log."""

    size: int
    at: str
    leaf_hash: bytes


class StoredEntry(Struct, frozen=True):
    """An entry with its payload, as stored."""

    index: int
    at: str
    kind: str
    leaf: bytes
    payload: bytes
    salt: bytes


class Columns(Struct, frozen=True):
    """What is stored beside an entry's leaf and its payload; None where there is no such row, or for `readers` where
    everybody that sees the register may read."""

    index: int
    kind: str | None
    at: str | None
    payload_kind: str | None
    readers: tuple[str, ...] | None


class StoredCheckpoint(Struct, frozen=True):
    """A signed checkpoint: the note's exact bytes."""

    size: int
    root: bytes
    note: bytes
    signed_at: datetime


class PayloadMissing(Exception):
    """An entry's payload is not there, and nothing in the log says that it was erased."""

    def __init__(self, index: int) -> None:
        super().__init__(f"the payload of entry {index} is missing, and was never erased")
        self.index = index


EMPTY_TAIL = Tail(size=0, at="1970-01-01T00:00:00.000Z", leaf_hash=bytes(32))


async def take_turn(connection: asyncpg.Connection) -> None:
    """Waits until no other worker is appending. Held until the transaction ends."""
    await connection.execute(_SQL["take_turn"])


async def tail(connection: asyncpg.Connection) -> Tail:
    row = await connection.fetchrow(_SQL["tail"])
    if row is None:
        return EMPTY_TAIL
    return Tail(size=row["index"] + 1, at=instant(row["at"]), leaf_hash=row["leaf_hash"])


async def insert_entries(connection: asyncpg.Connection, sealed: Sequence[Sealed]) -> None:
    """Appends entries of one turn and their payloads. Raises `asyncpg.UniqueViolationError` where an index is taken."""
    await connection.execute(_SQL["insert_entries"], *entry_arguments(sealed))


def entry_arguments(sealed: Sequence[Sealed]) -> tuple[object, ...]:
    """What `insert_entries` takes: one or more entries of one time, one after another."""
    first = sealed[0]
    readers = [readers_of(one.payload) for one in sealed]
    return (
        first.index,
        parse_instant(first.at),
        b"".join([one.leaf for one in sealed]),
        b"".join([one.leaf_hash for one in sealed]),
        b"".join([one.payload_bytes for one in sealed]),
        b"".join([one.salt for one in sealed]),
        " ".join([one.leaf_kind for one in sealed]),
        " ".join([one.payload_kind for one in sealed]),
        " ".join(["-" if names is None else f"+{','.join(names)}" for names in readers]),
        " ".join([str(len(one.leaf)) for one in sealed]),
        " ".join([str(len(one.payload_bytes)) for one in sealed]),
    )


async def insert_tiles(connection: asyncpg.Connection, tiles: Sequence[FullTile]) -> None:
    await connection.execute(
        _SQL["insert_tiles"],
        [tile.level for tile in tiles],
        [tile.number for tile in tiles],
        [tile.hashes for tile in tiles],
        [tile.root for tile in tiles],
    )


async def announce(connection: asyncpg.Connection, size: int) -> None:
    await connection.execute(_SQL["announce"], str(size))


async def ask_registers(connection: asyncpg.Connection, token: str, size: int) -> None:
    """Asks every worker to show the digest of its register after `size` entries, under this token."""
    await connection.execute(_SQL["ask_registers"], f"{token} {size}")


async def show_register(connection: asyncpg.Connection, token: str, digest: str) -> None:
    await connection.execute(_SQL["show_register"], f"{token} {digest}")


async def others(connection: asyncpg.Connection) -> int:
    """How many other sessions of the service there are."""
    return int(await connection.fetchval(_SQL["others"]))


async def leaf_hashes(connection: asyncpg.Connection, start: int, end: int) -> list[bytes]:
    return [row["leaf_hash"] for row in await connection.fetch(_SQL["leaf_hashes"], start, end)]


async def leaves(connection: asyncpg.Connection, start: int, end: int) -> list[tuple[int, bytes, bytes]]:
    """(index, leaf, stored leaf hash) for the entries from `start` up to `end`."""
    rows = await connection.fetch(_SQL["leaves"], start, end)
    return [(row["index"], row["leaf"], row["leaf_hash"]) for row in rows]


async def leaf_hashes_at(connection: asyncpg.Connection, indexes: Sequence[int]) -> dict[int, bytes]:
    rows = await connection.fetch(_SQL["leaf_hashes_at"], list(indexes))
    return {row["index"]: row["leaf_hash"] for row in rows}


async def register_entries(
    connection: asyncpg.Connection, start: int, end: int, *, erased: Container[int] = ()
) -> list[StoredEntry]:
    """The entries of register kinds from `start` up to `end`, less those `erased`. Raises `PayloadMissing`."""
    rows = [row for row in await connection.fetch(_SQL["register_entries"], start, end) if row["index"] not in erased]
    for row in rows:
        if row["payload"] is None:
            raise PayloadMissing(row["index"])
    return [stored_entry(row) for row in rows]


async def entry(connection: asyncpg.Connection, index: int) -> StoredEntry | None:
    """One entry with its payload; None where there is none, or none that the reader may see."""
    row = await connection.fetchrow(_SQL["entry"], index)
    if row is None:
        return None
    return stored_entry(row)


async def entries(connection: asyncpg.Connection, start: int, end: int) -> list[StoredEntry]:
    """The entries from `start` up to `end` whose payloads are there."""
    return [stored_entry(row) for row in await connection.fetch(_SQL["entries"], start, end)]


async def columns(connection: asyncpg.Connection, start: int, end: int) -> list[Columns]:
    """What stands beside the leaves and payloads from `start` up to `end`, where either is there."""
    return [
        Columns(
            index=row["index"],
            kind=row["kind"],
            at=None if row["at"] is None else instant(row["at"]),
            payload_kind=row["payload_kind"],
            readers=None if row["readers"] is None else tuple(row["readers"]),
        )
        for row in await connection.fetch(_SQL["columns"], start, end)
    ]


async def payloads_from(connection: asyncpg.Connection, start: int) -> list[int]:
    """The indexes of up to 100 payloads from `start` on."""
    return [row["index"] for row in await connection.fetch(_SQL["payloads_from"], start)]


async def tile_hashes(connection: asyncpg.Connection, level: int, start: int, end: int) -> list[bytes]:
    """The hashes of a tree level (in tiles' levels, 8 tree levels apart) from position `start` up to `end`."""
    if level == 0:
        return await leaf_hashes(connection, start, end)
    return [row["root"] for row in await connection.fetch(_SQL["tile_roots"], level - 1, start, end)]


async def full_tile(connection: asyncpg.Connection, level: int, number: int) -> bytes | None:
    hashes: bytes | None = await connection.fetchval(_SQL["full_tile"], level, number)
    return hashes


async def full_tiles(
    connection: asyncpg.Connection, level: int, start: int, end: int
) -> list[tuple[int, bytes, bytes]]:
    """(number, hashes, root) of the full tiles of a level."""
    rows = await connection.fetch(_SQL["full_tiles"], level, start, end)
    return [(row["number"], row["hashes"], row["root"]) for row in rows]


async def size_at(connection: asyncpg.Connection, moment: datetime) -> int:
    return int(await connection.fetchval(_SQL["size_at"], moment))


async def checker_leads(connection: asyncpg.Connection) -> bool:
    """Whether this session is now the one that signs."""
    return bool(await connection.fetchval(_SQL["checker_leads"]))


async def newest_checkpoint(connection: asyncpg.Connection) -> StoredCheckpoint | None:
    row = await connection.fetchrow(_SQL["newest_checkpoint"])
    if row is None:
        return None
    return StoredCheckpoint(size=row["size"], root=row["root"], note=row["note"], signed_at=row["signed_at"])


async def record_checkpoint(
    connection: asyncpg.Connection, checkpoint: StoredCheckpoint, *, after: StoredCheckpoint | None
) -> bool:
    """Records a checkpoint if `after` is still the newest. False: it is not, and nothing was recorded."""
    done = await connection.execute(
        _SQL["record_checkpoint"],
        checkpoint.size,
        checkpoint.root,
        checkpoint.note,
        checkpoint.signed_at,
        -1 if after is None else after.size,
    )
    return bool(done == "INSERT 0 1")


async def announce_checkpoint(connection: asyncpg.Connection, size: int) -> None:
    await connection.execute(_SQL["announce_checkpoint"], str(size))


async def checkpoints(connection: asyncpg.Connection) -> list[StoredCheckpoint]:
    """Every checkpoint, by size."""
    return [StoredCheckpoint(**dict(row)) for row in await connection.fetch(_SQL["checkpoints"])]


def stored_entry(row: asyncpg.Record) -> StoredEntry:
    """A row of an entry with its payload."""
    return StoredEntry(
        index=row["index"],
        at=instant(row["at"]),
        kind=row["kind"],
        leaf=row["leaf"],
        payload=row["payload"],
        salt=row["salt"],
    )
