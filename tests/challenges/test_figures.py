"""What came of professional differences, in the quarterly figures: by the body that raised them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from challenge_marks import RAISER, STAGES, closed, raised
from challenges.raising import raised as raised_now
from challenges.raising import step, taken
from isa_registry.domain.challenging.stages import NO_STAGES, Differences
from isa_registry.domain.dates import london_date
from isa_registry.runtime.quarterly import Quarterly
from isa_registry.store.figures import Span
from live import LEAD, POLICE
from serving import Serving

SPAN = Span(datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC), 100, (RAISER,))
MARKS = [raised("2026-08-03"), closed("2026-08-04")]
NO_REGISTRY: Any = None


def test_a_report_of_a_partnership_without_stages_is_made_all_the_same() -> None:
    assert list(Quarterly("", NO_REGISTRY, NO_STAGES)._of_challenges(SPAN, MARKS)) == []


def test_what_lost_its_first_entry_counts_for_nothing_and_disturbs_nothing() -> None:
    quarterly = Quarterly("", NO_REGISTRY, Differences({"durham": STAGES}))
    found = list(quarterly._of_challenges(SPAN, [*MARKS, closed("2026-09-01", challenge="chl_orphan")]))
    assert {(one.measure, one.code): one.count for one in found} == {
        ("challenges", "raised"): 1,
        ("challenges", "closed"): 1,
        ("challenges", "within-time"): 1,
        ("challenges-by-ground", "not-shared"): 1,
        ("challenges-by-outcome", "resolved-shared"): 1,
    }


@pytest.mark.asyncio(loop_scope="session")
async def test_the_quarterly_report_says_what_came_of_them(served: Serving) -> None:
    for _ in range(5):
        found = await raised_now(served, ground="not-accurate")
        await taken(served, LEAD, found["id"], step("close", outcome="resolved-otherwise"))
    await served.registry.follower.wait_for_size(found["entry"] + 2, seconds=5)
    year, month = map(int, london_date(served.registry.now()).split("-")[:2])
    async with served.client(served.person(LEAD, "business-unit")) as unit:
        answer = await unit.get(f"/api/v1/reports/quarterly?quarter={year}-Q{(month + 2) // 3}")
    figures = answer.raise_for_status().json()["figures"]
    said = {one["code"]: one["values"] for one in figures["measures"]}
    assert said["challenges-by-ground"]["not-accurate"] == 5
    assert said["challenges-by-outcome"]["resolved-otherwise"] == 5
    police = next(one for one in figures["bodies"] if one["organisation"] == POLICE)
    theirs = {one["code"]: one["values"] for one in police["measures"]}
    assert theirs["challenges-by-outcome"]["resolved-otherwise"] == 0
