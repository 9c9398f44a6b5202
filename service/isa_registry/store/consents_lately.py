"""Reading the consents of one body that were touched last."""

from __future__ import annotations

import asyncpg

from isa_registry.store.log import StoredEntry, stored_entry
from isa_registry.store.sql import statements

_SQL = statements("consents_lately")


async def lately(connection: asyncpg.Connection, organisation: str, *, limit: int) -> list[StoredEntry]:
    """The entries of the `limit` consents of a body of which something was logged last, in the log's order."""
    return [stored_entry(row) for row in await connection.fetch(_SQL["lately"], organisation, limit)]
