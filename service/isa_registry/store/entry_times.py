"""When entries of the log were logged."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import asyncpg

from isa_registry.store.sql import statements

_SQL = statements("entry_times")


async def times_of(connection: asyncpg.Connection, indexes: Collection[int]) -> dict[int, datetime]:
    """The time of each of these entries that is there."""
    rows = await connection.fetch(_SQL["times_of"], list(indexes))
    return {row["index"]: row["at"] for row in rows}
