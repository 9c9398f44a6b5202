"""Answering a question now, and recording the answer where that can be done."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from isa_registry.actions import checks
from isa_registry.actions.identifiers import check_id
from isa_registry.domain.dates import instant, london_date
from isa_registry.domain.questions import Question
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.callers import Caller
from isa_registry.ledger.drafts import Appended, IdempotencyClaim, Unchanged
from isa_registry.runtime.evidence_of import (
    Consulted,
    consult,
    evidence_of,
    nothing_consulted,
    references_read_for,
    references_read_for_all,
    refers,
)
from isa_registry.runtime.registry import Registry

RECORDING_SECONDS = 3.0
"""How long an answer waits to be recorded: whoever asks needs it now, recorded or not."""

ANSWERED_AGAIN = 3
"""How often a question is answered again whose consents change before the answer is recorded."""

AT_A_TIME = 32
"""How many questions that came together are answered before other requests have a turn."""

CHANGED = "changed-meanwhile"


async def answer_and_record(
    registry: Registry,
    admitted: Question,
    caller: Caller,
    *,
    view: RegisterView,
    root: bytes,
    stale: bool,
    claim: IdempotencyClaim | None = None,
) -> checks.CheckResponse | Appended:
    """The answer to an admitted question from `view`, whose Merkle root is `root`; or where the answer stands that the
    same claim was given before. An outage never blocks it: then the answer says that nothing was recorded."""
    if refers(admitted):
        return await _by_reference(registry, admitted, caller, view=view, root=root, stale=stale, claim=claim)
    now = registry.now()
    answered = checks.answer(
        admitted,
        view,
        evidence_of(admitted),
        root=root,
        check=check_id(now, registry.randomness(10)),
        decided_at=instant(now),
        today=london_date(now),
    )
    if not checks.is_recorded(admitted):
        return checks.render(answered, recorded=False, stale=stale)
    appended = await recorded(registry, answered, caller, claim)
    if appended is None:
        return checks.render_unrecorded(answered)
    return appended if appended.repeated else checks.render(answered, recorded=True, stale=stale)


async def _by_reference(
    registry: Registry,
    admitted: Question,
    caller: Caller,
    *,
    view: RegisterView,
    root: bytes,
    stale: bool,
    claim: IdempotencyClaim | None,
) -> checks.CheckResponse | Appended:
    """The same for a question that names somebody by reference. What is recorded rests on consents as they are in the
    log at that very place: where they changed on the way, the question is answered again."""
    past = admitted.as_of is not None
    references = references_read_for(admitted, caller.organisation)
    for tries_left in reversed(range(ANSWERED_AGAIN + 1)):
        found = await consult(registry, caller.organisation, references, view=view, root=root, stale=stale, past=past)
        answered = answer_on(registry, admitted, found)
        if not checks.is_recorded(admitted):
            return checks.render(answered, recorded=False, stale=found.stale)
        try:
            appended = await recorded(registry, answered, caller, claim, found.unchanged(admitted))
        except Refused as refused:
            if refused.code != CHANGED:
                raise
            if tries_left:
                view, root = registry.follower.view, registry.follower.root
                continue
            appended = None
        if appended is None:
            return checks.render_unrecorded(answered)
        return appended if appended.repeated else checks.render(answered, recorded=True, stale=found.stale)
    raise AssertionError("the last try returns")


async def answer_all(
    registry: Registry,
    admitted: Sequence[Question],
    caller: Caller,
    *,
    view: RegisterView,
    root: bytes,
    stale: bool,
) -> list[checks.CheckResponse | Refused]:
    """The answers to admitted questions that came together, none of them about what the register knew before: what is
    on record about all whom they name is read once. A refusal stands in the place of what it refuses."""
    own = caller.organisation
    consulted = plain = nothing_consulted(own, view, root, stale=stale)
    if references := references_read_for_all(admitted, own):
        consulted = await consult(registry, own, references, view=view, root=root, stale=stale)
    answers: list[checks.CheckResponse | Refused | None] = []
    kept: dict[int, asyncio.Task[checks.CheckResponse | Refused]] = {}
    for place, question in enumerate(admitted):
        found = consulted if references_read_for(question, own) else plain
        answered = answer_on(registry, question, found)
        if checks.is_recorded(question):
            kept[place] = asyncio.create_task(_kept(registry, answered, found, caller, stale=stale))
            answers.append(None)
        else:
            answers.append(checks.render(answered, recorded=False, stale=found.stale))
        if place % AT_A_TIME == AT_A_TIME - 1:
            # Other requests of this worker are not made to wait for all of it.
            await asyncio.sleep(0)
    for place, task in kept.items():
        answers[place] = await task
    return [one for one in answers if one is not None]


async def _kept(
    registry: Registry, answered: checks.Answered, found: Consulted, caller: Caller, *, stale: bool
) -> checks.CheckResponse | Refused:
    """An answer, recorded where that can be done; answered anew by itself where its consents changed meanwhile."""
    question = answered.question
    try:
        if await recorded(registry, answered, caller, None, found.unchanged(question)) is None:
            return checks.render_unrecorded(answered)
        return checks.render(answered, recorded=True, stale=found.stale)
    except Refused as refused:
        if refused.code != CHANGED:
            return refused
    try:
        view, root = registry.follower.view, registry.follower.root
        again = await answer_and_record(registry, question, caller, view=view, root=root, stale=stale)
    except Refused as refused:
        return refused
    assert isinstance(again, checks.CheckResponse), "nothing is repeated without a key"
    return again


def answer_on(registry: Registry, admitted: Question, found: Consulted) -> checks.Answered:
    """The answer to an admitted question, made now from what was consulted."""
    now = registry.now()
    today = london_date(now)
    return checks.answer(
        admitted,
        found.view,
        found.evidence(admitted, today),
        root=found.root,
        check=check_id(now, registry.randomness(10)),
        decided_at=instant(now),
        today=today,
    )


async def recorded(
    registry: Registry,
    answered: checks.Answered,
    caller: Caller,
    claim: IdempotencyClaim | None = None,
    unchanged: Unchanged | None = None,
) -> Appended | None:
    """Where an answer stands in the log, or stood before by the same claim; None where nothing can be recorded now.

    Raises `Refused` (`CHANGED`) where something that it rests on is no longer as it was read (`unchanged`).
    """
    if not registry.follower.connected:
        # Known already, so nobody waits to hear it, and nothing is asked of a database that has enough to do.
        return None
    try:
        draft = checks.draft(answered, caller, claim)
        if unchanged is not None:
            draft = replace(draft, unchanged=unchanged)
        return await registry.sequencer.append(draft, patience=RECORDING_SECONDS)
    except Refused as refused:
        if refused.code not in ("unavailable", "history-unconfirmed"):
            raise
        return None
