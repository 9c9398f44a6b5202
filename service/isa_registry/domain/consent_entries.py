"""The entries of a consent's life: what somebody agreed to or refused, renewed, took back, and what was found void.

A consent is of one person about whom information would be shared, known to the registry by one body's own reference
and to nobody by name. What it says is codes and references; the words that were shown, and whatever the person said,
stay in the body's own system. Whether it holds on a day is never an entry: it follows from these (`domain/consents/`).
"""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.payloads import PayloadStruct as _Payload
from isa_registry.domain.questions import RecipientKind


class _Part(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class ConsentSubject(_Part, frozen=True):
    """Whom the consent is about: a kind of person, and the body's own reference (`s1_…`)."""

    kind: str
    ref: str


class ConsentStanding(_Part, frozen=True):
    """Who gave or refused it, and in what standing: `by` is a code of who it is, `shown_by` one of how that was
    established (a competence assessed, parental responsibility seen, a care order), `evidence` the reference of that
    assessment or document in the body's own system."""

    by: str
    shown_by: str
    evidence: str | None = None


class ConsentStatement(_Part, frozen=True):
    """The words that were shown: the body's own reference of the statement, its version, and the language in which it
    was shown (BCP 47), which need not be that in which it was written."""

    id: str
    version: str
    language: str


class ConsentRecorder(_Part, frozen=True):
    """Who wrote it down: a role of `decided_by` in a sharing event, and an opaque staff reference."""

    role: str
    ref: str


class ConsentScope(_Part, frozen=True):
    """What it covers: purposes, recipients (bodies by id, or kinds of body), and categories of information."""

    purposes: tuple[str, ...]
    recipients: tuple[str | RecipientKind, ...]
    categories: tuple[str, ...]


class _Answer(_Payload, frozen=True):
    """What `ConsentGiven` and `ConsentRefused` have in common.

    `consent` is the record's id (`cns_…`). `role` is `the-basis` (UK GDPR consent) or `agreement-to-service`: two
    different things, and one never stands for the other. `explicit` is whether it was an express statement, which
    Article 9(2)(a) asks for. `method` is a code of how it was said, `evidence` the reference of what shows that in the
    body's own system. `childs_view` is what the child says of it, whoever gave it. `answered_at` is when (RFC 3339
    UTC). `review_on` is the last London day on which it counts without being renewed; from `age_transition_on` on, what
    somebody else said for a child counts no longer. `retention` is a class of an agreement's schedule.
    """

    consent: str
    organisation: str
    client: str
    subject: ConsentSubject
    role: str
    scope: ConsentScope
    standing: ConsentStanding
    childs_view: str
    explicit: bool
    statement: ConsentStatement
    method: str
    evidence: str
    answered_at: str
    recorded_by: ConsentRecorder
    review_on: str | None = None
    age_transition_on: str | None = None
    retention: str | None = None


class ConsentGiven(_Answer, frozen=True, tag="consent.given"):
    """Somebody said yes."""


class ConsentRefused(_Answer, frozen=True, tag="consent.refused"):
    """Somebody was asked and said no. It has no `review_on`: it counts until somebody says otherwise."""


class ConsentRenewed(_Payload, frozen=True, tag="consent.renewed"):
    """A consent said again, by whoever has standing now: its scope and role stay, everything else is as it was said
    now."""

    consent: str
    organisation: str
    client: str
    standing: ConsentStanding
    childs_view: str
    explicit: bool
    statement: ConsentStatement
    method: str
    evidence: str
    answered_at: str
    recorded_by: ConsentRecorder
    review_on: str
    age_transition_on: str | None = None


class ConsentWithdrawn(_Payload, frozen=True, tag="consent.withdrawn"):
    """A consent taken back, `answered_at` that moment. It takes no more than giving did: who, and how they said it. It
    does not undo what was shared before."""

    consent: str
    organisation: str
    client: str
    by: str
    method: str
    answered_at: str
    recorded_by: ConsentRecorder
    evidence: str | None = None


class ConsentInvalidated(_Payload, frozen=True, tag="consent.invalidated"):
    """A record found not to be what it says, by a code of why: it counts for nothing, a refusal as little as a
    consent."""

    consent: str
    organisation: str
    client: str
    reason: str
    found_at: str
    recorded_by: ConsentRecorder


ConsentPayload = ConsentGiven | ConsentRefused | ConsentRenewed | ConsentWithdrawn | ConsentInvalidated
