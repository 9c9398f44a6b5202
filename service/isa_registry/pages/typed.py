"""Days and times as people type them, in the one spelling that everything else takes.

A telephone’s number pad has neither hyphen nor colon, and most people here write the day first. What can be read in two
ways is left as it is, to be asked about.
"""

from __future__ import annotations

import re
from datetime import date

from isa_registry.identity.forms import Sent

_DAYS = frozenset(
    {
        "as_of_on", "checked_on", "day", "decided_on", "from", "on", "policy_review_on", "received_on", "review",
        "review_due", "review_on", "shared_on", "since_day", "starts", "transition", "until",
    }
)  # fmt: skip
_CONSULTED = "consulted_"
_TIMES = frozenset({"as_of_at", "decided_at", "received_at", "shared_at", "time"})

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[ ./-]+([0-9]{1,2})[ ./-]+([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})[ ./-]+([0-9]{1,2})[ ./-]+([0-9]{1,2})")
_MONTH_NAMED = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?[ -]+([a-z]{3,9})[ ,-]+([0-9]{4})")
_TIME = re.compile(r"([0-9]{1,2})[.: ]?([0-9]{2})?[ ]?(am|pm)?")


def day_typed(text: str) -> str:
    """The day as YYYY-MM-DD where the text is one: 27/3/2027, 27 March 2027 or 2027-3-27. Otherwise the text."""
    plain = text.strip().lower()
    if found := _YEAR_FIRST.fullmatch(plain):
        year, month, day = (int(one) for one in found.groups())
    elif found := _DAY_FIRST.fullmatch(plain):
        day, month, year = (int(one) for one in found.groups())
    elif (found := _MONTH_NAMED.fullmatch(plain)) and found[2][:3] in _MONTHS:
        day, month, year = int(found[1]), _MONTHS.index(found[2][:3]) + 1, int(found[3])
    else:
        return text
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return text


def time_typed(text: str) -> str:
    """The time as HH:MM where the text is one: 14.05, 1405, 9:05 or 2.05pm. Otherwise the text."""
    found = _TIME.fullmatch(text.strip().lower())
    if found is None:
        return text
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    # A number alone could be an hour or the minutes of one that was cut off.
    if (found[2] is None and half is None) or minute > 59 or hour > 23 or (half and not 1 <= hour <= 12):
        return text
    if half:
        hour = hour % 12 + 12 * (half == "pm")
    return f"{hour:02}:{minute:02}"


def as_typed(sent: Sent) -> Sent:
    """The same fields, the days and times among them spelled out."""
    return {name: tuple(_plain(name, one) for one in values) for name, values in sent.items()}


def _plain(name: str, value: str) -> str:
    if name in _DAYS or name.startswith(_CONSULTED):
        return day_typed(value)
    return time_typed(value) if name in _TIMES else value
