"""Answering a question now, and recording the answer where that can be done."""

from __future__ import annotations

from isa_registry.actions import checks
from isa_registry.actions.identifiers import check_id
from isa_registry.domain.dates import instant, london_date
from isa_registry.domain.questions import Question
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.callers import Caller
from isa_registry.ledger.drafts import Appended, IdempotencyClaim
from isa_registry.runtime.evidence_of import evidence_of
from isa_registry.runtime.registry import Registry

RECORDING_SECONDS = 3.0
"""How long an answer waits to be recorded: whoever asks needs it now, recorded or not."""


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
    answered = answer_now(registry, admitted, view=view, root=root)
    if not checks.is_recorded(admitted):
        return checks.render(answered, recorded=False, stale=stale)
    appended = await recorded(registry, answered, caller, claim)
    if appended is None:
        return checks.render_unrecorded(answered)
    return appended if appended.repeated else checks.render(answered, recorded=True, stale=stale)


def answer_now(registry: Registry, admitted: Question, *, view: RegisterView, root: bytes) -> checks.Answered:
    """The answer to an admitted question from `view`, whose Merkle root is `root`."""
    now = registry.now()
    return checks.answer(
        admitted,
        view,
        evidence_of(admitted, registry),
        root=root,
        check=check_id(now, registry.randomness(10)),
        decided_at=instant(now),
        today=london_date(now),
    )


async def recorded(
    registry: Registry, answered: checks.Answered, caller: Caller, claim: IdempotencyClaim | None = None
) -> Appended | None:
    """Where an answer stands in the log, or stood before by the same claim; None where nothing can be recorded now."""
    if not registry.follower.connected:
        # Known already, so nobody waits to hear it, and nothing is asked of a database that has enough to do.
        return None
    try:
        return await registry.sequencer.append(checks.draft(answered, caller, claim), patience=RECORDING_SECONDS)
    except Refused as refused:
        if refused.code not in ("unavailable", "history-unconfirmed"):
            raise
        return None
