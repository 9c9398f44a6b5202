"""A decision as the fields of a form, and what is missing or wrong in them. Nothing of it is kept between two pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from isa_registry.domain.dates import LONDON, instant, is_date
from isa_registry.domain.entries import RegistryOpened
from isa_registry.domain.refusals import Refused
from isa_registry.domain.sharing import (
    EventAdvice,
    EventDecider,
    EventInformed,
    EventSubject,
    SharingEvent,
    WithheldCategory,
)
from isa_registry.identity.forms import Sent, only
from isa_registry.pages.decisions_known import Known
from isa_registry.pages.forms import FieldError

SHARED = ("shared", "part-shared")
_LATE = timedelta(hours=24)
_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:.]?([0-5][0-9])")
_CHOSEN = (
    ("how", "Choose how it was shared, or how it would have been"),
    ("consent", "Choose whether they had agreed"),
    ("informed", "Choose whether the family was told"),
    ("childs_view", "Choose what the child thinks of it"),
    ("role", "Choose in which role you decided"),
    ("ref", "Enter your own staff reference"),
    ("case_record", "Enter the reference of your own record, where your reasons are"),
)
_MEMBERS = (
    "record", "decision", "why_all", "decided_on", "decided_at", "shared_on", "shared_at", "how", "marking", "consent",
    "informed", "informed_reason", "childs_view", "role", "ref", "approved_by", "advice_role", "advice_outcome",
    "case_record", "request", "retention", "review_on",
)  # fmt: skip
_POINTERS = {
    "#/id": "", "#/method": "how",
    "#/decided_at": "decided_on", "#/shared_at": "shared_on", "#/decided_by/role": "role",
    "#/decided_by/ref": "ref", "#/informed/family": "informed", "#/informed/reason": "informed_reason",
    "#/advice/0/role": "advice_role", "#/advice/0/outcome": "advice_outcome", "#/withheld_sha256": "decision",
    "#/corrects": "", "#/check": "", "#/agreement": "", "#/recipient": "", "#/categories": "decision",
}  # fmt: skip


class Written(Struct, frozen=True):
    """What a form says, as the document that is signed and what was held back of it."""

    event: SharingEvent
    withheld: tuple[WithheldCategory, ...]


def fields_of(known: Known, sent: Sent) -> tuple[tuple[str, str], ...]:
    """The fields of the form that were filled in, to go on to the next page."""
    names = (*_MEMBERS, *(f"why-{code}" for code in known.categories), *(one.field for one in known.people))
    return tuple((name, only(sent, name)) for name in names if only(sent, name).strip())


def what_is_missing(known: Known, sent: Sent) -> tuple[FieldError, ...]:
    return tuple(_missing(known, sent))


def _missing(known: Known, sent: Sent) -> Iterator[FieldError]:
    decision = only(sent, "decision")
    if not decision:
        yield FieldError("decision", "Choose what you decided")
    reasons = {code: only(sent, f"why-{code}") for code in known.categories}
    if decision == "part-shared" and not any(reasons.values()):
        yield FieldError(f"why-{known.categories[0]}", "Say what you held back, and why")
    elif decision == "part-shared" and all(reasons.values()):
        yield FieldError("decision", "All of it was held back: choose that you did not share")
    elif decision in ("not-shared", "deferred") and not only(sent, "why_all") and not all(reasons.values()):
        yield FieldError("why_all", "Choose why it was not shared")
    if decision == "deferred" and not only(sent, "review_on").strip():
        yield FieldError("review_on", "Enter the day on which you decide, like 2027-03-31")
    if not any(_references(sent, one.field) for one in known.people):
        yield FieldError(known.people[0].field, "Enter your own system’s reference of whom it is about")
    if moment_of(sent, "decided") is None:
        yield FieldError("decided_on", "Enter the day and the time at which you decided, like 2026-11-27 and 14:05")
    if decision in SHARED and only(sent, "shared_on").strip() and moment_of(sent, "shared") is None:
        yield FieldError("shared_on", "Enter the day and the time at which it was shared, like 2026-11-27 and 14:05")
    yield from (FieldError(field, says) for field, says in _CHOSEN if not only(sent, field).strip())
    if only(sent, "informed") == "no" and not only(sent, "informed_reason"):
        yield FieldError("informed_reason", "Choose why the family is not told")
    if bool(only(sent, "advice_role")) != bool(only(sent, "advice_outcome")):
        empty = "advice_outcome" if only(sent, "advice_role") else "advice_role"
        yield FieldError(empty, "Say both who advised and what they said, or neither")
    review = only(sent, "review_on").strip()
    if review and not is_date(review):
        yield FieldError("review_on", "Enter the day as year-month-day, like 2027-03-31")


def written(known: Known, sent: Sent, opened: RegistryOpened, provider: str, *, now: datetime) -> Written:
    """What a form says in which nothing is missing. Whether its codes and references are good is not looked at."""
    decision = only(sent, "decision")
    shares = decision in SHARED
    held = {
        code: only(sent, f"why-{code}") or ("" if decision == "part-shared" else only(sent, "why_all"))
        for code in known.categories
        if decision != "shared"
    }
    withheld = tuple(WithheldCategory(category=code, reason=reason) for code, reason in held.items() if reason)
    decided = moment_of(sent, "decided")
    if decided is None:
        raise Refused("malformed", "The form has no time of the decision.")
    decided_at, shared = _exactly("decided", decided, known), moment_of(sent, "shared")
    advice = EventAdvice(outcome=only(sent, "advice_outcome"), role=only(sent, "advice_role"))
    informed = only(sent, "informed")
    event = SharingEvent(
        v=1,
        registry=opened.origin,
        partnership=opened.partnership,
        id=only(sent, "record"),
        decision=decision,
        provider=provider,
        recipient=known.recipient,
        purpose=known.purpose,
        categories=tuple(one for one in known.categories if decision != "part-shared" or not held[one]),
        withheld_sha256=None,
        subjects=tuple(
            EventSubject(kind=one.kind, ref=ref, roles=one.roles)
            for one in known.people
            for ref in _references(sent, one.field)
        ),
        urgency=known.urgency,
        check=known.check,
        agreement=known.agreement,
        basis=known.basis,
        para18_reason=known.para18_reason,
        s36_4_authority=known.s36_4_authority,
        confidentiality_route=known.confidentiality_route,
        duty=known.duty,
        consent=only(sent, "consent"),
        informed=EventInformed(
            family=informed, reason=(only(sent, "informed_reason") or None) if informed != "yes" else None
        ),
        childs_view=only(sent, "childs_view"),
        advice=(advice,) if advice.role else (),
        approved_by=only(sent, "approved_by") or None,
        decided_by=EventDecider(ref=only(sent, "ref").strip(), role=only(sent, "role")),
        decided_at=decided_at,
        shared_at=(decided_at if shared is None else _exactly("shared", shared, known)) if shares else None,
        method=only(sent, "how"),
        marking=only(sent, "marking") or "official-sensitive",
        request=only(sent, "request").strip() or None,
        case_record=only(sent, "case_record").strip(),
        retention=only(sent, "retention") or None,
        review_on=None if shares else only(sent, "review_on").strip() or None,
        late_entry=decided < now - _LATE,
        corrects=known.corrects,
    )
    return Written(event, withheld)


def field_of_faults(refused: Refused, known: Known, made: Written) -> Mapping[str, str]:
    """The field of each pointer, for a form that is shown again."""
    found = dict(_POINTERS)
    for fault in refused.faults:
        parts = fault.pointer.split("/")
        if parts[1:2] == ["subjects"]:
            number = int(parts[2]) if len(parts) > 2 else 0
            about = made.event.subjects[number]
            found[fault.pointer] = next(
                one.field for one in known.people if (one.kind, one.roles) == (about.kind, about.roles)
            )
        elif parts[1:3] == ["withheld", "withheld"] and len(parts) > 3:
            found[fault.pointer] = f"why-{made.withheld[int(parts[3])].category}"
        elif parts[1:2] == ["basis"]:
            found[fault.pointer] = ""
    return found


def _exactly(name: str, moment: datetime, known: Known) -> str:
    """A time that was filled in; where it is the minute of what was recorded before, that time."""
    filled, before = instant(moment), known.moments.get(name)
    return before if before is not None and before[:16] == filled[:16] else filled


def _references(sent: Sent, field: str) -> tuple[str, ...]:
    """What was pasted, by white space or commas apart, each once."""
    return tuple(dict.fromkeys(one for one in re.split(r"[\s,;]+", only(sent, field)) if one))


def moment_of(sent: Sent, name: str) -> datetime | None:
    """A day and a time of day in London; None where they are no such."""
    day, time = only(sent, f"{name}_on").strip(), _TIME.fullmatch(only(sent, f"{name}_at").strip())
    if not is_date(day) or time is None:
        return None
    year, month, of_month = (int(part) for part in day.split("-"))
    return datetime(year, month, of_month, int(time[1]), int(time[2]), tzinfo=LONDON)
