"""Steps before a day on which something is due, and after one on which it began. Days are whole, in London."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

REVIEW_DAYS = (90, 60, 30, 0)
ENDING_DAYS = (30, 7)
CHASING_DAYS = (7, 14, 28)


def days_until(day: str, today: str) -> int:
    """Whole days from today until a day; less than none once it has passed."""
    return (date.fromisoformat(day) - date.fromisoformat(today)).days


def step_before(day: str, today: str, steps: Iterable[int]) -> int | None:
    """The latest step that applies: of 90, 60, 30 and 0 it is 60 when there are 45 days left, and those missed before
    are not caught up with. None before the first."""
    left = days_until(day, today)
    return min((step for step in steps if left <= step), default=None)


def step_after(day: str, today: str, steps: Iterable[int]) -> int | None:
    """The latest step that applies after a day; None before the first."""
    passed = -days_until(day, today)
    return max((step for step in steps if step <= passed), default=None)
