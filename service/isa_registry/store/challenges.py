"""Challenges as the index has them; row-level security shows each to its two bodies."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from isa_registry.domain.challenging.life import Mark
from isa_registry.domain.dates import instant
from isa_registry.store.falling_due import Due, due_of
from isa_registry.store.pool import Connection
from isa_registry.store.sql import statements

_SQL = statements("challenges")


async def entries_of(connection: Connection, challenge: str) -> list[Mark]:
    """Every entry of a challenge that the reader may see, in order."""
    return _marks(await connection.fetch(_SQL["entries_of"], challenge))


async def entries_before(
    connection: Connection,
    index: int,
    *,
    raised_by: str | None = None,
    raised_with: str | None = None,
    is_open: bool | None = None,
    limit: int,
) -> list[Mark]:
    """The entries of up to `limit` challenges that were raised before a log position: of those raised by a body, or
    with it; of open ones alone, or of closed ones."""
    return _marks(await connection.fetch(_SQL["entries_before"], index, raised_by, raised_with, is_open, limit))


async def entries_until(connection: Connection, start: datetime, end: datetime) -> list[Mark]:
    """The entries before `end` of every challenge that was not closed before `start`: what `counted` needs."""
    return _marks(await connection.fetch(_SQL["entries_until"], start, end))


async def logged_between(connection: Connection, start: int, end: int) -> list[tuple[Mark, str]]:
    """Entries from one index up to another (exclusive), each with when it was logged."""
    found = []
    for row in await connection.fetch(_SQL["logged_between"], start, end):
        columns = dict(row)
        at = instant(columns.pop("logged_at"))
        found.append((Mark(**columns), at))
    return found


async def entries_of_open(connection: Connection) -> list[Mark]:
    """Every entry of the challenges that are not closed."""
    return _marks(await connection.fetch(_SQL["entries_of_open"]))


async def due(connection: Connection, before: dict[str, datetime], *, limit: int) -> list[Due]:
    """Up to `limit` challenges that each organisation raised, closed before its moment, by their first entry."""
    rows = await connection.fetch(_SQL["due"], list(before), list(before.values()), limit)
    return [due_of(row) for row in rows]


async def closing_of(connection: Connection, index: int) -> tuple[str, datetime] | None:
    """Who raised the challenge that an entry is of, and when it was closed; None while it is open."""
    row = await connection.fetchrow(_SQL["closing_of"], index)
    return None if row is None else (row["organisation"], row["at"])


async def life_of(connection: Connection, index: int) -> list[tuple[int, str, str]]:
    """What is there of the challenge that an entry is of, in order: index, when it was logged, and the challenge."""
    rows = await connection.fetch(_SQL["life_of"], index)
    return [(row["index"], instant(row["at"]), row["challenge"]) for row in rows]


def _marks(rows: Iterable[object]) -> list[Mark]:
    return [Mark(**dict(row)) for row in rows]  # type: ignore[call-overload]
