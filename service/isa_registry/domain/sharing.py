"""Sharing events: the signed record of a decision to share or not to share, and its list of what was withheld."""

from __future__ import annotations

import base64
from collections.abc import Container
from uuid import UUID

import msgspec
from msgspec import Struct

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.dates import is_date, is_instant
from isa_registry.domain.questions import RecipientKind
from isa_registry.domain.references import is_subject_reference, own_reference_fault
from isa_registry.domain.refusals import Fault

DECISIONS = ("shared", "part-shared", "not-shared", "deferred")
METHODS = ("case-system", "secure-email", "meeting", "telephone", "post", "portal")
MARKINGS = ("official", "official-sensitive")
INFORMED = ("yes", "no", "later")
NOT_INFORMED_REASONS = ("increases-risk", "prejudices-enquiry", "not-practicable")
CHILDS_VIEWS = ("agrees", "objects", "not-sought", "not-safe-to-seek")
ADVICE_OUTCOMES = ("share", "do-not-share", "unclear")
WITHHELD_REASONS = (
    "not-necessary", "disproportionate", "more-detrimental", "no-role", "legally-barred", "consent-refused",
    "not-anonymised", "confidentiality", "live-investigation", "source-protection", "risk-to-other",
    "insufficient-detail", "advice-pending",
)  # fmt: skip


class _Claims(Struct, frozen=True, forbid_unknown_fields=True):
    pass


class EventSubject(_Claims, frozen=True):
    kind: str
    roles: tuple[str, ...]
    ref: str


class EventAgreement(_Claims, frozen=True):
    id: str
    version: str


class EventBasis(_Claims, frozen=True):
    article_6: tuple[str, ...]
    article_9: tuple[str, ...]
    article_10: tuple[str, ...]
    part_3: tuple[str, ...]
    gateways: tuple[str, ...]


class EventDuty(_Claims, frozen=True):
    would_help_recipient: bool | None
    more_detrimental: bool | None


class EventInformed(_Claims, frozen=True):
    family: str
    reason: str | None


class EventAdvice(_Claims, frozen=True):
    role: str
    outcome: str


class EventDecider(_Claims, frozen=True):
    role: str
    ref: str


class SharingEvent(_Claims, frozen=True):
    """The claims of an isa-sharing-event+jws (docs/formats/sharing-event.md). Every member is present; times are
    RFC 3339 UTC with milliseconds, dates YYYY-MM-DD."""

    v: int
    registry: str
    partnership: str
    id: str
    decision: str
    provider: str
    recipient: str | RecipientKind
    purpose: str
    categories: tuple[str, ...]
    withheld_sha256: str | None
    subjects: tuple[EventSubject, ...]
    urgency: str
    check: str | None
    agreement: EventAgreement | None
    basis: EventBasis
    para18_reason: str | None
    s36_4_authority: str | None
    confidentiality_route: str | None
    duty: EventDuty
    consent: str
    informed: EventInformed
    childs_view: str
    advice: tuple[EventAdvice, ...]
    approved_by: str | None
    decided_by: EventDecider
    decided_at: str
    shared_at: str | None
    method: str
    marking: str
    request: str | None
    case_record: str
    retention: str | None
    review_on: str | None
    late_entry: bool
    corrects: str | None


class WithheldCategory(_Claims, frozen=True):
    category: str
    reason: str


class Withheld(_Claims, frozen=True):
    """The claims of an isa-withheld+jws."""

    v: int
    registry: str
    partnership: str
    event: str
    withheld: tuple[WithheldCategory, ...]


class Acknowledgement(_Claims, frozen=True):
    """The claims of an isa-acknowledgement+jws: what its recipient says of an event that was shared with it.
    `event_sha256` is the lower-case hex SHA-256 of the event's exact compact JWS; `received_at` RFC 3339 UTC."""

    v: int
    registry: str
    partnership: str
    event: str
    event_sha256: str
    recipient: str
    received_at: str
    matches: bool


_event_decoder = msgspec.json.Decoder(SharingEvent)
_withheld_decoder = msgspec.json.Decoder(Withheld)
_acknowledgement_decoder = msgspec.json.Decoder(Acknowledgement)


def decode_event(payload: bytes) -> SharingEvent:
    """The claims in a JWS payload. Raises `msgspec.ValidationError` for another shape."""
    return _event_decoder.decode(payload)


def decode_withheld(payload: bytes) -> Withheld:
    """The claims in a JWS payload. Raises `msgspec.ValidationError` for another shape."""
    return _withheld_decoder.decode(payload)


def decode_acknowledgement(payload: bytes) -> Acknowledgement:
    """The claims in a JWS payload. Raises `msgspec.ValidationError` for another shape."""
    return _acknowledgement_decoder.decode(payload)


def _body(compact: str) -> bytes:
    body = compact.split(".")[1]
    return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))


def read_event(compact: str) -> SharingEvent:
    """The claims of an event whose signature was verified before it was logged."""
    return decode_event(_body(compact))


def read_withheld(compact: str) -> Withheld:
    """The claims of a withheld list whose signature was verified before it was logged."""
    return decode_withheld(_body(compact))


def read_acknowledgement(compact: str) -> Acknowledgement:
    """The claims of an acknowledgement whose signature was verified before it was logged."""
    return decode_acknowledgement(_body(compact))


def is_uuid7(value: str) -> bool:
    """A UUID version 7 in its one spelling: lower case with hyphens (RFC 9562 section 5.7)."""
    try:
        parsed = UUID(value)
    except ValueError:
        return False
    return str(parsed) == value and parsed.version == 7


class _Faults:
    """Collects what is wrong with an event, by pointer."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, pointer: str, code: str, detail: str) -> None:
        self.found.append(Fault(pointer=pointer, code=code, detail=detail))

    def code(self, pointer: str, value: str | None, known: Container[str]) -> None:
        if value is not None and value not in known:
            self.add(pointer, "unknown-code", "This code is not one the registry knows. See the list in the schema.")

    def reference(self, pointer: str, value: str | None) -> None:
        fault = None if value is None else own_reference_fault(value)
        if fault is not None:
            self.add(pointer, "not-a-reference", fault)


def event_faults(event: SharingEvent, catalogue: Catalogue, *, origin: str, partnership: str) -> tuple[Fault, ...]:
    """Everything wrong with an event's claims taken by themselves: codes, formats, references, and members that
    contradict each other. Times against the clock, keys and the register are looked at elsewhere."""
    faults = _Faults()
    codes = catalogue.codes
    if event.v != 1:
        faults.add("#/v", "unknown-version", "This registry reads version 1 of the document.")
    if event.registry != origin:
        faults.add("#/registry", "another-registry", "This document was made for another registry.")
    if event.partnership != partnership:
        faults.add("#/partnership", "another-partnership", "This document was made for another partnership.")
    if not is_uuid7(event.id):
        faults.add("#/id", "not-a-uuid7", "An event's id is a version 7 UUID in lower case with hyphens.")
    faults.code("#/decision", event.decision, DECISIONS)
    if isinstance(event.recipient, RecipientKind):
        faults.code("#/recipient/kind", event.recipient.kind, catalogue.kinds)
    faults.code("#/purpose", event.purpose, catalogue.purposes)
    if not 1 <= len(event.categories) <= 30:
        faults.add("#/categories", "count", "Give 1 to 30 categories.")
    if len(set(event.categories)) != len(event.categories):
        faults.add("#/categories", "repeated", "Name each category once.")
    for position, category in enumerate(event.categories[:30]):
        faults.code(f"#/categories/{position}", category, catalogue.categories)
    _subject_faults(event, codes.subject_kinds, codes.subject_roles, faults)
    faults.code("#/urgency", event.urgency, codes.urgencies)
    for name in ("article_6", "article_9", "article_10", "part_3", "gateways"):
        for position, code in enumerate(getattr(event.basis, name)):
            faults.code(f"#/basis/{name}/{position}", code, catalogue.provisions)
    faults.code("#/para18_reason", event.para18_reason, codes.para18_reasons)
    faults.code("#/s36_4_authority", event.s36_4_authority, catalogue.provisions)
    faults.code("#/confidentiality_route", event.confidentiality_route, codes.confidentiality_routes)
    faults.code("#/consent", event.consent, codes.consent_states)
    faults.code("#/informed/family", event.informed.family, INFORMED)
    faults.code("#/informed/reason", event.informed.reason, NOT_INFORMED_REASONS)
    faults.code("#/childs_view", event.childs_view, CHILDS_VIEWS)
    for position, advice in enumerate(event.advice):
        faults.code(f"#/advice/{position}/role", advice.role, codes.roles)
        faults.code(f"#/advice/{position}/outcome", advice.outcome, ADVICE_OUTCOMES)
    faults.code("#/approved_by", event.approved_by, codes.roles)
    faults.code("#/decided_by/role", event.decided_by.role, codes.roles)
    faults.code("#/method", event.method, METHODS)
    faults.code("#/marking", event.marking, MARKINGS)
    faults.reference("#/decided_by/ref", event.decided_by.ref)
    faults.reference("#/case_record", event.case_record)
    faults.reference("#/request", event.request)
    _time_faults(event, faults)
    _consistency_faults(event, faults)
    return tuple(faults.found)


def _subject_faults(event: SharingEvent, kinds: dict[str, str], roles: dict[str, str], faults: _Faults) -> None:
    if not 1 <= len(event.subjects) <= 50:
        faults.add("#/subjects", "count", "Give 1 to 50 subjects.")
    for position, subject in enumerate(event.subjects[:50]):
        faults.code(f"#/subjects/{position}/kind", subject.kind, kinds)
        for number, role in enumerate(subject.roles):
            faults.code(f"#/subjects/{position}/roles/{number}", role, roles)
        if not is_subject_reference(subject.ref):
            faults.add(
                f"#/subjects/{position}/ref",
                "not-a-subject-reference",
                "A subject reference is 's1_' and 43 base64url characters, made with your organisation's own key.",
            )


def _time_faults(event: SharingEvent, faults: _Faults) -> None:
    for pointer, value in (("#/decided_at", event.decided_at), ("#/shared_at", event.shared_at)):
        if value is not None and not is_instant(value):
            faults.add(pointer, "not-a-time", "Write times as 2026-09-30T14:05:00.000Z: UTC with milliseconds.")
    if event.review_on is not None and not is_date(event.review_on):
        faults.add("#/review_on", "not-a-date", "Write dates as 2026-09-30.")


def _consistency_faults(event: SharingEvent, faults: _Faults) -> None:
    shared = event.decision in ("shared", "part-shared")
    if shared and event.shared_at is None:
        faults.add("#/shared_at", "missing", "Say when it was shared.")
    if not shared and event.shared_at is not None:
        faults.add("#/shared_at", "contradicts-decision", "Nothing was shared, so this is null.")
    if event.decision == "shared" and event.withheld_sha256 is not None:
        faults.add("#/withheld_sha256", "contradicts-decision", "All was shared: use 'part-shared' or null.")
    if event.decision != "shared" and event.withheld_sha256 is None:
        faults.add("#/withheld_sha256", "missing", "Say what was withheld: send the signed list and its SHA-256.")
    if event.informed.family == "no" and event.informed.reason is None:
        faults.add("#/informed/reason", "missing", "Give the reason why the family is not told.")
    if event.corrects is not None and not is_uuid7(event.corrects):
        faults.add("#/corrects", "not-a-uuid7", "Give the id of the event that this one corrects.")


def withheld_faults(withheld: Withheld, event: SharingEvent, catalogue: Catalogue) -> tuple[Fault, ...]:
    """Everything wrong with a withheld list beside its event."""
    faults = _Faults()
    if (withheld.v, withheld.registry, withheld.partnership) != (event.v, event.registry, event.partnership):
        faults.add("#/withheld", "another-registry", "The list and its event name different registries or versions.")
    if withheld.event != event.id:
        faults.add("#/withheld/event", "another-event", "This list names another event than the one it came with.")
    if not 1 <= len(withheld.withheld) <= 30:
        faults.add("#/withheld/withheld", "count", "Give 1 to 30 categories with the reason for each.")
    for position, one in enumerate(withheld.withheld[:30]):
        faults.code(f"#/withheld/withheld/{position}/category", one.category, catalogue.categories)
        faults.code(f"#/withheld/withheld/{position}/reason", one.reason, WITHHELD_REASONS)
    return tuple(faults.found)
