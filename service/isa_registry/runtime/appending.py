"""Appending several drafts of one request, each by itself."""

from __future__ import annotations

from collections.abc import Sequence

from isa_registry.domain.refusals import Refused
from isa_registry.ledger.drafts import Appended, Draft
from isa_registry.runtime.answers_together import unavailable
from isa_registry.runtime.sequencer import Sequencer

_PATIENCE_SECONDS = 10.0


async def append_all(sequencer: Sequencer, drafts: Sequence[Draft]) -> list[Appended | Refused]:
    """Where each draft stands, or why it was refused, in order. They are all handed in before a turn begins, so that
    they commit together as far as there is room in one."""
    try:
        if len(drafts) == 1:
            return [await sequencer.append(drafts[0])]
        if not drafts:
            return []
        answers = sequencer.hand_in_all(drafts)
    except Refused as refused:
        return [refused] * len(drafts)
    await answers.wait(_PATIENCE_SECONDS)
    return [_outcome(outcome) for outcome in answers.outcomes]


def _outcome(outcome: Appended | Exception | None) -> Appended | Refused:
    if isinstance(outcome, Appended | Refused):
        return outcome
    # Whatever is wrong with one harms no other; the sequencer has logged it.
    return unavailable() if outcome is None else Refused("internal", "This could not be recorded.")
