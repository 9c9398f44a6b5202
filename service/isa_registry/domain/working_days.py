"""Working days in England: Monday to Friday without bank holidays, in London's time.

The bank holidays of England and Wales follow from rules (Banking and Financial Dealings Act 1971, schedule 1, and the
yearly proclamations for New Year's Day and the early May holiday, which have been the same since 1978). A day off that
is proclaimed for one year alone, such as a coronation's, comes in as `extra`.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import date, datetime, time, timedelta
from functools import cache

from isa_registry.domain.dates import LONDON

_DAY = timedelta(days=1)
_SATURDAY = 5


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """The bank holidays of England and Wales in a year, as the rules have them."""
    easter = _easter(year)
    christmas = date(year, 12, 25)
    return frozenset({
        _weekday_from(date(year, 1, 1)),
        easter - 2 * _DAY,
        easter + _DAY,
        _monday_from(date(year, 5, 1)),
        _monday_from(date(year, 5, 25)),
        _monday_from(date(year, 8, 25)),
        *_christmas(christmas),
    })  # fmt: skip


def is_working_day(day: date, extra: Container[str] = ()) -> bool:
    """Whether a day is one. `extra` are further days off, YYYY-MM-DD."""
    return day.weekday() < _SATURDAY and day not in bank_holidays(day.year) and day.isoformat() not in extra


def working_days_after(moment: datetime, count: int, extra: Container[str] = ()) -> date:
    """The day by whose end `count` working days have passed since a moment. The day of the moment itself never counts,
    however early it was: nobody is given less than was allowed."""
    day = moment.astimezone(LONDON).date()
    while count > 0:
        day += _DAY
        if is_working_day(day, extra):
            count -= 1
    return day


def end_of(day: date) -> datetime:
    """The moment at which a day ends in London."""
    return datetime.combine(day + _DAY, time(), LONDON)


def _weekday_from(day: date) -> date:
    while day.weekday() >= _SATURDAY:
        day += _DAY
    return day


def _monday_from(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)


def _christmas(day: date) -> tuple[date, date]:
    """Christmas Day and the day after, or the weekdays that stand in for them."""
    first = _weekday_from(day)
    return first, _weekday_from(first + _DAY)


def _easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar, by the anonymous algorithm (Meeus, Astronomical Algorithms, 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (a + 11 * h) // 319
    r = (2 * e + 2 * i - k - h + m + 32) % 7
    month = (h - m + r + 90) // 25
    return date(year, month, (h - m + r + month + 19) % 32)
