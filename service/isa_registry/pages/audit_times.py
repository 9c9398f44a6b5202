"""Two times of a question about the past: the day that it is about, and what was known. They are independent: on 3
March, knowing what was known on 10 March."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from msgspec import Struct

from isa_registry.domain.dates import LONDON, instant, is_date
from isa_registry.identity.forms import Sent, only
from isa_registry.pages.decisions_form import moment_of
from isa_registry.pages.forms import FieldError
from isa_registry.pages.people import plain_time
from isa_registry.pages.rendering import plain_date

TIMES = ("on", "as_of_on", "as_of_at", "as_of_size")
"""The fields."""

_SIZE = re.compile(r"[1-9][0-9]{0,14}")


class Times(Struct, frozen=True):
    """`on`: the day (YYYY-MM-DD, London) whose law and agreements count; None for today. `as_of`: what was known, as a
    log size or an RFC 3339 time; None for now. `known` says the second in words."""

    on: str | None = None
    as_of: int | str | None = None
    known: str = ""


def times_of(sent: Sent, now: datetime) -> Times | tuple[FieldError, ...]:
    """The times of a form or an address; or what is wrong in it. A day as such means its end, a minute its end: what a
    page shows as made then was known then."""
    on, size = only(sent, "on").strip(), only(sent, "as_of_size").strip()
    day, at = only(sent, "as_of_on").strip(), only(sent, "as_of_at").strip()
    errors = []
    if on and not is_date(on):
        errors.append(FieldError("on", "Enter the day as year-month-day, like 2026-03-03"))
    if size and (day or at):
        errors.append(FieldError("as_of_size", "Give a number of entries, or a day: not both"))
    elif size and not _SIZE.fullmatch(size):
        errors.append(FieldError("as_of_size", "Enter a number of entries, like 1234"))
    moment = None if size else _moment(day, at, now)
    if isinstance(moment, FieldError):
        errors.append(moment)
    if errors:
        return tuple(errors)
    if size:
        return Times(on or None, int(size), f"from the first {int(size):,} entries of the log")
    if moment is None:
        return Times(on or None)
    assert isinstance(moment, datetime)
    return Times(on or None, instant(moment), plain_time(moment))


def _moment(day: str, at: str, now: datetime) -> datetime | FieldError | None:
    if not day and not at:
        return None
    if not is_date(day):
        return FieldError("as_of_on", "Enter the day as year-month-day, like 2026-03-10")
    if at:
        minute = moment_of({"at_on": (day,), "at_at": (at,)}, "at")
        if minute is None:
            return FieldError("as_of_at", "Enter the time of day, like 14:05, or leave it empty")
        moment = minute + timedelta(seconds=59, milliseconds=999)
        begins = minute
    else:
        begins = datetime.fromisoformat(day).replace(tzinfo=LONDON)
        # By wall clock: the days on which the clocks change have 23 or 25 hours.
        moment = begins + timedelta(days=1) - timedelta(milliseconds=1)
    if begins > now:
        return FieldError("as_of_on", "Enter a day that has been: nobody knows yet what will be known then")
    return min(moment, now.astimezone(LONDON))


def in_words(times: Times, today: str, size: int) -> str:
    """Both times as a sentence. `size` is that of the log which was looked at."""
    day = f"On {plain_date(times.on or today)}{'' if times.on else ' (today)'}"
    if times.as_of is None:
        return f"{day}, knowing what is known now: {size:,} entries."
    if isinstance(times.as_of, int):
        return f"{day}, knowing what was known {times.known}."
    return f"{day}, knowing what was known on {times.known}: {size:,} entries."
