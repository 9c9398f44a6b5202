"""Recording on two pages what was decided: after an answer, or in the place of a record that was wrong.

What is known already is filled in and not asked. What is filled in travels in the form from one page to the next; the
registry keeps none of it until it is signed.
"""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions.identifiers import uuid7
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.questions import RecipientKind
from isa_registry.domain.refusals import Refused
from isa_registry.identity.forms import Sent, only
from isa_registry.pages.answer_words import OUTCOMES
from isa_registry.pages.changing import Rejected, body_name, rejected
from isa_registry.pages.decisions_form import (
    SHARED,
    Written,
    field_of_faults,
    fields_of,
    what_is_missing,
    written,
)
from isa_registry.pages.decisions_known import Known, Person, of_check, of_event
from isa_registry.pages.decisions_reading import event_in_words, own_decision
from isa_registry.pages.decisions_words import (
    ADVICE,
    AGAINST,
    CHILDS_VIEWS,
    CONSENTS,
    DECISIONS,
    INFORMED,
    MARKINGS,
    METHODS,
    NOT_INFORMED,
    WITHHELD_REASONS,
)
from isa_registry.pages.forms import Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, registry_of, session_of
from isa_registry.pages.rendering import Request, redirect
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.decisions_recorded import Decision
from isa_registry.runtime.recorded_checks import recorded_check
from isa_registry.runtime.signing_for import SigningFor

Option = tuple[str, str]
_KINDS = {
    "child": "the child",
    "unborn-child": "the unborn child",
    "other-child": "the other child",
    "parent-carer": "the parent or carer",
    "adult-at-risk": "the adult at risk",
    "adult": "the adult",
}


class Against(Struct, frozen=True):
    """What goes against the answer: which decisions, and what is said of it in a line."""

    decisions: tuple[str, ...]
    words: str


_AGAINST = {
    **dict.fromkeys(
        ("share-now", "duty-to-share"), Against(("not-shared", "deferred"), AGAINST["withheld-against-duty"][0])
    ),
    "do-not-share": Against(("shared", "part-shared"), AGAINST["review-basis"][0]),
}


class Asked(Struct, frozen=True):
    """What the first page shows and offers. `address` is its own; `again` where what is filled in comes from, if that
    is wrong."""

    address: str
    title: str
    filled_in: tuple[Option, ...]
    categories: tuple[tuple[str, str], ...]
    people: tuple[tuple[str, str], ...]
    roles: tuple[Option, ...]
    retentions: tuple[Option, ...]
    back: Option
    again: Option | None
    against: Against | None


def signing_for(request: Request) -> SigningFor:
    found: SigningFor = request.app.state.signing_for
    return found


def recording_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads("/ask/answers/{check:str}/decision")
    async def begin(request: Request, check: FromPath[str]) -> Response[bytes]:
        known = await _after_an_answer(request, check)
        return _form_page(request, known, _asked_after(request, known, check), Rejected(Form(known.values), 200))

    @writes("/ask/answers/{check:str}/decision")
    async def go_on(request: Request, check: FromPath[str]) -> Response[bytes]:
        known = await _after_an_answer(request, check)
        return await _go_on(request, known, _asked_after(request, known, check))

    @reads("/decisions/{event:str}/correction")
    async def correct(request: Request, event: FromPath[str]) -> Response[bytes]:
        found = await own_decision(request, event)
        if found.correction.corrected_by is not None:
            # Only the newest is corrected: whoever kept an old address is led there.
            return redirect(f"/decisions/{found.correction.corrected_by}")
        known = await _in_the_place_of(request, found)
        return _form_page(request, known, _asked_instead(request, known, event), Rejected(Form(known.values), 200))

    @writes("/decisions/{event:str}/correction")
    async def go_on_correcting(request: Request, event: FromPath[str]) -> Response[bytes]:
        known = await _in_the_place_of(request, await own_decision(request, event))
        return await _go_on(request, known, _asked_instead(request, known, event))

    return [begin, go_on, correct, go_on_correcting]


async def _after_an_answer(request: Request, check: str) -> Known:
    registry = registry_of(request)
    found = await recorded_check(registry, caller_of(request).organisation, check)
    return of_check(found, event=_fresh(request), now=registry.now())


async def _in_the_place_of(request: Request, found: Decision) -> Known:
    check = None
    if found.event.check is not None:
        try:
            check = await recorded_check(registry_of(request), caller_of(request).organisation, found.event.check)
        except Refused as refused:
            if refused.code not in ("not-found", "gone"):
                raise
    return of_event(found.event, found.withheld, check, new=_fresh(request))


def _fresh(request: Request) -> str:
    registry = registry_of(request)
    return uuid7(registry.now(), registry.randomness(10))


async def _go_on(request: Request, known: Known, asked: Asked) -> Response[bytes]:
    """The second page; the first one again, with what is missing or as it was filled in; or the record."""
    sent, registry, caller = form_of(request), registry_of(request), caller_of(request)
    step, missing = only(sent, "step"), what_is_missing(known, sent)
    if step == "change" or missing:
        errors = () if step == "change" else missing
        return _form_page(request, known, asked, Rejected(Form(sent, errors), 422 if errors else 200))
    opened = registry.follower.view.opened()
    if opened is None:
        raise Refused("unavailable", "The registry is not open yet.", retry_after=30)
    made = written(known, sent, opened, caller.organisation, now=registry.now())
    signing = signing_for(request)
    try:
        if step != "record":
            flags = await signing.look(made.event, made.withheld, caller)
            return _review_page(request, known, asked, sent, made, flags)
        event = await signing.record(made.event, made.withheld, caller, session_of(request))
    except Refused as refused:
        told = rejected(Form(sent), refused, field_of_faults(refused, known, made))
        return _form_page(request, known, asked, told)
    return redirect(f"/decisions/{event}?recorded=yes")


def _form_page(request: Request, known: Known, asked: Asked, told: Rejected) -> Response[bytes]:
    return layout_of(request).page(
        "decision_form.html",
        status=told.status,
        form=told.form,
        asked=asked,
        # A sent id is kept, so that a form that is sent twice is one record.
        event=told.form.value("record") or only(known.values, "record"),
        decisions=[(code, words) for code, words in DECISIONS.items()],
        reasons=list(WITHHELD_REASONS.items()),
        methods=list(METHODS.items()),
        markings=list(MARKINGS.items()),
        consents=list(CONSENTS.items()),
        informed=list(INFORMED.items()),
        not_informed=list(NOT_INFORMED.items()),
        childs_views=list(CHILDS_VIEWS.items()),
        advice=list(ADVICE.items()),
    )


def _review_page(
    request: Request, known: Known, asked: Asked, sent: Sent, made: Written, flags: tuple[str, ...]
) -> Response[bytes]:
    view, recipient = registry_of(request).follower.view, known.recipient
    return layout_of(request).page(
        "decision_review.html",
        asked=asked,
        rows=event_in_words(made.event, made.withheld, view),
        against=[AGAINST[flag] for flag in flags if flag in AGAINST],
        shares=made.event.decision in SHARED,
        told=isinstance(recipient, str),
        recipient=_recipient(known, request),
        late=made.event.late_entry,
        hidden=fields_of(known, sent),
    )


def _asked_after(request: Request, known: Known, check: str) -> Asked:
    answer = f"/ask/answers/{check}"
    return _asked(request, known, f"{answer}/decision", "Record what you decided", (answer, "Back to the answer"))


def _asked_instead(request: Request, known: Known, event: str) -> Asked:
    record = f"/decisions/{event}"
    return _asked(request, known, f"{record}/correction", "Correct this record", (record, "Back to the record"))


def _asked(request: Request, known: Known, address: str, title: str, back: Option) -> Asked:
    view, catalogue = registry_of(request).follower.view, _catalogue(request)
    classes = {one.code: one.label for version in view.agreement_versions() for one in version.schedule.retention}
    labels = {code: one.label for code, one in catalogue.categories.items()}
    purpose = catalogue.purposes.get(known.purpose)
    rows = [
        ("With", _recipient(known, request)),
        ("For", known.purpose if purpose is None else purpose.label),
        ("Kinds of information", "; ".join(labels.get(one, one) for one in known.categories)),
        ("The answer", OUTCOMES.get(known.outcome or "", "") or "No answer is recorded with it"),
    ]
    return Asked(
        address=address,
        title=title,
        filled_in=tuple(rows),
        categories=tuple((one, labels.get(one, one)) for one in known.categories),
        people=tuple((one.field, _whom(one, catalogue)) for one in known.people),
        roles=tuple(catalogue.codes.roles.items()),
        retentions=tuple(classes.items()),
        back=back,
        again=None if known.corrects else (back[0], "Ask again"),
        against=_AGAINST.get(known.outcome or ""),
    )


def _whom(person: Person, catalogue: Catalogue) -> str:
    kind = catalogue.codes.subject_kinds.get(person.kind, person.kind).lower()
    roles = ", ".join(catalogue.codes.subject_roles.get(role, role).lower() for role in person.roles)
    whom = _KINDS.get(person.kind, kind)
    return f"{whom} ({roles})" if roles else whom


def _recipient(known: Known, request: Request) -> str:
    if isinstance(known.recipient, RecipientKind):
        kind = _catalogue(request).kinds.get(known.recipient.kind)
        return f"{known.recipient.kind if kind is None else kind.label} (not in this register)"
    return body_name(registry_of(request).follower.view, known.recipient)


def _catalogue(request: Request) -> Catalogue:
    catalogue = registry_of(request).follower.view.catalogue()
    if catalogue is None:
        raise Refused("unavailable", "The registry has no catalogue of the law yet.", retry_after=30)
    return catalogue
