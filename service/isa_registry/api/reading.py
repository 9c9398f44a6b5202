"""Reading from the log for a caller: what is shown when it is not there, and what is noted of it."""

from __future__ import annotations

from isa_registry.api.frame import caller_of
from isa_registry.api.requests import Request
from isa_registry.api.visibility import sight_of
from isa_registry.domain.refusals import Refused
from isa_registry.runtime.reading_entries import note_reading
from isa_registry.runtime.registry import Registry
from isa_registry.store import erasure, log
from isa_registry.store.audit import entries_at
from isa_registry.store.pool import EVERYTHING, Connection, reading_for


def reader_scope(request: Request) -> str:
    """For whom row-level security shows rows: the caller's organisation, or everything to an auditor."""
    return sight_of(request).reader


async def stored_entry(connection: Connection, index: int) -> log.StoredEntry:
    """The entry at an index that the reader's rows led to. Raises `Refused` (`gone`) once it is erased."""
    entry = await log.entry(connection, index)
    if entry is None:
        raise Refused("gone", "This was erased when its retention ended; the log still proves that it was there.")
    return entry


async def refuse_erased(request: Request, connection: Connection, record: str) -> None:
    """Raises `Refused` (`gone`) for the id of a check or an event that was erased, and that the reader could see."""
    if await erasure.erased_record(connection, record, organisation=caller_of(request).organisation) is not None:
        raise Refused("gone", "This was erased when its retention ended; the log still proves that it was there.")


async def note_reading_of(request: Request, *indexes: int, purpose: str) -> None:
    """Logs that an auditor is about to read these entries, which the caller's rows led to, if any is another body's.
    Raises `Refused` where that cannot be logged: then nothing is shown."""
    if not sight_of(request).auditor:
        return
    registry: Registry = request.app.state.registry
    async with reading_for(registry.reading, EVERYTHING) as connection:
        entries = await entries_at(connection, indexes)
    await note_reading(registry, caller_of(request), entries, purpose=purpose)
