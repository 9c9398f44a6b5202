"""What recipients said of the events that were shared with them, and what became of each event on both sides."""

from __future__ import annotations

from typing import Literal

import asyncpg
from msgspec import Struct

from isa_registry.domain.dates import instant
from isa_registry.ledger.record_rows import SharingEventRow
from isa_registry.store.index_rows import row_of
from isa_registry.store.log import StoredEntry, stored_entry
from isa_registry.store.sql import statements

_SQL = statements("acknowledgements")

State = Literal["matched", "unmatched", "disputed", "corrected"]

SCANNED = 2_000
"""How many events one request for those in a state looks through, so that a rare state costs no more than another."""


class SaidOf(Struct, frozen=True):
    """An acknowledgement as logged; `at` is the log's time, RFC 3339 UTC."""

    index: int
    at: str
    recipient: str
    matches: bool
    leaf: bytes
    payload: bytes
    salt: bytes


class Correction(Struct, frozen=True):
    """What an event corrects and what corrects it, as far as the reader sees those events; `corrected` says that there
    is one also where it does not."""

    corrects: str | None
    corrected_by: str | None
    corrected: bool


class Page(Struct, frozen=True):
    """Events with the state of each, newest first, and where to go on; None where there are no more."""

    events: list[tuple[SharingEventRow, State | None]]
    following: int | None


async def received_events(
    connection: asyncpg.Connection, event: str, *, recipient: str
) -> list[tuple[str, StoredEntry]]:
    """The events of that id that were shared with a body: each one's provider and its entry."""
    rows = await connection.fetch(_SQL["received_events"], event, recipient)
    return [
        (
            row["provider"],
            stored_entry(row),
        )
        for row in rows
    ]


async def acknowledgements_of(connection: asyncpg.Connection, provider: str, event: str) -> list[SaidOf]:
    """What was said of an event, oldest first: the last one counts."""
    rows = await connection.fetch(_SQL["acknowledgements_of"], provider, event)
    return [
        SaidOf(
            index=row["index"],
            at=instant(row["at"]),
            recipient=row["recipient"],
            matches=row["matches"],
            leaf=row["leaf"],
            payload=row["payload"],
            salt=row["salt"],
        )
        for row in rows
    ]


async def newest_acknowledgement(connection: asyncpg.Connection, provider: str, event: str) -> int | None:
    """Where the acknowledgement that counts is logged."""
    found: int | None = await connection.fetchval(_SQL["newest_acknowledgement"], provider, event)
    return found


async def correction_of(connection: asyncpg.Connection, row: SharingEventRow) -> Correction:
    found = await connection.fetchrow(_SQL["correction_of"], row.provider, row.id, row.corrects)
    return row_of(Correction, found)  # type: ignore[no-any-return]


def state_of(row: SharingEventRow, said: list[SaidOf], *, corrected: bool) -> State | None:
    """As `events_by_state` has it: what became of an event that its recipient sees."""
    if not row.recipient_sees:
        return None
    if corrected:
        return "corrected"
    if not said:
        return "unmatched"
    return "matched" if said[-1].matches else "disputed"


async def events_by_state(
    connection: asyncpg.Connection,
    before: int,
    *,
    provider: str | None,
    recipient: str | None,
    state: str | None,
    limit: int,
    decision: str | None = None,
) -> Page:
    """Up to `limit` events logged before `before`, newest first, of all or those in `state` and of `decision`. A page
    of those may hold fewer while there are more."""
    every = state is None and decision is None
    scanned = limit + 1 if every else SCANNED
    rows = await connection.fetch(
        _SQL["events_by_state"], before, provider, recipient, scanned, state, limit + 1, decision
    )
    events: list[tuple[SharingEventRow, State | None]] = []
    for row in rows[:limit]:
        columns = dict(row)
        became = columns.pop("state")
        events.append((row_of(SharingEventRow, columns), became))
    if len(rows) > limit:
        return Page(events, events[-1][0].index)
    if every:
        return Page(events, None)
    return Page(events, await connection.fetchval(_SQL["reached"], before, provider, recipient, scanned))
