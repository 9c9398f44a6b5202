"""Finding what is no longer to be kept: records of each sort whose period has ended, and that nothing announces yet."""

from __future__ import annotations

from datetime import datetime

import asyncpg
from msgspec import Struct

from isa_registry.domain.dates import instant
from isa_registry.store.sql import statements

_SQL = statements("falling_due")


class Due(Struct, frozen=True):
    """A check or an event whose period has ended: whose it is, who may read it, when it was logged (RFC 3339 UTC)."""

    index: int
    organisation: str
    readers: tuple[str, ...]
    kind: str
    at: str


class ConsentPart(Struct, frozen=True):
    """An entry of a consent's life, logged `at`; what it says was said at `said_at`. `begins`: it is an answer, with
    which a life begins."""

    index: int
    at: str
    organisation: str
    consent: str
    said_at: datetime
    begins: bool


async def due_checks(connection: asyncpg.Connection, before: dict[str, datetime], *, limit: int) -> list[Due]:
    """Up to `limit` checks of each organisation that were answered before its moment."""
    rows = await connection.fetch(_SQL["due_checks"], list(before), list(before.values()), limit)
    return [due_of(row) for row in rows]


async def due_events(
    connection: asyncpg.Connection, before: dict[tuple[str, str | None], datetime], *, limit: int
) -> list[Due]:
    """Up to `limit` events of each (provider, class named) that were decided before its moment."""
    rows = await connection.fetch(
        _SQL["due_events"],
        [provider for provider, _ in before],
        [named or "" for _, named in before],
        list(before.values()),
        limit,
    )
    return [due_of(row) for row in rows]


async def due_consents(
    connection: asyncpg.Connection, before: dict[tuple[str, str, str | None], datetime], *, limit: int
) -> list[Due]:
    """Up to `limit` consents of each (organisation, kind of the first entry, class named) in whose life nothing was
    said since its moment: each by its first entry."""
    rows = await connection.fetch(
        _SQL["due_consents"],
        [organisation for organisation, _, _ in before],
        [kind for _, kind, _ in before],
        [named or "" for _, _, named in before],
        list(before.values()),
        limit,
    )
    return [due_of(row) for row in rows]


async def whole_consent(connection: asyncpg.Connection, index: int) -> list[ConsentPart]:
    """The entries of the life that an entry is of, from the first that is still there; none where it is of no
    consent."""
    rows = await connection.fetch(_SQL["whole_consent"], index)
    return [ConsentPart(**{**dict(row), "at": instant(row["at"])}) for row in rows]


async def due_searches(connection: asyncpg.Connection, before: dict[str, datetime], *, limit: int) -> list[Due]:
    """Up to `limit` searches of each organisation that were made before its moment."""
    rows = await connection.fetch(_SQL["due_searches"], list(before), list(before.values()), limit)
    return [due_of(row) for row in rows]


def due_of(row: asyncpg.Record) -> Due:
    return Due(
        index=row["index"],
        organisation=row["organisation"],
        readers=tuple(row["readers"]),
        kind=row["kind"],
        at=instant(row["at"]),
    )
