"""For how long a body's records for one purpose cover it without a gap. Days are YYYY-MM-DD, Europe/London."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from isa_registry.domain.dates import day_after
from isa_registry.domain.register.facts import LawfulBasis

SOON = 30
"""So many days before a lapse it is said."""


class Cover(Struct, frozen=True):
    """How a purpose stands on a day. `holding` is the record that holds; `until` the last day before the first gap,
    None where none is to come, and `last` the record that holds then. Without one that holds, `lapsed_on` is the first
    day of the gap, None where nothing ever held, and `last` the record that held before it."""

    holding: LawfulBasis | None
    until: str | None = None
    last: LawfulBasis | None = None
    lapsed_on: str | None = None

    def lapses_soon(self, on: str) -> str | None:
        """The last day of cover, where that is no more than 30 days away."""
        return self.until if self.until is not None and self.until <= day_after(on, SOON) else None


def cover(records: Sequence[LawfulBasis], on: str) -> Cover:
    """How the records of one body and purpose, in the order in which they were logged, cover a day."""
    holding = _holding(records, on)
    if holding is None:
        past = [one for one in records if one.held and one.gone_from is not None and one.gone_from <= on]
        last = max(past, key=lambda one: one.gone_from or "", default=None)
        return Cover(None, last=last, lapsed_on=None if last is None else last.gone_from)
    last = holding
    while last.gone_from is not None:
        following = _holding(records, last.gone_from)
        if following is None:
            return Cover(holding, day_after(last.gone_from, -1), last)
        last = following
    return Cover(holding, None, last)


def _holding(records: Sequence[LawfulBasis], on: str) -> LawfulBasis | None:
    return next((one for one in reversed(records) if one.holds(on)), None)
