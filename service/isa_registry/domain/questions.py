"""The question that a check asks: may I share this, with them, for this?"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class RecipientKind(Struct, frozen=True, forbid_unknown_fields=True):
    """A recipient that is not registered, named only by its kind of organisation."""

    kind: str


class Subject(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Somebody whom the information is about.

    `roles` are those of the Data Protection Act 2018 s.38(3). `ref` is the caller's own keyed reference
    (`s1_` and 43 base64url characters); it finds the caller's consent records and is never stored with a check.
    """

    kind: str
    roles: tuple[str, ...] = ()
    ref: str | None = None


class Circumstances(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the caller knows. `None` always means "not known", never "no"."""

    would_help_recipient: bool | None = None
    more_detrimental_to_share: bool | None = None
    detriment_confirmed_by: str | None = None
    relates_to_child: bool | None = None
    informing_increases_risk: bool | None = None
    consent: str | None = None
    agreement_to_service: str | None = None
    para18_reason: str | None = None
    law_enforcement_purpose: bool | None = None
    s36_4_authority: str | None = None
    confidentiality_route: str | None = None
    statutory_request: str | None = None
    restriction: str | None = None
    anonymised: bool | None = None
    support_stage: bool | None = None


class Question(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A check as it arrives (POST /api/v1/checks).

    `on` is the date the question is about (YYYY-MM-DD, Europe/London); `as_of` what the register knew, as a log
    size or an RFC 3339 time. `record` defaults to true, and to false when either of those is present.
    """

    recipient: str | RecipientKind
    purpose: str
    categories: tuple[str, ...]
    provider: str | None = None
    subjects: tuple[Subject, ...] = ()
    urgency: str = "routine"
    circumstances: Circumstances = Circumstances()
    on: str | None = None
    as_of: int | str | None = None
    record: bool | None = None
    explain: bool = False


class ConsentOnRecord(Struct, frozen=True, omit_defaults=True):
    """One of the caller's own consent records that fits the question's purpose, recipient, categories and period.

    `entry` is its index in the log, `subject` the position in the question's subjects, `role` is `the-basis` or
    `agreement-to-service`, `status` is `given`, `refused` or `withdrawn`.
    """

    entry: int
    subject: int
    role: str
    status: str


class Evidence(Struct, frozen=True, omit_defaults=True):
    """What a decision may rely on beside the register, the catalogue and the question.

    `references`: somebody was named by the caller's own reference, which is itself never kept. `consent_register` is
    `unavailable` where the caller's consent records should have been read and could not be.
    """

    consents: tuple[ConsentOnRecord, ...] = ()
    references: bool = False
    consent_register: Literal["unavailable"] | None = None
