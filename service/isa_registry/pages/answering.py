"""The page of an answer, top-down for a tired person: what comes out, what to do now, and then why."""

from __future__ import annotations

from collections.abc import Iterator

from litestar import Response
from msgspec import Struct
from msgspec.structs import replace

from isa_registry.actions.checks import CheckResponse
from isa_registry.domain.answers import CategoryAnswer, Guidance, OneMoreFact
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.dates import parse_instant
from isa_registry.domain.questions import Question
from isa_registry.domain.register.facts import Organisation
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.answer_sources import ClauseOpened, LawOpened, clauses_opened, law_opened
from isa_registry.pages.answer_words import (
    BASES,
    BEING_CHECKED,
    HOLDS,
    OUTCOMES,
    SHARED,
    TONES,
    WAITS,
    WHO,
    asked_in_words,
    consent_word,
    inform_word,
    record,
)
from isa_registry.pages.asking_form import address_of, fields_of
from isa_registry.pages.consent_answers import after_a_question
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, plain_time
from isa_registry.pages.rendering import Request
from isa_registry.runtime.signing_for import RECORDERS

_UNSURE = "If you are not sure, or something does not fit. In danger, asking is no reason to wait."
_CHOSEN_AMONG = frozenset({"para18_reason", "detriment_confirmed_by"})
"""Facts of which an answer supposes one of several values: which one it is, is for the person to say."""

_WORRIED = "child-protection-enquiry"


class Step(Struct, frozen=True):
    """Something to do now. `about` is what to ask about, where it is to ask somebody; `first`: before anything goes."""

    text: str
    about: str = ""
    first: bool = False


class Knew(Struct, frozen=True):
    """What one more fact would change. `fields` ask again with it; where the fact is still to be chosen there are none,
    and `choose` is where it is."""

    text: str
    fields: tuple[tuple[str, str], ...]
    choose: str


class Kind(Struct, frozen=True):
    """A category of information: its words, what to mind, what else it counts as, and what holds of it alone."""

    label: str
    note: str | None
    counts_as: tuple[str, ...]
    held: str


class Shown(Struct, frozen=True):
    """What the page shows beside the answer itself. `worried` is where to ask again as child protection, where that is
    the way on; `again` where to ask with other facts, and `afresh` with another choice."""

    outcome: str
    tone: str
    steps: tuple[Step, ...]
    would_help: tuple[Knew, ...]
    would_hold: tuple[Knew, ...]
    shares: bool
    share: tuple[Kind, ...]
    hold: tuple[Kind, ...]
    waits: str
    consent: str
    inform: str
    others_to_mend: tuple[tuple[str, str], ...]
    duty: LawOpened | None
    bases: tuple[tuple[str, tuple[LawOpened, ...]], ...]
    being_checked: tuple[Guidance, ...]
    clauses: tuple[ClauseOpened, ...]
    well: tuple[Guidance, ...]
    advice: tuple[tuple[str, str], ...]
    asked: tuple[tuple[str, str], ...]
    knew: tuple[tuple[str, str], ...]
    record: str
    record_rows: int
    link: str | None
    worried: str | None
    again: str
    afresh: str


def answer_page(
    request: Request, found: CheckResponse, view: RegisterView, question: Question, *, fresh: bool
) -> Response[bytes]:
    """`fresh`: it was asked by this very request."""
    return layout_of(request).page(
        "answer.html",
        found=found,
        shown=shown(found, view, question, request.app.state.public_url),
        answered=plain_time(parse_instant(found.decided_at)),
        fresh=fresh,
        record_consent=_record_consent(request, found, question),
        records=bool(RECORDERS & caller_of(request).roles),
    )


def _record_consent(request: Request, found: CheckResponse, question: Question) -> str | None:
    """Where to record what they say, where their choice counts and the person may do so."""
    if found.consent.role == "not-the-basis" or found.consent.seek == "must-not":
        return None
    if not caller_of(request).roles & {"practitioner", "ig-lead"}:
        return None
    return after_a_question(question, found.consent.role).address("/consents/new", step="need")


def shown(found: CheckResponse, view: RegisterView, question: Question, public_url: str) -> Shown:
    catalogue = view.catalogue()
    asked = tuple(asked_in_words(question, view))
    bases = [(title, law_opened(getattr(found.basis, member), catalogue)) for title, member in BASES]
    clauses = clauses_opened(found, view)
    link = f"{public_url}/ask/answers/{found.id}" if found.recorded else None
    to_keep = record(found, asked, [(title, [one.title for one in laws]) for title, laws in bases], clauses, view, link)
    kinds = [(one, _kind(one, catalogue)) for one in found.categories]
    condition_codes = {one.code for one in found.conditions}
    danger = found.outcome == "share-now"
    knew = [(one.outcome, _knew(one, question)) for one in found.one_more_fact or ()]
    order = list(OUTCOMES)
    here = order.index(found.outcome)
    return Shown(
        outcome=OUTCOMES.get(found.outcome, found.outcome),
        tone=TONES.get(found.outcome, "ask"),
        steps=tuple(_steps(found)),
        would_help=tuple(one for outcome, one in knew if order.index(outcome) < here),
        would_hold=tuple(one for outcome, one in knew if order.index(outcome) > here),
        shares=found.outcome in SHARED,
        share=tuple(kind for one, kind in kinds if one.outcome in SHARED),
        hold=tuple(kind for one, kind in kinds if one.outcome not in SHARED),
        waits=WAITS.get(found.outcome, ""),
        consent=consent_word(found),
        inform=inform_word(found),
        others_to_mend=tuple((WHO.get(one.who, one.who), one.text) for one in found.missing if one.who != "you"),
        duty=None if found.duty is None else law_opened((found.duty.provision,), catalogue)[0],
        bases=tuple((title, laws) for title, laws in bases if laws),
        being_checked=tuple(one for one in found.guidance if one.code in BEING_CHECKED),
        clauses=clauses,
        well=tuple(one for one in found.guidance if one.code not in BEING_CHECKED),
        advice=_advice(found, view, question),
        asked=tuple(one for one in asked if not one[0].endswith("?")),
        knew=tuple(one for one in asked if one[0].endswith("?")),
        record=to_keep,
        record_rows=_rows(to_keep),
        link=link,
        worried=_worried(question) if "concern-changes-answer" in condition_codes and not danger else None,
        again=address_of("/ask/facts", question),
        afresh=address_of("/ask", question),
    )


def _steps(found: CheckResponse) -> Iterator[Step]:
    """What the person does, in order: whom to ask where the answer waits for somebody, what to settle, what to mind."""
    if found.outcome not in SHARED:
        yield from (Step(f"Ask {one.who}.", one.why) for one in found.advice)
    settle = [one for one in found.missing if one.who == "you" and one.needed == "to-be-lawful"]
    yield from (Step(one.text, first=True) for one in settle)
    yield from (Step(one.text) for one in found.conditions)
    yield from (Step(one.text) for one in found.missing if one.who == "you" and one.needed != "to-be-lawful")


def _knew(one: OneMoreFact, question: Question) -> Knew:
    if one.fact in _CHOSEN_AMONG:
        return Knew(one.text, (), address_of("/ask/facts", question))
    known = replace(question, circumstances=replace(question.circumstances, **{one.fact: one.value}))
    return Knew(one.text, fields_of(known), "")


def _kind(one: CategoryAnswer, catalogue: Catalogue | None) -> Kind:
    category = None if catalogue is None else catalogue.categories.get(one.code)
    counts = (("special category", one.special), ("criminal offence", one.criminal))
    return Kind(
        label=one.code if category is None else category.label,
        note=None if category is None else category.note,
        counts_as=tuple(words for words, holds in counts if holds),
        held=HOLDS.get(one.outcome, ""),
    )


def _advice(found: CheckResponse, view: RegisterView, question: Question) -> tuple[tuple[str, str], ...]:
    """Whom the answer names; otherwise whom the organisation asks first."""
    if found.advice:
        return tuple((f"{one.who[:1].upper()}{one.who[1:]}", one.why) for one in found.advice)
    catalogue = view.catalogue()
    own: Organisation | None = None if question.provider is None else view.organisation(question.provider)
    kind = None if own is None or catalogue is None else catalogue.kinds.get(own.organisation_kind)
    named = None if own is None else own.contacts.get("advice")
    who = named or (kind.advice_from if kind is not None else "your safeguarding lead")
    return ((f"{who[:1].upper()}{who[1:]}", _UNSURE),)


def _worried(question: Question) -> str:
    return address_of("/ask/facts", replace(question, purpose=_WORRIED))


def _rows(text: str) -> int:
    """How many lines the text takes at about sixty letters to a line."""
    return sum(1 + len(line) // 60 for line in text.split("\n"))
