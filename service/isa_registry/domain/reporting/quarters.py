"""Quarters of the calendar year, as days in London and as the moments at which those begin and end."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from isa_registry.domain.dates import LONDON

_QUARTER = re.compile(r"(20[0-9]{2})-Q([1-4])")


class Quarter(NamedTuple):
    """A quarter such as 2026-Q3: July to September. `first` and `last` are its days (YYYY-MM-DD, London)."""

    code: str
    first: str
    last: str

    def moments(self) -> tuple[datetime, datetime]:
        """When it begins, and when the next one does."""
        after = date.fromisoformat(self.last) + timedelta(days=1)
        return _midnight(date.fromisoformat(self.first)), _midnight(after)


def quarter(code: str) -> Quarter | None:
    """The quarter that a code such as `2026-Q3` names; None for any other text."""
    spelt = _QUARTER.fullmatch(code)
    if spelt is None:
        return None
    year, number = int(spelt[1]), int(spelt[2])
    first = date(year, 3 * number - 2, 1)
    after = date(year + number // 4, 3 * number % 12 + 1, 1)
    return Quarter(code, first.isoformat(), (after - timedelta(days=1)).isoformat())


def quarter_of(day: str) -> Quarter:
    """The quarter that a day (YYYY-MM-DD) is in."""
    found = quarter(f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}")
    assert found is not None
    return found


def quarter_before(one: Quarter) -> Quarter:
    """The quarter before."""
    return quarter_of((date.fromisoformat(one.first) - timedelta(days=1)).isoformat())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON).astimezone(UTC)
