"""What is due: reviews of agreements, of policy documents and of the law that was checked; and what ends: agreements,
lawful bases, delegations.

Days are YYYY-MM-DD, Europe/London. Something is overdue once its day has passed and nothing has taken its place. A
delegation that has run out is not: it is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal, get_args

from msgspec import Struct
from msgspec.structs import replace

from isa_registry.domain.dates import day_after
from isa_registry.domain.lawful_bases.cover import cover
from isa_registry.domain.register.attestation_states import has_ended, is_superseded
from isa_registry.domain.register.facts import LawfulBasis
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.units import partnerships_of
from isa_registry.domain.reporting.confidence import title_of
from isa_registry.domain.verifying import look_again_on, point_of

What = Literal[
    "agreement-review", "agreement-end", "policy-document-review", "lawful-basis-end", "delegation-end", "law-check"
]  # fmt: skip
WHAT: tuple[What, ...] = get_args(What)


class Due(Struct, frozen=True, omit_defaults=True):
    """One thing that is due `on` a day, in `days` (below 0: overdue by so many). `organisation` is the body whose it
    is; an agreement's is none. `partnerships` are those that it concerns. `reference` is the body's own, for itself and
    auditors; `record` the id of a lawful-basis record or a delegation, or the point of the law that is due for a new
    look (`provision ca-2004-s16la`, `row police mappa`)."""

    what: What
    on: str
    days: int
    partnerships: tuple[str, ...] = ()
    organisation: str | None = None
    name: str | None = None
    agreement: str | None = None
    version: str | None = None
    purpose: str | None = None
    reference: str | None = None
    record: str | None = None


def reviews_due(view: RegisterView, today: str, within: int) -> list[Due]:
    """Everything that is due within so many days or overdue: overdue first, and then by day."""
    until = (date.fromisoformat(today) + timedelta(days=within)).isoformat()
    found = (
        *_agreements(view, today),
        *_policy_documents(view),
        *_lawful_bases(view, today),
        *_delegations(view, today),
        *_law(view),
    )
    day = date.fromisoformat(today)
    due = [replace(one, days=(date.fromisoformat(one.on) - day).days) for one in found if one.on <= until]
    return sorted(due, key=_order)


def _order(one: Due) -> tuple[str, int, str, str, str]:
    return one.on, WHAT.index(one.what), one.name or "", one.agreement or "", one.purpose or ""


def _agreements(view: RegisterView, today: str) -> Iterator[Due]:
    opened = view.opened()
    for version in view.agreement_versions():
        if version.in_force_on is None or has_ended(version, today) or is_superseded(view, version, today):
            continue
        days: tuple[tuple[What, str | None], ...] = (
            ("agreement-review", version.review_due),
            ("agreement-end", version.ends),
        )
        for what, day in days:
            if day is not None:
                yield Due(
                    what=what,
                    on=day,
                    days=0,
                    partnerships=(version.partnership or ("" if opened is None else opened.partnership),),
                    name=version.title,
                    agreement=version.agreement,
                    version=version.version,
                )


def _policy_documents(view: RegisterView) -> Iterator[Due]:
    for body in view.organisations():
        document = body.policy_document
        if document is not None and document.review_on is not None and body.closed_on is None:
            yield Due(
                "policy-document-review",
                document.review_on,
                0,
                partnerships_of(view, body),
                organisation=body.organisation,
                name=body.name,
                reference=document.reference,
            )


def _lawful_bases(view: RegisterView, today: str) -> Iterator[Due]:
    for records in view.every_lawful_basis():
        record = records[0].recorded
        body = view.organisation(record.organisation)
        if body is None or body.closed_on is not None:
            continue
        common = Due(
            "lawful-basis-end",
            "",
            0,
            partnerships_of(view, body),
            organisation=record.organisation,
            name=body.name,
            agreement=record.agreement,
            purpose=record.purpose,
        )
        lapse = _lapse(records, today)
        if lapse is not None:
            yield replace(common, on=lapse[0], record=lapse[1].recorded.record)
        holding = cover(records, today).holding
        document = None if holding is None else holding.recorded.policy_document
        if holding is not None and document is not None and document.review_on is not None:
            yield replace(
                common,
                what="policy-document-review",
                on=document.review_on,
                reference=document.reference,
                record=holding.recorded.record,
            )


def _lapse(records: tuple[LawfulBasis, ...], today: str) -> tuple[str, LawfulBasis] | None:
    """The last day before a gap, or before the one that is there, and the record whose own last day that is. One that
    was ended by an entry is not due: somebody decided it."""
    found = cover(records, today)
    if found.holding is None and found.lapsed_on is None:
        found = cover(records, min((one.recorded.starts for one in records if one.held), default=today))
    until = found.until if found.lapsed_on is None else day_after(found.lapsed_on, -1)
    if until is None or found.last is None or found.last.recorded.ends != until:
        return None
    return until, found.last


def _law(view: RegisterView) -> Iterator[Due]:
    law, opened = view.law(), view.opened()
    for key, mark in () if law is None else law.marks.items():
        point = point_of(mark.said)
        if law is not None and point is not None and law.holds(mark):
            yield Due(
                "law-check",
                look_again_on(mark.said.checked_on),
                0,
                () if opened is None else (opened.partnership,),
                name=title_of(law.written, point),
                record=key,
            )


def _delegations(view: RegisterView, today: str) -> Iterator[Due]:
    for body in view.organisations():
        for one in view.delegations_of(body.organisation):
            given = one.given
            if one.ended_on is None and given.until >= today and body.closed_on is None:
                yield Due(
                    "delegation-end",
                    given.until,
                    0,
                    partnerships_of(view, body),
                    organisation=body.organisation,
                    name=body.name,
                    reference=given.ref,
                    record=given.delegation,
                )
