"""Finding entries for whoever may see them, a stretch of the log at a time, so that no request and no export holds the
database for long."""

from __future__ import annotations

import time
from datetime import timedelta

from msgspec import Struct

from isa_registry.actions.audit import Selection, selects
from isa_registry.store import audit, log
from isa_registry.store.audit import SeenEntry
from isa_registry.store.pool import Connection, Pool, reading_for

_STRETCH = 50_000
_ROWS = 200
_SECONDS = 2.0


class Reader(Struct, frozen=True):
    """For whom entries are read: a body, or an auditor (`scope` is '*')."""

    scope: str

    @property
    def auditor(self) -> bool:
        return self.scope == "*"

    @property
    def organisation(self) -> str | None:
        return None if self.auditor else self.scope


class Found(Struct, frozen=True):
    """Entries, newest first, and how far down the log was searched: `below` is the first index that was not."""

    entries: tuple[SeenEntry, ...]
    below: int


async def bounds(connection: Connection, selection: Selection, size: int) -> tuple[int, int]:
    """The indexes, from and up to, that a selection's times and numbers leave of the first `size` entries."""
    start, end = 0, size
    if selection.entries:
        start, end = min(selection.entries), min(size, max(selection.entries) + 1)
    first, last = selection.first_moment(), selection.last_moment()
    if first is not None:
        start = max(start, await log.size_at(connection, first - timedelta(milliseconds=1)))
    if last is not None:
        end = min(end, await log.size_at(connection, last))
    return start, end


async def find_down(
    pool: Pool, reader: Reader, selection: Selection, *, size: int, before: int | None, limit: int
) -> Found:
    """Up to `limit` entries below `before`, newest first. After two seconds what was found so far goes out, with the
    place where to go on: a rare thing in a long log takes several pages, some of them short."""
    deadline = time.monotonic() + _SECONDS
    found: list[SeenEntry] = []
    async with reading_for(pool, reader.scope) as connection:
        start, end = await bounds(connection, selection, size)
    below = end if before is None else min(before, end)
    while below > start and len(found) < limit and time.monotonic() < deadline:
        low = max(start, below - _STRETCH)
        async with reading_for(pool, reader.scope) as connection:
            rows = await audit.entries_down(
                connection,
                low,
                below,
                kinds=selection.kinds,
                readers=selection.organisations,
                limit=_ROWS,
                auditor=reader.auditor,
            )
        for row in rows:
            below = row.index
            if selects(selection, row, organisation=reader.organisation):
                found.append(row)
                if len(found) == limit:
                    break
        else:
            if len(rows) < _ROWS:
                below = low
    return Found(entries=tuple(found), below=below if below > start else 0)
