"""What the routes of `api/access/challenges.py` take and give."""

from __future__ import annotations

from isa_registry.api import challenge_views, challenges
from isa_registry.api.contract_form import JSON, Contract, Parameter, Receipt
from isa_registry.domain.challenging.requests import RaiseChallenge, TakeStep

_CHALLENGES = "/api/v1/challenges"

CONTRACTS_OF_CHALLENGES: dict[tuple[str, str], Contract] = {
    ("POST", _CHALLENGES): Contract(
        operation="raiseChallenge",
        tag="challenges",
        takes=((JSON, RaiseChallenge),),
        answers=(JSON, challenge_views.ChallengeView),
        status=201,
        repeats=True,
        headers=("Location",),
        problems=("unprocessable",),
    ),
    ("GET", _CHALLENGES): Contract(
        operation="listChallenges",
        tag="challenges",
        answers=(JSON, challenges.ChallengeList),
        query=(
            Parameter("side", "Only those your organisation raised, or received.", "received", ("raised", "received")),
            Parameter("state", "Only those that stand so.", "overdue", ("open", "closed", "overdue")),
            Parameter("cursor", "Where the page begins: `next` of the page before.", "c120"),
        ),
        headers=("Link",),
    ),
    ("GET", f"{_CHALLENGES}/{{challenge}}"): Contract(
        operation="readChallenge",
        tag="challenges",
        answers=(JSON, challenge_views.ChallengeView),
        problems=("not-found", "gone"),
    ),
    ("POST", f"{_CHALLENGES}/{{challenge}}/steps"): Contract(
        operation="takeChallengeStep",
        tag="challenges",
        takes=((JSON, TakeStep),),
        answers=(JSON, challenge_views.ChallengeView),
        status=201,
        repeats=True,
        problems=("not-found", "gone", "unprocessable", "conflict", "changed-meanwhile"),
    ),
    ("GET", f"{_CHALLENGES}/{{challenge}}/receipt"): Contract(
        operation="readChallengeReceipt",
        tag="challenges",
        answers=(JSON, Receipt),
        query=(Parameter("entry", "One of the challenge's entries; the first without it.", "120"),),
        problems=("not-found", "gone", "receipt-not-ready"),
    ),
}
