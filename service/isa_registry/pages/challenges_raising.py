"""Raising a challenge on a page: from an answer or a decision, whose id the link brings, or from nothing."""

from __future__ import annotations

from typing import Literal, cast

from litestar import Response
from litestar.handlers import HTTPRouteHandler

from isa_registry.domain.challenging.codes import GROUNDS, SUBJECT_KINDS
from isa_registry.domain.challenging.requests import ChallengedThing, RaiseChallenge, StepTaker
from isa_registry.domain.dates import london_date
from isa_registry.domain.refusals import Refused
from isa_registry.identity.forms import Sent, only
from isa_registry.pages import challenges_words as words
from isa_registry.pages.challenges import differences_of
from isa_registry.pages.challenges_words import CHALLENGES
from isa_registry.pages.changing import rejected
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, registry_of
from isa_registry.pages.rendering import Request, redirect
from isa_registry.pages.sent_once import claim_of, fresh
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime import challenges
from isa_registry.store.pool import reading_for

NEW = f"{CHALLENGES}/new"


def challenge_raising_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(NEW)
    async def form(request: Request) -> Response[bytes]:
        return _page(request, Form(_brought(request)))

    @writes(NEW)
    async def send(request: Request) -> Response[bytes]:
        registry, sent = registry_of(request), form_of(request)
        missing = _missing(sent)
        if missing:
            return _page(request, Form(sent, missing), 422)
        asked = RaiseChallenge(
            other=only(sent, "other"),
            about=ChallengedThing(
                kind=cast("Literal['event', 'check', 'request']", only(sent, "kind")), id=only(sent, "id").strip()
            ),
            ground=only(sent, "ground"),
            raised_by=StepTaker(role=only(sent, "role"), ref=only(sent, "ref").strip()),
            case_record=only(sent, "case_record").strip() or None,
        )
        try:
            caller = caller_of(request)
            claim = claim_of(caller, NEW, only(sent, "once"), asked)
            appended = await challenges.raise_challenge(registry, differences_of(request), asked, caller, claim)
        except Refused as refused:
            again = rejected(Form(sent), refused, {"#/partnership": "", "#/about/provider": "kind"})
            return _page(request, again.form, again.status)
        async with reading_for(registry.reading, caller_of(request).organisation) as connection:
            challenge = await challenges.id_of(connection, appended.index)
        return redirect(f"{CHALLENGES}/{challenge}?done=raised")

    return [form, send]


def _brought(request: Request) -> Sent:
    """What the link that led here says is challenged: `event`, `check` or `request`, and the other body."""
    query = request.query_params
    kind = next((one for one in SUBJECT_KINDS if query.get(one)), "")
    return {
        "kind": (kind,),
        "id": (str(query.get(kind, ""))[:64] if kind else "",),
        "other": (str(query.get("other", "")),),
    }


def _missing(sent: Sent) -> tuple[FieldError, ...]:
    """What was left empty, said in the words of the form."""
    wanted = (
        ("other", "Choose the other organisation"),
        ("kind", "Choose what it is about"),
        ("id", "Enter the reference of what it is about"),
        ("ground", "Choose what is disputed"),
        ("role", "Choose your role"),
        ("ref", "Enter your staff reference"),
    )
    errors = [FieldError(name, text) for name, text in wanted if not only(sent, name).strip()]
    kind = only(sent, "kind")
    if kind and kind not in SUBJECT_KINDS:
        errors.append(FieldError("kind", "Choose what it is about"))
    return tuple(errors)


def _page(request: Request, form: Form, status: int = 200) -> Response[bytes]:
    registry = registry_of(request)
    view, today = registry.follower.view, london_date(registry.now())
    opened, own = view.opened(), caller_of(request).organisation
    stages = None if opened is None else differences_of(request).partnerships.get(opened.partnership)
    bodies = {one.organisation: one.name for one in view.organisations() if one.takes_part(today)}
    bodies.pop(own, None)
    return layout_of(request).page(
        "challenge_new.html",
        status=status,
        form=form,
        once=form.value("once") or fresh(request),
        address=NEW,
        back=CHALLENGES,
        bodies=sorted(bodies.items(), key=lambda one: one[1].casefold()),
        kinds=[
            ("request", SUBJECT_KINDS["request"], "Its reference is the one that your organisation gave the request."),
            ("event", SUBJECT_KINDS["event"], "Its reference is the decision’s id."),
            (
                "check",
                SUBJECT_KINDS["check"],
                "An answer to your own organisation. Its reference begins with chk_.",
            ),
        ],
        grounds=list(GROUNDS.items()),
        roles=words.roles_to_choose(view.catalogue()),
        not_for=() if stages is None else stages.not_for,
        stages=[] if stages is None else words.stages_shown(stages, view.catalogue(), None),
        title="Managing professional differences" if stages is None else stages.title,
    )
