"""Sharing events: the signed record of a decision to share or not to share, and its list of what was withheld."""

from __future__ import annotations

import base64
import hashlib
import re

import msgspec
from msgspec import Struct

from isa_registry.domain.questions import RecipientKind

DECISIONS = ("shared", "part-shared", "not-shared", "deferred")
SHARED = ("shared", "part-shared")
"""The decisions by which something is shared."""

STATES = ("matched", "unmatched", "disputed", "corrected")
"""What became of an event that was shared: its recipient acknowledged it as it is, said nothing yet, or disputes it; or
another event corrects it. The provider and the recipient see the same."""

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


class _Claims(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Claims of a signed document. Members stand in the order in which RFC 8785 writes them, so that encoding them as
    they stand gives the canonical form."""


class EventSubject(_Claims, frozen=True):
    kind: str
    ref: str
    roles: tuple[str, ...]


class EventAgreement(_Claims, frozen=True):
    id: str
    version: str


class EventBasis(_Claims, frozen=True):
    article_10: tuple[str, ...]
    article_6: tuple[str, ...]
    article_9: tuple[str, ...]
    gateways: tuple[str, ...]
    part_3: tuple[str, ...]


class EventDuty(_Claims, frozen=True):
    more_detrimental: bool | None
    would_help_recipient: bool | None


class EventInformed(_Claims, frozen=True):
    family: str
    reason: str | None


class EventAdvice(_Claims, frozen=True):
    outcome: str
    role: str


class EventDecider(_Claims, frozen=True):
    ref: str
    role: str


class SharingEvent(_Claims, frozen=True):
    """The claims of an isa-sharing-event+jws (docs/formats/sharing-event.md). Every member is present; times are
    RFC 3339 UTC with milliseconds, dates YYYY-MM-DD."""

    advice: tuple[EventAdvice, ...]
    agreement: EventAgreement | None
    approved_by: str | None
    basis: EventBasis
    case_record: str
    categories: tuple[str, ...]
    check: str | None
    childs_view: str
    confidentiality_route: str | None
    consent: str
    corrects: str | None
    decided_at: str
    decided_by: EventDecider
    decision: str
    duty: EventDuty
    id: str
    informed: EventInformed
    late_entry: bool
    marking: str
    method: str
    para18_reason: str | None
    partnership: str
    provider: str
    purpose: str
    recipient: str | RecipientKind
    registry: str
    request: str | None
    retention: str | None
    review_on: str | None
    s36_4_authority: str | None
    shared_at: str | None
    subjects: tuple[EventSubject, ...]
    urgency: str
    v: int
    withheld_sha256: str | None


class WithheldCategory(_Claims, frozen=True):
    category: str
    reason: str


class Withheld(_Claims, frozen=True):
    """The claims of an isa-withheld+jws."""

    event: str
    partnership: str
    registry: str
    v: int
    withheld: tuple[WithheldCategory, ...]


class Acknowledgement(_Claims, frozen=True):
    """The claims of an isa-acknowledgement+jws: what its recipient says of an event that was shared with it.
    `event_sha256` is the lower-case hex SHA-256 of the event's exact compact JWS; `received_at` RFC 3339 UTC."""

    event: str
    event_sha256: str
    matches: bool
    partnership: str
    received_at: str
    recipient: str
    registry: str
    v: int


_event_decoder = msgspec.json.Decoder(SharingEvent)
_encode = msgspec.json.Encoder().encode
_withheld_decoder = msgspec.json.Decoder(Withheld)
_acknowledgement_decoder = msgspec.json.Decoder(Acknowledgement)


def decode_event(payload: bytes) -> SharingEvent:
    """The claims in a JWS payload. Raises `msgspec.ValidationError` for another shape."""
    return _event_decoder.decode(payload)


def is_canonical(event: SharingEvent, payload: bytes) -> bool:
    """Whether the payload that these claims were found in is written as RFC 8785 has it, so that it holds nothing twice
    and nothing else."""
    # A number beyond those that every reader holds exactly would be written the same.
    return event.v == 1 and _encode(event) == payload


def canonical_event(payload: bytes) -> SharingEvent | None:
    """The claims in a JWS payload that is canonical; None for any other."""
    try:
        event = decode_event(payload)
        return event if is_canonical(event, payload) else None
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


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


def content_sha256(event_jws: str, withheld_jws: str | None) -> bytes:
    """The content by which a repeated event is known to be the same one."""
    content = hashlib.sha256(event_jws.encode())
    content.update(b"\n" if withheld_jws is None else b"\n" + withheld_jws.encode())
    return content.digest()


def read_withheld(compact: str) -> Withheld:
    """The claims of a withheld list whose signature was verified before it was logged."""
    return decode_withheld(_body(compact))


def read_acknowledgement(compact: str) -> Acknowledgement:
    """The claims of an acknowledgement whose signature was verified before it was logged."""
    return decode_acknowledgement(_body(compact))


UUID7 = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def is_uuid7(value: str) -> bool:
    """A UUID version 7 in its one spelling: lower case with hyphens (RFC 9562 section 5.7)."""
    return UUID7.fullmatch(value) is not None
