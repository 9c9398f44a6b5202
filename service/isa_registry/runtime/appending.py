"""Appending several drafts of one request, each by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from isa_registry.domain.refusals import Refused
from isa_registry.ledger.drafts import Appended, Draft
from isa_registry.runtime.sequencer import Sequencer, unavailable

_PATIENCE_SECONDS = 10.0


async def append_all(sequencer: Sequencer, drafts: Sequence[Draft]) -> list[Appended | Refused]:
    """Where each draft stands, or why it was refused, in order. They are all handed in before a turn begins, so that
    they commit together as far as there is room in one."""
    if len(drafts) == 1:
        try:
            return [await sequencer.append(drafts[0])]
        except Refused as refused:
            return [refused]
    handed = [_hand_in(sequencer, draft) for draft in drafts]
    waiting = [answer for answer in handed if not isinstance(answer, Refused)]
    try:
        if waiting:
            await asyncio.wait(waiting, timeout=_PATIENCE_SECONDS)
        return [answer if isinstance(answer, Refused) else _outcome(answer) for answer in handed]
    finally:
        for answer in waiting:
            answer.cancel()


def _hand_in(sequencer: Sequencer, draft: Draft) -> asyncio.Future[Appended] | Refused:
    try:
        return sequencer.hand_in(draft)
    except Refused as refused:
        return refused


def _outcome(answer: asyncio.Future[Appended]) -> Appended | Refused:
    if not answer.done():
        return unavailable()
    error = answer.exception()
    if error is None:
        return answer.result()
    # Whatever is wrong with one harms no other; the sequencer has logged it.
    return error if isinstance(error, Refused) else Refused("internal", "This could not be recorded.")
