"""Closed codes and formats of what the routes about challenges take and give."""

from __future__ import annotations

from typing import get_args

from isa_registry.domain.challenging.codes import GROUNDS, OUTCOMES, STEPS, SUBJECT_KINDS
from isa_registry.domain.challenging.life import STATES
from isa_registry.domain.challenging.requests import CHALLENGE
from isa_registry.domain.retention import Confidence

JsonSchema = dict[str, object]

_MOMENT: JsonSchema = {"format": "date-time", "examples": ["2026-09-30T14:05:00.000Z"]}
_DAY: JsonSchema = {"format": "date", "examples": ["2026-09-30"]}
_ID: JsonSchema = {"pattern": f"^{CHALLENGE.pattern}$"}


def _one_of(codes: object) -> JsonSchema:
    assert isinstance(codes, dict | tuple)
    return {"enum": list(codes)}


_STANDING: dict[str, JsonSchema] = {
    "id": _ID,
    "ground": _one_of(GROUNDS),
    "state": _one_of(STATES),
    "raised_at": _MOMENT,
    "due_at": _MOMENT,
    "outcome": _one_of(OUTCOMES),
}

OF_CHALLENGES: dict[str, dict[str, JsonSchema]] = {
    "RaiseChallenge": {"ground": _one_of(GROUNDS)},
    "ChallengedThing": {"kind": _one_of(SUBJECT_KINDS)},
    "TakeStep": {"step": _one_of(STEPS), "outcome": _one_of(OUTCOMES)},
    "ChallengeLine": _STANDING,
    "ChallengeView": {
        **_STANDING,
        "stage_since": _MOMENT,
        "due_on": _DAY,
        "next_steps": _one_of(STEPS),
        "outcomes": _one_of(OUTCOMES),
    },
    "StepView": {"at": _MOMENT, "step": _one_of(("raise", *STEPS)), "outcome": _one_of(OUTCOMES)},
    "StageView": {"confidence": _one_of(get_args(Confidence))},
}
