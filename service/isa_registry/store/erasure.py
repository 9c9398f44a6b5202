"""What is announced, what was erased, what is on hold; and the one call that deletes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from msgspec import Struct

from isa_registry.domain.dates import instant
from isa_registry.ledger.rows import ErasureRow, HoldLiftedRow, HoldRow, Rows
from isa_registry.store.log import StoredEntry, stored_entry
from isa_registry.store.sql import statements

_SQL = statements("erasure")


class EraseRefused(Exception):
    """The database did not delete. `code` is `erasure-not-logged`, `on-hold`, `event-first` or `consent-first`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Target(Struct, frozen=True):
    """An entry that somebody wants erased. `kind` is the payload's own, None once it is gone; `by` the entry that says
    that it is erased. `decided_at` is when its period began: a check's, an event's or a search's own moment, or that
    at which a challenge was closed; `retention` is an event's."""

    index: int
    leaf_kind: str
    at: str
    leaf_hash: bytes
    kind: str | None
    readers: tuple[str, ...] | None
    parties: tuple[str, ...]
    organisation: str | None
    decided_at: datetime | None
    retention: str | None
    by: int | None


class Notice(Struct, frozen=True):
    """An announced erasure. `requested_by` and `approved_by` are numbers of people; `erase_after` None: a second
    person is awaited."""

    index: int
    organisation: str
    readers: tuple[str, ...]
    reason: str
    rule: str | None
    requested_by: int | None
    approved_by: int | None
    announced_at: datetime
    erase_after: datetime | None


class Erased(Struct, frozen=True):
    """An erased check or event: entry `by` says so, and was logged `at` (RFC 3339 UTC)."""

    index: int
    organisation: str
    id: str
    by: int
    reason: str
    rule: str | None
    at: str


# --- the sequencer's rows --------------------------------------------------------------------------------------------


async def insert_rows(connection: asyncpg.Connection, rows: Rows) -> None:
    """The rows of erasures and holds among appended entries."""
    if rows.erasures:
        await connection.execute(
            _SQL["insert_erasures"],
            [row.index for row in rows.erasures],
            [row.by for row in rows.erasures],
            [row.reason for row in rows.erasures],
            [row.rule for row in rows.erasures],
            [row.until for row in rows.erasures],
        )
    for hold in rows.holds:
        await connection.execute(
            _SQL["insert_hold"],
            hold.hold,
            hold.index,
            list(hold.organisations),
            list(hold.entries),
            hold.since,
            hold.until,
        )
    for lifted in rows.holds_lifted:
        await connection.execute(_SQL["insert_hold_lifted"], lifted.hold, lifted.index)


# --- erasing ---------------------------------------------------------------------------------------------------------


async def one_run(connection: asyncpg.Connection) -> bool:
    """Whether this session is now the only one that erases."""
    return bool(await connection.fetchval(_SQL["one_run"]))


async def erase(connection: asyncpg.Connection, pairs: Sequence[tuple[int, int]]) -> None:
    """Deletes what each (index, naming entry) names, all or nothing. Raises `EraseRefused`."""
    try:
        async with connection.transaction():
            for index, by in pairs:
                await connection.execute(_SQL["erase_payload"], index, by)
    except asyncpg.RaiseError as refused:
        raise EraseRefused(str(refused)) from None


async def target(connection: asyncpg.Connection, index: int) -> Target | None:
    """What is known of an entry; None where there is none."""
    row = await connection.fetchrow(_SQL["target"], index)
    if row is None:
        return None
    return Target(
        index=row["index"],
        leaf_kind=row["leaf_kind"],
        at=instant(row["at"]),
        leaf_hash=row["leaf_hash"],
        kind=row["kind"],
        readers=None if row["readers"] is None else tuple(row["readers"]),
        parties=tuple(row["parties"]),
        organisation=row["organisation"],
        decided_at=row["decided_at"],
        retention=row["retention"],
        by=row["by"],
    )


async def following(connection: asyncpg.Connection, index: int) -> list[tuple[int, str]]:
    """(index, kind) of the payloads in the two entries after this one."""
    return [(row["index"], row["kind"]) for row in await connection.fetch(_SQL["following"], index)]


async def name_of_event(connection: asyncpg.Connection, index: int) -> tuple[str, str] | None:
    """The provider and the id of the event at an index."""
    row = await connection.fetchrow(_SQL["name_of_event"], index)
    return None if row is None else (row["provider"], row["id"])


async def belonging(connection: asyncpg.Connection, index: int) -> list[int]:
    """The acknowledgements that go with an event, wherever they stand."""
    return [row["index"] for row in await connection.fetch(_SQL["belonging"], index)]


async def present(connection: asyncpg.Connection, indexes: Sequence[int]) -> dict[int, bytes]:
    """Of these entries, the leaf hashes of those whose payload is there and on no hold."""
    rows = await connection.fetch(_SQL["present"], list(indexes))
    return {row["index"]: row["leaf_hash"] for row in rows}


async def unfinished(connection: asyncpg.Connection) -> list[tuple[int, int]]:
    """(index, naming entry) of what the log says is erased and is there."""
    return [(row["index"], row["by"]) for row in await connection.fetch(_SQL["unfinished"])]


# --- notices ---------------------------------------------------------------------------------------------------------


async def announce(connection: asyncpg.Connection, notice: Notice) -> bool:
    """Announces an erasure. False: one is announced already."""
    done = await connection.execute(
        _SQL["announce"],
        notice.index,
        notice.organisation,
        list(notice.readers),
        notice.reason,
        notice.rule,
        notice.requested_by,
        notice.approved_by,
        notice.announced_at,
        notice.erase_after,
    )
    return bool(done == "INSERT 0 1")


async def approve(
    connection: asyncpg.Connection, index: int, *, person: int, reason: str, erase_after: datetime
) -> bool:
    """The second person's word. False where nothing awaits it from this person for this reason."""
    done = await connection.execute(_SQL["approve"], index, person, reason, erase_after)
    return bool(done == "UPDATE 1")


async def notice(connection: asyncpg.Connection, index: int) -> Notice | None:
    row = await connection.fetchrow(_SQL["notice"], index)
    return None if row is None else _notice(row)


async def notices(connection: asyncpg.Connection, *, after: int, limit: int) -> list[Notice]:
    """What is announced, by entry, after one."""
    return [_notice(row) for row in await connection.fetch(_SQL["notices"], after, limit)]


async def ripe(connection: asyncpg.Connection, now: datetime, *, limit: int) -> list[Notice]:
    """What was announced long enough ago."""
    return [_notice(row) for row in await connection.fetch(_SQL["ripe"], now, limit)]


async def withdraw(connection: asyncpg.Connection, index: int) -> None:
    await connection.execute(_SQL["withdraw"], index)


# --- what was erased -------------------------------------------------------------------------------------------------


async def erased_by(connection: asyncpg.Connection, indexes: Sequence[int]) -> dict[int, int]:
    """Which of these entries are erased, and by which entry."""
    rows = await connection.fetch(_SQL["erasures_of"], list(indexes))
    return {row["index"]: row["by"] for row in rows}


async def register_erased(connection: asyncpg.Connection, start: int, end: int) -> bool:
    """Whether the entries from `start` up to `end` say that one of the register is erased."""
    return bool(await connection.fetchval(_SQL["register_erased_by"], start, end))


async def register_erasures(connection: asyncpg.Connection, start: int, end: int) -> list[tuple[int, StoredEntry]]:
    """(erased index, the entry that says so) for the register's entries from `start` up to `end`."""
    rows = await connection.fetch(_SQL["register_erasures"], start, end)
    return [
        (
            row["erased"],
            stored_entry(row),
        )
        for row in rows
    ]


async def erased_need(connection: asyncpg.Connection, size: int, *, unread: Sequence[str]) -> tuple[int, int] | None:
    """The first erased entry on which the register of a size depended, and that is of no `unread` kind, with the entry
    that says that it is erased."""
    row = await connection.fetchrow(_SQL["erased_need"], size, list(unread))
    return None if row is None else (row["index"], row["by"])


async def kept_check_naming(connection: asyncpg.Connection, index: int, name: bytes) -> int | None:
    """The entry of a check that is kept, later than entry `index`, and has these bytes in its payload."""
    found: int | None = await connection.fetchval(_SQL["kept_check_naming"], index, name)
    return found


async def erased_record(connection: asyncpg.Connection, record: str, *, organisation: str) -> int | None:
    """The entry of an erased check or event with this id that the reader may know of; its own before another's."""
    found: int | None = await connection.fetchval(_SQL["erased_record"], record, organisation)
    return found


async def erased_records(connection: asyncpg.Connection, *, before: int, limit: int) -> list[Erased]:
    """What was erased by entries before one, newest first."""
    rows = await connection.fetch(_SQL["erased_records"], before, limit)
    return [Erased(**{**dict(row), "at": instant(row["at"])}) for row in rows]


# --- for checking ----------------------------------------------------------------------------------------------------


async def all_erasures(connection: asyncpg.Connection) -> list[ErasureRow]:
    return [ErasureRow(**dict(row)) for row in await connection.fetch(_SQL["all_erasures"])]


async def all_holds(connection: asyncpg.Connection) -> list[HoldRow]:
    return [
        HoldRow(**{**dict(row), "organisations": tuple(row["organisations"]), "entries": tuple(row["entries"])})
        for row in await connection.fetch(_SQL["all_holds"])
    ]


async def all_holds_lifted(connection: asyncpg.Connection) -> list[HoldLiftedRow]:
    return [HoldLiftedRow(**dict(row)) for row in await connection.fetch(_SQL["all_holds_lifted"])]


async def all_erased_records(connection: asyncpg.Connection) -> list[int]:
    return [row["index"] for row in await connection.fetch(_SQL["all_erased_records"])]


def _notice(row: asyncpg.Record) -> Notice:
    return Notice(**{**dict(row), "readers": tuple(row["readers"])})
