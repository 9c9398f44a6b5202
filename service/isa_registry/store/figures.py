"""Counting over the index tables, and the numbers that people give: what quarterly reports are made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from msgspec import Struct

from isa_registry.domain.reporting.quarterly import Count
from isa_registry.store.sql import statements

_SQL = statements("figures")


class Span(Struct, frozen=True):
    """What is counted: from one moment until another, of these bodies, as far as a log of `size` entries shows it."""

    start: datetime
    end: datetime
    size: int
    bodies: tuple[str, ...]


class StoredScaling(Struct, frozen=True):
    """A number that a body gave for a quarter."""

    organisation: str
    question: str
    value: int
    said_at: datetime


async def counts(connection: asyncpg.Connection, span: Span) -> list[Count]:
    """How many there were, by body, measure and code; nothing of which there was none."""
    rows = await connection.fetch(_SQL["counts"], span.start, span.end, span.size, list(span.bodies))
    return [Count(row["body"], row["measure"], row["code"], row["count"]) for row in rows]


async def times(connection: asyncpg.Connection, span: Span) -> dict[str, tuple[int, float, float]]:
    """Of each body and of all (under no name): how many decisions name a recorded answer, and in how many minutes after
    it half of them, and nine of ten, were made."""
    rows = await connection.fetch(_SQL["times"], span.start, span.end, span.size, list(span.bodies))
    return {row["body"]: (row["count"], row["median"], row["ninth"]) for row in rows if row["count"]}


async def put_scaling(
    connection: asyncpg.Connection,
    partnership: str,
    quarter: str,
    said: StoredScaling,
    *,
    by: str,
) -> None:
    """Keeps a number; one of the same body, quarter and question gives way. `by` is the role that gave it."""
    await connection.execute(
        _SQL["put_scaling"],
        *(partnership, said.organisation, quarter, said.question, said.value, by, said.said_at),
    )


async def scalings(connection: asyncpg.Connection, partnership: str, quarter: str) -> Sequence[StoredScaling]:
    """The numbers given for a quarter that the reader may see."""
    rows = await connection.fetch(_SQL["scalings"], partnership, quarter)
    return [StoredScaling(**dict(row)) for row in rows]
