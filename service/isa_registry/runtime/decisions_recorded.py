"""Recorded decisions, read again from the log by the organisation that took them."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from isa_registry.domain.entries import SharingEventRecorded, SharingEventWithheld, decode_payload
from isa_registry.domain.refusals import Refused
from isa_registry.domain.sharing import SharingEvent, WithheldCategory, is_uuid7, read_event, read_withheld
from isa_registry.ledger.record_rows import SharingEventRow
from isa_registry.runtime.registry import Registry
from isa_registry.store import erasure, log, records
from isa_registry.store.pool import reading_for

_ABSENT = "There is no such record, or none that you may see."
_ERASED = "This was erased when its retention ended; the log still proves that it was there."


class Decision(Struct, frozen=True):
    """A decision as recorded: what was signed, and whether the registry signed it for a person."""

    row: SharingEventRow
    event: SharingEvent
    withheld: tuple[WithheldCategory, ...]
    at: str
    jws: str
    by_registry: bool


async def own_decision(registry: Registry, organisation: str, event: str) -> Decision:
    """An organisation's own decision. Raises `Refused`: `not-found`, for another's too; `gone` once it is erased."""
    if not is_uuid7(event):
        raise Refused("not-found", _ABSENT)
    async with reading_for(registry.reading, organisation) as connection:
        row = await records.sharing_event(connection, UUID(event), provider=organisation)
        if row is None or row.provider != organisation:
            if await erasure.erased_record(connection, event, organisation=organisation) is not None:
                raise Refused("gone", _ERASED)
            raise Refused("not-found", _ABSENT)
        entry = await log.entry(connection, row.index)
        listed = None if row.withheld_index is None else await log.entry(connection, row.withheld_index)
    if entry is None:
        raise Refused("gone", _ERASED)
    payload = decode_payload(entry.payload)
    assert isinstance(payload, SharingEventRecorded)
    held = None if listed is None else decode_payload(listed.payload)
    return Decision(
        row=row,
        event=read_event(payload.jws),
        withheld=read_withheld(held.jws).withheld if isinstance(held, SharingEventWithheld) else (),
        at=entry.at,
        jws=payload.jws,
        by_registry=payload.sign_in is not None,
    )
