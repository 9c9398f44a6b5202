"""A body's sharing events as a file for its own case audit (docs/formats/case-export.md): what each row holds.

It holds the signed decision, what the registry added to it, and nothing of the case: why it was decided stands in the
body's own record. It is there to look after children by, and not to measure anybody's work.
"""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.casework.selection import Side
from isa_registry.domain.sharing import EventSubject, SharingEvent, WithheldCategory

COLUMNS = (
    "entry", "recorded_at", "side", "id", "decision", "provider", "recipient", "purpose", "urgency", "categories",
    "subjects", "agreement", "article_6", "article_9", "article_10", "part_3", "gateways", "para18_reason",
    "s36_4_authority", "confidentiality_route", "would_help_recipient", "more_detrimental", "consent",
    "family_informed", "not_informed_reason", "childs_view", "advice", "approved_by", "decided_by_role",
    "decided_by_ref", "decided_at", "shared_at", "method", "marking", "request", "case_record", "retention",
    "review_on", "late_entry", "corrects", "check", "flags", "withheld",
)  # fmt: skip


class CaseEvent(Struct, frozen=True):
    """One event of the file. `side` is what the body is in it. `flags` and `withheld` are there for the body's own
    decisions alone, and `withheld` where it was asked for."""

    entry: int
    recorded_at: str
    side: Side
    event: SharingEvent
    flags: tuple[str, ...] | None = None
    withheld: tuple[WithheldCategory, ...] | None = None


def case_line(one: CaseEvent) -> tuple[str, ...]:
    """The row of an event, in the order of `COLUMNS`. What holds several values has semicolons between them."""
    event, basis = one.event, one.event.basis
    return (
        str(one.entry),
        one.recorded_at,
        one.side,
        event.id,
        event.decision,
        event.provider,
        recipient_of(event),
        event.purpose,
        event.urgency,
        _several(event.categories),
        _several(tuple(_subject(subject) for subject in event.subjects)),
        "" if event.agreement is None else f"{event.agreement.id}/{event.agreement.version}",
        _several(basis.article_6),
        _several(basis.article_9),
        _several(basis.article_10),
        _several(basis.part_3),
        _several(basis.gateways),
        event.para18_reason or "",
        event.s36_4_authority or "",
        event.confidentiality_route or "",
        _whether(event.duty.would_help_recipient),
        _whether(event.duty.more_detrimental),
        event.consent,
        event.informed.family,
        event.informed.reason or "",
        event.childs_view,
        _several(tuple(f"{advice.role}:{advice.outcome}" for advice in event.advice)),
        event.approved_by or "",
        event.decided_by.role,
        event.decided_by.ref,
        event.decided_at,
        event.shared_at or "",
        event.method,
        event.marking,
        event.request or "",
        event.case_record,
        event.retention or "",
        event.review_on or "",
        _whether(event.late_entry),
        event.corrects or "",
        event.check or "",
        _several(one.flags or ()),
        _several(tuple(f"{withheld.category}:{withheld.reason}" for withheld in one.withheld or ())),
    )


def _several(values: tuple[str, ...]) -> str:
    return ";".join(values)


def _subject(subject: EventSubject) -> str:
    return " ".join((subject.kind, *subject.roles, subject.ref))


def recipient_of(event: SharingEvent) -> str:
    """The other party of an event as a word: a registered body by its id, any other by its kind."""
    recipient = event.recipient
    return recipient if isinstance(recipient, str) else f"kind:{recipient.kind}"


def _whether(value: bool | None) -> str:
    return {None: "", True: "yes", False: "no"}[value]
