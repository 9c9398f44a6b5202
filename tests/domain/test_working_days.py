from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from isa_registry.domain.dates import LONDON
from isa_registry.domain.working_days import bank_holidays, end_of, is_working_day, working_days_after

# England and Wales, as published by the government for years without a proclaimed day of their own.
PUBLISHED = {
    2021: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
    2024: "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
    2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
    2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
    2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
    2028: "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26",
}


@pytest.mark.parametrize("year", PUBLISHED)
def test_the_bank_holidays_are_those_that_were_published(year: int) -> None:
    assert sorted(day.isoformat()[5:] for day in bank_holidays(year)) == PUBLISHED[year].split()


def test_christmas_day_on_a_sunday_moves_behind_the_day_after_it() -> None:
    assert {date(2022, 12, 26), date(2022, 12, 27)} <= bank_holidays(2022)


@pytest.mark.parametrize(
    ("moment", "count", "last"),
    [
        ("2026-11-27T09:00:00Z", 1, "2026-11-30"),  # a Friday
        ("2026-11-28T09:00:00Z", 1, "2026-11-30"),  # a Saturday
        ("2026-11-30T23:59:00Z", 5, "2026-12-07"),
        ("2026-12-23T10:00:00Z", 2, "2026-12-29"),  # the 25th and the 28th are holidays
        ("2027-03-25T10:00:00Z", 1, "2027-03-30"),  # Good Friday and Easter Monday
        ("2026-06-30T23:30:00Z", 1, "2026-07-02"),  # in London it is the next day already
    ],
)
def test_working_days_pass_over_weekends_and_holidays_and_not_the_day_itself(
    moment: str, count: int, last: str
) -> None:
    assert working_days_after(datetime.fromisoformat(moment), count).isoformat() == last


def test_a_day_proclaimed_for_one_year_is_no_working_day() -> None:
    assert is_working_day(date(2023, 5, 8))
    assert not is_working_day(date(2023, 5, 8), {"2023-05-08"})
    friday = datetime(2023, 5, 5, 12, tzinfo=UTC)
    assert working_days_after(friday, 1, {"2023-05-08"}) == date(2023, 5, 9)


def test_a_day_ends_at_midnight_in_london_whatever_the_season() -> None:
    assert end_of(date(2026, 7, 1)).astimezone(UTC) == datetime(2026, 7, 1, 23, tzinfo=UTC)
    assert end_of(date(2026, 12, 1)) == datetime(2026, 12, 2, tzinfo=LONDON)
