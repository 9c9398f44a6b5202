"""On which day somebody last made use of a role: a date, for the leavers' report and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

import asyncpg

from isa_registry.store.sql import statements

_SQL = statements("person_use")

Used = tuple[str, str, str]
"""An organisation, an issuer, and a subject there."""


async def note_use(connection: asyncpg.Connection, people: Collection[Used], day: date) -> None:
    """Says that these people made use of a role on a day. One who did later stays as they are."""
    await connection.execute(_SQL["note_use"], *_columns(people), day)


async def people_used(connection: asyncpg.Connection, organisation: str) -> dict[tuple[str, str], date]:
    """The last day of each person of the reader's own organisation who made use of a role."""
    rows = await connection.fetch(_SQL["people_used"], organisation)
    return {(row["issuer"], row["subject"]): row["last_on"] for row in rows}


async def used_since(connection: asyncpg.Connection) -> date:
    """The day since which use is noted."""
    began: date = await connection.fetchval(_SQL["used_since"])
    return began


async def everybody_used(connection: asyncpg.Connection) -> list[Used]:
    rows = await connection.fetch(_SQL["everybody_used"])
    return [(row["organisation"], row["issuer"], row["subject"]) for row in rows]


async def forget_use(connection: asyncpg.Connection, people: Collection[Used]) -> None:
    """Deletes what is noted of people who hold no role any more."""
    await connection.execute(_SQL["forget_use"], *_columns(people))


async def granted_at(connection: asyncpg.Connection, entries: Sequence[int]) -> dict[int, datetime]:
    """When each of these entries was logged."""
    return {row["index"]: row["at"] for row in await connection.fetch(_SQL["granted_at"], list(entries))}


def _columns(people: Collection[Used]) -> tuple[list[str], list[str], list[str]]:
    return [one[0] for one in people], [one[1] for one in people], [one[2] for one in people]
