"""Information sharing agreements: the schedule that machines read.

The words and their clauses are read by `domain/agreement_text.py`; both are checked against each other and
the catalogue by `domain/agreement_loading.py`. The files are described in docs/formats/agreement.md.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

SIGNATORY_ROLES = frozenset(
    {"chief-officer", "siro", "caldicott-guardian", "head-teacher", "chair-of-trustees", "delegate"}
)


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
    """The machine-readable schedule of one agreement version. Dates are Europe/London, YYYY-MM-DD.

    `signatory_roles` maps a kind of organisation to the roles that may sign for it. `topics` names the clause
    that speaks of a subject, so that an answer can cite it: `duty-to-share` 7.2, for instance.
    """

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
    topics: dict[str, str] = {}


_encoder = msgspec.json.Encoder(order="sorted")


def encode_schedule(schedule: Schedule) -> bytes:
    """Canonical JSON (RFC 8785) of the schedule: the bytes whose SHA-256 is signed."""
    return _encoder.encode(schedule)
