"""The words of the quarterly figures: of each measure, of each code that is counted in it, and of a quarter."""

from __future__ import annotations

from collections.abc import Mapping

from isa_registry.domain.challenging.codes import GROUNDS
from isa_registry.domain.challenging.codes import OUTCOMES as SETTLED
from isa_registry.domain.reporting.quarters import Quarter
from isa_registry.pages.answer_words import OUTCOMES
from isa_registry.pages.decisions_words import SHORT

_RESTS_ON = {
    "consent": "Consent",
    "duty": "A duty",
    "public-task": "A public task",
    "vital-interests": "Somebody’s vital interests",
    "legitimate-interests": "Legitimate interests",
    "law-enforcement": "Law enforcement",
    "none": "Nothing that was named",
}
CODES: Mapping[str, Mapping[str, str]] = {
    "checks": OUTCOMES,
    "checks-by-basis": _RESTS_ON,
    "decisions": SHORT,
    "shared-by-basis": _RESTS_ON,
    "not-shared": {
        "stands": "Stands as it was",
        "shared-since": "Shared since",
        "changed-otherwise": "Changed in another way",
    },
    "flags": {
        "withheld-against-duty": "Not shared where there is a duty to",
        "review-basis": "Shared where something stands against it",
    },
    "acknowledgements": {
        "matched": "They confirmed it",
        "disputed": "They say it differs",
        "unmatched": "Waits for their word",
    },
    "late-entries": {"late": "Recorded late"},
    "consents": {
        "given": "Said yes",
        "refused": "Said no",
        "renewed": "Said yes again",
        "withdrawn": "Took it back",
        "invalidated": "Found void",
    },
    "challenges": {
        "raised": "Raised in the quarter",
        "closed": "Closed in the quarter",
        "within-time": "Closed within the time allowed",
        "open": "Open at its end",
        "overdue": "Overdue at its end",
    },
    "challenges-by-ground": GROUNDS,
    "challenges-by-outcome": SETTLED,
}
"""The words of each measure's codes. A test holds them to what is counted."""

NO_TOTAL = frozenset({"late-entries", "challenges"})
"""Measures of one code, and of codes that count the same thing twice: their sum says nothing."""

_BEGINS = {"1": "January to March", "2": "April to June", "3": "July to September", "4": "October to December"}


def quarter_in_words(one: Quarter, today: str) -> str:
    """A quarter such as `July to September 2026`, and whether it is over."""
    so_far = " (so far)" if one.last >= today else ""
    return f"{_BEGINS[one.code[-1]]} {one.code[:4]}{so_far}"


def number(count: int | None) -> str:
    """A number as it is shown; a small one is not."""
    return "a few" if count is None else f"{count:,}"
