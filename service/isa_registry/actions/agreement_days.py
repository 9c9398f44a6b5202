"""What decisions about versions have in common: which version, which day it is, and days that are days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from isa_registry.domain.dates import is_date, london_date, parse_instant
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView


def version_of(view: RegisterView, decision: Any) -> AgreementVersion:
    """The version that a decision is about. Raises `Refused` (`not-found`)."""
    found = view.agreement_version(decision.agreement, decision.version)
    if found is None:
        raise Refused("not-found", "There is no such version of this agreement.")
    return found


def today_of(at: str) -> str:
    """The day in London of an entry's time."""
    return london_date(parse_instant(at))


def days_of(pointer: str = "", day: str | None = None, **days: str | None) -> Iterator[Fault]:
    """A fault for each that is there and no day: of one place, or by the name of the member."""
    for at, value in ((pointer, day), *((f"#/{member}", value) for member, value in days.items())):
        if value is not None and not is_date(value):
            yield Fault(at, "not-a-date", "Write a day as 2026-09-30.")


def refuse_faults(detail: str, faults: Iterable[Fault]) -> None:
    """Raises `Refused` (`unprocessable`) with the faults, if there are any."""
    found = tuple(faults)
    if found:
        raise Refused("unprocessable", detail, found)
