"""Signed decisions to share or not to share: reading them, their lists, their receipts."""

from __future__ import annotations

from collections.abc import Sequence

from litestar import Response
from litestar.params import FromPath
from msgspec import Struct, structs

from isa_registry.actions import sharing_events
from isa_registry.api.frame import caller_of
from isa_registry.api.json import json_bytes, json_response
from isa_registry.api.reading import note_reading_of, reader_scope, refuse_erased, stored_entry
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.api.visibility import sight_of
from isa_registry.domain.dates import instant
from isa_registry.domain.entries import (
    SharingEventAcknowledged,
    SharingEventRecorded,
    SharingEventWithheld,
)
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.signing_keys import bodies_in_doubt
from isa_registry.domain.sharing import STATES, is_uuid7, read_acknowledgement
from isa_registry.ledger.record_rows import SharingEventRow
from isa_registry.runtime.folding import one_as_logged, payload_as_logged
from isa_registry.runtime.receipts import receipt_for
from isa_registry.runtime.registry import Registry
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.store import acknowledgements, log, records
from isa_registry.store.acknowledgements import SaidOf
from isa_registry.store.audit import SeenEntry, entries_at
from isa_registry.store.pool import Connection, reading_for

_PAGE = 50


class AcknowledgementSeen(Struct, frozen=True):
    """What an event's recipient said of it: `matches` is whether the event is as it says, `acknowledgement` the exact
    document; `suspect` as in `EventResponse`."""

    entry: int
    recorded_at: str
    received_at: str
    matches: bool
    acknowledgement: str
    suspect: bool


class EventResponse(Struct, frozen=True, omit_defaults=True):
    """An event as recorded. `flags` and `withheld` are for the provider and auditors alone. On reading, `suspect` says
    whether it was logged when its key was already in doubt, as its provider has said since; `state` what became of an
    event that a recipient sees; `acknowledgements` what that said of it, oldest first, of which the last counts.
    `corrects` and `corrected_by` name events that the reader sees."""

    id: str
    provider: str
    entry: int
    recorded_at: str
    receipt: str
    flags: tuple[str, ...] | None = None
    event: str | None = None
    withheld: str | None = None
    suspect: bool | None = None
    state: str | None = None
    acknowledgements: list[AcknowledgementSeen] | None = None
    corrects: str | None = None
    corrected_by: str | None = None


class EventLine(Struct, frozen=True, omit_defaults=True):
    """An event in a list; `suspect` and `state` as in `EventResponse`."""

    id: str
    provider: str
    recipient: str | None
    decision: str
    purpose: str
    decided_at: str
    entry: int
    suspect: bool
    flags: tuple[str, ...] | None = None
    state: str | None = None


class EventList(Struct, frozen=True):
    """A page of events, newest first. `next` is the cursor of the page after it, None on the last one: a page of those
    in a state may hold fewer than others, or none, while there are more."""

    events: list[EventLine]
    next: str | None


def _render(entry: log.StoredEntry, row: SharingEventRow, withheld: log.StoredEntry | None) -> EventResponse:
    payload = one_as_logged(entry, SharingEventRecorded)
    event = payload.event
    list_of_withheld = None if withheld is None else payload_as_logged(withheld)
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


def _event_id(text: str) -> str:
    if not is_uuid7(text):
        raise Refused("not-found", "There is no such event, or none that you may see.")
    return text


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
        said = await acknowledgements.acknowledgements_of(connection, row.provider, row.id)
        correction = await acknowledgements.correction_of(connection, row)
    read = [row.index, *(one.index for one in said), *([] if withheld is None else [withheld.index])]
    await note_reading_of(request, *read, purpose="entry")
    rendered = _render(entry, row, withheld)
    view = registry.follower.view
    whole = structs.replace(
        rendered,
        suspect=sharing_events.is_doubted(view, row.provider, rendered.event, rendered.withheld, logged_at=entry.at),
        state=acknowledgements.state_of(row, said, corrected=correction.corrected),
        acknowledgements=[_seen(one, view) for one in said],
        corrects=None if correction.corrects is None else str(correction.corrects),
        corrected_by=None if correction.corrected_by is None else str(correction.corrected_by),
    )
    return json_response(sight.show(whole, row.provider))


def _seen(said: SaidOf, view: RegisterView) -> AcknowledgementSeen:
    payload = one_as_logged(said, SharingEventAcknowledged)
    return AcknowledgementSeen(
        entry=said.index,
        recorded_at=said.at,
        received_at=read_acknowledgement(payload.jws).received_at,
        matches=said.matches,
        acknowledgement=payload.jws,
        suspect=sharing_events.is_doubted(view, said.recipient, payload.jws, logged_at=said.at),
    )


@reads("/api/v1/sharing-events/{event:str}/receipt")
async def read_event_receipt(request: Request, event: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    part = request.query_params.get("part", "event")
    if part not in ("event", "withheld", "acknowledgement"):
        raise Refused("malformed", "part is `event`, `withheld` or `acknowledgement`.")
    async with reading_for(registry.reading, reader_scope(request)) as connection:
        row = await _row(request, connection, event)
        index: int | None = row.index
        if part == "withheld":
            index = row.withheld_index if sight_of(request).sees("withheld", row.provider) else None
        elif part == "acknowledgement":
            index = await acknowledgements.newest_acknowledgement(connection, row.provider, row.id)
        if index is None:
            raise Refused("not-found", "There is no such document, or none that you may see.")
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
    state = request.query_params.get("state")
    if state is not None and state not in STATES:
        raise Refused("malformed", f"state is one of {', '.join(STATES)}.")
    before = _cursor(request.query_params.get("cursor"))
    sight = sight_of(request)
    async with reading_for(registry.reading, sight.reader) as connection:
        found = await acknowledgements.events_by_state(
            connection,
            before,
            provider=caller.organisation if side == "provider" and not sight.auditor else None,
            recipient=caller.organisation if side == "recipient" and not sight.auditor else None,
            state=state,
            limit=_PAGE,
        )
        doubted = await _doubted(registry, connection, [row for row, _ in found.events])
    following = None if found.following is None else f"e{found.following}"
    page = EventList(
        events=[sight.show(_line(row, became, row.index in doubted), row.provider) for row, became in found.events],
        next=following,
    )
    headers = {}
    if following is not None:
        narrowed = "" if state is None else f"&state={state}"
        headers["Link"] = f'</api/v1/sharing-events?side={side}{narrowed}&cursor={following}>; rel="next"'
    return json_response(page, headers=headers)


def _cursor(text: str | None) -> int:
    if text is None:
        return 2**62
    if not text.startswith("e") or not text[1:].isascii() or not text[1:].isdigit() or len(text) > 19:
        raise Refused("malformed", "The cursor is not one that this registry gave.")
    return int(text[1:])


async def _doubted(registry: Registry, connection: Connection, rows: Sequence[SharingEventRow]) -> set[int]:
    """The events among these that were logged when their key was in doubt, or whose document is no longer what was
    logged. Hardly any body has such a key, so hardly ever is a document looked at for this."""
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
        if entry is not None and entry.payload is not None and _is_doubted(view, row.provider, entry)
    }


def _is_doubted(view: RegisterView, provider: str, entry: SeenEntry) -> bool:
    try:
        payload = payload_as_logged(entry)
    except LogDisagrees:
        # What was changed since is told by itself, and keeps nobody from the other lines.
        return True
    jws = payload.jws if isinstance(payload, SharingEventRecorded | SharingEventWithheld) else None
    return sharing_events.is_doubted(view, provider, jws, logged_at=entry.at)


def _line(row: SharingEventRow, state: str | None, doubted: bool) -> EventLine:
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
        state=state,
    )


HANDLERS = [list_events, read_one, read_event_receipt]
