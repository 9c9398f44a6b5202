"""Finding a body's own sharing events, and writing them to a file: a stretch of the log at a time, so that no search
and no export holds the database for long or grows with what there is."""

from __future__ import annotations

import time
from asyncio import Semaphore
from collections.abc import AsyncIterator, Sequence

from msgspec import Struct

from isa_registry.actions.casework import searched
from isa_registry.domain.casework.selection import Selection
from isa_registry.domain.casework.tables import CaseEvent
from isa_registry.domain.entries import SharingEventRecorded, SharingEventWithheld
from isa_registry.domain.sharing import read_withheld
from isa_registry.identity.callers import Caller
from isa_registry.runtime.folding import one_as_logged, payload_as_logged
from isa_registry.runtime.registry import Registry
from isa_registry.store import casework
from isa_registry.store.audit import SeenEntry, entries_at
from isa_registry.store.casework import OwnEvent
from isa_registry.store.pool import Connection, Pool, reading_for

INSTEAD = "Look for your events by period, purpose, decision and organisation"
"""What whoever looks for too many people by reference can do at once."""

_STRETCH = 50_000
_SECONDS = 2.0
_ROWS = 200


async def note_search(registry: Registry, caller: Caller, what: str, references: Sequence[str], found: int) -> None:
    """Logs that somebody looked by reference, before anything of it is shown. Raises `Refused` where that cannot be
    logged: then nothing is."""
    if references:
        await registry.sequencer.append(searched(caller, what, references, found))


class Found(Struct, frozen=True):
    """Events, newest first, and how far down the log was searched: `below` is the first index that was not, or 0."""

    events: tuple[OwnEvent, ...]
    below: int


async def find_down(pool: Pool, organisation: str, selection: Selection, *, below: int, limit: int) -> Found:
    """Up to `limit` of the body's own events logged before `below`, newest first. After two seconds what was found so
    far goes out, with the place where to go on. By reference there is nothing to search: one look finds them."""
    deadline = time.monotonic() + _SECONDS
    stretch = below if selection.references else _STRETCH
    found: list[OwnEvent] = []
    while below > 0 and len(found) < limit and time.monotonic() < deadline:
        low = max(0, below - stretch)
        async with reading_for(pool, organisation) as connection:
            rows = await casework.events_down(connection, organisation, selection, low, below, limit=limit - len(found))
        found += rows
        below = found[-1].index if len(found) == limit else low
    return Found(events=tuple(found), below=below)


async def count(pool: Pool, organisation: str, selection: Selection, *, size: int) -> int:
    """How many of the body's own events have any of its references, among the first `size` entries."""
    async with reading_for(pool, organisation) as connection:
        return await casework.how_many(connection, organisation, selection, size)


async def pages(
    pool: Pool, organisation: str, selection: Selection, *, size: int, withheld: bool, turns: Semaphore
) -> AsyncIterator[tuple[CaseEvent, ...]]:
    """The body's own events among the first `size` entries, newest first, some at a time; a few such readers at once.
    With `withheld`, what was withheld is with its own decisions. One that is erased meanwhile is left out."""
    async with turns:
        below = size
        while below > 0:
            found = await find_down(pool, organisation, selection, below=below, limit=_ROWS)
            below = found.below
            if not found.events:
                continue
            async with reading_for(pool, organisation) as connection:
                whole = await whole_events(connection, organisation, found.events, withheld=withheld)
            # Outside the transaction: whoever reads slowly holds up nobody.
            yield whole


async def whole_events(
    connection: Connection, organisation: str, rows: Sequence[OwnEvent], *, withheld: bool
) -> tuple[CaseEvent, ...]:
    lists = [row.withheld_index for row in rows if withheld and _own_list(row, organisation) is not None]
    indexes = [*(row.index for row in rows), *(index for index in lists if index is not None)]
    entries = {one.index: one for one in await entries_at(connection, indexes)}
    found: list[CaseEvent] = []
    for row in rows:
        own = row.provider == organisation
        listed = entries.get(_own_list(row, organisation) or -1) if withheld else None
        one = case_event(entries.get(row.index), listed, row.flags if own else None, organisation)
        if one is not None:
            found.append(one)
    return tuple(found)


def _own_list(row: OwnEvent, organisation: str) -> int | None:
    """Where the list of what was withheld stands, for whoever withheld it."""
    return row.withheld_index if row.provider == organisation else None


def case_event(
    entry: SeenEntry | None, listed: SeenEntry | None, flags: tuple[str, ...] | None, organisation: str
) -> CaseEvent | None:
    """An event as its body has it; None where its payload is gone."""
    if entry is None or entry.payload is None:
        return None
    payload = one_as_logged(entry, SharingEventRecorded)
    event = payload.event
    held = None if listed is None or listed.payload is None else payload_as_logged(listed)
    return CaseEvent(
        entry=entry.index,
        recorded_at=entry.at,
        side="provider" if event.provider == organisation else "recipient",
        event=event,
        flags=flags,
        withheld=read_withheld(held.jws).withheld if isinstance(held, SharingEventWithheld) else None,
    )
