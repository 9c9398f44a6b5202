"""Invitations to attest, and questions about the words with their answers."""

from __future__ import annotations

from datetime import datetime

import asyncpg
from msgspec import Struct

from isa_registry.store.sql import statements

_SQL = statements("attesting")


class Invitation(Struct, frozen=True):
    """How far a body has come with a version; `decided_by` is the entry that made known who did the last step."""

    agreement: str
    version: str
    organisation: str
    state: str
    since: datetime
    decided_by: int


class Query(Struct, frozen=True):
    """A question about a clause. `reference` is the asking body's own. People are entries that made them known."""

    id: str
    agreement: str
    version: str
    organisation: str
    clause: str
    question: str
    reference: str | None
    state: str
    asked_by: int
    asked_at: datetime
    answer: str | None = None
    answer_clause: str | None = None
    answered_by: int | None = None
    answered_at: datetime | None = None
    settled_by: int | None = None
    settled_at: datetime | None = None


async def invitation(
    connection: asyncpg.Connection, agreement: str, version: str, organisation: str
) -> Invitation | None:
    row = await connection.fetchrow(_SQL["invitation"], agreement, version, organisation)
    return None if row is None else Invitation(**dict(row))


async def invitations_of_version(connection: asyncpg.Connection, agreement: str, version: str) -> list[Invitation]:
    """By organisation; only those that the reader may see."""
    return [
        Invitation(**dict(row)) for row in await connection.fetch(_SQL["invitations_of_version"], agreement, version)
    ]


async def invitations_of_body(connection: asyncpg.Connection, organisation: str) -> list[Invitation]:
    return [Invitation(**dict(row)) for row in await connection.fetch(_SQL["invitations_of_body"], organisation)]


async def begin_invitation(connection: asyncpg.Connection, first: Invitation, event: str) -> bool:
    """False where the body has a row for the version already."""
    done = await connection.execute(
        _SQL["begin_invitation"],
        first.agreement,
        first.version,
        first.organisation,
        first.state,
        event,
        first.since,
        first.decided_by,
    )
    return bool(done == "INSERT 0 1")


async def move_invitation(
    connection: asyncpg.Connection, was: Invitation, event: str, state: str, *, now: datetime, person: int
) -> bool:
    """False where it has moved meanwhile."""
    done = await connection.execute(
        _SQL["move_invitation"],
        was.agreement,
        was.version,
        was.organisation,
        was.state,
        state,
        event,
        now,
        person,
    )
    return bool(done == "UPDATE 1")


async def ask(connection: asyncpg.Connection, query: Query) -> bool:
    """False where the same question of the body waits already."""
    done = await connection.execute(
        _SQL["ask"],
        query.id,
        query.agreement,
        query.version,
        query.organisation,
        query.clause,
        query.question,
        query.reference,
        query.asked_by,
        query.asked_at,
    )
    return bool(done == "INSERT 0 1")


async def waiting(connection: asyncpg.Connection, agreement: str, version: str, organisation: str) -> int:
    """How many of a body's questions about a version are not settled."""
    count: int = await connection.fetchval(_SQL["waiting"], agreement, version, organisation)
    return count


async def queries_of_version(connection: asyncpg.Connection, agreement: str, version: str) -> list[Query]:
    """Oldest first."""
    return [Query(**dict(row)) for row in await connection.fetch(_SQL["queries_of_version"], agreement, version)]


async def query(connection: asyncpg.Connection, identifier: str) -> Query | None:
    row = await connection.fetchrow(_SQL["query"], identifier)
    return None if row is None else Query(**dict(row))


async def answer(
    connection: asyncpg.Connection, identifier: str, answer: str, clause: str | None, *, person: int, now: datetime
) -> bool:
    """False where it is answered or settled already."""
    done = await connection.execute(_SQL["answer"], identifier, answer, clause, person, now)
    return bool(done == "UPDATE 1")


async def settle(connection: asyncpg.Connection, identifier: str, *, person: int, now: datetime) -> bool:
    """False where it is settled already."""
    done = await connection.execute(_SQL["settle"], identifier, person, now)
    return bool(done == "UPDATE 1")
