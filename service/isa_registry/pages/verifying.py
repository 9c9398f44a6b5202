"""Two information-governance leads of the lead body say on pages which of the law is checked, and take that back."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions import deciding
from isa_registry.actions.deciding import LawPayload
from isa_registry.actions.verifying import LAW
from isa_registry.domain.dates import instant
from isa_registry.domain.refusals import Refused
from isa_registry.domain.reporting.confidence import STATES, PointOfLaw, point_of_law, points_of_law, title_of
from isa_registry.domain.verification_entries import LawVerificationWithdrawn, LawVerified
from isa_registry.domain.verifying import PROFESSIONS, WITHDRAWAL_REASONS, Point, point_of
from isa_registry.identity.forms import only
from isa_registry.pages.changing import rejected
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.law import WORDS, now_of, parts_of, path_of, told_of
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, plain_time, registry_of
from isa_registry.pages.proposals import STATES as PROPOSAL_STATES
from isa_registry.pages.rendering import Request, plain_date, redirect
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.access.changes import decider
from isa_registry.runtime.access.proposals import read_change
from isa_registry.runtime.verifying import Verifications
from isa_registry.store.proposals import Proposal

ADDRESS = "/account/law"
_PROPOSALS = f"{ADDRESS}/proposals"
_ID = re.compile(r"vfy_[0-9a-f]{32}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class ProposalShown(Struct, frozen=True):
    """A proposal about the law. `exactly` is what would be logged, as canonical JSON, and `sha256` that of those bytes;
    `own`: whoever reads this proposed it; `href` the page of its point."""

    id: str
    state: str
    words: str
    title: str
    means: str
    href: str | None
    facts: tuple[tuple[str, str], ...]
    exactly: str
    sha256: str
    own: bool
    proposed_by: int
    proposed_at: str
    expires_at: str
    entry: int | None


def verifying_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    return [_overview(reads), *_marking(reads, writes), *_deciding(reads, writes)]


def _overview(reads: Declare) -> HTTPRouteHandler:
    @reads(ADDRESS)
    async def law_to_check(request: Request) -> Response[bytes]:
        view, today = now_of(request)
        by = decider(caller_of(request))
        deciding.refuse_outside_lead_bodys_leads(view, by, _instant(request))
        points = points_of_law(view, today)
        counted = [(code, WORDS[code][0], sum(one.state == code for one in points)) for code in STATES]
        waiting = [_shown(request, one) for one in await _verifications(request).undecided()]
        return layout_of(request).page("law_to_check.html", counts=counted, proposals=waiting)

    return law_to_check


# --- a mark, and taking one away ---------------------------------------------------------------------------------


def _marking(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    provisions, rows = f"{ADDRESS}/provisions/{{provision:str}}", f"{ADDRESS}/rows/{{kind:str}}/{{purpose:str}}"

    @reads(provisions)
    async def look_at_provision(request: Request, provision: FromPath[str]) -> Response[bytes]:
        return _form_page(request, Point(provision=provision), _blank(request))

    @writes(provisions)
    async def mark_provision(request: Request, provision: FromPath[str]) -> Response[bytes]:
        return await _mark(request, Point(provision=provision))

    @reads(rows)
    async def look_at_row(request: Request, kind: FromPath[str], purpose: FromPath[str]) -> Response[bytes]:
        return _form_page(request, Point(organisation_kind=kind, purpose=purpose), _blank(request))

    @writes(rows)
    async def mark_row(request: Request, kind: FromPath[str], purpose: FromPath[str]) -> Response[bytes]:
        return await _mark(request, Point(organisation_kind=kind, purpose=purpose))

    return [look_at_provision, mark_provision, look_at_row, mark_row]


async def _mark(request: Request, point: Point) -> Response[bytes]:
    sent = form_of(request)
    _found(request, point)
    by = decider(caller_of(request))
    payload, missing = _payload(by.organisation, point, {name: only(sent, name).strip() for name in sent})
    if missing:
        return _form_page(request, point, Form(sent, missing), status=422)
    try:
        proposed = await _verifications(request).propose((payload,), by)
    except Refused as refused:
        told = rejected(Form(sent), refused)
        return _form_page(request, point, told.form, status=told.status)
    return redirect(f"{_PROPOSALS}/{proposed.id}")


def _payload(organisation: str, point: Point, sent: dict[str, str]) -> tuple[LawPayload, tuple[FieldError, ...]]:
    """What a form asks for, and what is missing in it."""
    if sent.get("word") == "withdraw":
        reason = sent.get("reason", "")
        missing = () if reason in WITHDRAWAL_REASONS else (FieldError("reason", "Say why it counts no longer"),)
        return LawVerificationWithdrawn(organisation, reason, *point), missing
    wanted = (
        ("source", bool(sent.get("source")), "Enter what it was checked against"),
        ("checked_on", bool(sent.get("checked_on")), "Enter the day on which it was checked"),
        ("profession", sent.get("profession") in PROFESSIONS, "Say who checked it"),
        ("right", sent.get("right") == "yes", "Say that what this page shows is right, or have it put right first"),
    )
    errors = tuple(FieldError(field, says) for field, given, says in wanted if not given)
    sha256, source, checked_on, profession = (
        sent.get(name, "") for name in ("sha256", "source", "checked_on", "profession")
    )
    return LawVerified(organisation, sha256, source, checked_on, profession, *point), errors


def _form_page(request: Request, point: Point, form: Form, *, status: int = 200) -> Response[bytes]:
    view, today = now_of(request)
    law, found = view.law(), _found(request, point)
    assert law is not None
    return layout_of(request).page(
        "law_mark.html",
        status=status,
        form=form,
        action=f"/account{path_of(point)}",
        told=told_of(law, found),
        parts=parts_of(view, law, found, today),
        marked=found.mark is not None,
        professions=list(PROFESSIONS.items()),
        reasons=list(WITHDRAWAL_REASONS.items()),
    )


def _blank(request: Request) -> Form:
    return Form({"checked_on": (now_of(request)[1],)})


def _found(request: Request, point: Point) -> PointOfLaw:
    view, today = now_of(request)
    found = point_of_law(view, point, today)
    if found is None:
        raise Refused("not-found", "The catalogue has no such provision, or no such row.")
    return found


# --- a second person's word --------------------------------------------------------------------------------------


def _deciding(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(f"{_PROPOSALS}/{{verification:str}}")
    async def look_at_proposal(request: Request, verification: FromPath[str]) -> Response[bytes]:
        return await _page(request, verification)

    @writes(f"{_PROPOSALS}/{{verification:str}}")
    async def decide_proposal(request: Request, verification: FromPath[str]) -> Response[bytes]:
        sent = form_of(request)
        word, sha256 = _WORDS.get(only(sent, "word")), only(sent, "sha256")
        if word is None:
            error = FieldError("word", "Say whether you approve it")
            return await _page(request, verification, Form(sent, (error,)), status=422)
        if not _SHA256.fullmatch(sha256):
            raise Refused("malformed", "The form cannot be read.")
        try:
            entry = await word(_verifications(request), _id(verification), sha256, request)
        except Refused as refused:
            told = rejected(Form(sent), refused)
            return await _page(request, verification, told.form, status=told.status)
        return layout_of(request).page("law_decided.html", word=only(sent, "word"), entry=entry)

    return [look_at_proposal, decide_proposal]


async def _approve(of: Verifications, identifier: str, sha256: str, request: Request) -> int | None:
    return (await of.approve(identifier, sha256, decider(caller_of(request)))).entry


async def _decline(of: Verifications, identifier: str, sha256: str, request: Request) -> int | None:
    return (await of.decline(identifier, sha256, decider(caller_of(request)))).entry


async def _withdraw(of: Verifications, identifier: str, sha256: str, request: Request) -> int | None:
    return (await of.withdraw(identifier, sha256, decider(caller_of(request)))).entry


_Word = Callable[[Verifications, str, str, Request], Awaitable[int | None]]
_WORDS: dict[str, _Word] = {"approve": _approve, "decline": _decline, "withdraw": _withdraw}


async def _page(request: Request, identifier: str, form: Form | None = None, *, status: int = 200) -> Response[bytes]:
    view, _ = now_of(request)
    deciding.refuse_outside_lead_bodys_leads(view, decider(caller_of(request)), _instant(request))
    found = _shown(request, await _verifications(request).read(_id(identifier)))
    return layout_of(request).page("law_proposal.html", status=status, form=form or Form(), proposal=found)


def _shown(request: Request, one: Proposal) -> ProposalShown:
    view, _ = now_of(request)
    law = view.law()
    change = () if one.change is None else read_change(one.change, LAW.payloads)
    point = point_of(change[0]) if change else None
    title = "A proposal about the law" if law is None or point is None else title_of(law.written, point)
    return ProposalShown(
        id=one.id,
        state=one.state,
        words=PROPOSAL_STATES[one.state],
        title=title,
        means=_means(change[0]) if change else "",
        href=None if point is None else path_of(point),
        facts=_facts(change[0]) if change else (),
        exactly=(one.change or b"").decode(),
        sha256="" if one.sha256 is None else one.sha256.hex(),
        own=one.proposed_by == deciding.number_of(view, decider(caller_of(request))),
        proposed_by=one.proposed_by,
        proposed_at=plain_time(one.proposed_at),
        expires_at=plain_time(one.expires_at),
        entry=one.entry,
    )


def _means(payload: LawPayload) -> str:
    if isinstance(payload, LawVerified):
        return "This would count as verified, and answers that rest on it would say so."
    return "This would count as verified no longer, and answers that rest on it would say that it waits to be checked."


def _facts(payload: LawPayload) -> tuple[tuple[str, str], ...]:
    """Every member of a payload in words."""
    named = [("Provision", payload.provision or "")] if payload.provision is not None else []
    if payload.organisation_kind is not None:
        named += [("Kind of organisation", payload.organisation_kind), ("Purpose", payload.purpose or "")]
    if isinstance(payload, LawVerificationWithdrawn):
        return (*named, ("Why", WITHDRAWAL_REASONS[payload.reason]), ("For", payload.organisation))
    return (
        *named,
        ("Checked on", plain_date(payload.checked_on)),
        ("By", PROFESSIONS[payload.profession]),
        ("Against", payload.source),
        ("What was read (SHA-256)", payload.sha256),
        ("For", payload.organisation),
    )


def _id(verification: str) -> str:
    if not _ID.fullmatch(verification):
        raise Refused("not-found", "There is no such proposal.")
    return verification


def _verifications(request: Request) -> Verifications:
    verifications: Verifications = request.app.state.verifications
    return verifications


def _instant(request: Request) -> str:
    return instant(registry_of(request).now())
