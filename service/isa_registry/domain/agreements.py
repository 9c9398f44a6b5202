"""Information sharing agreements: the words with their clauses, and the schedule that machines read."""

from __future__ import annotations

from msgspec import Struct


class ParentAgreement(Struct, frozen=True, forbid_unknown_fields=True):
    """The Tier 1 version that a Tier 2 rests on."""

    agreement: str
    version: str


class SchedulePurpose(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A purpose that the agreement covers, the clause that says so, and the categories that may go for it.

    `minimum` names the categories that are normally enough; sharing more asks for a reason.
    """

    code: str
    clause: str
    categories: tuple[str, ...]
    minimum: tuple[str, ...] = ()


class ScheduleContact(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A public contact point, by code: `first-contact`, `police-emergency`, `police-non-emergency`, `out-
    of-hours`.
    """

    code: str
    label: str
    telephone: str | None = None
    note: str | None = None


class ScheduleRetention(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A retention class that events may name."""

    code: str
    label: str
    rule: str
    verified: bool = False


class Schedule(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The machine-readable schedule of one agreement version. Dates are Europe/London, YYYY-MM-DD."""

    agreement: str
    version: str
    title: str
    tier: int
    effective_from: str
    review_due: str
    purposes: tuple[SchedulePurpose, ...]
    signatory_roles: dict[str, tuple[str, ...]]
    contacts: tuple[ScheduleContact, ...]
    retention: tuple[ScheduleRetention, ...]
    parent: ParentAgreement | None = None
    ends: str | None = None
