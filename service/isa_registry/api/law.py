"""How sure the registry is of the law, in public; and two people of the lead body saying that they checked a point."""

from __future__ import annotations

import re

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions import deciding
from isa_registry.actions.deciding import LawPayload
from isa_registry.actions.verifying import LAW
from isa_registry.api.changing import decider_of
from isa_registry.api.json import json_response
from isa_registry.api.organisations import Logged
from isa_registry.api.proposals import decision_of
from isa_registry.api.queries import one_of, page_of, query_of
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.domain.dates import instant, london_date
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.law import Law
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.reporting.confidence import (
    STATES,
    PointOfLaw,
    Resting,
    point_of_law,
    points_of_law,
    resting_on,
)
from isa_registry.domain.shapes import decoding
from isa_registry.domain.verification_entries import LawVerificationWithdrawn, LawVerified
from isa_registry.domain.verifying import Point
from isa_registry.runtime.access.proposals import read_change
from isa_registry.runtime.registry import Registry
from isa_registry.runtime.verifying import Verifications
from isa_registry.store.proposals import Proposal

POINTS = "/api/v1/law"
VERIFICATIONS = f"{POINTS}/verifications"
SORTS = ("provision", "row")
_ID = re.compile(r"vfy_[0-9a-f]{32}")


class LawPage(Struct, frozen=True):
    """A part of the law as of the day `on`: `counts` are the points in each state, of all that there are, and `total`
    how many were asked for. `catalogue` is the SHA-256 (hex) of the catalogue's files."""

    on: str
    catalogue: str
    counts: dict[str, int]
    total: int
    points: list[PointOfLaw]
    next: str | None


class PointView(Struct, frozen=True):
    """One point of the law, and what rests on it."""

    on: str
    catalogue: str
    point: PointOfLaw
    resting: Resting


class NewVerification(Struct, frozen=True, forbid_unknown_fields=True):
    """That a provision, or a row of the matrix (`organisation_kind` and `purpose`), was checked on a day against a
    source and found right: `sha256` is that of the point as it was read. `source` is an address of legislation.gov.uk
    or gov.uk, or a reference into your own system; `profession` is a code, and nobody's name stands anywhere."""

    sha256: str
    source: str
    checked_on: str
    profession: str
    provision: str | None = None
    organisation_kind: str | None = None
    purpose: str | None = None


class EndedVerification(Struct, frozen=True, forbid_unknown_fields=True):
    """That what was marked as verified counts as checked no longer, and why."""

    reason: str
    provision: str | None = None
    organisation_kind: str | None = None
    purpose: str | None = None


class VerificationProposal(Struct, frozen=True):
    """What one information-governance lead of the lead body proposed. `change` is what would be logged, and `sha256`
    the SHA-256 (hex) of its canonical JSON (RFC 8785), that of the array; both are gone once it is decided.
    `proposed_by` and `approved_by` are the entries of the log that made those people known. `state` is open, approved
    (and not in the log yet), logged, withdrawn or declined; `entry` is where it is logged. Times are RFC 3339 UTC."""

    id: str
    organisation: str
    state: str
    change: tuple[LawPayload, ...]
    sha256: str | None
    proposed_by: int
    proposed_at: str
    expires_at: str
    approved_by: int | None
    entry: int | None


class VerificationProposals(Struct, frozen=True):
    """What waits, oldest first. `you` is the number under which the log knows who asks: nobody approves their own."""

    you: int
    proposals: list[VerificationProposal]


# --- in public ---------------------------------------------------------------------------------------------------


@reads(POINTS)
async def list_points(request: Request) -> Response[bytes]:
    view, today = _now(request)
    law = _law(view)
    asked = query_of(request, "state", "sort", "limit", "cursor")
    state = one_of(asked, "state", STATES, f"A state is one of {', '.join(STATES)}.")
    sort = one_of(asked, "sort", SORTS, f"sort is one of {', '.join(SORTS)}.")
    whole = points_of_law(view, today)
    found = [one for one in whole if state in (None, one.state) and sort in (None, _sort(one))]
    points, following, headers = page_of(asked, POINTS, found, "l")
    page = LawPage(
        on=today,
        catalogue=law.written.sha256,
        counts={code: sum(one.state == code for one in whole) for code in STATES},
        total=len(found),
        points=list(points),
        next=following,
    )
    return json_response(page, headers=headers)


@reads(f"{POINTS}/provisions/{{provision:str}}")
async def read_provision(request: Request, provision: FromPath[str]) -> Response[bytes]:
    return _point(request, Point(provision=provision))


@reads(f"{POINTS}/rows/{{kind:str}}/{{purpose:str}}")
async def read_row(request: Request, kind: FromPath[str], purpose: FromPath[str]) -> Response[bytes]:
    return _point(request, Point(organisation_kind=kind, purpose=purpose))


def _point(request: Request, point: Point) -> Response[bytes]:
    view, today = _now(request)
    law, found = _law(view), point_of_law(view, point, today)
    if found is None:
        raise Refused("not-found", "The catalogue has no such provision, or no such row.")
    return json_response(PointView(today, law.written.sha256, found, resting_on(view, point, today)))


def _sort(one: PointOfLaw) -> str:
    return "row" if one.provision is None else "provision"


def _law(view: RegisterView) -> Law:
    law = view.law()
    if law is None:
        raise Refused("not-found", "This registry has no catalogue of the law yet.")
    return law


def _now(request: Request) -> tuple[RegisterView, str]:
    registry: Registry = request.app.state.registry
    return registry.follower.view, london_date(registry.now())


# --- two people of the lead body ---------------------------------------------------------------------------------


@writes(VERIFICATIONS, status=202)
async def propose_verification(request: Request) -> Response[bytes]:
    with decoding("The verification"):
        wanted = msgspec.json.decode(await request.body(), type=NewVerification)
    return await _propose(request, LawVerified(decider_of(request).organisation, **msgspec.structs.asdict(wanted)))


@writes(f"{VERIFICATIONS}/withdrawal", status=202)
async def propose_withdrawal(request: Request) -> Response[bytes]:
    with decoding("The withdrawal"):
        wanted = msgspec.json.decode(await request.body(), type=EndedVerification)
    body = decider_of(request).organisation
    return await _propose(request, LawVerificationWithdrawn(body, **msgspec.structs.asdict(wanted)))


async def _propose(request: Request, payload: LawPayload) -> Response[bytes]:
    proposed = await _verifications(request).propose((payload,), decider_of(request))
    return json_response(shown(proposed), status=202, headers={"Location": f"{VERIFICATIONS}/{proposed.id}"})


@reads(VERIFICATIONS)
async def list_verifications(request: Request) -> Response[bytes]:
    view, now = _view(request)
    by = decider_of(request)
    deciding.refuse_outside_lead_bodys_leads(view, by, now)
    waiting = await _verifications(request).undecided()
    page = VerificationProposals(you=deciding.number_of(view, by), proposals=[shown(one) for one in waiting])
    return json_response(page)


@reads(f"{VERIFICATIONS}/{{verification:str}}")
async def read_verification(request: Request, verification: FromPath[str]) -> Response[bytes]:
    view, now = _view(request)
    deciding.refuse_outside_lead_bodys_leads(view, decider_of(request), now)
    return json_response(shown(await _verifications(request).read(verification_id(verification))))


@writes(f"{VERIFICATIONS}/{{verification:str}}/approval", status=200)
async def approve_verification(request: Request, verification: FromPath[str]) -> Response[bytes]:
    sha256 = await decision_of(request)
    done = await _verifications(request).approve(verification_id(verification), sha256, decider_of(request))
    return json_response(Logged(entry=done.entry, logged_at=done.logged_at))


@writes(f"{VERIFICATIONS}/{{verification:str}}/withdrawal", status=200)
async def withdraw_verification(request: Request, verification: FromPath[str]) -> Response[bytes]:
    sha256 = await decision_of(request)
    found = await _verifications(request).withdraw(verification_id(verification), sha256, decider_of(request))
    return json_response(shown(found))


@writes(f"{VERIFICATIONS}/{{verification:str}}/refusal", status=200)
async def decline_verification(request: Request, verification: FromPath[str]) -> Response[bytes]:
    sha256 = await decision_of(request)
    found = await _verifications(request).decline(verification_id(verification), sha256, decider_of(request))
    return json_response(shown(found))


def shown(proposal: Proposal) -> VerificationProposal:
    return VerificationProposal(
        id=proposal.id,
        organisation=proposal.organisation,
        state=proposal.state,
        change=() if proposal.change is None else read_change(proposal.change, LAW.payloads),
        sha256=None if proposal.sha256 is None else proposal.sha256.hex(),
        proposed_by=proposal.proposed_by,
        proposed_at=instant(proposal.proposed_at),
        expires_at=instant(proposal.expires_at),
        approved_by=proposal.approved_by,
        entry=proposal.entry,
    )


def verification_id(verification: str) -> str:
    """An id of a proposal here. Raises `Refused` (`not-found`) for what can be none."""
    if not _ID.fullmatch(verification):
        raise Refused("not-found", "There is no such proposal.")
    return verification


def _verifications(request: Request) -> Verifications:
    verifications: Verifications = request.app.state.verifications
    return verifications


def _view(request: Request) -> tuple[RegisterView, str]:
    registry: Registry = request.app.state.registry
    return registry.follower.view, instant(registry.now())


HANDLERS = [
    list_points,
    read_provision,
    read_row,
    propose_verification,
    propose_withdrawal,
    list_verifications,
    read_verification,
    approve_verification,
    withdraw_verification,
    decline_verification,
]
