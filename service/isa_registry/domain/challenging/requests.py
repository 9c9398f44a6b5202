"""What is sent to raise a challenge or to take a step, and what can be wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Literal

from msgspec import Struct

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.challenging.codes import GROUNDS, OUT_OF_STAGES, OUTCOMES, STEPS
from isa_registry.domain.challenging.life import Challenge, outcomes_open_to, steps_open_to
from isa_registry.domain.challenging.stages import Stages
from isa_registry.domain.references import own_reference_fault
from isa_registry.domain.refusals import Fault
from isa_registry.domain.sharing import is_uuid7

_CHECK = re.compile(r"chk_[0-9a-f]{32}")
CHALLENGE = re.compile(r"chl_[0-9a-f]{32}")


class _Part(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class ChallengedThing(_Part, frozen=True):
    """What is challenged: an event by its id, a check by its id, a request by the reference that the asking body gave
    it. `provider` is the body whose decision or question it was: of a check the caller, otherwise the other body,
    where nothing is said."""

    kind: Literal["event", "check", "request"]
    id: str
    provider: str | None = None


class StepTaker(_Part, frozen=True):
    """Who takes a step: a role, and an opaque staff reference."""

    role: str
    ref: str


class RaiseChallenge(_Part, frozen=True):
    """A challenge to `other`. `ground` is what is disputed; `case_record` where why is written in the caller's own
    system."""

    other: str
    about: ChallengedThing
    ground: str
    raised_by: StepTaker
    case_record: str | None = None
    partnership: str | None = None


class TakeStep(_Part, frozen=True):
    """A step. `stage` is where the challenge stood for whoever takes it, so that two people do not move it up twice;
    `outcome` goes with `close` alone."""

    step: str
    stage: str
    taken_by: StepTaker
    outcome: str | None = None


def provider_of(asked: RaiseChallenge, own: str) -> str:
    """The body whose decision or question is challenged."""
    if asked.about.provider is not None:
        return asked.about.provider
    return own if asked.about.kind == "check" else asked.other


def raising_faults(
    asked: RaiseChallenge, own: str, catalogue: Catalogue, *, takes_part: Callable[[str], bool]
) -> Iterator[Fault]:
    """What is wrong with a challenge by `own`. `takes_part` says which bodies belong to the registry today."""
    if asked.other == own:
        detail = "Name the other body. A difference within your own organisation is settled there."
        yield Fault("#/other", "own-organisation", detail)
    elif not takes_part(asked.other):
        detail = (
            "No such organisation takes part here. Raise it with them by telephone, and record that in your system."
        )
        yield Fault("#/other", "unknown-organisation", detail)
    yield from _about_faults(asked, own)
    if asked.ground not in GROUNDS:
        yield Fault("#/ground", "unknown-code", f"Use one of: {', '.join(GROUNDS)}.")
    yield from actor_faults("#/raised_by", asked.raised_by, catalogue)
    if asked.case_record is not None and (wrong := own_reference_fault(asked.case_record)) is not None:
        yield Fault("#/case_record", "not-a-reference", wrong)


def _about_faults(asked: RaiseChallenge, own: str) -> Iterator[Fault]:
    about = asked.about
    provider = provider_of(asked, own)
    if provider not in (own, asked.other):
        yield Fault("#/about/provider", "not-a-party", "It is either your own organisation or the one you challenge.")
    if about.kind == "event" and not is_uuid7(about.id):
        yield Fault("#/about/id", "not-a-uuid7", "Give the event's id as its provider gave it.")
    elif about.kind == "check" and not _CHECK.fullmatch(about.id):
        yield Fault("#/about/id", "not-a-check", "Give the check's id, which begins with chk_.")
    elif about.kind == "request" and (wrong := own_reference_fault(about.id)) is not None:
        yield Fault("#/about/id", "not-a-reference", wrong)


def actor_faults(at: str, actor: StepTaker, catalogue: Catalogue) -> Iterator[Fault]:
    roles: Collection[str] = catalogue.codes.roles
    if actor.role not in roles:
        yield Fault(f"{at}/role", "unknown-code", f"Use one of: {', '.join(sorted(roles))}.")
    if (wrong := own_reference_fault(actor.ref)) is not None:
        yield Fault(f"{at}/ref", "not-a-reference", wrong)


def step_faults(asked: TakeStep, catalogue: Catalogue) -> Iterator[Fault]:
    """What is wrong with a step whatever the challenge is."""
    if asked.step not in STEPS:
        yield Fault("#/step", "unknown-code", f"Use one of: {', '.join(STEPS)}.")
    elif asked.step == "close" and asked.outcome is None:
        yield Fault("#/outcome", "missing", "Say what came of it.")
    elif asked.step != "close" and asked.outcome is not None:
        yield Fault("#/outcome", "contradicts-step", "An outcome is said on closing alone: leave it out.")
    if asked.outcome is not None and asked.outcome not in OUTCOMES:
        yield Fault("#/outcome", "unknown-code", f"Use one of: {', '.join(OUTCOMES)}.")
    yield from actor_faults("#/taken_by", asked.taken_by, catalogue)


def untimely(asked: TakeStep, challenge: Challenge, body: str, stages: Stages) -> Fault | None:
    """Why a body may not take a step of good form now; None where it may."""
    if not challenge.open:
        return Fault("#/step", "closed", "The challenge is closed. Raise a new one where something is still disputed.")
    if asked.stage != challenge.stage:
        return Fault("#/stage", "another-stage", "It has moved to another stage meanwhile. Look at it again.")
    if asked.step == "close" and asked.outcome not in outcomes_open_to(challenge, body, stages):
        if asked.outcome == OUT_OF_STAGES:
            return Fault("#/outcome", "not-the-last-stage", "There is a further stage: move it up instead.")
        return Fault("#/outcome", "for-the-other-body", "What came of it is for the body that raised it to say.")
    if asked.step not in steps_open_to(challenge, body, stages):
        if asked.step == "move-up":
            detail = "This is the last stage. Close it as taken further, or settle it here."
            return Fault("#/step", "last-stage", detail)
        return Fault("#/step", "not-now", "Your organisation cannot take this step as the challenge stands.")
    return None
