"""Whom the business unit asks to sign a version, who asks to be asked, what they want to know, and who is reminded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions.attestations import Target
from isa_registry.domain.attesting_codes import ANSWERS, QUESTIONS
from isa_registry.domain.dates import london_date
from isa_registry.domain.notices.steps import CHASING_DAYS
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.attestation_states import Standing, standings, why_not_open
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.units import partnerships_of
from isa_registry.identity.forms import Sent, only
from isa_registry.pages.agreement_wording import bodies
from isa_registry.pages.attestations import invitations_of
from isa_registry.pages.attesting_words import STATES, answer_in_words
from isa_registry.pages.changing import Rejected, body_name, rejected
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, registry_of
from isa_registry.pages.rendering import Request, plain_date
from isa_registry.pages.signing_in import Declare
from isa_registry.pages.unit_versions import own_version
from isa_registry.pages.words import ClauseShown, clauses_shown
from isa_registry.runtime.access.changes import decider
from isa_registry.runtime.attesting.chasing import Chasing, Outlook
from isa_registry.store.attesting import Query
from isa_registry.store.pool import EVERYTHING

_ADDRESS = "/account/agreements/{agreement:str}/{version:str}/bodies"
_STEPS = f"{', '.join(map(str, CHASING_DAYS[:-1]))} and {CHASING_DAYS[-1]}"
_UNASKED = frozenset({"none", "asked", "turned-down", "withdrawn", "declined"})


class ClauseAsked(Struct, frozen=True):
    """A clause that questions wait about, with its words and what is asked."""

    clause: ClauseShown
    questions: tuple[str, ...]


class Asking(Struct, frozen=True):
    """How a version stands with its bodies: `waiting` and `answered` questions, the `clauses` that the former are
    about, bodies that `wait` to be asked and those that can be. `closed` is why nobody is asked any more."""

    rows: tuple[tuple[str, tuple[str, str]], ...]
    wait: tuple[tuple[str, str], ...]
    can_be_asked: tuple[tuple[str, str], ...]
    waiting: tuple[tuple[str, str], ...]
    answered: tuple[tuple[str, str], ...]
    clauses: tuple[ClauseAsked, ...]
    closed: str | None


def asked_body_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(_ADDRESS)
    async def look(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
        return await _page(request, own_version(request, agreement, version), Rejected(Form(), 200))

    @writes(_ADDRESS)
    async def act(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
        found, sent = own_version(request, agreement, version), form_of(request)
        wanted = _WORDS.get(only(sent, "word"))
        if wanted is None:
            raise Refused("malformed", "The form does not say what is to be done.")
        missing = tuple(FieldError(field, says) for field, says in wanted.needs if not only(sent, field).strip())
        if missing:
            return await _page(request, found, Rejected(Form(sent, missing), 422))
        try:
            done = await wanted.does(request, Target(agreement, version), sent)
        except Refused as refused:
            at = {"#/organisation": wanted.needs[0][0]} if wanted.needs else {}
            return await _page(request, found, rejected(Form(sent), refused, at))
        return await _page(request, found, Rejected(Form(), 200), done=done)

    return [look, act]


class _Word(Struct, frozen=True):
    """What a form of the page asks for: the fields that it needs, and what it does, which says what was done."""

    needs: tuple[tuple[str, str], ...]
    does: Callable[[Request, Target, Sent], Awaitable[str]]


async def _invite(request: Request, target: Target, sent: Sent) -> str:
    await invitations_of(request).invite(target, only(sent, "organisation"), decider(caller_of(request)))
    return "It is asked to sign, and told so"


async def _decide(request: Request, target: Target, sent: Sent) -> str:
    invitations, by = invitations_of(request), decider(caller_of(request))
    if only(sent, "verdict") == "invite":
        await invitations.invite(target, only(sent, "asked"), by)
        return "It is asked to sign, and told so"
    await invitations.turn_down(target, only(sent, "asked"), by)
    return "It is turned down"


async def _answer(request: Request, target: Target, sent: Sent) -> str:
    found = await invitations_of(request).queries(target, EVERYTHING)
    if only(sent, "query") not in {one.id for one in found}:
        raise Refused("not-found", "There is no such question about this version.")
    clause = only(sent, "clause").strip() or None
    await invitations_of(request).answer(only(sent, "query"), only(sent, "answer"), clause, decider(caller_of(request)))
    return "Every signatory sees the answer"


async def _chase(request: Request, target: Target, _sent: Sent) -> str:
    count = await chasing_of(request).chase(target, decider(caller_of(request)))
    return f"A reminder goes to {bodies(count)}"


_WORDS = {
    "invite": _Word((("organisation", "Choose whom to ask"),), _invite),
    "decide": _Word(
        (("asked", "Choose the organisation that you decide about"), ("verdict", "Choose whether to ask it")), _decide
    ),
    "answer": _Word((("query", "Choose the question that you answer"), ("answer", "Choose the answer")), _answer),
    "chase": _Word((), _chase),
}


def chasing_of(request: Request) -> Chasing:
    chasing: Chasing = request.app.state.chasing
    return chasing


async def _page(request: Request, version: AgreementVersion, told: Rejected, *, done: str = "") -> Response[bytes]:
    return layout_of(request).page(
        "unit_bodies.html",
        status=told.status,
        form=told.form,
        done=done,
        version=version,
        address=f"/account/agreements/{version.agreement}/{version.version}",
        asking=await _asking(request, version),
        chasing=await _chasing(request, version),
        steps=_STEPS,
        answers=list(ANSWERS.items()),
    )


async def _chasing(request: Request, version: AgreementVersion) -> Outlook:
    """How chasing stands, with names for ids and days in words."""
    view, target = registry_of(request).follower.view, Target(version.agreement, version.version)
    found = await chasing_of(request).outlook(target, decider(caller_of(request)))
    return Outlook(
        now=tuple(body_name(view, one) for one in found.now),
        today=tuple(body_name(view, one) for one in found.today),
        asking=tuple(body_name(view, one) for one in found.asking),
        by_itself=None if found.by_itself is None else plain_date(found.by_itself),
        not_now=found.not_now,
    )


async def _asking(request: Request, version: AgreementVersion) -> Asking:
    registry, target = registry_of(request), Target(version.agreement, version.version)
    view, today = registry.follower.view, london_date(registry.now())
    invited = await invitations_of(request).of_version(target, EVERYTHING, decider(caller_of(request)))
    queries = await invitations_of(request).queries(target, EVERYTHING)
    states = {one.organisation: one.state for one in invited}
    stands: dict[str, Standing] = {one.organisation: one for one in standings(view, version, today, states)}
    opened = view.opened()
    own = version.partnership or ("" if opened is None else opened.partnership)
    closed = why_not_open(view, version, today)
    return Asking(
        rows=tuple((body_name(view, body), STATES[one.state]) for body, one in sorted(stands.items())),
        wait=tuple((body, body_name(view, body)) for body, one in sorted(stands.items()) if one.state == "asked"),
        can_be_asked=tuple(
            (one.organisation, one.name)
            for one in sorted(view.organisations(), key=lambda body: body.name)
            if one.takes_part(today)
            and own in partnerships_of(view, one)
            and (one.organisation not in stands or stands[one.organisation].state in _UNASKED)
        ),
        waiting=tuple((one.id, _said(body_name(view, one.organisation), one)) for one in queries if _waits(one)),
        answered=tuple(
            (_said(body_name(view, one.organisation), one), answer_in_words(one)) for one in queries if not _waits(one)
        ),
        clauses=_clauses(view, version, [one for one in queries if _waits(one)]),
        closed=closed,
    )


def _clauses(view: RegisterView, version: AgreementVersion, waiting: list[Query]) -> tuple[ClauseAsked, ...]:
    """The clauses asked about, each once, in the order of the words."""
    return tuple(
        ClauseAsked(clause, tuple(_said(body_name(view, one.organisation), one) for one in asked))
        for clause in clauses_shown(version.text)
        if (asked := [one for one in waiting if one.clause == clause.id])
    )


def _waits(one: Query) -> bool:
    return one.answer is None and one.state == "asked"


def _said(name: str, one: Query) -> str:
    return f"{name}, about clause {one.clause}: {QUESTIONS.get(one.question, one.question)}"
