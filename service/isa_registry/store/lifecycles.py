"""The lives of agreements and attestations as the database holds them: the table of steps, and what happened."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
from msgspec import Struct

from isa_registry.ledger.rows import LifeRow
from isa_registry.store.sql import statements

_SQL = statements("lifecycles")


class StoredEvent(Struct, frozen=True):
    """A row of `lifecycle_event`, with the state that the database says followed."""

    row: LifeRow
    state: str


async def insert_events(connection: asyncpg.Connection, rows: Sequence[LifeRow]) -> None:
    """Keeps events in the order of their entries. Raises `asyncpg.RaiseError` for one that its life does not take."""
    await connection.execute(
        _SQL["insert_events"],
        [row.index for row in rows],
        [row.machine for row in rows],
        [row.thing for row in rows],
        [row.event for row in rows],
    )


async def all_events(connection: asyncpg.Connection) -> list[StoredEvent]:
    """Every event, by entry."""
    return [
        StoredEvent(LifeRow(row["index"], row["machine"], row["thing"], row["event"]), row["state"])
        for row in await connection.fetch(_SQL["all_events"])
    ]


async def all_steps(connection: asyncpg.Connection) -> set[tuple[str, str, str, str]]:
    """The table of steps as the database has it: machine, state, event, and the state that follows."""
    return {tuple(row) for row in await connection.fetch(_SQL["all_steps"])}
