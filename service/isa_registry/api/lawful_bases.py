"""What an organisation relies on in law for each purpose: its records, and its own lead's decisions about them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions import adopting, lawful_bases
from isa_registry.api.appending import append, logged
from isa_registry.api.changing import decider_of
from isa_registry.api.frame import caller_of
from isa_registry.api.idempotency import claim_of
from isa_registry.api.json import json_response
from isa_registry.api.lawful_basis_views import (
    BasisHistory,
    LawfulBasisList,
    basis_view,
)
from isa_registry.api.queries import malformed, one_of, page_of, query_of
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.api.visibility import sight_of
from isa_registry.domain.dates import instant, is_date, london_date
from isa_registry.domain.entries import LawfulBasisEnded, LawfulBasisRecorded
from isa_registry.domain.lawful_bases.choices import Choices, choices
from isa_registry.domain.lawful_bases.history import events
from isa_registry.domain.party_entries import PolicyDocument
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.facts import LawfulBasis
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.shapes import decoding
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.joining.adopting import lawful_basis_id
from isa_registry.runtime.registry import Registry

BASES = "/api/v1/organisations/{organisation:str}/lawful-bases"


class NewLawfulBasis(Struct, frozen=True, forbid_unknown_fields=True):
    """What the organisation relies on for one purpose of one agreement, from `starts` (today without it) to the end of
    `ends`. The lists hold provision codes in the order in which it relies on them; `supersedes` is the record whose
    place this one takes from its first day on."""

    agreement: str
    purpose: str
    approved_by: str
    article_6: tuple[str, ...] = ()
    article_9: tuple[str, ...] = ()
    article_10: tuple[str, ...] = ()
    part_3: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    starts: str | None = None
    ends: str | None = None
    confidentiality_route: str | None = None
    s36_4_authority: str | None = None
    policy_document: PolicyDocument | None = None
    dpia: str | None = None
    balancing_test: str | None = None
    supersedes: str | None = None


class NewLawfulBases(Struct, frozen=True, forbid_unknown_fields=True):
    """Either one `record` of the organisation's own, or `purposes` of what it signed, whose default records it adopts
    as its own: all of them are recorded, or none. `starts`, `approved_by` and `balancing_test` are for what is
    adopted."""

    record: NewLawfulBasis | None = None
    purposes: tuple[adopting.Purpose, ...] = ()
    starts: str | None = None
    approved_by: str | None = None
    balancing_test: str | None = None


class EndedLawfulBasis(Struct, frozen=True, forbid_unknown_fields=True):
    """`on` is the first day on which it holds no longer: today or later."""

    on: str


class LoggedBases(Struct, frozen=True):
    """The ids of the new records, in the order of what was sent, and where the first of them stands in the log."""

    records: list[str]
    entry: int
    logged_at: str


@reads(BASES)
async def list_lawful_bases(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    sight_of(request).own(organisation)
    view, today = registry.follower.view, london_date(registry.now())
    asked = query_of(request, "agreement", "purpose", "limit", "cursor")
    found = [
        (entry, one)
        for entry, one in view.lawful_bases_by_entry(organisation)
        if asked.get("agreement") in (None, one.recorded.agreement)
        and asked.get("purpose") in (None, one.recorded.purpose)
    ]
    path = f"/api/v1/organisations/{organisation}/lawful-bases"
    some, following, headers = page_of(asked, path, found, "b")
    page = LawfulBasisList(today, len(found), [basis_view(view, entry, one, today) for entry, one in some], following)
    return json_response(page, headers=headers)


@reads(f"{BASES}/choices")
async def read_basis_choices(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    sight_of(request).own(organisation)
    view = registry.follower.view
    asked = query_of(request, "agreement", "purpose", "on")
    return json_response(_choices(view, organisation, asked, london_date(registry.now())))


@reads(f"{BASES}/{{record:str}}")
async def read_lawful_basis(request: Request, organisation: FromPath[str], record: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    view = registry.follower.view
    entry, found = _record(view, sight_of(request).own(organisation), record)
    return json_response(basis_view(view, entry, found, london_date(registry.now())))


@reads(f"{BASES}/{{record:str}}/history")
async def read_basis_history(request: Request, organisation: FromPath[str], record: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    view = registry.follower.view
    found = _record(view, sight_of(request).own(organisation), record)[1].recorded
    history = view.lawful_basis_history(organisation, found.agreement, found.purpose)
    return json_response(BasisHistory(organisation, found.agreement, found.purpose, events(history)))


@writes(BASES)
async def record_lawful_bases(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    sight_of(request).own(organisation)
    body = await request.body()
    with decoding("What is to be recorded"):
        new = msgspec.json.decode(body, type=NewLawfulBases)
    draft = _draft(request, organisation, new, body)
    done, status = await logged(request, draft, body)
    ids = [one.record for one in draft.payloads if isinstance(one, LawfulBasisRecorded)]
    return json_response(LoggedBases(ids, done.entry, done.logged_at), status=status)


@writes(f"{BASES}/{{record:str}}/end")
async def end_lawful_basis(request: Request, organisation: FromPath[str], record: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    sight_of(request).own(organisation)
    body = await request.body()
    with decoding("The end of the record"):
        new = msgspec.json.decode(body, type=EndedLawfulBasis)
    ended = LawfulBasisEnded(record=record, organisation=organisation, on=new.on)
    return await append(request, lawful_bases.end_as(ended, decider_of(request), registry.follower.view), body)


def _draft(request: Request, organisation: str, new: NewLawfulBases, body: bytes) -> Draft:
    registry: Registry = request.app.state.registry
    view, by, now = registry.follower.view, decider_of(request), instant(registry.now())
    fresh = _identifiers(request, body)
    if new.record is None:
        if new.starts is not None and not is_date(new.starts):
            detail = "Write dates as 2026-09-30."
            raise Refused("unprocessable", detail, (Fault("#/starts", "not-a-date", detail),))
        terms = adopting.Terms(new.starts, new.approved_by, new.balancing_test)
        return adopting.adopt(organisation, new.purposes, by, view, now, fresh, terms)
    if new.purposes or (new.starts, new.approved_by, new.balancing_test) != (None, None, None):
        detail = "Send one record of your own, or purposes whose defaults you adopt: not both."
        raise Refused("unprocessable", detail, (Fault("#/record", "one-of-two", detail),))
    own = msgspec.structs.asdict(new.record)
    own["starts"] = new.record.starts or london_date(registry.now())
    fact = LawfulBasisRecorded(record=fresh(), organisation=organisation, adopted="own", **own)
    return lawful_bases.record_as(fact, by, view, at="/record")


def _identifiers(request: Request, body: bytes) -> Callable[[], str]:
    """New ids; the same request under the same Idempotency-Key has the same, so that a repeat can say them again."""
    registry: Registry = request.app.state.registry
    claim = claim_of(request, caller_of(request), body)
    given: list[str] = []

    def fresh() -> str:
        if claim is None:
            return lawful_basis_id(registry)
        seed = claim.scope_sha256 + claim.request_sha256 + len(given).to_bytes(2, "big")
        given.append("lb_" + hashlib.sha256(seed).hexdigest()[:32])
        return given[-1]

    return fresh


def _record(view: RegisterView, organisation: str, record: str) -> tuple[int, LawfulBasis]:
    for entry, one in view.lawful_bases_by_entry(organisation):
        if one.recorded.record == record:
            return entry, one
    raise Refused("not-found", "The organisation has no such record.")


def _choices(view: RegisterView, organisation: str, asked: dict[str, str], today: str) -> Choices:
    """What may be chosen for a purpose of an agreement. Raises `Refused` (`malformed`, `not-found`)."""
    known = {one.agreement for one in view.agreement_versions()}
    agreement = one_of(asked, "agreement", known, "There is no such agreement.")
    day = asked.get("on", today)
    missing = [Fault(f"#/{name}", "missing", "Name it.") for name in ("agreement", "purpose") if name not in asked]
    if not is_date(day):
        missing.append(Fault("#/on", "not-a-date", "Write dates as 2026-09-30."))
    if missing:
        raise malformed(*missing)
    versions = view.agreement_versions(agreement)
    purposes = {line.code for version in versions for line in version.schedule.purposes}
    purpose = one_of(asked, "purpose", purposes, "The agreement does not speak of this purpose.")
    catalogue, body = view.catalogue(), view.organisation(organisation)
    found = None
    if catalogue is not None and body is not None and purpose is not None:
        found = choices(catalogue, body, purpose, day)
    if found is None:
        raise Refused("not-found", "There is no such organisation.")
    return found


HANDLERS = [
    list_lawful_bases,
    read_basis_choices,
    read_lawful_basis,
    read_basis_history,
    record_lawful_bases,
    end_lawful_basis,
]
