"""The days of a quarter, how counts are shown, and what the frame says where there is nothing to worry about."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from isa_registry.domain.challenging.counting import Counted
from isa_registry.domain.reporting.quarterly import MEASURES, Coverage, Tally, counts_of_challenges, figures
from isa_registry.domain.reporting.quarters import quarter, quarter_before, quarter_of
from isa_registry.domain.reporting.safety_frame import frame
from isa_registry.domain.reporting.small_numbers import SMALLEST, STEP, shown


def test_quarters_are_those_of_the_calendar_and_begin_at_midnight_in_london() -> None:
    second = quarter("2026-Q2")
    assert second is not None
    assert ("2026-04-01", "2026-06-30") == (second.first, second.last)
    assert second.moments() == (datetime(2026, 3, 31, 23, tzinfo=UTC), datetime(2026, 6, 30, 23, tzinfo=UTC))
    assert quarter_of("2026-12-31") == quarter("2026-Q4")
    assert quarter_before(quarter_of("2026-01-01")) == quarter("2025-Q4")
    assert [] == [code for code in ("2026-Q0", "1999-Q1", " 2026-Q1", "2026-Q1 ", "2026Q1") if quarter(code)]


def test_all_attested_and_acknowledged_is_what_works_well() -> None:
    names = {"a": "A", "b": "B"}
    asked = quarter("2026-Q3")
    assert asked is not None
    none = figures(asked, "durham", 10, names, [], {}, [Coverage("tier-1", "1.0", "2026-09-30", 2, 2)])
    assert ["attested"] == [one.code for one in frame(none, ()).working_well]
    assert () == frame(none, ()).worried_about == frame(none, ()).needs_to_happen
    assert Counter(one.total for one in none.measures) == {0: len(MEASURES)}
    assert isinstance(none.measures[0], Tally)


@given(st.integers(0, 10**9))
def test_a_count_is_not_shown_where_it_is_small_and_rounded_everywhere_else(count: int) -> None:
    found = shown(count)
    assert (found is None) == (0 < count < SMALLEST)
    if found is not None:
        assert found % STEP == 0
        assert 2 * abs(found - count) <= STEP
        # Whatever is shown, other than that there was none, may be of several counts.
        assert found == 0 or len({n for n in range(found - STEP, found + STEP) if n > 0 and shown(n) == found}) > 2


def test_no_difference_of_two_numbers_shown_gives_a_small_one_away() -> None:
    """Nineteen shared of twenty-one: the two that were not do not follow."""
    possible = {total - part for total in range(15, 30) for part in range(15, 30) if shown(total) == shown(part) == 20}
    assert shown(21) == shown(19) == 20
    assert {0, 1, 2, 3, 4} <= possible


def test_what_came_of_challenges_is_counted_and_what_stood_too_long_is_a_worry() -> None:
    asked = quarter("2026-Q3")
    assert asked is not None
    counted = Counted(
        raised=12, by_ground={"not-shared": 12}, closed=9, by_outcome={"resolved-shared": 9}, by_stage={},
        within_time=6, open=8, overdue=7,
    )  # fmt: skip
    found = figures(asked, "durham", 10, {"a": "A"}, counts_of_challenges("a", counted), {}, [])
    tallies = {one.code: one for one in found.measures}
    assert tallies["challenges"].values == {"raised": 10, "closed": 10, "within-time": 5, "open": 10, "overdue": 5}
    assert tallies["challenges-by-ground"].values["not-shared"] == 10
    assert tallies["challenges-by-outcome"].values["resolved-shared"] == 10
    assert ["differences-overdue"] == [one.code for one in frame(found, ()).worried_about]
