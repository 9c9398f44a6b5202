"""Recording a decision to share, or not to share, as its body signed it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec import Raw, Struct

from isa_registry.domain.access_entries import KeyRegistered
from isa_registry.domain.agreement_entries import SignInEvidence
from isa_registry.domain.dates import parse_instant
from isa_registry.domain.entries import Payload, SharingEventFlagged, SharingEventRecorded, SharingEventWithheld
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.signing_keys import is_suspect, key_for_use, kid_of, valid_at
from isa_registry.domain.shapes import decoding
from isa_registry.domain.sharing import (
    SharingEvent,
    Withheld,
    canonical_event,
    content_sha256,
    decode_event,
    decode_withheld,
    is_uuid7,
    read_event,
)
from isa_registry.domain.sharing_faults import event_faults, withheld_faults
from isa_registry.identity.callers import Caller
from isa_registry.identity.documents import DocumentRefused, SignedDocument, verify_document
from isa_registry.ledger.drafts import Draft, EventClaim, IdempotencyClaim, Precondition, Unchanged
from isa_registry.ledger.threads import event_thread

EVENT_TYPE = "isa-sharing-event+jws"
WITHHELD_TYPE = "isa-withheld+jws"
AHEAD = timedelta(minutes=2)
"""How far ahead of our clock a body's may be."""
LATE = timedelta(hours=24)
"""What was decided longer ago is recorded as a late entry."""
MOST_IN_A_BATCH = 100


class Submitted(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """An event as it arrived: the exact compact JWS, and that of what was withheld."""

    event: str
    withheld: str | None = None


_submitted = msgspec.json.Decoder(Submitted)

KeyFor = Callable[[RegisterView, str], KeyRegistered | None]
"""The key of that id, if the entry after the view's last may be signed with it."""


class OwnKeys(Struct, frozen=True):
    """The keys with which a body's own systems sign its events."""

    organisation: str

    def __call__(self, view: RegisterView, kid: str) -> KeyRegistered | None:
        return key_for_use(view, self.organisation, kid, "event")


class Admitted(Struct, frozen=True):
    """An event that is well-formed, signed with a key that may sign the caller's, and consistent with the register.
    `holds` is what must still be so at the tail of the log."""

    submitted: Submitted
    event: SharingEvent
    holds: tuple[Precondition, ...]


def admit(
    submitted: Submitted,
    caller: Caller,
    view: RegisterView,
    *,
    origin: str,
    now: datetime,
    key_for: KeyFor | None = None,
) -> Admitted:
    """The event, if it can be recorded; `key_for` says which keys may have signed it and its list, without it the
    caller's own (`OwnKeys`).

    What it names that is not in the register, a check or an event that it corrects, is held against it in
    `runtime/recording_events.py`. Raises `Refused` with a pointer to each thing that is wrong: `bad-document` (the
    signature and its form), `malformed`, `unprocessable`, `not-your-organisation`.
    """
    key_for = key_for or OwnKeys(caller.organisation)
    catalogue, opened = view.catalogue(), view.opened()
    if catalogue is None or opened is None:
        raise Refused("unavailable", "The registry is not open yet.", retry_after=30)
    document = _verify(submitted.event, EVENT_TYPE, key_for, view, "", canonical_event)
    with decoding("The event"):
        event = document.read if isinstance(document.read, SharingEvent) else decode_event(document.payload)
    if event.provider != caller.organisation:
        raise Refused(
            "not-your-organisation",
            "An event is recorded by the organisation that decided.",
            (Fault("#/provider", "not-your-organisation", "Name the organisation that the token belongs to."),),
        )
    faults = [
        *event_faults(event, catalogue, origin=origin, partnership=opened.partnership),
        *_register_faults(event, view),
    ]
    if not any(fault.code == "not-a-time" for fault in faults):
        faults += [*_clock_faults(event, now), *_key_faults(event, document.key, "#/decided_at")]
    kids = [document.kid]
    if submitted.withheld is not None:
        kids.append(_admit_withheld(submitted.withheld, event, key_for, view, faults))
    elif event.withheld_sha256 is not None:
        faults.append(Fault("#/withheld_sha256", "list-missing", "Send the signed list of what was withheld with it."))
    if faults:
        raise Refused("unprocessable", "The event cannot be recorded as it stands.", tuple(faults))
    return Admitted(submitted=submitted, event=event, holds=keys_still_good(key_for, kids))


def _verify(
    compact: str, typ: str, key_for: KeyFor, view: RegisterView, at: str, read: Callable[[bytes], object | None]
) -> SignedDocument:
    try:
        return verify_document(compact, typ=typ, key_for=lambda kid: key_for(view, kid), read=read)
    except DocumentRefused as refused:
        pointer = f"#{at}{refused.pointer}"
        raise Refused("bad-document", refused.detail, (Fault(pointer, refused.code, refused.detail),)) from None


def _admit_withheld(compact: str, event: SharingEvent, key_for: KeyFor, view: RegisterView, faults: list[Fault]) -> str:
    document = _verify(compact, WITHHELD_TYPE, key_for, view, "/withheld", lambda _: None)
    with decoding("The list of what was withheld", "/withheld"):
        withheld: Withheld = decode_withheld(document.payload)
    if event.withheld_sha256 != hashlib.sha256(compact.encode()).hexdigest():
        faults.append(
            Fault("#/withheld_sha256", "another-list", "This is not the lower-case hex SHA-256 of the list sent.")
        )
    catalogue = view.catalogue()
    assert catalogue is not None
    faults.extend(withheld_faults(withheld, event, catalogue))
    if not any(fault.code == "not-a-time" for fault in faults):
        faults.extend(_key_faults(event, document.key, "#/withheld/kid"))
    return document.kid


def _register_faults(event: SharingEvent, view: RegisterView) -> list[Fault]:
    faults: list[Fault] = []
    if isinstance(event.recipient, str):
        if event.recipient == event.provider:
            faults.append(Fault("#/recipient", "same-organisation", "Provider and recipient are the same body."))
        elif view.organisation(event.recipient) is None:
            detail = 'This body is not registered. Name it by its kind, as {"kind": "voluntary"}.'
            faults.append(Fault("#/recipient", "unknown-organisation", detail))
    if event.agreement is not None and view.agreement_version(event.agreement.id, event.agreement.version) is None:
        faults.append(Fault("#/agreement", "unknown-agreement", "No such version was published here."))
    if event.retention is not None and event.retention not in view.retention_classes(event.provider):
        detail = "This is not a retention class of an agreement's schedule, nor of your organisation's own rules."
        faults.append(Fault("#/retention", "unknown-code", detail))
    return faults


def _clock_faults(event: SharingEvent, now: datetime) -> list[Fault]:
    decided = parse_instant(event.decided_at)
    faults: list[Fault] = []
    if decided > now + AHEAD:
        faults.append(Fault("#/decided_at", "in-the-future", "This is more than two minutes ahead of our clock."))
    elif decided < now - LATE and not event.late_entry:
        detail = "This is more than 24 hours ago. Set late_entry to true to record it all the same."
        faults.append(Fault("#/decided_at", "late", detail))
    if event.shared_at is not None and parse_instant(event.shared_at) > now + AHEAD:
        faults.append(Fault("#/shared_at", "in-the-future", "This is more than two minutes ahead of our clock."))
    return faults


def _key_faults(event: SharingEvent, key: KeyRegistered, pointer: str) -> list[Fault]:
    """Whether the key was valid when the decision was made; the list of what was withheld belongs to it."""
    if valid_at(key, event.decided_at):
        return []
    return [Fault(pointer, "key-not-valid-then", "The signing key was not valid at that time.")]


def is_doubted(view: RegisterView, provider: str, *documents: str | None, logged_at: str) -> bool:
    """Whether one of a provider's documents was logged when the key that signed it was in doubt."""
    return any(is_suspect(view, provider, kid_of(jws), logged_at) for jws in documents if jws is not None)


def draft(
    admitted: Admitted,
    flags: tuple[str, ...],
    idempotency: IdempotencyClaim | None = None,
    *,
    sign_in: SignInEvidence | None = None,
    approved_by: tuple[int, ...] = (),
    since: int | None = None,
) -> Draft:
    """The record of an event, held against the register at the tail: a key revoked meanwhile signs nothing more.
    `sign_in` and `approved_by` are there where the registry signed it for a person. Of a correction, `since` is the log
    size at which what it corrects was read: nothing else may correct that since."""
    event, submitted = admitted.event, admitted.submitted
    digest = content_sha256(submitted.event, submitted.withheld)
    recorded = SharingEventRecorded.of(
        submitted.event,
        event,
        sha256=digest if submitted.withheld is None else None,
        sign_in=sign_in,
        approved_by=approved_by,
    )
    payloads: tuple[Payload, ...] = (recorded,)
    if submitted.withheld is not None:
        payloads += (SharingEventWithheld(provider=event.provider, event=event.id, jws=submitted.withheld),)
    if flags:
        payloads += (SharingEventFlagged(provider=event.provider, event=event.id, flags=flags),)
    return Draft(
        payloads=payloads,
        preconditions=admitted.holds,
        event=EventClaim(
            provider=event.provider,
            event=event.id,
            sha256=digest,
        ),
        idempotency=idempotency,
        unchanged=None
        if event.corrects is None or since is None
        else Unchanged(threads=(event_thread(event.provider, event.corrects),), since=since),
    )


class _KeyStillGood(Struct, frozen=True):
    """The precondition that a key may sign the entry that comes next. Equal ones ask the same."""

    key_for: KeyFor
    kid: str

    def __call__(self, view: RegisterView, at: str) -> None:
        if self.key_for(view, self.kid) is None:
            detail = "The signing key is not registered, or was revoked."
            raise Refused("bad-document", detail, (Fault("#/kid", "jws-key-unknown", detail),))


def keys_still_good(key_for: KeyFor, kids: Sequence[str]) -> tuple[Precondition, ...]:
    """The preconditions that each of these keys may sign the entry that comes next."""
    return tuple([_KeyStillGood(key_for, kid) for kid in kids])


def claim_unverified(submitted: Submitted, provider: str) -> EventClaim | None:
    """Where the provider's event would be, had it been recorded before: by its id and content, whoever signed it.
    None where the text holds no event."""
    try:
        event = read_event(submitted.event)
        if event.provider != provider or not is_uuid7(event.id):
            return None
        digest = content_sha256(submitted.event, submitted.withheld)
        return EventClaim(provider=provider, event=event.id, sha256=digest)
    except (ValueError, IndexError, msgspec.DecodeError, RecursionError):
        return None


def parse_submission(body: bytes, content_type: str) -> Submitted:
    """An event from a request: a compact JWS (`application/jose`), or JSON with `event` and `withheld`.

    Raises `Refused` (`malformed`).
    """
    if content_type == "application/jose":
        try:
            return Submitted(event=body.decode("ascii"))
        except UnicodeDecodeError:
            raise Refused("malformed", "A compact JWS is ASCII text.") from None
    with decoding("The request"):
        return _submitted.decode(body)


class _Batch(Struct, frozen=True, forbid_unknown_fields=True):
    events: tuple[Raw, ...]


class _WholeBatch(Struct, frozen=True, forbid_unknown_fields=True):
    events: tuple[Submitted, ...]


_batch = msgspec.json.Decoder(_Batch)
_whole_batch = msgspec.json.Decoder(_WholeBatch)


def parse_batch(body: bytes) -> list[Submitted | Refused]:
    """The events of a batch in order, each by itself: one of another form harms no other.

    Raises `Refused` (`malformed`) where it is no batch of 1 to 100.
    """
    events = _events_of(body)
    if not 1 <= len(events) <= MOST_IN_A_BATCH:
        detail = f"A batch has 1 to {MOST_IN_A_BATCH} events."
        raise Refused("malformed", detail, (Fault("#/events", "count", f"Send 1 to {MOST_IN_A_BATCH}."),))
    return [one if isinstance(one, Submitted) else _parse_one(one) for one in events]


def _events_of(body: bytes) -> tuple[Submitted, ...] | tuple[Raw, ...]:
    """The events of a batch; unread where they are not all of the form that is taken."""
    try:
        return _whole_batch.decode(body).events
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        with decoding("The batch"):
            return _batch.decode(body).events


def _parse_one(raw: Raw) -> Submitted | Refused:
    try:
        with decoding("The event"):
            return _submitted.decode(raw)
    except Refused as refused:
        return refused
