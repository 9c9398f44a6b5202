"""Which of its own sharing events a body looks for."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Literal

from msgspec import Struct

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.dates import LONDON, is_date
from isa_registry.domain.references import is_organisation_id, is_subject_reference, own_reference_fault
from isa_registry.domain.refusals import Fault
from isa_registry.domain.retention import end_of_day
from isa_registry.domain.sharing import DECISIONS

SIDES = ("provider", "recipient")
MOST_REFERENCES = 20

Side = Literal["provider", "recipient"]


class Selection(Struct, frozen=True, forbid_unknown_fields=True):
    """Which events are looked for; what is left out leaves that open.

    `references` are the body's own, and an event with any of them is found: a subject's, a `case_record` or a
    `request`. They stand in the body's own events alone, so what others shared with it is found by the rest:
    `purpose`, `decision`, the other `party`, and the London days of the decision, both inclusive. `side` is what the
    body is in the event.
    """

    references: tuple[str, ...] = ()
    side: str | None = None
    purpose: str | None = None
    decision: str | None = None
    party: str | None = None
    decided_from: str | None = None
    decided_to: str | None = None

    def first_moment(self) -> datetime | None:
        """The moment at which the first day begins."""
        if self.decided_from is None:
            return None
        return datetime.combine(date.fromisoformat(self.decided_from), time(), LONDON)

    def end_moment(self) -> datetime | None:
        """The moment at which the last day is over."""
        return None if self.decided_to is None else end_of_day(self.decided_to)

    def as_provider(self) -> bool:
        """Whether events that the body decided itself are looked for."""
        return self.side != "recipient"

    def as_recipient(self) -> bool:
        """Whether events that others decided and shared with the body are looked for."""
        return self.side != "provider" and not self.references


def selection_faults(selection: Selection, catalogue: Catalogue) -> tuple[Fault, ...]:
    """What is wrong with a selection: codes that are none, references of another form, days in no order."""
    faults = list(reference_faults(selection.references))
    if selection.side is not None and selection.side not in SIDES:
        faults.append(Fault("#/side", "unknown-code", "side is `provider` or `recipient`."))
    elif selection.side == "recipient" and selection.references:
        detail = (
            "Your references stand in your own events alone. What others shared with you is found by period, purpose "
            "and party."
        )
        faults.append(Fault("#/references", "contradicts-side", detail))
    if selection.purpose is not None and selection.purpose not in catalogue.purposes:
        faults.append(Fault("#/purpose", "unknown-code", "This code is not one the registry knows."))
    if selection.decision is not None and selection.decision not in DECISIONS:
        faults.append(Fault("#/decision", "unknown-code", f"A decision is one of {', '.join(DECISIONS)}."))
    if selection.party is not None and not is_organisation_id(selection.party):
        faults.append(Fault("#/party", "malformed", "Name the other organisation by its id in the registry."))
    faults += _day_faults(selection)
    return tuple(faults)


def reference_faults(references: tuple[str, ...]) -> tuple[Fault, ...]:
    """What is wrong with references that are looked for."""
    if len(references) > MOST_REFERENCES:
        return (Fault("#/references", "count", f"Look for at most {MOST_REFERENCES} references at once."),)
    faults: list[Fault] = []
    for place, one in enumerate(references):
        detail = None if is_subject_reference(one) else own_reference_fault(one)
        if detail is not None:
            faults.append(Fault(f"#/references/{place}", "not-a-reference", detail))
    return tuple(faults)


def _day_faults(selection: Selection) -> list[Fault]:
    days = {"decided_from": selection.decided_from, "decided_to": selection.decided_to}
    faults = [
        Fault(f"#/{name}", "not-a-date", "Write dates as 2026-09-30.")
        for name, day in days.items()
        if day is not None and not _has_an_end(day)
    ]
    first, last = days.values()
    if not faults and first is not None and last is not None and last < first:
        faults.append(Fault("#/decided_to", "before-the-first", "The last day comes before the first."))
    return faults


def _has_an_end(day: str) -> bool:
    """Whether it is a real day after which there is another: the calendar of `datetime` ends."""
    return is_date(day) and day < "9999-12-31"
