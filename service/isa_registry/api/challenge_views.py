"""What is shown of a challenge."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from isa_registry.api.problems import IMMEDIATE_DANGER
from isa_registry.domain.challenge_entries import ChallengeClosed, ChallengeMoved, ChallengeRaised
from isa_registry.domain.challenging.codes import GROUNDS, OUTCOMES, STEPS
from isa_registry.domain.challenging.life import Challenge, outcomes_open_to, steps_open_to
from isa_registry.domain.challenging.requests import ChallengedThing, StepTaker
from isa_registry.domain.challenging.stages import Stage, Stages
from isa_registry.domain.dates import instant
from isa_registry.runtime.challenges import Read, Taken


class ChallengeLine(Struct, frozen=True):
    """A challenge in a list. `organisation` raised it with `other`; `waits_for` is the body whose turn it is, None once
    it is closed. `due_at` is when the time of its stage is over, `overdue` whether that has passed."""

    id: str
    organisation: str
    other: str
    ground: str
    state: str
    stage: str
    waits_for: str | None
    raised_at: str
    due_at: str | None
    overdue: bool
    outcome: str | None
    entry: int


class StageView(Struct, frozen=True):
    """A stage of the partnership's. `to_confirm` says what the partnership has yet to say of it: what the stage is, how
    long it may take, or both; `confidence` says how sure the words are, and `source` where they are from."""

    code: str
    label: str
    says: str
    takes_part: tuple[str, ...]
    allowed: str
    to_confirm: str | None
    confidence: str
    source: str


class StepView(Struct, frozen=True):
    """One entry of a challenge: what `by_body` did, who for it, and the stage from then on."""

    entry: int
    at: str
    by_body: str
    step: str
    says: str
    stage: str | None
    outcome: str | None
    taken_by: StepTaker


class ChallengeView(Struct, frozen=True):
    """A challenge whole. Whether there is such an event or request as `about` names, the registry does not say.
    `next_steps` and `outcomes` are what the caller's own body may do, and say came of it, now; `stages` those that the
    partnership has."""

    id: str
    organisation: str
    other: str
    partnership: str
    about: ChallengedThing
    ground: str
    ground_says: str
    case_record: str | None
    state: str
    stage: str
    stage_since: str
    waits_for: str | None
    raised_at: str
    due_at: str | None
    due_on: str | None
    overdue: bool
    outcome: str | None
    outcome_says: str | None
    steps: list[StepView]
    next_steps: tuple[str, ...]
    outcomes: tuple[str, ...]
    stages: list[StageView]
    entry: int
    receipt: str
    immediate_danger: str = IMMEDIATE_DANGER


def line_of(challenge: Challenge, stages: Stages, now: datetime) -> ChallengeLine:
    due = challenge.due(stages)
    return ChallengeLine(
        id=challenge.id,
        organisation=challenge.organisation,
        other=challenge.other,
        ground=challenge.ground,
        state=challenge.state,
        stage=challenge.stage,
        waits_for=challenge.waits_for,
        raised_at=instant(challenge.raised_at),
        due_at=None if due is None else instant(due.at),
        overdue=challenge.overdue(stages, now),
        outcome=challenge.outcome,
        entry=challenge.entry,
    )


def view_of(found: Read, reader: str, now: datetime) -> ChallengeView:
    """The challenge as a body sees it; whoever is neither of the two has nothing to do in it."""
    challenge, stages, raised = found.challenge, found.stages, found.raised
    due = challenge.due(stages)
    return ChallengeView(
        id=challenge.id,
        organisation=challenge.organisation,
        other=challenge.other,
        partnership=challenge.partnership,
        about=ChallengedThing(kind=raised.about.kind, id=raised.about.id, provider=raised.about.provider),
        ground=challenge.ground,
        ground_says=GROUNDS.get(challenge.ground, challenge.ground),
        case_record=raised.case_record,
        state=challenge.state,
        stage=challenge.stage,
        stage_since=instant(challenge.stage_since),
        waits_for=challenge.waits_for,
        raised_at=instant(challenge.raised_at),
        due_at=None if due is None else instant(due.at),
        due_on=None if due is None or due.day is None else due.day.isoformat(),
        overdue=challenge.overdue(stages, now),
        outcome=challenge.outcome,
        outcome_says=None if challenge.outcome is None else OUTCOMES.get(challenge.outcome, challenge.outcome),
        steps=[_step(one) for one in found.taken],
        next_steps=steps_open_to(challenge, reader, stages),
        outcomes=outcomes_open_to(challenge, reader, stages),
        stages=[_stage(one) for one in stages.stages],
        entry=challenge.entry,
        receipt=f"/api/v1/challenges/{challenge.id}/receipt",
    )


def _stage(stage: Stage) -> StageView:
    return StageView(
        code=stage.code,
        label=stage.label,
        says=stage.says,
        takes_part=stage.takes_part,
        allowed=stage.allowed.words,
        to_confirm=stage.to_confirm,
        confidence=stage.known.confidence,
        source=stage.known.source,
    )


def _step(one: Taken) -> StepView:
    payload, mark = one.payload, one.mark
    step, says = "raise", "Raised"
    outcome: str | None = None
    actor = payload.raised_by if isinstance(payload, ChallengeRaised) else payload.taken_by
    if isinstance(payload, ChallengeMoved):
        step, says = payload.step, STEPS.get(payload.step, payload.step)
    elif isinstance(payload, ChallengeClosed):
        step, outcome = "close", payload.outcome
        says = OUTCOMES.get(payload.outcome, payload.outcome)
    return StepView(
        entry=mark.index,
        at=instant(mark.at),
        by_body=mark.by_body,
        step=step,
        says=says,
        stage=mark.stage,
        outcome=outcome,
        taken_by=StepTaker(role=actor.role, ref=actor.ref),
    )
