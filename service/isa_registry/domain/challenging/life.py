"""The life of a challenge: which step follows in which state, by which body, and where a challenge stands. One table,
and nothing else decides it.

A challenge begins when it is raised and waits for the other body's answer. Either body may move it up a stage at any
time: nobody waits for an answer, or for a time to run out, where a child may need a decision. It is never moved down.
When a stage is overdue follows from the day and is never logged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from isa_registry.domain.challenging.codes import ANSWERS, OUT_OF_STAGES, OUTCOMES, Side
from isa_registry.domain.challenging.stages import Due, Stage, Stages

ChallengeEvent = Literal["raised", "moved", "closed"]
State = Literal["awaiting-answer", "awaiting-detail", "answered", "closed"]

STATES: dict[State, str] = {
    "awaiting-answer": "Waits for an answer",
    "awaiting-detail": "Waits for more detail",
    "answered": "Answered",
    "closed": "Closed",
}
_OPEN: tuple[State, ...] = ("awaiting-answer", "awaiting-detail", "answered")


class Step(NamedTuple):
    """In `state`, a body of one of `sides` may take `step`; `to` is the state that follows."""

    state: State
    step: str
    sides: tuple[Side, ...]
    to: State


STEPS: tuple[Step, ...] = (
    *(Step(state, answer, ("challenged",), "answered") for state in _OPEN for answer in ANSWERS),
    Step("awaiting-answer", "ask-more", ("challenged",), "awaiting-detail"),
    Step("awaiting-detail", "give-more", ("raiser",), "awaiting-answer"),
    Step("answered", "give-more", ("raiser",), "awaiting-answer"),
    *(Step(state, "move-up", ("raiser", "challenged"), "awaiting-answer") for state in _OPEN),
    *(Step(state, "close", ("raiser", "challenged"), "closed") for state in _OPEN),
)
"""An answer can be given again, since a better one is always welcome. Asking for more detail stops no clock."""

_BY_STEP = {(one.state, one.step): one for one in STEPS}


class Mark(Struct, frozen=True):
    """One entry of a challenge as the index has it. `event` is the entry's sort; `code` the ground of one raised, the
    step of one moved, the outcome of one closed. `stage` is where the challenge was from then on, None once closed;
    `partnership` stands where it was raised."""

    index: int
    challenge: str
    organisation: str
    other: str
    by_body: str
    event: ChallengeEvent
    code: str
    stage: str | None
    at: datetime
    partnership: str | None = None


class Challenge(Struct, frozen=True):
    """Where a challenge stands. `stage_since` is when its stage began, `entry` its first entry, `last` its latest."""

    id: str
    partnership: str
    organisation: str
    other: str
    ground: str
    state: State
    stage: str
    stage_since: datetime
    raised_at: datetime
    entry: int
    last: int
    last_at: datetime
    outcome: str | None = None

    @property
    def open(self) -> bool:
        return self.state != "closed"

    @property
    def waits_for(self) -> str | None:
        """The body whose turn it is; None once it is closed. The other one need not wait."""
        if not self.open:
            return None
        return self.other if self.state == "awaiting-answer" else self.organisation

    def side(self, body: str) -> Side | None:
        """Which side a body is on; None for one that is on neither."""
        return "raiser" if body == self.organisation else "challenged" if body == self.other else None

    def due(self, stages: Stages) -> Due | None:
        """When the time of its stage is over; None once it is closed."""
        return stages.due(self.stage, self.stage_since) if self.open else None

    def overdue(self, stages: Stages, now: datetime) -> bool:
        due = self.due(stages)
        return due is not None and now >= due.at


def standing(marks: Iterable[Mark]) -> Challenge | None:
    """Where the challenge stands after these entries, in their order; None where they do not begin with the first:
    that one was erased."""
    found: Challenge | None = None
    for mark in marks:
        if mark.event == "raised":
            found = Challenge(
                id=mark.challenge,
                partnership=mark.partnership or "",
                organisation=mark.organisation,
                other=mark.other,
                ground=mark.code,
                state="awaiting-answer",
                stage=mark.stage or "",
                stage_since=mark.at,
                raised_at=mark.at,
                entry=mark.index,
                last=mark.index,
                last_at=mark.at,
            )
        elif found is not None:
            found = _after(found, mark)
    return found


def _after(before: Challenge, mark: Mark) -> Challenge:
    step = "close" if mark.event == "closed" else mark.code
    taken = _BY_STEP.get((before.state, step))
    moved = step == "move-up"
    return replace(
        before,
        state=before.state if taken is None else taken.to,
        stage=mark.stage or before.stage if moved else before.stage,
        stage_since=mark.at if moved else before.stage_since,
        last=mark.index,
        last_at=mark.at,
        outcome=mark.code if mark.event == "closed" else before.outcome,
    )


def every(marks: Sequence[Mark]) -> list[Challenge]:
    """Where every challenge among these entries stands, in the order in which they were raised."""
    by_challenge: dict[str, list[Mark]] = {}
    for mark in sorted(marks, key=lambda one: one.index):
        by_challenge.setdefault(mark.challenge, []).append(mark)
    found = (standing(one) for one in by_challenge.values())
    return sorted((one for one in found if one is not None), key=lambda one: one.entry)


def steps_open_to(challenge: Challenge, body: str, stages: Stages) -> tuple[str, ...]:
    """The steps that a body may take now, in the table's order."""
    side = challenge.side(body)
    return tuple(
        one.step
        for one in STEPS
        if one.state == challenge.state
        and side in one.sides
        and not (one.step == "move-up" and stages.last(challenge.stage))
        and not (one.step == "close" and not outcomes_open_to(challenge, body, stages))
    )


def outcomes_open_to(challenge: Challenge, body: str, stages: Stages) -> tuple[str, ...]:
    """What a body may say came of an open challenge."""
    side, last = challenge.side(body), stages.last(challenge.stage)
    if not challenge.open or side is None:
        return ()
    return tuple(one for one in OUTCOMES if (last if one == OUT_OF_STAGES else side == "raiser"))


def stage_after(challenge: Challenge, step: str, stages: Stages) -> Stage | None:
    """The stage to which a step leads: another one if it moves the challenge up; None where there is none such."""
    return stages.after(challenge.stage) if step == "move-up" else stages.stage(challenge.stage)
