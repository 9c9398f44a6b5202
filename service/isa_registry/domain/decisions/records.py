"""The lawful-basis record of a body for a purpose: which holds on the date, or which did until lately."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.register.register import RegisterView, Spoken


class Recorded(NamedTuple):
    """A body's record for a purpose. `lapsed_on` is the first day without one, where one held before and none does."""

    record: LawfulBasisRecorded | None
    lapsed_on: date | None


NO_RECORD = Recorded(None, None)


def recorded(view: RegisterView, body: str, spoken: list[Spoken], purpose: str, on: str) -> Recorded:
    """What a body recorded under any of the agreements that speak of a purpose."""
    last: date | None = None
    for version, _, _ in spoken:
        for record in reversed(view.lawful_bases_for(body, version.agreement, purpose)):
            if record.holds(on):
                return Recorded(record.recorded, None)
            gone = record.gone_from
            if record.held and gone is not None and gone <= on:
                last = max(last or date.min, date.fromisoformat(gone))
    return NO_RECORD if last is None else Recorded(None, last)
