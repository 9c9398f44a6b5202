"""Sharing events: the signed record of a decision to share or not to share, and its list of what was withheld."""

from __future__ import annotations

import base64
import re
from weakref import WeakValueDictionary

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


class SharingEvent(_Claims, frozen=True, weakref=True):
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
_canonical = msgspec.json.Encoder(order="sorted").encode
_withheld_decoder = msgspec.json.Decoder(Withheld)
_acknowledgement_decoder = msgspec.json.Decoder(Acknowledgement)


def decode_event(payload: bytes) -> SharingEvent:
    """The claims in a JWS payload. Raises `msgspec.ValidationError` for another shape."""
    return _event_decoder.decode(payload)


def canonical_event(payload: bytes) -> SharingEvent | None:
    """The claims in a JWS payload that is written as RFC 8785 has it, so that it holds nothing twice and nothing else;
    None for any other."""
    try:
        event = _event_decoder.decode(payload)
        # A number beyond those that every reader holds exactly would be written the same.
        return event if event.v == 1 and _canonical(event) == payload else None
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


_UUID7 = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

_held: WeakValueDictionary[str, SharingEvent] = WeakValueDictionary()
"""The events that somebody holds at this moment, by their exact text: nothing is kept for longer than it is used."""


def hold_event(compact: str, event: SharingEvent) -> SharingEvent:
    """The event that was read from this text, which `read_event` gives again for as long as it is held."""
    return _held.setdefault(compact, event)


def read_event(compact: str) -> SharingEvent:
    """The claims of an event whose signature was verified before it was logged."""
    found = _held.get(compact)
    return decode_event(_body(compact)) if found is None else found


def read_withheld(compact: str) -> Withheld:
    """The claims of a withheld list whose signature was verified before it was logged."""
    return decode_withheld(_body(compact))


def read_acknowledgement(compact: str) -> Acknowledgement:
    """The claims of an acknowledgement whose signature was verified before it was logged."""
    return decode_acknowledgement(_body(compact))


def is_uuid7(value: str) -> bool:
    """A UUID version 7 in its one spelling: lower case with hyphens (RFC 9562 section 5.7)."""
    return _UUID7.fullmatch(value) is not None
