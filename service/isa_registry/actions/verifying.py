"""Saying that a point of the law was checked, and taking that back: two information-governance leads of the lead body.

One proposes, another approves (`actions/deciding.py`, `runtime/verifying.py`). A mark is about exactly what was read: a
catalogue that changed meanwhile is refused at the tail, and one that changes later lets the mark lapse by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from isa_registry.actions.deciding import (
    Decider,
    LawPayload,
    Together,
    refuse_outside_lead_bodys_leads,
    together,
)
from isa_registry.domain.dates import is_date, london_date, parse_instant
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.law import Law
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.verification_entries import LawVerificationWithdrawn, LawVerified
from isa_registry.domain.verifying import (
    PROFESSIONS,
    WITHDRAWAL_REASONS,
    Point,
    found_in,
    look_again_on,
    point_of,
    sha256_of,
    source_fault,
)
from isa_registry.ledger.drafts import Draft, Precondition

Change = tuple[LawPayload, ...]

_SHA256 = re.compile(r"[0-9a-f]{64}")
_POINT = "Name one provision, or a row by its organisation_kind and its purpose."


def preconditions_of(change: Change) -> tuple[Precondition, ...]:
    """What a mark, or its withdrawal, must meet, whoever decides it.

    Refused: `unprocessable` with a pointer to each thing that is wrong; `conflict` where the catalogue says something
    else by now, where the same is in the register already, or where there is nothing to withdraw.
    """
    if len(change) != 1:
        raise Refused("unprocessable", "One point of the law is decided at a time.")
    [payload] = change
    if isinstance(payload, LawVerified):
        return _verified(payload)
    return _withdrawn(payload)


def by_two(change: Change, first: Decider, second: Decider, view: RegisterView) -> Draft:
    """What `first` proposed and `second` approves, both information-governance leads of the registry's lead body."""
    return together(change, first, second, view, refuse_outside_lead_bodys_leads, preconditions_of(change))


LAW: Together[LawPayload] = Together(
    prefix="vfy_",
    payloads=(LawVerified, LawVerificationWithdrawn),
    refuses=refuse_outside_lead_bodys_leads,
    preconditions=preconditions_of,
    draft=by_two,
)
"""What two information-governance leads of the lead body decide."""


def _verified(fact: LawVerified) -> tuple[Precondition, ...]:
    point = _point(fact, list(_faults(fact)))

    def holds(view: RegisterView, at: str) -> None:
        law = _law(view, fact)
        today = london_date(parse_instant(at))
        found = found_in(law.written, point)
        if found is None:
            raise _unknown(point)
        if fact.checked_on > today:
            raise _fault("#/checked_on", "not-yet", "Name the day on which it was checked: today, or one before.")
        if look_again_on(fact.checked_on) <= today:
            detail = "That is more than a year ago: look at it again, and name the day on which you did."
            raise _fault("#/checked_on", "too-old", detail)
        if sha256_of(found) != fact.sha256:
            detail = "The catalogue says something else here than what was read. Read it again, with its new sha256."
            raise Refused("conflict", detail)
        standing = law.marks.get(point.key)
        if standing is not None and replace(standing.said, approved_by=()) == replace(fact, approved_by=()):
            raise Refused("conflict", "The register says exactly this already.")

    return (holds,)


def _withdrawn(fact: LawVerificationWithdrawn) -> tuple[Precondition, ...]:
    wrong = [] if fact.reason in WITHDRAWAL_REASONS else [_code("reason", WITHDRAWAL_REASONS)]
    point = _point(fact, wrong)

    def holds(view: RegisterView, at: str) -> None:
        law = _law(view, fact)
        if point.key not in law.marks:
            if found_in(law.written, point) is None:
                raise _unknown(point)
            raise Refused("conflict", "Nobody has marked this as verified, so there is nothing to withdraw.")

    return (holds,)


def _law(view: RegisterView, fact: LawPayload) -> Law:
    opened, law = view.opened(), view.law()
    if opened is None or fact.organisation != opened.lead_body:
        raise Refused("forbidden", "This is for the lead body's information-governance leads.")
    if law is None:
        raise Refused("conflict", "This registry has no catalogue of the law yet.")
    return law


def _point(fact: LawPayload, wrong: list[Fault]) -> Point:
    """The point that a payload names. Raises `Refused` (`unprocessable`) for what is wrong in it."""
    point = point_of(fact)
    if point is None:
        wrong.insert(0, Fault("#/provision", "one-of-two", _POINT))
    if point is None or wrong:
        raise Refused("unprocessable", wrong[0].detail, tuple(wrong))
    return point


def _faults(fact: LawVerified) -> Iterator[Fault]:
    if not _SHA256.fullmatch(fact.sha256):
        yield Fault("#/sha256", "malformed", "Send the sha256 of what you read: 64 lower-case hexadecimal digits.")
    if (fault := source_fault(fact.source)) is not None:
        yield Fault("#/source", "malformed", fault)
    if not is_date(fact.checked_on):
        yield Fault("#/checked_on", "not-a-date", "Write dates as 2026-09-30.")
    if fact.profession not in PROFESSIONS:
        yield _code("profession", PROFESSIONS)


def _code(member: str, known: dict[str, str]) -> Fault:
    return Fault(f"#/{member}", "unknown-code", f"{member} is one of {', '.join(known)}.")


def _unknown(point: Point) -> Refused:
    if point.provision is not None:
        return _fault("#/provision", "unknown-provision", "The catalogue has no such provision.")
    return _fault("#/purpose", "unknown-row", "The catalogue has no row for such a body and purpose.")


def _fault(pointer: str, code: str, detail: str) -> Refused:
    return Refused("unprocessable", detail, (Fault(pointer, code, detail),))
