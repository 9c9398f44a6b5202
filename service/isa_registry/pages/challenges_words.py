"""What the pages about professional differences show, in words."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.challenge_entries import ChallengeClosed, ChallengeMoved, ChallengeRaised
from isa_registry.domain.challenging.codes import GROUNDS, OUTCOMES, STEPS, SUBJECT_KINDS
from isa_registry.domain.challenging.life import STATES, Challenge, outcomes_open_to, steps_open_to
from isa_registry.domain.challenging.stages import Due, Stages
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.changing import body_name
from isa_registry.pages.people import plain_time
from isa_registry.pages.rendering import plain_date
from isa_registry.runtime.challenges import Read, Taken

CHALLENGES, OVERDUE = "/account/challenges", "/reports/challenges-overdue"

OWN_WORDS = {
    "answer-shares": "We share the information, or have shared it",
    "answer-shares-part": "We share part of it, or have shared part",
    "answer-stands": "Our decision stands, and we have told them why",
    "ask-more": "We have asked them for more detail",
    "give-more": "We have given them more detail",
    "move-up": "Move it to the next stage",
}
"""The steps as the body that takes them says them."""


class LineShown(Struct, frozen=True):
    """A challenge in a list."""

    href: str
    title: str
    ground: str
    stage: str
    stands: str
    waits_for: str
    due: str
    overdue: bool


class StepShown(Struct, frozen=True):
    when: str
    body: str
    who: str
    what: str
    stage: str


class StageShown(Struct, frozen=True):
    """A stage: `to_confirm` where the partnership has not said what it is or how long it may take; `here`: the
    challenge is at it."""

    label: str
    says: str
    allowed: str
    who: str
    to_confirm: str | None
    here: bool


class Choice(Struct, frozen=True):
    """Something that can be chosen in the form of the next step."""

    value: str
    text: str
    hint: str


def line(challenge: Challenge, stages: Stages, view: RegisterView, own: str, now: datetime) -> LineShown:
    """A challenge as one of its bodies, or whoever oversees them, sees it in a list."""
    raiser, other = body_name(view, challenge.organisation), body_name(view, challenge.other)
    waiting = challenge.waits_for
    titles = {"raiser": f"To {other}", "challenged": f"From {raiser}", None: f"{raiser} to {other}"}
    return LineShown(
        href=f"{CHALLENGES}/{challenge.id}",
        title=f"{titles[challenge.side(own)]}, {plain_time(challenge.raised_at)}",
        ground=GROUNDS.get(challenge.ground, challenge.ground),
        stage=stage_label(stages, challenge.stage),
        stands=stands(challenge),
        waits_for="" if waiting is None else "you" if waiting == own else body_name(view, waiting),
        due=due_in_words(challenge.due(stages)),
        overdue=challenge.overdue(stages, now),
    )


def stands(challenge: Challenge) -> str:
    """How a challenge stands, in words: once closed, what came of it."""
    if challenge.outcome is not None:
        return OUTCOMES.get(challenge.outcome, challenge.outcome)
    return STATES[challenge.state]


def stage_label(stages: Stages, code: str) -> str:
    found = stages.stage(code)
    return code if found is None else found.label


def due_in_words(due: Due | None) -> str:
    if due is None:
        return ""
    return f"by the end of {plain_date(due.day.isoformat())}" if due.day is not None else f"by {plain_time(due.at)}"


def about_in_words(raised: ChallengeRaised) -> str:
    return SUBJECT_KINDS.get(raised.about.kind, raised.about.kind)


def steps_shown(found: Read, view: RegisterView, catalogue: Catalogue | None) -> list[StepShown]:
    return [_step(one, found.stages, view, catalogue) for one in found.taken]


def _step(one: Taken, stages: Stages, view: RegisterView, catalogue: Catalogue | None) -> StepShown:
    payload = one.payload
    if isinstance(payload, ChallengeRaised):
        what, actor = "Raised", payload.raised_by
    elif isinstance(payload, ChallengeMoved):
        what, actor = STEPS.get(payload.step, payload.step), payload.taken_by
    else:
        assert isinstance(payload, ChallengeClosed)
        what, actor = OUTCOMES.get(payload.outcome, payload.outcome), payload.taken_by
    return StepShown(
        when=plain_time(one.mark.at),
        body=body_name(view, one.mark.by_body),
        who=f"{role_label(actor.role, catalogue)}, {actor.ref}",
        what=what,
        stage="" if one.mark.stage is None else stage_label(stages, one.mark.stage),
    )


def role_label(role: str, catalogue: Catalogue | None) -> str:
    return role if catalogue is None else catalogue.codes.roles.get(role, role)


def roles_to_choose(catalogue: Catalogue | None) -> list[tuple[str, str]]:
    return [] if catalogue is None else list(catalogue.codes.roles.items())


def stages_shown(stages: Stages, catalogue: Catalogue | None, here: str | None) -> list[StageShown]:
    return [
        StageShown(
            label=one.label,
            says=one.says,
            allowed=one.allowed.words,
            who=", ".join(role_label(role, catalogue) for role in one.takes_part),
            to_confirm=one.to_confirm,
            here=one.code == here,
        )
        for one in stages.stages
    ]


def choices(found: Read, own: str) -> list[Choice]:
    """What a body can do next; each of what it can say came of the challenge is a choice by itself."""
    challenge, stages = found.challenge, found.stages
    up = stages.after(challenge.stage)
    steps = [
        Choice(step, OWN_WORDS[step], up.label if step == "move-up" and up is not None else "")
        for step in steps_open_to(challenge, own, stages)
        if step != "close"
    ]
    ends = [
        Choice(f"close {one}", f"Close it. {OUTCOMES[one]}", "") for one in outcomes_open_to(challenge, own, stages)
    ]
    return [*steps, *ends]
