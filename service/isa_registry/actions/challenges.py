"""Raising a challenge, and taking it further."""

from __future__ import annotations

from datetime import datetime

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.challenge_entries import (
    ChallengeActor,
    ChallengeClosed,
    ChallengeMoved,
    ChallengeRaised,
    ChallengeSubject,
)
from isa_registry.domain.challenging.life import Challenge, stage_after
from isa_registry.domain.challenging.requests import (
    RaiseChallenge,
    TakeStep,
    provider_of,
    raising_faults,
    step_faults,
    untimely,
)
from isa_registry.domain.challenging.stages import Differences, Stages
from isa_registry.domain.dates import instant, london_date, parse_instant
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.callers import Caller
from isa_registry.ledger.drafts import Draft, IdempotencyClaim, Precondition, Unchanged
from isa_registry.ledger.threads import challenge_thread


def raise_challenge(
    asked: RaiseChallenge,
    caller: Caller,
    view: RegisterView,
    differences: Differences,
    *,
    challenge: str,
    now: datetime,
    claim: IdempotencyClaim | None = None,
) -> Draft:
    """A challenge by the caller's body at the first stage. Whether there is such an event of the other body's is not
    looked at: the caller could tell from the answer.

    Raises `Refused` (`unprocessable`) with everything that is wrong.
    """
    catalogue, opened = _law(view), view.opened()
    assert opened is not None
    partnership = opened.partnership if asked.partnership is None else asked.partnership
    stages = differences.of(partnership)

    def takes_part(organisation: str, at: datetime = now) -> bool:
        body = view.organisation(organisation)
        return body is not None and body.takes_part(london_date(at))

    faults = tuple(raising_faults(asked, caller.organisation, catalogue, takes_part=takes_part))
    if faults:
        raise Refused("unprocessable", "The challenge cannot be raised as it stands.", faults)
    payload = ChallengeRaised(
        challenge=challenge,
        organisation=caller.organisation,
        other=asked.other,
        client=caller.client,
        partnership=partnership,
        about=ChallengeSubject(
            kind=asked.about.kind, provider=provider_of(asked, caller.organisation), id=asked.about.id
        ),
        ground=asked.ground,
        stage=stages.first.code,
        raised_by=ChallengeActor(role=asked.raised_by.role, ref=asked.raised_by.ref),
        raised_at=instant(now),
        case_record=asked.case_record,
    )
    return Draft(payloads=(payload,), preconditions=(_other_takes_part(asked.other),), idempotency=claim)


def _other_takes_part(organisation: str) -> Precondition:
    def holds(view: RegisterView, at: str) -> None:
        body = view.organisation(organisation)
        if body is None or not body.takes_part(london_date(parse_instant(at))):
            detail = "No such organisation takes part here."
            raise Refused("unprocessable", detail, (Fault("#/other", "unknown-organisation", detail),))

    return holds


def take_step(
    asked: TakeStep,
    challenge: Challenge,
    caller: Caller,
    view: RegisterView,
    stages: Stages,
    *,
    now: datetime,
    claim: IdempotencyClaim | None = None,
) -> Draft:
    """A step by the caller's body, held against everything that was read of the challenge.

    Raises `Refused` (`unprocessable`) for what is no step. What cannot be done as the challenge stands is refused
    (`conflict`) only when it is appended: a repetition of a step that was taken finds that one first.
    """
    faults = tuple(step_faults(asked, _law(view)))
    if faults:
        raise Refused("unprocessable", "The step cannot be taken as it stands.", faults)
    wrong = untimely(asked, challenge, caller.organisation, stages)
    after = stage_after(challenge, asked.step, stages)
    actor = ChallengeActor(role=asked.taken_by.role, ref=asked.taken_by.ref)
    payload: ChallengeMoved | ChallengeClosed
    if asked.step == "close":
        payload = ChallengeClosed(
            challenge=challenge.id,
            organisation=challenge.organisation,
            other=challenge.other,
            by_body=caller.organisation,
            client=caller.client,
            outcome=asked.outcome or "",
            taken_by=actor,
            taken_at=instant(now),
        )
    else:
        payload = ChallengeMoved(
            challenge=challenge.id,
            organisation=challenge.organisation,
            other=challenge.other,
            by_body=caller.organisation,
            client=caller.client,
            step=asked.step,
            stage=challenge.stage if after is None else after.code,
            taken_by=actor,
            taken_at=instant(now),
        )
    return Draft(
        payloads=(payload,),
        preconditions=() if wrong is None else (_refusing(wrong),),
        idempotency=claim,
        unchanged=Unchanged(threads=(challenge_thread(challenge.id),), since=challenge.last + 1),
    )


def _refusing(fault: Fault) -> Precondition:
    def holds(view: RegisterView, at: str) -> None:
        raise Refused("conflict", fault.detail, (fault,))

    return holds


def _law(view: RegisterView) -> Catalogue:
    catalogue = view.catalogue()
    if catalogue is None or view.opened() is None:
        raise Refused("unavailable", "The registry is not open yet.", retry_after=30)
    return catalogue
