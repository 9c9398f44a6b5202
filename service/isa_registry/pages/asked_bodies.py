"""Whom the business unit asks to sign a version, who asks to be asked, and what they want to know."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions.attestations import Target
from isa_registry.actions.leading import refuse_outside_unit_of
from isa_registry.domain.attesting_codes import ANSWERS, QUESTIONS
from isa_registry.domain.dates import london_date
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.attestation_states import Standing, standings, why_not_open
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.units import partnerships_of
from isa_registry.identity.forms import Sent, only
from isa_registry.pages.attestations import invitations_of
from isa_registry.pages.attesting_words import STATES, answer_in_words
from isa_registry.pages.changing import Rejected, body_name, rejected
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.access.changes import decider
from isa_registry.store.attesting import Query
from isa_registry.store.pool import EVERYTHING

_ADDRESS = "/account/agreements/{agreement:str}/{version:str}/bodies"
_UNASKED = frozenset({"none", "asked", "turned-down", "withdrawn", "declined"})


class Asking(Struct, frozen=True):
    """How a version stands with its bodies: `waiting` and `answered` questions, bodies that `wait` to be asked and
    those that can be. `closed` is why nobody is asked any more."""

    rows: tuple[tuple[str, tuple[str, str]], ...]
    wait: tuple[tuple[str, str], ...]
    can_be_asked: tuple[tuple[str, str], ...]
    waiting: tuple[tuple[str, str], ...]
    answered: tuple[tuple[str, str], ...]
    closed: str | None


def asked_body_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(_ADDRESS)
    async def look(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
        return await _page(request, _version(request, agreement, version), Rejected(Form(), 200))

    @writes(_ADDRESS)
    async def act(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
        found, sent = _version(request, agreement, version), form_of(request)
        wanted = _WORDS.get(only(sent, "word"))
        if wanted is None:
            raise Refused("malformed", "The form does not say what is to be done.")
        missing = tuple(FieldError(field, says) for field, says in wanted.needs if not only(sent, field).strip())
        if missing:
            return await _page(request, found, Rejected(Form(sent, missing), 422))
        try:
            await wanted.does(request, Target(agreement, version), sent)
        except Refused as refused:
            return await _page(request, found, rejected(Form(sent), refused, {"#/organisation": wanted.needs[0][0]}))
        return await _page(request, found, Rejected(Form(), 200), done=wanted.done)

    return [look, act]


class _Word(Struct, frozen=True):
    """What a form of the page asks for: the fields that it needs, what it does, and what is said then."""

    needs: tuple[tuple[str, str], ...]
    does: Callable[[Request, Target, Sent], Awaitable[object]]
    done: str


async def _invite(request: Request, target: Target, sent: Sent) -> object:
    return await invitations_of(request).invite(target, only(sent, "organisation"), decider(caller_of(request)))


async def _decide(request: Request, target: Target, sent: Sent) -> object:
    invitations, by = invitations_of(request), decider(caller_of(request))
    if only(sent, "verdict") == "invite":
        return await invitations.invite(target, only(sent, "asked"), by)
    return await invitations.turn_down(target, only(sent, "asked"), by)


async def _answer(request: Request, target: Target, sent: Sent) -> object:
    found = await invitations_of(request).queries(target, EVERYTHING)
    if only(sent, "query") not in {one.id for one in found}:
        raise Refused("not-found", "There is no such question about this version.")
    clause = only(sent, "clause").strip() or None
    return await invitations_of(request).answer(
        only(sent, "query"), only(sent, "answer"), clause, decider(caller_of(request))
    )


_WORDS = {
    "invite": _Word((("organisation", "Choose whom to ask"),), _invite, "It is asked to sign, and told so"),
    "decide": _Word(
        (("asked", "Choose the organisation that you decide about"), ("verdict", "Choose whether to ask it")),
        _decide,
        "Decided",
    ),
    "answer": _Word(
        (("query", "Choose the question that you answer"), ("answer", "Choose the answer")),
        _answer,
        "Every signatory sees the answer",
    ),
}


async def _page(request: Request, version: AgreementVersion, told: Rejected, *, done: str = "") -> Response[bytes]:
    return layout_of(request).page(
        "unit_bodies.html",
        status=told.status,
        form=told.form,
        done=done,
        version=version,
        address=f"/account/agreements/{version.agreement}/{version.version}",
        asking=await _asking(request, version),
        answers=list(ANSWERS.items()),
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
        closed=closed,
    )


def _waits(one: Query) -> bool:
    return one.answer is None and one.state == "asked"


def _said(name: str, one: Query) -> str:
    return f"{name}, about clause {one.clause}: {QUESTIONS.get(one.question, one.question)}"


def _version(request: Request, agreement: str, version: str) -> AgreementVersion:
    """Raises `Refused`: `not-found`, or `forbidden` for another partnership's."""
    view = registry_of(request).follower.view
    found = view.agreement_version(agreement, version)
    if found is None:
        raise Refused("not-found", "There is no such version of this agreement.")
    refuse_outside_unit_of(view, found.partnership, decider(caller_of(request)))
    return found
