"""What the quarterly figures say of professional differences beyond their number: what was disputed, what came of it,
how far it went, and whether each stage kept its time. Of the body that raised them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from isa_registry.domain.challenging.counting import Counted, counted
from isa_registry.domain.challenging.life import Mark
from isa_registry.domain.challenging.stages import Differences, Stages
from isa_registry.domain.reporting.quarterly import CLOSED_AT, Count


def challenge_counts(marks: Iterable[Mark], differences: Differences, *, start: datetime, end: datetime) -> list[Count]:
    """The counts of challenges from `start` until before `end`, by the body that raised each; nothing of which there
    was none. `marks` are every entry of those that were not closed before `start`."""
    ordered = sorted(marks, key=lambda one: one.index)
    whose = {one.challenge: (one.organisation, one.partnership or "") for one in ordered if one.event == "raised"}
    groups: dict[tuple[str, str], list[Mark]] = {}
    for one in ordered:
        if one.challenge in whose:
            groups.setdefault(whose[one.challenge], []).append(one)
    found: list[Count] = []
    for (body, partnership), group in groups.items():
        stages = differences.partnerships.get(partnership)
        if stages is not None:
            found += _counts(body, counted(group, stages, start=start, end=end), stages)
    return found


def _counts(body: str, numbers: Counted, stages: Stages) -> list[Count]:
    of: dict[str, Mapping[str, int]] = {
        "challenges-by-ground": numbers.by_ground,
        "challenges-by-outcome": numbers.by_outcome,
        "challenges-by-stage": _in_order(numbers.by_stage, stages),
        "challenges-in-time": {"in-time": numbers.within_time, "overdue": numbers.closed - numbers.within_time},
    }
    return [
        Count(body, measure, code, count) for measure, counts in of.items() for code, count in counts.items() if count
    ]


def _in_order(by_stage: Mapping[str, int], stages: Stages) -> dict[str, int]:
    """By the place of the stage among its partnership's, since each partnership has stages of its own."""
    found = dict.fromkeys(CLOSED_AT, 0)
    for place, stage in enumerate(stages.stages):
        found[CLOSED_AT[min(place, len(CLOSED_AT) - 1)]] += by_stage.get(stage.code, 0)
    return found
