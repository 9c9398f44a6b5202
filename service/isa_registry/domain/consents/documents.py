"""What a body sends to the consent register. A time that is left out is now."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.consent_entries import (
    ConsentRecorder,
    ConsentScope,
    ConsentStanding,
    ConsentStatement,
    ConsentSubject,
)


class _Document(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    recorded_by: ConsentRecorder


class _Said(_Document, frozen=True, kw_only=True):
    standing: ConsentStanding
    childs_view: str
    explicit: bool
    statement: ConsentStatement
    method: str
    evidence: str
    answered_at: str | None = None
    age_transition_on: str | None = None


class ConsentRequest(_Said, frozen=True, kw_only=True):
    """What somebody answered when they were asked: `answer` is `given` or `refused`, the other members are those of the
    log's entry (docs/formats/consent.md). A refusal has no `review_on`: it counts until somebody says otherwise."""

    answer: str
    subject: ConsentSubject
    role: str
    scope: ConsentScope
    review_on: str | None = None
    retention: str | None = None


class RenewalRequest(_Said, frozen=True, kw_only=True):
    """The same agreement said again: whom it is about, its role and its scope stay."""

    review_on: str


class WithdrawalRequest(_Document, frozen=True, kw_only=True):
    """A consent taken back: by whom and how. No more than that is asked of anybody, and no reason."""

    by: str
    method: str
    answered_at: str | None = None
    evidence: str | None = None


class InvalidationRequest(_Document, frozen=True, kw_only=True):
    """A record found not to be what it says, by a code of why."""

    reason: str
    found_at: str | None = None
