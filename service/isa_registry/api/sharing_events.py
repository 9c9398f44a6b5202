"""Signed decisions to share or not to share: recording them, reading them, their receipts."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from litestar import Response
from litestar.params import FromPath
from msgspec import Struct, structs

from isa_registry.actions import sharing_events
from isa_registry.actions.identifiers import is_check_id
from isa_registry.api.frame import caller_of, media_type
from isa_registry.api.idempotency import claim_of, in_flight
from isa_registry.api.json import json_bytes, json_response
from isa_registry.api.reading import note_reading_of, reader_scope, refuse_erased, stored_entry
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.api.visibility import sight_of
from isa_registry.domain.dates import instant
from isa_registry.domain.entries import CheckAnswered, SharingEventRecorded, SharingEventWithheld, decode_payload
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.signing_keys import bodies_in_doubt
from isa_registry.domain.sharing import SharingEvent, is_uuid7, read_event
from isa_registry.identity.callers import Caller
from isa_registry.ledger.record_rows import SharingEventRow
from isa_registry.runtime.receipts import receipt_for
from isa_registry.runtime.registry import Registry
from isa_registry.store import log, records
from isa_registry.store.audit import entries_at
from isa_registry.store.pool import Connection, reading_for

_PAGE = 50


class EventResponse(Struct, frozen=True, omit_defaults=True):
    """An event as recorded. `flags` and `withheld` are for the provider and auditors alone. `suspect` says on reading
    whether it was logged when its key was already in doubt, as its provider has said since."""

    id: str
    provider: str
    entry: int
    recorded_at: str
    receipt: str
    flags: tuple[str, ...] | None = None
    event: str | None = None
    withheld: str | None = None
    suspect: bool | None = None


class EventLine(Struct, frozen=True, omit_defaults=True):
    """An event in a list; `suspect` as in `EventResponse`."""

    id: str
    provider: str
    recipient: str | None
    decision: str
    purpose: str
    decided_at: str
    entry: int
    suspect: bool
    flags: tuple[str, ...] | None = None


class EventList(Struct, frozen=True):
    """A page of events, newest first. `next` is the cursor of the page after it."""

    events: list[EventLine]
    next: str | None


@writes("/api/v1/sharing-events")
async def record_event(request: Request) -> Response[bytes]:
    caller = caller_of(request)
    registry: Registry = request.app.state.registry
    body = await request.body()
    submitted = sharing_events.parse_submission(body, media_type(request))
    claim = claim_of(request, caller, body)
    with in_flight(request, claim):
        now = registry.now()
        view = registry.follower.view
        try:
            admitted = sharing_events.admit(submitted, caller, view, origin=registry.origin, now=now)
        except Refused:
            # What was recorded once stays so: a repeat after its key was revoked, or a day later, is the same event.
            earlier = await _recorded_before(request, submitted, caller)
            if earlier is None:
                raise
            return json_response(earlier)
        answered = await _outcome_of_check(registry, admitted.event, caller)
        flags = sharing_events.flags_for(admitted.event, view, answered=answered, now=now)
        appended = await registry.sequencer.append(sharing_events.draft(admitted, flags, claim))
    event = admitted.event
    if appended.repeated:
        async with reading_for(registry.reading, caller.organisation) as connection:
            row = await records.sharing_event(connection, UUID(event.id), provider=caller.organisation)
            if row is None:
                raise Refused("gone", "The event's index row is not there.")
            return json_response(await _first_answer(connection, row))
    response = EventResponse(
        id=event.id,
        provider=event.provider,
        entry=appended.index,
        recorded_at=appended.at,
        receipt=f"/api/v1/sharing-events/{event.id}/receipt",
        flags=flags,
    )
    return json_response(response, status=201, headers={"Location": f"/api/v1/sharing-events/{event.id}"})


async def _recorded_before(
    request: Request, submitted: sharing_events.Submitted, caller: Caller
) -> EventResponse | None:
    registry: Registry = request.app.state.registry
    claim = sharing_events.claim_unverified(submitted, caller.organisation)
    if claim is None:
        return None
    async with reading_for(registry.reading, caller.organisation) as connection:
        row = await records.sharing_event(connection, claim.event, provider=claim.provider)
        if row is None:
            await refuse_erased(request, connection, str(claim.event))
        if row is None or row.provider != claim.provider or row.sha256 != claim.sha256:
            return None
        return await _first_answer(connection, row)


async def _first_answer(connection: Connection, row: SharingEventRow) -> EventResponse:
    """What was answered when the event was recorded, rendered anew from the log."""
    return structs.replace(_render(await stored_entry(connection, row.index), row, None), event=None)


async def _outcome_of_check(registry: Registry, event: SharingEvent, caller: Caller) -> str | None:
    """The outcome of the caller's own check that the event names. Raises `Refused` where there is none such."""
    if event.check is None:
        return None
    async with reading_for(registry.reading, caller.organisation) as connection:
        index = await records.check_index(connection, event.check) if is_check_id(event.check) else None
        entry = None if index is None else await log.entry(connection, index)
    payload = None if entry is None else decode_payload(entry.payload)
    if not isinstance(payload, CheckAnswered):
        detail = "No recorded check of yours has this id. Send null where none was made."
        raise Refused("unprocessable", detail, (Fault("#/check", "unknown-check", detail),))
    return payload.answer.outcome


def _render(entry: log.StoredEntry, row: SharingEventRow, withheld: log.StoredEntry | None) -> EventResponse:
    payload = decode_payload(entry.payload)
    assert isinstance(payload, SharingEventRecorded)
    event = read_event(payload.jws)
    list_of_withheld = None if withheld is None else decode_payload(withheld.payload)
    return EventResponse(
        id=event.id,
        provider=event.provider,
        entry=entry.index,
        recorded_at=entry.at,
        receipt=f"/api/v1/sharing-events/{event.id}/receipt",
        flags=row.flags,
        event=payload.jws,
        withheld=list_of_withheld.jws if isinstance(list_of_withheld, SharingEventWithheld) else None,
    )


def _event_id(text: str) -> UUID:
    if not is_uuid7(text):
        raise Refused("not-found", "There is no such event, or none that you may see.")
    return UUID(text)


async def _row(request: Request, connection: Connection, event: str) -> SharingEventRow:
    row = await records.sharing_event(connection, _event_id(event), provider=caller_of(request).organisation)
    if row is None:
        await refuse_erased(request, connection, event)
        raise Refused("not-found", "There is no such event, or none that you may see.")
    return row


@reads("/api/v1/sharing-events/{event:str}")
async def read_one(request: Request, event: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    sight = sight_of(request)
    async with reading_for(registry.reading, sight.reader) as connection:
        row = await _row(request, connection, event)
        shown = None if row.withheld_index is None or not sight.sees("withheld", row.provider) else row.withheld_index
        withheld = None if shown is None else await log.entry(connection, shown)
        entry = await stored_entry(connection, row.index)
    await note_reading_of(request, row.index, *([] if withheld is None else [withheld.index]), purpose="entry")
    rendered = _render(entry, row, withheld)
    view = registry.follower.view
    doubted = sharing_events.is_doubted(view, row.provider, rendered.event, rendered.withheld, logged_at=entry.at)
    return json_response(sight.show(structs.replace(rendered, suspect=doubted), row.provider))


@reads("/api/v1/sharing-events/{event:str}/receipt")
async def read_event_receipt(request: Request, event: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    part = request.query_params.get("part", "event")
    if part not in ("event", "withheld"):
        raise Refused("malformed", "part is `event` or `withheld`.")
    async with reading_for(registry.reading, reader_scope(request)) as connection:
        row = await _row(request, connection, event)
        index: int | None = row.index
        if part == "withheld":
            index = row.withheld_index if sight_of(request).sees("withheld", row.provider) else None
        if index is None:
            raise Refused("not-found", "There is no such list, or none that you may see.")
    await note_reading_of(request, index, purpose="receipt")
    receipt = await receipt_for(registry, reader_scope(request), index)
    headers = {"Content-Disposition": f'attachment; filename="{index}.isa-receipt.json"'}
    return json_bytes(receipt, headers=headers)


@reads("/api/v1/sharing-events")
async def list_events(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    caller = caller_of(request)
    side = request.query_params.get("side", "provider")
    if side not in ("provider", "recipient"):
        raise Refused("malformed", "side is `provider` or `recipient`.")
    before = _cursor(request.query_params.get("cursor"))
    sight = sight_of(request)
    async with reading_for(registry.reading, sight.reader) as connection:
        rows = await records.sharing_events_before(
            connection,
            before,
            provider=caller.organisation if side == "provider" and not sight.auditor else None,
            recipient=caller.organisation if side == "recipient" and not sight.auditor else None,
            limit=_PAGE + 1,
        )
        doubted = await _doubted(registry, connection, rows[:_PAGE])
    following = f"e{rows[_PAGE - 1].index}" if len(rows) > _PAGE else None
    page = EventList(
        events=[sight.show(_line(row, row.index in doubted), row.provider) for row in rows[:_PAGE]], next=following
    )
    headers = {}
    if following is not None:
        headers["Link"] = f'</api/v1/sharing-events?side={side}&cursor={following}>; rel="next"'
    return json_response(page, headers=headers)


def _cursor(text: str | None) -> int:
    if text is None:
        return 2**62
    if not text.startswith("e") or not text[1:].isascii() or not text[1:].isdigit() or len(text) > 19:
        raise Refused("malformed", "The cursor is not one that this registry gave.")
    return int(text[1:])


async def _doubted(registry: Registry, connection: Connection, rows: Sequence[SharingEventRow]) -> set[int]:
    """The events among these that were logged when their key was in doubt. Hardly any body has such a key, so hardly
    ever is a document looked at for this."""
    view = registry.follower.view
    concerned = [row for row in rows if row.provider in bodies_in_doubt(view)]
    if not concerned:
        return set()
    indexes = [index for row in concerned for index in (row.index, row.withheld_index) if index is not None]
    signed = {entry.index: entry for entry in await entries_at(connection, indexes)}
    return {
        row.index
        for row in concerned
        for entry in (signed.get(row.index), signed.get(row.withheld_index or -1))
        if entry is not None
        and entry.payload is not None
        and sharing_events.is_doubted(view, row.provider, _jws_in(entry.payload), logged_at=entry.at)
    }


def _jws_in(payload: bytes) -> str | None:
    decoded = decode_payload(payload)
    return decoded.jws if isinstance(decoded, SharingEventRecorded | SharingEventWithheld) else None


def _line(row: SharingEventRow, doubted: bool) -> EventLine:
    return EventLine(
        id=str(row.id),
        provider=row.provider,
        recipient=row.recipient,
        decision=row.decision,
        purpose=row.purpose,
        decided_at=instant(row.decided_at),
        entry=row.index,
        flags=row.flags,
        suspect=doubted,
    )


HANDLERS = [record_event, list_events, read_one, read_event_receipt]
