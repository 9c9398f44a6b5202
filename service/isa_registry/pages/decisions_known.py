"""What is known of a decision before anybody fills in its form: from the answer that it follows, or from the record
that it corrects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct

from isa_registry.domain.dates import LONDON, parse_instant
from isa_registry.domain.entries import CheckAnswered
from isa_registry.domain.questions import RecipientKind
from isa_registry.domain.sharing import (
    EventAgreement,
    EventBasis,
    EventDuty,
    SharingEvent,
    WithheldCategory,
)
from isa_registry.identity.forms import Sent


class Person(Struct, frozen=True):
    """People of one kind and the same roles in the matter, whom the information is about: a victim's role never goes to
    another child. `field` is that of their references."""

    kind: str
    roles: tuple[str, ...]
    field: str


class Known(Struct, frozen=True):
    """What no form asks again. `outcome` is the answer's; `values` are what the form begins with, and `moments` the
    exact times behind those of them that say the minute."""

    recipient: str | RecipientKind
    purpose: str
    categories: tuple[str, ...]
    people: tuple[Person, ...]
    urgency: str
    check: str | None
    outcome: str | None
    agreement: EventAgreement | None
    basis: EventBasis
    para18_reason: str | None
    s36_4_authority: str | None
    confidentiality_route: str | None
    duty: EventDuty
    values: Sent
    corrects: str | None = None
    moments: Mapping[str, str | None] = {}


def of_check(found: CheckAnswered, *, event: str, now: datetime) -> Known:
    """From an answer. `event` is the id that the record will have."""
    question, answer = found.question, found.answer
    facts, basis = question.circumstances, answer.basis
    cited = answer.agreements[0] if answer.agreements else None
    values = {
        "record": event,
        "consent": facts.consent or "not-sought",
        "marking": "official-sensitive",
        "informed_reason": "increases-risk" if facts.informing_increases_risk else "",
        "approved_by": facts.detriment_confirmed_by or "",
        **moment_fields("decided", now),
    }
    return Known(
        recipient=question.recipient,
        purpose=question.purpose,
        categories=question.categories,
        people=_people((one.kind, one.roles) for one in question.subjects) or _people([("child", ())]),
        urgency=question.urgency,
        check=found.check,
        outcome=answer.outcome,
        agreement=None if cited is None else EventAgreement(id=cited.agreement, version=cited.version),
        basis=EventBasis(
            article_10=basis.article_10,
            article_6=basis.article_6,
            article_9=basis.article_9,
            gateways=basis.gateways,
            part_3=basis.part_3,
        ),
        para18_reason=facts.para18_reason,
        s36_4_authority=facts.s36_4_authority,
        confidentiality_route=facts.confidentiality_route,
        duty=EventDuty(
            more_detrimental=facts.more_detrimental_to_share, would_help_recipient=facts.would_help_recipient
        ),
        values={name: (value,) for name, value in values.items() if value},
    )


def of_event(
    event: SharingEvent, withheld: tuple[WithheldCategory, ...], found: CheckAnswered | None, *, new: str
) -> Known:
    """From the record that is corrected, whose check is `found` where it is still there. `new` is the id that the
    correction will have."""
    held = {one.category: one.reason for one in withheld}
    people = _people((one.kind, one.roles) for one in event.subjects)
    advice = event.advice[0] if event.advice else None
    values: dict[str, tuple[str, ...]] = {
        one.field: (
            "\n".join(
                subject.ref for subject in event.subjects if (subject.kind, subject.roles) == (one.kind, one.roles)
            ),
        )
        for one in people
    }
    single = {
        "record": new,
        "decision": event.decision,
        "consent": event.consent,
        "marking": event.marking,
        "how": event.method,
        "informed": event.informed.family,
        "informed_reason": event.informed.reason or "",
        "childs_view": event.childs_view,
        "role": event.decided_by.role,
        "ref": event.decided_by.ref,
        "approved_by": event.approved_by or "",
        "advice_role": "" if advice is None else advice.role,
        "advice_outcome": "" if advice is None else advice.outcome,
        "case_record": event.case_record,
        "request": event.request or "",
        "retention": event.retention or "",
        "review_on": event.review_on or "",
        **{f"why-{category}": reason for category, reason in held.items()},
        **moment_fields("decided", parse_instant(event.decided_at)),
    }
    if event.shared_at is not None and event.shared_at != event.decided_at:
        single |= moment_fields("shared", parse_instant(event.shared_at))
    values |= {name: (value,) for name, value in single.items() if value}
    return Known(
        recipient=event.recipient,
        purpose=event.purpose,
        categories=tuple(dict.fromkeys((*event.categories, *held))),
        people=people,
        urgency=event.urgency,
        check=None if found is None else found.check,
        outcome=None if found is None else found.answer.outcome,
        agreement=event.agreement,
        basis=event.basis,
        para18_reason=event.para18_reason,
        s36_4_authority=event.s36_4_authority,
        confidentiality_route=event.confidentiality_route,
        duty=event.duty,
        values=values,
        corrects=event.id,
        moments={"decided": event.decided_at, "shared": event.shared_at},
    )


def _people(named: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[Person, ...]:
    found: list[Person] = []
    for kind, roles in dict.fromkeys(named):
        before = sum(one.kind == kind for one in found)
        found.append(Person(kind, roles, f"refs-{kind}-{before + 1}" if before else f"refs-{kind}"))
    return tuple(found)


def moment_fields(name: str, moment: datetime) -> dict[str, str]:
    """A moment as two fields of a form: the day, and the time of day, in London."""
    local = moment.astimezone(LONDON)
    return {f"{name}_on": local.date().isoformat(), f"{name}_at": f"{local:%H:%M}"}
