"""Times and dates in their one spelling: RFC 3339 UTC with `Z` and milliseconds; dates of Europe/London."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def instant(moment: datetime) -> str:
    """A moment as 2026-09-30T14:05:00.000Z."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def parse_instant(text: str) -> datetime:
    """The moment that `instant` wrote. Raises ValueError for any other spelling."""
    if not _INSTANT.fullmatch(text):
        raise ValueError("not an RFC 3339 UTC time with milliseconds")
    return datetime.fromisoformat(text)


def is_instant(text: str) -> bool:
    try:
        parse_instant(text)
    except ValueError:
        return False
    return True


def is_date(text: str) -> bool:
    """Whether `text` is a real day, written YYYY-MM-DD."""
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def london_date(moment: datetime) -> str:
    """The day that it is in London at a moment, YYYY-MM-DD."""
    return moment.astimezone(LONDON).date().isoformat()


def day_after(day: str, count: int = 1) -> str:
    """The day some days after another, both YYYY-MM-DD; before it where `count` is less than nothing. What is no day,
    or has none after it, is its own."""
    try:
        return (date.fromisoformat(day) + timedelta(days=count)).isoformat()
    except (ValueError, OverflowError):
        return day


def milliseconds_later(text: str, count: int) -> str:
    """An instant some milliseconds after another."""
    return instant(parse_instant(text) + timedelta(milliseconds=count))
