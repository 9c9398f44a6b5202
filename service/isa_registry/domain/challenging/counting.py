"""How many challenges there were in a period, and what came of them: for learning, and never about a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from isa_registry.domain.challenging.codes import GROUNDS, OUTCOMES
from isa_registry.domain.challenging.life import Challenge, Mark, standing
from isa_registry.domain.challenging.stages import Stages


class Counted(Struct, frozen=True):
    """Counts of a period. `raised` and `by_ground` are of those raised in it; `closed`, `by_outcome`, `by_stage` (the
    stage at which they were closed) and `within_time` of those closed in it; `open` and `overdue` are as its end was.
    Every ground, outcome and stage that there is has its count, be it 0."""

    raised: int
    by_ground: dict[str, int]
    closed: int
    by_outcome: dict[str, int]
    by_stage: dict[str, int]
    within_time: int
    open: int
    overdue: int


def counted(marks: Iterable[Mark], stages: Stages, *, start: datetime, end: datetime) -> Counted:
    """The counts from `start` until before `end`. Marks of later than that count for nothing."""
    threads: dict[str, list[Mark]] = {}
    for mark in sorted(marks, key=lambda one: one.index):
        if mark.at < end:
            threads.setdefault(mark.challenge, []).append(mark)
    found = [(one, thread) for thread in threads.values() if (one := standing(thread)) is not None]
    raised = [one for one, _ in found if one.raised_at >= start]
    closed = [(one, thread) for one, thread in found if not one.open and one.last_at >= start]
    still_open = [one for one, _ in found if one.open]
    return Counted(
        raised=len(raised),
        by_ground=_counts(GROUNDS, (one.ground for one in raised)),
        closed=len(closed),
        by_outcome=_counts(OUTCOMES, (one.outcome or "" for one, _ in closed)),
        by_stage=_counts((one.code for one in stages.stages), (one.stage for one, _ in closed)),
        within_time=sum(within_time(one, thread, stages) for one, thread in closed),
        open=len(still_open),
        overdue=sum(one.overdue(stages, end) for one in still_open),
    )


def within_time(challenge: Challenge, marks: Sequence[Mark], stages: Stages) -> bool:
    """Whether a closed challenge left each of its stages before the time that the stage is allowed was over. `marks`
    are its entries in their order."""
    begins = [(one.stage or "", one.at) for one in marks if one.event == "raised" or one.code == "move-up"]
    ends = [*(at for _, at in begins[1:]), challenge.last_at]
    for (stage, since), left in zip(begins, ends, strict=True):
        due = stages.due(stage, since)
        if due is not None and left >= due.at:
            return False
    return True


def _counts(codes: Iterable[str], found: Iterable[str]) -> dict[str, int]:
    """The count of each code in their order; of codes that are no more, in order of their names, after them."""
    counts = Counter(found)
    known = dict.fromkeys(codes)
    return {code: counts[code] for code in (*known, *sorted(counts.keys() - known.keys()))}
