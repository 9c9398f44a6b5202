"""What came of professional differences, in the quarterly figures: a plain count, by the body that raised them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from challenge_marks import RAISER, STAGES, closed, moved, raised
from challenges.raising import raised as raised_now
from challenges.raising import step, taken
from isa_registry.domain.challenging.stages import Differences
from isa_registry.domain.dates import london_date
from isa_registry.domain.reporting.challenge_measures import challenge_counts
from isa_registry.domain.reporting.quarterly import MEASURES
from live import LEAD, POLICE
from serving import Serving

START, END = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
DIFFERENCES = Differences({"durham": STAGES})


def test_each_challenge_counts_for_the_body_that_raised_it_by_ground_outcome_stage_and_time() -> None:
    marks = [
        raised("2026-07-06", challenge="slow", ground="put-off"),
        moved("2026-07-20", "move-up", challenge="slow", stage="stage-two"),
        closed("2026-07-21", "decision-stands-agreed", challenge="slow"),
        raised("2026-08-03", challenge="swift"),
        closed("2026-08-04", challenge="swift"),
        raised("2026-09-29", challenge="open"),
        closed("2026-09-01", challenge="orphan"),
    ]
    found = {(one.measure, one.code): one.count for one in challenge_counts(marks, DIFFERENCES, start=START, end=END)}
    assert found == {
        ("challenges-by-ground", "not-shared"): 2,
        ("challenges-by-ground", "put-off"): 1,
        ("challenges-by-outcome", "resolved-shared"): 1,
        ("challenges-by-outcome", "decision-stands-agreed"): 1,
        ("challenges-by-stage", "first-stage"): 1,
        ("challenges-by-stage", "second-stage"): 1,
        ("challenges-in-time", "in-time"): 1,
        ("challenges-in-time", "overdue"): 1,
    }
    assert {one.body for one in challenge_counts(marks, DIFFERENCES, start=START, end=END)} == {RAISER}
    known = {(one.code, code) for one in MEASURES for code in one.codes}
    assert found.keys() <= known


def test_of_a_partnership_without_stages_nothing_is_counted() -> None:
    assert challenge_counts([raised("2026-08-03")], Differences({}), start=START, end=END) == []


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
    assert said["challenges-by-stage"]["third-stage"] == 0
    police = next(one for one in figures["bodies"] if one["organisation"] == POLICE)
    assert {one["code"]: one["values"] for one in police["measures"]}["challenges-by-outcome"][
        "resolved-otherwise"
    ] == 0
