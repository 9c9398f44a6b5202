"""Drafts on pages: words from an upload, what is to be looked at, the second person's word, publishing."""

from __future__ import annotations

import re

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions.deciding import number_of
from isa_registry.domain.agreement_codes import RETURN_REASONS
from isa_registry.domain.agreement_loading import read_schedule
from isa_registry.domain.agreement_text import AgreementFault
from isa_registry.domain.comparing.comparison import Comparison, Wording, compare_draft
from isa_registry.domain.dates import london_date
from isa_registry.domain.lifecycles import events
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.addresses import version_that_stands
from isa_registry.identity.forms import only
from isa_registry.pages.agreement_wording import CLAUSES, DRAFT_STATES
from isa_registry.pages.changing import Rejected, rejected
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, file_of, form_of, plain_time, registry_of
from isa_registry.pages.rendering import Request, redirect
from isa_registry.pages.signing_in import Declare
from isa_registry.pages.words import ClauseShown, clauses_shown
from isa_registry.runtime.access.changes import decider
from isa_registry.runtime.agreements.drafts import AgreementDrafts, Published
from isa_registry.runtime.agreements.findings import findings
from isa_registry.store.agreement_drafts import AgreementDraft

ADDRESS = "/account/agreement-drafts"
_ID = re.compile(r"agd_[0-9a-f]{32}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FEW = 60


class DraftShown(Struct, frozen=True):
    """A draft. `mine`: whoever reads this wrote or submitted the words, and so cannot check them. `takes` are the
    events that may follow."""

    id: str
    agreement: str
    version: str
    title: str
    state: tuple[str, str]
    takes: tuple[str, ...]
    text_sha256: str
    schedule_sha256: str
    reason: str | None
    changed_at: str
    written_by: int
    submitted_by: int | None
    passed_by: int | None
    mine: bool
    entry: int | None


class Compared(Struct, frozen=True):
    """What is different from a published version: each clause that is, and the schedule in sentences."""

    version: str
    clauses: tuple[tuple[str, str], ...]
    schedule: tuple[str, ...]


def draft_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    return [*_sending(reads, writes), *_one(reads, writes)]


def drafts_of(request: Request) -> AgreementDrafts:
    drafts: AgreementDrafts = request.app.state.agreement_drafts
    return drafts


def _sending(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    """Words and schedule that are sent: a new draft, or others for one."""

    @reads(f"{ADDRESS}/new")
    async def new(request: Request) -> Response[bytes]:
        return _form_page(request)

    @writes(f"{ADDRESS}/new")
    async def begin(request: Request) -> Response[bytes]:
        partnership = only(form_of(request), "partnership") or None
        text, schedule, errors = _words(request)
        if errors:
            return _form_page(request, None, Rejected(Form(_kept(request), errors), 422))
        try:
            by = decider(caller_of(request))
            begun = await drafts_of(request).begin(text, schedule, by, partnership=partnership)
        except Refused as refused:
            return _form_page(request, None, _told(request, refused))
        return redirect(f"{ADDRESS}/{begun.id}")

    @reads(f"{ADDRESS}/{{draft:str}}/revision")
    async def again(request: Request, draft: FromPath[str]) -> Response[bytes]:
        found = await drafts_of(request).read(_id(draft), decider(caller_of(request)))
        stands = {
            "text": ((found.words or b"").decode(),),
            "schedule": ((found.schedule or b"").decode(),),
        }
        return _form_page(request, found, Rejected(Form(stands), 200))

    @writes(f"{ADDRESS}/{{draft:str}}/revision")
    async def revise(request: Request, draft: FromPath[str]) -> Response[bytes]:
        by = decider(caller_of(request))
        found = await drafts_of(request).read(_id(draft), by)
        text, schedule, errors = _words(request)
        if errors:
            return _form_page(request, found, Rejected(Form(_kept(request), errors), 422))
        try:
            await drafts_of(request).revise(found.id, text, schedule, by)
        except Refused as refused:
            return _form_page(request, found, _told(request, refused))
        return redirect(f"{ADDRESS}/{found.id}")

    return [new, begin, again, revise]


def _one(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(f"{ADDRESS}/{{draft:str}}")
    async def look(request: Request, draft: FromPath[str]) -> Response[bytes]:
        return await _page(request, draft)

    @writes(f"{ADDRESS}/{{draft:str}}")
    async def step(request: Request, draft: FromPath[str]) -> Response[bytes]:
        sent = form_of(request)
        try:
            done = await _carried_out(request, _id(draft))
        except Refused as refused:
            told = rejected(Form(sent), refused)
            return await _page(request, draft, told.form, status=told.status)
        if isinstance(done, Published):
            return layout_of(request).page("draft_published.html", draft=done, address=_version_address(done))
        return redirect(f"{ADDRESS}/{draft}" if done.state != "discarded" else "/account/agreements")

    return [look, step]


async def _carried_out(request: Request, draft: str) -> AgreementDraft:
    """The event that the form asks for."""
    sent, drafts, by = form_of(request), drafts_of(request), decider(caller_of(request))
    text, schedule = only(sent, "text_sha256"), only(sent, "schedule_sha256")
    if not (_SHA256.fullmatch(text) and _SHA256.fullmatch(schedule)):
        raise Refused("malformed", "The form cannot be read.")
    match only(sent, "word"):
        case "submit":
            return await drafts.submit(draft, by)
        case "pass":
            return await drafts.check(draft, text, schedule, by)
        case "return":
            if not only(sent, "reason"):
                fault = Fault("#/reason", "missing", "Choose why it goes back.")
                raise Refused("unprocessable", "A reason is missing.", (fault,))
            return await drafts.send_back(draft, only(sent, "reason"), by)
        case "discard":
            return await drafts.discard(draft, by)
        case "publish":
            return await drafts.publish(draft, text, schedule, by)
    fault = Fault("#/word", "missing", "Choose what to do with it.")
    raise Refused("unprocessable", "A choice is missing.", (fault,))


async def _page(request: Request, draft: str, form: Form | None = None, *, status: int = 200) -> Response[bytes]:
    found = await drafts_of(request).read(_id(draft), decider(caller_of(request)))
    clauses: tuple[ClauseShown, ...] = ()
    told: list[AgreementFault] = []
    compared: Compared | None = None
    if found.words is not None and found.schedule is not None:
        clauses = clauses_shown(found.words.decode())
        told = await findings(registry_of(request).follower.view, found.words, found.schedule)
        compared = _compared(request, found)
    return layout_of(request).page(
        "draft.html",
        status=status,
        form=form or Form(),
        draft=_shown(request, found),
        clauses=clauses,
        findings=[(one.at.removeprefix(":"), one.file, one.what) for one in told[:_FEW]],
        more=max(0, len(told) - _FEW),
        compared=compared,
        reasons=list(RETURN_REASONS.items()),
    )


def _compared(request: Request, draft: AgreementDraft) -> Compared | None:
    registry = registry_of(request)
    before = version_that_stands(registry.follower.view, draft.agreement, london_date(registry.now()))
    if before is None or before.version == draft.version or draft.words is None or draft.schedule is None:
        return None
    schedule = read_schedule(draft.schedule)
    found: Comparison | None = compare_draft(
        Wording(before.text, before.schedule), draft.words.decode(), schedule, schedule.heirs
    )
    if found is None:
        return None
    return Compared(
        version=before.version,
        clauses=tuple((f"{one.id} {one.title}", CLAUSES[one.state]) for one in found.clauses if one.state in CLAUSES),
        schedule=tuple(one.sentence for one in found.schedule),
    )


def _shown(request: Request, one: AgreementDraft) -> DraftShown:
    number = number_of(registry_of(request).follower.view, decider(caller_of(request)))
    title = one.agreement if one.schedule is None else read_schedule(one.schedule).title
    return DraftShown(
        id=one.id,
        agreement=one.agreement,
        version=one.version,
        title=title,
        state=DRAFT_STATES[one.state],
        takes=events("draft", one.state),
        text_sha256=one.text_sha256.hex(),
        schedule_sha256=one.schedule_sha256.hex(),
        reason=None if one.reason is None else RETURN_REASONS.get(one.reason, one.reason),
        changed_at=plain_time(one.changed_at),
        written_by=one.written_by,
        submitted_by=one.submitted_by,
        passed_by=one.passed_by,
        mine=number in (one.written_by, one.submitted_by),
        entry=one.entry,
    )


# --- what was sent ---------------------------------------------------------------------------------------------------


def _form_page(request: Request, draft: AgreementDraft | None = None, told: Rejected | None = None) -> Response[bytes]:
    view = registry_of(request).follower.view
    led = [one for one in view.partnerships() if one.lead_body == caller_of(request).organisation]
    return layout_of(request).page(
        "draft_words.html",
        status=200 if told is None else told.status,
        form=Form() if told is None else told.form,
        draft=draft,
        partnerships=[(one.partnership, one.name) for one in led] if len(led) > 1 else [],
    )


def _words(request: Request) -> tuple[bytes, bytes, tuple[FieldError, ...]]:
    """The words and the schedule, each from its file or else from what was pasted, and what is missing."""
    sent = form_of(request)
    found: list[bytes] = []
    for name in ("text", "schedule"):
        chosen = file_of(request, f"{name}_file")
        found.append(chosen if chosen is not None else only(sent, name).encode())
    wanted = {
        "text": "Choose the file of the words, or paste them",
        "schedule": "Choose the schedule’s file, or paste it",
    }
    errors = tuple(
        FieldError(name, says)
        for (name, says), content in zip(wanted.items(), found, strict=True)
        if not content.strip()
    )
    return found[0], found[1], errors


def _kept(request: Request) -> dict[str, tuple[str, ...]]:
    """What was pasted or chosen, to stand in the form again: a file has to be mended where it is."""
    return {name: values for name, values in form_of(request).items() if name != "csrf"}


def _told(request: Request, refused: Refused) -> Rejected:
    """Each fault at its field, with the line of the words or the place in the schedule."""
    faults = tuple(Fault(f"#/{_field(one)}", one.code, f"{_place(one)}{one.detail}") for one in refused.faults)
    told = Refused(refused.code, refused.detail, faults, refused.retry_after)
    return rejected(Form(_kept(request)), told)


def _field(fault: Fault) -> str:
    return fault.pointer.removeprefix("#/").split("/")[0]


def _place(fault: Fault) -> str:
    place = fault.pointer.removeprefix("#/schedule/")
    return "" if place == fault.pointer else f"{place}: "


def _version_address(draft: AgreementDraft) -> str:
    return f"/account/agreements/{draft.agreement}/{draft.version}"


def _id(draft: str) -> str:
    if not _ID.fullmatch(draft):
        raise Refused("not-found", "There is no such draft.")
    return draft
