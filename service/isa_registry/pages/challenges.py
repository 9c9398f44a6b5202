"""Professional differences on pages: a body's own challenges, one of them with its next step, and what is overdue."""

from __future__ import annotations

import re

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from isa_registry.domain.challenging.codes import GROUNDS
from isa_registry.domain.challenging.requests import StepTaker, TakeStep
from isa_registry.domain.challenging.stages import Differences
from isa_registry.domain.refusals import Refused
from isa_registry.identity.forms import only
from isa_registry.pages import challenges_words as words
from isa_registry.pages.challenges_words import CHALLENGES, OVERDUE
from isa_registry.pages.changing import body_name, rejected
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, plain_time, registry_of
from isa_registry.pages.rendering import Request, redirect
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime import challenges
from isa_registry.store.pool import EVERYTHING

_PAGE = 50
_CURSOR = re.compile(r"c([0-9]{1,18})")
_STATES = (("open", "Open"), ("overdue", "Overdue"), ("closed", "Closed"))
_SIDES = (("raised", "Raised by us"), ("received", "Raised with us"))
_DONE = {"raised": "The challenge is raised, and logged.", "taken": "The step is taken, and logged."}
_FROM_OWN, _FROM_OVERDUE = (CHALLENGES, "Professional differences"), (OVERDUE, "Overdue challenges")
_DOERS = frozenset({"practitioner", "ig-lead"})


def challenge_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(CHALLENGES)
    async def mine(request: Request) -> Response[bytes]:
        own = caller_of(request).organisation
        side, state = _chosen(request, "side", _SIDES), _chosen(request, "state", _STATES)
        found, following = await _listed(request, own, own, side=side, state=state)
        return layout_of(request).page(
            "challenges.html",
            address=CHALLENGES,
            lines=found,
            sides=_SIDES,
            states=_STATES,
            form=Form({"side": (side,), "state": (state,)}),
            next=_further(CHALLENGES, following, side=side, state=state),
            first=CHALLENGES if request.query_params.get("cursor") else None,
        )

    @reads(OVERDUE)
    async def overdue(request: Request) -> Response[bytes]:
        own = caller_of(request).organisation
        found, following = await _listed(request, own, EVERYTHING, side="", state="overdue")
        return layout_of(request).page(
            "challenges_overdue.html",
            lines=found,
            next=_further(OVERDUE, following),
            first=OVERDUE if request.query_params.get("cursor") else None,
        )

    @reads(f"{CHALLENGES}/{{challenge:str}}")
    async def one(request: Request, challenge: FromPath[str]) -> Response[bytes]:
        return await _page(request, challenge, Form({}))

    @writes(f"{CHALLENGES}/{{challenge:str}}")
    async def step(request: Request, challenge: FromPath[str]) -> Response[bytes]:
        sent = form_of(request)
        form = Form(sent)
        if not only(sent, "step"):
            return await _page(request, challenge, _lacking(form), 422)
        code, _, outcome = only(sent, "step").partition(" ")
        asked = TakeStep(
            step=code,
            stage=only(sent, "stage"),
            taken_by=StepTaker(role=only(sent, "role"), ref=only(sent, "ref").strip()),
            outcome=outcome or None,
        )
        try:
            await challenges.take_step(
                registry_of(request), differences_of(request), challenge, asked, caller_of(request)
            )
        except Refused as refused:
            again = rejected(form, refused, {"#/stage": "", "#/outcome": "step"})
            return await _page(request, challenge, again.form, again.status)
        return redirect(f"{CHALLENGES}/{challenge}?done=taken")

    return [mine, overdue, one, step]


def differences_of(request: Request) -> Differences:
    differences: Differences = request.app.state.differences
    return differences


def _lacking(form: Form) -> Form:
    return Form(form.values, (FieldError("step", "Say what was done"),))


async def _listed(
    request: Request, own: str, reader: str, *, side: str, state: str
) -> tuple[list[words.LineShown], int | None]:
    registry, differences = registry_of(request), differences_of(request)
    now, view = registry.now(), registry.follower.view
    cursor = _CURSOR.fullmatch(str(request.query_params.get("cursor", "")))
    before = 2**62 if cursor is None else int(cursor[1])
    found, following = await challenges.listed(
        registry, differences, reader, own, side=side or None, state=state or None, before=before, limit=_PAGE
    )
    return [words.line(one, differences.of(one.partnership), view, own, now) for one in found], following


async def _page(request: Request, challenge: str, form: Form, status: int = 200) -> Response[bytes]:
    registry, caller = registry_of(request), caller_of(request)
    view, now = registry.follower.view, registry.now()
    catalogue, own = view.catalogue(), caller.organisation
    found = await challenges.read_in_person(registry, differences_of(request), challenge, caller)
    standing, raised = found.challenge, found.raised
    stage = found.stages.stage(standing.stage)
    waiting = standing.waits_for
    return layout_of(request).page(
        "challenge.html",
        status=status,
        form=form,
        address=f"{CHALLENGES}/{standing.id}",
        back=(CHALLENGES, "Professional differences")
        if standing.side(own) is not None
        else (OVERDUE, "Overdue challenges"),
        done=_DONE.get(str(request.query_params.get("done", ""))),
        reference=standing.id,
        raiser=body_name(view, standing.organisation),
        other=body_name(view, standing.other),
        ground=GROUNDS.get(standing.ground, standing.ground),
        about=words.about_in_words(raised),
        about_id=raised.about.id,
        about_href=f"/ask/answers/{raised.about.id}"
        if raised.about.kind == "check" and raised.about.provider == own
        else None,
        case_record=raised.case_record,
        stands=words.stands(standing),
        open=standing.open,
        stage=words.stage_label(found.stages, standing.stage),
        stage_code=standing.stage,
        to_confirm=None if stage is None else stage.to_confirm,
        waits_for="" if waiting is None else "your organisation" if waiting == own else body_name(view, waiting),
        due=words.due_in_words(standing.due(found.stages)),
        overdue=standing.overdue(found.stages, now),
        raised_at=plain_time(standing.raised_at),
        steps=words.steps_shown(found, view, catalogue),
        stages=words.stages_shown(found.stages, catalogue, standing.stage if standing.open else None),
        title=found.stages.title,
        source=found.stages.source,
        choices=[(one.value, one.text, one.hint) for one in words.choices(found, own)] if _DOERS & caller.roles else [],
        roles=words.roles_to_choose(catalogue),
    )


def _chosen(request: Request, name: str, choices: tuple[tuple[str, str], ...]) -> str:
    """What the filter chose; a page passes over what it does not know."""
    asked = str(request.query_params.get(name, ""))
    return asked if asked in dict(choices) else ""


def _further(address: str, following: int | None, **asked: str) -> str | None:
    if following is None:
        return None
    kept = "".join(f"{name}={value}&" for name, value in asked.items() if value)
    return f"{address}?{kept}cursor=c{following}"
