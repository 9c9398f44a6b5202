"""Recorded decisions, read again from the log by the organisation that took them."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.entries import SharingEventRecorded, SharingEventWithheld
from isa_registry.domain.refusals import Refused
from isa_registry.domain.sharing import SharingEvent, WithheldCategory, is_uuid7, read_withheld
from isa_registry.ledger.record_rows import SharingEventRow
from isa_registry.runtime.folding import one_as_logged, payload_as_logged
from isa_registry.runtime.registry import Registry
from isa_registry.store import erasure, log, records
from isa_registry.store.acknowledgements import (
    Correction,
    SaidOf,
    State,
    acknowledgements_of,
    correction_of,
    events_by_state,
    state_of,
)
from isa_registry.store.pool import Connection, reading_for

_ABSENT = "There is no such record, or none that you may see."
_ERASED = "This was erased when its retention ended; the log still proves that it was there."


class Decision(Struct, frozen=True):
    """A decision as recorded: what was signed, whether the registry signed it for a person, and what became of it.
    `said` is what the recipient said of it, oldest first."""

    row: SharingEventRow
    event: SharingEvent
    withheld: tuple[WithheldCategory, ...]
    at: str
    jws: str
    by_registry: bool
    state: State | None
    correction: Correction
    said: tuple[SaidOf, ...]


class Page(Struct, frozen=True):
    """Decisions with the state of each, newest first; `following` is where the next page begins."""

    decisions: list[tuple[SharingEventRow, State | None]]
    following: int | None


async def own_decision(registry: Registry, organisation: str, event: str) -> Decision:
    """An organisation's own decision. Raises `Refused`: `not-found`, for another's too; `gone` once it is erased."""
    if not is_uuid7(event):
        raise Refused("not-found", _ABSENT)
    async with reading_for(registry.reading, organisation) as connection:
        row = await records.sharing_event(connection, event, provider=organisation)
        if row is None or row.provider != organisation:
            if await erasure.erased_record(connection, event, organisation=organisation) is not None:
                raise Refused("gone", _ERASED)
            raise Refused("not-found", _ABSENT)
        return await _decision(connection, row)


async def received_decision(registry: Registry, organisation: str, entry: str) -> Decision:
    """What was shared with an organisation, by the entry that it is in: an event's id is unique for its provider only.
    Raises `Refused`: `not-found`, for what is not shown to it too."""
    number = int(entry) if entry.isascii() and entry.isdigit() and len(entry) < 16 else -1
    async with reading_for(registry.reading, organisation) as connection:
        found = await log.entry(connection, number)
        payload = None if found is None else payload_as_logged(found)
        if not isinstance(payload, SharingEventRecorded) or payload.event.recipient != organisation:
            raise Refused("not-found", _ABSENT)
        event = payload.event
        row = await records.sharing_event(connection, event.id, provider=event.provider)
        if row is None or row.index != number:
            raise Refused("not-found", _ABSENT)
        return await _decision(connection, row)


async def decisions_before(
    registry: Registry,
    organisation: str,
    before: int,
    *,
    received: bool,
    state: str | None,
    decision: str | None,
    limit: int,
) -> Page:
    """Up to so many of the decisions of an organisation, or of what was shared with it, logged before `before`. A page
    of a state or a decision may hold fewer while there are more."""
    async with reading_for(registry.reading, organisation) as connection:
        page = await events_by_state(
            connection,
            before,
            provider=None if received else organisation,
            recipient=organisation if received else None,
            state=state,
            decision=decision,
            limit=limit,
        )
    return Page(page.events, page.following)


async def _decision(connection: Connection, row: SharingEventRow) -> Decision:
    entry = await log.entry(connection, row.index)
    if entry is None:
        raise Refused("gone", _ERASED)
    payload = one_as_logged(entry, SharingEventRecorded)
    listed = None if row.withheld_index is None else await log.entry(connection, row.withheld_index)
    held = None if listed is None else payload_as_logged(listed)
    said = await acknowledgements_of(connection, row.provider, row.id)
    correction = await correction_of(connection, row)
    return Decision(
        row=row,
        event=payload.event,
        withheld=read_withheld(held.jws).withheld if isinstance(held, SharingEventWithheld) else (),
        at=entry.at,
        jws=payload.jws,
        by_registry=payload.sign_in is not None,
        state=state_of(row, said, corrected=correction.corrected),
        correction=correction,
        said=tuple(said),
    )
