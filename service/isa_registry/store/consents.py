"""Reading the entries of consents, as far as row-level security shows them."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
from msgspec import Struct

from isa_registry.store.log import StoredEntry, stored_entry
from isa_registry.store.sql import statements

_SQL = statements("consents")


class ConsentEntries(Struct, frozen=True):
    """Entries of consents in the log's order, each with the reference by which it was looked for (None where it was
    looked for by the consent), all that there were when the log had `size` entries."""

    size: int
    entries: tuple[tuple[str | None, StoredEntry], ...]


async def about(
    connection: asyncpg.Connection, organisation: str, references: Sequence[str], seconds: float
) -> ConsentEntries:
    """The entries of a body's own consents about these people, in one exchange and outside any transaction. Raises
    `TimeoutError` after so many `seconds`."""
    return _entries(await connection.fetch(_SQL["about"], organisation, list(references), timeout=seconds))


async def of_consent(connection: asyncpg.Connection, consent: str, *, organisation: str | None) -> ConsentEntries:
    """The entries of one consent, a body's own; without a body, of whichever the reader may see."""
    return _entries(await connection.fetch(_SQL["of_consent"], organisation, consent))


def _entries(rows: Sequence[asyncpg.Record]) -> ConsentEntries:
    return ConsentEntries(
        size=rows[0]["size"],
        entries=tuple(
            (
                row["subject"],
                stored_entry(row),
            )
            for row in rows
            if row["index"] is not None
        ),
    )
