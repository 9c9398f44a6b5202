"""The tables that index records about cases, row by row: what appending writes and what fsck reads back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from isa_registry.domain.challenging.life import Mark
from isa_registry.ledger.record_rows import (
    AcknowledgementRow,
    CheckRow,
    ConsentRow,
    ReferenceRow,
    SearchRow,
    SharingEventRow,
)
from isa_registry.ledger.rows import Rows, ThreadRow
from isa_registry.store.sql import statements

_SQL = statements("index_rows")
_encode = msgspec.json.Encoder().encode


class IndexTable(NamedTuple):
    """A table, the rows that it holds, where `Rows` gathers them, and the statements that write and read them. Its
    columns are the row's members, by name."""

    name: str
    row: type[Struct]
    gathered: str
    insert: str
    stored: str


TABLES: tuple[IndexTable, ...] = (
    IndexTable("check_record", CheckRow, "checks", _SQL["insert_check_record"], _SQL["stored_check_record"]),
    IndexTable("sharing_event", SharingEventRow, "events", _SQL["insert_sharing_event"], _SQL["stored_sharing_event"]),
    IndexTable(
        "event_reference", ReferenceRow, "references", _SQL["insert_event_reference"], _SQL["stored_event_reference"]
    ),
    IndexTable(
        "acknowledgement",
        AcknowledgementRow,
        "acknowledgements",
        _SQL["insert_acknowledgement"],
        _SQL["stored_acknowledgement"],
    ),
    IndexTable("consent_entry", ConsentRow, "consents", _SQL["insert_consent_entry"], _SQL["stored_consent_entry"]),
    IndexTable("challenge_entry", Mark, "challenges", _SQL["insert_challenge_entry"], _SQL["stored_challenge_entry"]),
    IndexTable("search_record", SearchRow, "searches", _SQL["insert_search_record"], _SQL["stored_search_record"]),
    IndexTable("thread", ThreadRow, "threads", _SQL["insert_thread"], _SQL["stored_thread"]),
)


def gathered(rows: Rows, table: IndexTable) -> list[Any]:
    """The rows of one table among those that `rows` gathered; the list itself, which may be emptied."""
    found: list[Any] = getattr(rows, table.gathered)
    return found


async def insert(connection: asyncpg.Connection, rows: Rows) -> None:
    """Writes the rows of appended entries, a statement for each table that has any."""
    for table in TABLES:
        new = gathered(rows, table)
        if new:
            await connection.execute(table.insert, as_json(new))


def as_json(rows: Sequence[Struct]) -> str:
    """Rows of a table as its statement takes them: JSON objects with the columns as members, bytes in base64."""
    return _encode(rows).decode()


async def stored(connection: asyncpg.Connection, table: IndexTable, start: int, end: int) -> list[Any]:
    """The rows of a table for entries from `start` up to `end`."""
    return [row_of(table.row, one) for one in await connection.fetch(table.stored, start, end)]


def row_of(kind: type[Any], record: Mapping[str, Any]) -> Any:
    """A row as its struct: columns by the names of the members, arrays as tuples, UUIDs in their one spelling."""
    return kind(**{name: _as_member(value) for name, value in record.items()})


def _as_member(value: object) -> object:
    match value:
        case list():
            return tuple(value)
        case UUID():
            return str(value)
    return value


async def newest_in_threads(connection: asyncpg.Connection, threads: Sequence[str]) -> dict[str, int]:
    """The index of the newest entry in each of these threads that has one."""
    rows = await connection.fetch(_SQL["newest_in_threads"], list(threads))
    return {row["thread"]: row["index"] for row in rows}
