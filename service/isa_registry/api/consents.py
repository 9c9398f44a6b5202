"""A body's own consent records: what people answered, said again, took back; looking them up by reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions import consents
from isa_registry.actions.consents import ConsentSearch, Moment
from isa_registry.api.frame import caller_of
from isa_registry.api.idempotency import claim_of, in_flight
from isa_registry.api.json import json_bytes, json_response
from isa_registry.api.limits import Limits
from isa_registry.api.queries import malformed
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.domain.consent_entries import ConsentPayload, ConsentScope, ConsentStanding, ConsentSubject
from isa_registry.domain.consents import receipts
from isa_registry.domain.consents.codes import NOT_UNDONE
from isa_registry.domain.consents.documents import (
    ConsentRequest,
    InvalidationRequest,
    RenewalRequest,
    WithdrawalRequest,
)
from isa_registry.domain.consents.notes import ConsentNote, notes_on
from isa_registry.domain.consents.receipts import Names
from isa_registry.domain.consents.states import ConsentState, status
from isa_registry.domain.dates import london_date
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.shapes import decoding
from isa_registry.runtime import consenting
from isa_registry.runtime.consenting import Logged
from isa_registry.runtime.receipts import receipt_for
from isa_registry.runtime.registry import Registry

JSON_LD = "application/ld+json"

_Asked = TypeVar("_Asked", WithdrawalRequest, RenewalRequest, InvalidationRequest)

_answer = msgspec.json.Decoder(ConsentRequest)
_renewal = msgspec.json.Decoder(RenewalRequest)
_withdrawal = msgspec.json.Decoder(WithdrawalRequest)
_invalidation = msgspec.json.Decoder(InvalidationRequest)
_search = msgspec.json.Decoder(ConsentSearch)


class ConsentEntry(Struct, frozen=True):
    """An entry of a consent's life: its place in the log, when it was logged, and what was logged."""

    entry: int
    logged_at: str
    payload: ConsentPayload


class ConsentResponse(Struct, frozen=True, omit_defaults=True):
    """A consent as it stands: `status` on the London day `on`. Whom it is about, its role and its scope are what it
    began with; `standing`, `childs_view`, `answered_at`, `review_on` and `age_transition_on` what was said last.
    `notes` are things to consider. `not_undone` says of one that was withdrawn what that does not undo."""

    id: str
    status: str
    on: str
    role: str
    subject: ConsentSubject
    scope: ConsentScope
    standing: ConsentStanding
    childs_view: str
    explicit: bool
    answered_at: str
    entries: tuple[ConsentEntry, ...]
    receipt: str
    review_on: str | None = None
    age_transition_on: str | None = None
    notes: tuple[ConsentNote, ...] = ()
    not_undone: str | None = None


class ConsentsFound(Struct, frozen=True):
    """What a search found, by entry: "none under this reference" is all that an empty list says."""

    consents: tuple[ConsentResponse, ...]


def rendered(consent: ConsentState, today: str) -> ConsentResponse:
    """A consent as it goes out on a London day."""
    begun, said = consent.answer, consent.said
    now = status(consent, today)
    return ConsentResponse(
        id=begun.consent,
        status=now or consent.state,
        on=today,
        role=begun.role,
        subject=begun.subject,
        scope=begun.scope,
        standing=said.standing,
        childs_view=said.childs_view,
        explicit=said.explicit,
        answered_at=said.answered_at,
        review_on=said.review_on,
        age_transition_on=said.age_transition_on,
        entries=tuple(ConsentEntry(one.index, one.at, one.payload) for one in consent.entries),
        receipt=f"/api/v1/consents/{begun.consent}/receipt",
        notes=notes_on(consent),
        not_undone=NOT_UNDONE if consent.state == "withdrawn" else None,
    )


@writes("/api/v1/consents")
async def record_consent(request: Request) -> Response[bytes]:
    caller, body = caller_of(request), await request.body()
    with decoding("The consent"):
        asked = _answer.decode(body)
    claim = claim_of(request, caller, body)
    with in_flight(request, claim):
        logged = await consenting.record(request.app.state.registry, asked, caller, claim)
    return _logged(request, logged)


@writes("/api/v1/consents/search", status=200)
async def search_consents(request: Request) -> Response[bytes]:
    caller, body = caller_of(request), await request.body()
    registry: Registry = request.app.state.registry
    with decoding("The search"):
        wanted = _search.decode(body)
    limits: Limits = request.app.state.limits
    named = wanted.references[: consents.MOST_REFERENCES]
    limits.refuse_walking_through(caller, named, "Look for fewer people", scope=request.scope)
    found = await consenting.search(registry, wanted, caller)
    today = london_date(registry.now())
    return json_response(ConsentsFound(tuple(rendered(one, today) for one in found)))


@reads("/api/v1/consents/{consent:str}")
async def read_consent(request: Request, consent: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    _, found = await consenting.read(registry, consent, caller_of(request).organisation)
    return json_response(rendered(found, london_date(registry.now())))


@writes("/api/v1/consents/{consent:str}/withdrawal")
async def withdraw_consent(request: Request, consent: FromPath[str]) -> Response[bytes]:
    return await _change(request, consent, "The withdrawal", _withdrawal, consents.withdrawal)


@writes("/api/v1/consents/{consent:str}/renewal")
async def renew_consent(request: Request, consent: FromPath[str]) -> Response[bytes]:
    return await _change(request, consent, "The renewal", _renewal, consents.renewal)


@writes("/api/v1/consents/{consent:str}/invalidation")
async def invalidate_consent(request: Request, consent: FromPath[str]) -> Response[bytes]:
    return await _change(request, consent, "The invalidation", _invalidation, consents.invalidation)


async def _change(
    request: Request,
    consent: str,
    what: str,
    decoder: msgspec.json.Decoder[_Asked],
    make: Callable[[_Asked, ConsentState, Moment], ConsentPayload],
) -> Response[bytes]:
    """Appends to a consent what `make` makes of the body. Whether the consent is there is said before what is wrong
    with the body: another's and nobody's are refused alike."""
    caller, body = caller_of(request), await request.body()

    def change(before: ConsentState, moment: Moment) -> ConsentPayload:
        with decoding(what):
            asked = decoder.decode(body)
        return make(asked, before, moment)

    claim = claim_of(request, caller, body)
    with in_flight(request, claim):
        logged = await consenting.change(request.app.state.registry, consent, change, caller, claim)
    return _logged(request, logged)


@reads("/api/v1/consents/{consent:str}/receipt")
async def read_consent_receipt(request: Request, consent: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    organisation = caller_of(request).organisation
    part = request.query_params.get("part", "record")
    if part not in ("record", "proof"):
        raise malformed(Fault("#/part", "unknown-code", "part is `record` or `proof`."))
    _, found = await consenting.read(registry, consent, organisation)
    if part == "proof":
        index = _entry_of(found, request.query_params.get("entry"))
        receipt = await receipt_for(registry, organisation, index)
        return json_bytes(receipt, headers={"Content-Disposition": f'attachment; filename="{index}.isa-receipt.json"'})
    view = registry.follower.view
    catalogue = view.catalogue()
    if catalogue is None:
        raise Refused("unavailable", "The registry is not open yet.", retry_after=30)

    def body(named: str) -> str:
        known = view.organisation(named)
        return named if known is None else known.name

    document = receipts.receipt(found, Names(catalogue, body, registry.origin), london_date(registry.now()))
    headers = {"Content-Disposition": f'attachment; filename="{document.receipt_id}.jsonld"'}
    return json_response(document, headers=headers, media_type=JSON_LD)


def _entry_of(consent: ConsentState, entry: str | None) -> int:
    """Which entry's receipt is asked for."""
    if entry is None:
        return consent.last.index
    for one in consent.entries:
        if str(one.index) == entry:
            return one.index
    raise malformed(Fault("#/entry", "unknown-code", "Name an entry of this consent: the consent itself lists them."))


def _logged(request: Request, logged: Logged) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    response = rendered(logged.consent, london_date(registry.now()))
    headers = {} if logged.repeated else {"Location": f"/api/v1/consents/{response.id}"}
    return json_response(response, status=200 if logged.repeated else 201, headers=headers)


HANDLERS = [
    record_consent, search_consents, read_consent, read_consent_receipt, withdraw_consent, renew_consent,
    invalidate_consent,
]  # fmt: skip
