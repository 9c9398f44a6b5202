"""A body's own sharing events, found by what it knows of them, and what is linked to each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from isa_registry.domain.casework.selection import Selection
from isa_registry.store.sql import statements

_SQL = statements("casework")


class OwnEvent(Struct, frozen=True):
    """An event of a body, as provider or recipient, from the index table."""

    provider: str
    id: UUID
    index: int
    withheld_index: int | None
    recipient: str | None
    decision: str
    purpose: str
    decided_at: datetime
    flags: tuple[str, ...]


class Acknowledged(Struct, frozen=True):
    """What an event's recipient last said of it."""

    recipient: str
    received_at: datetime
    matches: bool
    index: int


class ConsentEntry(Struct, frozen=True):
    """An entry in a consent's life."""

    consent: str
    index: int
    event: str
    at: datetime


async def events_down(
    connection: asyncpg.Connection, organisation: str, selection: Selection, start: int, end: int, *, limit: int
) -> list[OwnEvent]:
    """Up to `limit` of the body's events from the entry `end` (exclusive) down to `start`, newest first."""
    narrowing = (*_narrowing(selection), limit)
    if selection.references:
        references = list(selection.references)
        rows = await connection.fetch(_SQL["referenced_down"], start, end, organisation, references, *narrowing)
    else:
        sides = selection.as_provider(), selection.as_recipient()
        rows = await connection.fetch(_SQL["events_down"], start, end, organisation, *sides, *narrowing)
    return [_own(row) for row in rows]


async def how_many(connection: asyncpg.Connection, organisation: str, selection: Selection, end: int) -> int:
    """How many of the body's own decisions before the entry `end` have one of the references."""
    references = list(selection.references)
    found: int = await connection.fetchval(_SQL["how_many"], end, organisation, references, *_narrowing(selection))
    return found


async def by_id(connection: asyncpg.Connection, organisation: str, events: Sequence[UUID]) -> list[OwnEvent]:
    """Those of the body's events that have these ids, newest first. What is another's is as if it were not there."""
    return [_own(row) for row in await connection.fetch(_SQL["by_id"], organisation, list(events))]


async def flagged_down(connection: asyncpg.Connection, organisation: str, end: int, *, limit: int) -> list[OwnEvent]:
    """The body's own decisions logged before `end` that the registry marked, newest first."""
    return [_own(row) for row in await connection.fetch(_SQL["flagged_down"], organisation, end, limit)]


async def correcting(
    connection: asyncpg.Connection, organisation: str, events: Sequence[UUID]
) -> dict[UUID, tuple[UUID, ...]]:
    """The body's own events that correct each of these, oldest first."""
    found: defaultdict[UUID, tuple[UUID, ...]] = defaultdict(tuple)
    for row in await connection.fetch(_SQL["correcting"], organisation, list(events)):
        found[row["corrects"]] += (row["id"],)
    return found


async def acknowledged(
    connection: asyncpg.Connection, organisation: str, events: Sequence[UUID]
) -> dict[UUID, Acknowledged]:
    """What was last said of each of the body's own events, where anything was."""
    rows = await connection.fetch(_SQL["acknowledged"], organisation, list(events))
    return {
        row["event"]: Acknowledged(row["recipient"], row["received_at"], row["matches"], row["index"]) for row in rows
    }


async def checks_at(connection: asyncpg.Connection, organisation: str, checks: Sequence[str]) -> dict[str, int]:
    """Where each of these checks of the body's own was logged."""
    rows = await connection.fetch(_SQL["checks_at"], organisation, list(checks))
    return {row["id"]: row["index"] for row in rows}


async def consents_of(connection: asyncpg.Connection, organisation: str, subjects: Sequence[str]) -> list[ConsentEntry]:
    """The lives of the consents that the body recorded about these subjects, oldest entry first."""
    rows = await connection.fetch(_SQL["consents_of"], organisation, list(subjects))
    return [ConsentEntry(**dict(row)) for row in rows]


async def announced(connection: asyncpg.Connection, indexes: Sequence[int]) -> set[int]:
    """Which of these entries are announced for erasure."""
    return {row["index"] for row in await connection.fetch(_SQL["announced"], list(indexes))}


async def erased_events(connection: asyncpg.Connection, organisation: str) -> int:
    """How many of the body's own events were erased."""
    found: int = await connection.fetchval(_SQL["erased_events"], organisation)
    return found


def _narrowing(selection: Selection) -> tuple[object, ...]:
    return (
        selection.purpose, selection.decision, selection.party, selection.first_moment(), selection.end_moment(),
    )  # fmt: skip


def _own(row: asyncpg.Record) -> OwnEvent:
    return OwnEvent(**{**dict(row), "flags": tuple(row["flags"])})
