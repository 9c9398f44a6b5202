"""Recording a decision to share, or not to share, as its body signed it."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct

from isa_registry.domain.access_entries import KeyRegistered
from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.domain.decisions import decide
from isa_registry.domain.entries import Payload, SharingEventFlagged, SharingEventRecorded, SharingEventWithheld
from isa_registry.domain.questions import Circumstances, Evidence, Question, Subject
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.signing_keys import is_suspect, key_for_use, kid_of, valid_at
from isa_registry.domain.shapes import decoding
from isa_registry.domain.sharing import (
    SharingEvent,
    Withheld,
    decode_event,
    decode_withheld,
    event_faults,
    is_uuid7,
    read_event,
    withheld_faults,
)
from isa_registry.identity.callers import Caller
from isa_registry.identity.documents import DocumentRefused, SignedDocument, verify_document
from isa_registry.ledger.drafts import Draft, EventClaim, IdempotencyClaim, Precondition
from isa_registry.ledger.record_rows import content_sha256

EVENT_TYPE = "isa-sharing-event+jws"
WITHHELD_TYPE = "isa-withheld+jws"
_AHEAD = timedelta(minutes=2)
_LATE = timedelta(hours=24)
_SHARED = ("shared", "part-shared")


class Submitted(Struct, frozen=True):
    """An event as it arrived: the exact compact JWS, and that of what was withheld."""

    event: str
    withheld: str | None = None


class Admitted(Struct, frozen=True):
    """An event that is well-formed, signed by the caller's own key, and consistent with the register."""

    submitted: Submitted
    event: SharingEvent
    kids: tuple[str, ...]


def admit(submitted: Submitted, caller: Caller, view: RegisterView, *, origin: str, now: datetime) -> Admitted:
    """The event, if it can be recorded.

    Raises `Refused` with a pointer to each thing that is wrong: `bad-document` (the signature and its form),
    `malformed`, `unprocessable`, `not-your-organisation`.
    """
    catalogue, opened = view.catalogue(), view.opened()
    if catalogue is None or opened is None:
        raise Refused("unavailable", "The registry is not open yet.", retry_after=30)
    document = _verify(submitted.event, EVENT_TYPE, caller, view, "")
    with decoding("The event"):
        event = decode_event(document.payload)
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
    if not any(fault.pointer in ("#/decided_at", "#/shared_at") for fault in faults):
        faults += [*_clock_faults(event, now), *_key_faults(event, document.key, "#/decided_at")]
    kids = [document.kid]
    if submitted.withheld is not None:
        kids.append(_admit_withheld(submitted.withheld, event, caller, view, faults))
    elif event.withheld_sha256 is not None:
        faults.append(Fault("#/withheld_sha256", "list-missing", "Send the signed list of what was withheld with it."))
    if faults:
        raise Refused("unprocessable", "The event cannot be recorded as it stands.", tuple(faults))
    return Admitted(submitted=submitted, event=event, kids=tuple(kids))


def _verify(compact: str, typ: str, caller: Caller, view: RegisterView, at: str) -> SignedDocument:
    def key_for(kid: str) -> KeyRegistered | None:
        return key_for_use(view, caller.organisation, kid, "event")

    try:
        return verify_document(compact, typ=typ, key_for=key_for)
    except DocumentRefused as refused:
        pointer = f"#{at}{refused.pointer}"
        raise Refused("bad-document", refused.detail, (Fault(pointer, refused.code, refused.detail),)) from None


def _admit_withheld(compact: str, event: SharingEvent, caller: Caller, view: RegisterView, faults: list[Fault]) -> str:
    document = _verify(compact, WITHHELD_TYPE, caller, view, "/withheld")
    with decoding("The list of what was withheld", "/withheld"):
        withheld: Withheld = decode_withheld(document.payload)
    if event.withheld_sha256 != hashlib.sha256(compact.encode()).hexdigest():
        faults.append(
            Fault("#/withheld_sha256", "another-list", "This is not the lower-case hex SHA-256 of the list sent.")
        )
    catalogue = view.catalogue()
    assert catalogue is not None
    faults.extend(withheld_faults(withheld, event, catalogue))
    if not any(fault.pointer == "#/decided_at" for fault in faults):
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
    classes = {one.code for version in view.agreement_versions() for one in version.schedule.retention}
    if event.retention is not None and event.retention not in classes:
        detail = "This is not a retention class of an agreement's schedule."
        faults.append(Fault("#/retention", "unknown-code", detail))
    return faults


def _clock_faults(event: SharingEvent, now: datetime) -> list[Fault]:
    decided = parse_instant(event.decided_at)
    faults: list[Fault] = []
    if decided > now + _AHEAD:
        faults.append(Fault("#/decided_at", "in-the-future", "This is more than two minutes ahead of our clock."))
    elif decided < now - _LATE and not event.late_entry:
        detail = "This is more than 24 hours ago. Set late_entry to true to record it all the same."
        faults.append(Fault("#/decided_at", "late", detail))
    if event.shared_at is not None and parse_instant(event.shared_at) > now + _AHEAD:
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


def as_question(event: SharingEvent) -> Question:
    """The question that the event's decision answers, from what the event itself says."""
    return Question(
        provider=event.provider,
        recipient=event.recipient,
        purpose=event.purpose,
        categories=event.categories,
        subjects=tuple(Subject(kind=subject.kind, roles=subject.roles) for subject in event.subjects),
        urgency=event.urgency,
        circumstances=Circumstances(
            would_help_recipient=event.duty.would_help_recipient,
            more_detrimental_to_share=event.duty.more_detrimental,
            detriment_confirmed_by=event.approved_by,
            consent=event.consent,
            para18_reason=event.para18_reason,
            s36_4_authority=event.s36_4_authority,
            confidentiality_route=event.confidentiality_route,
        ),
    )


def flags_for(event: SharingEvent, view: RegisterView, *, answered: str | None, now: datetime) -> tuple[str, ...]:
    """What the registry marks on an event for the provider's own safeguarding lead.

    `answered` is the outcome of the check that the event names; without one, the event's own facts are asked about.
    """
    outcome = answered
    if outcome is None:
        catalogue = view.catalogue()
        assert catalogue is not None
        outcome = decide(view, catalogue, as_question(event), Evidence(), today=london_date(now)).outcome
    if outcome in ("share-now", "duty-to-share") and event.decision not in _SHARED:
        return ("withheld-against-duty",)
    if outcome == "do-not-share" and event.decision in _SHARED:
        return ("review-basis",)
    return ()


def draft(admitted: Admitted, flags: tuple[str, ...], idempotency: IdempotencyClaim | None = None) -> Draft:
    """The record of an event, held against the register at the tail: a key revoked meanwhile signs nothing more."""
    event, submitted = admitted.event, admitted.submitted
    payloads: tuple[Payload, ...] = (SharingEventRecorded(jws=submitted.event),)
    if submitted.withheld is not None:
        payloads += (SharingEventWithheld(provider=event.provider, event=event.id, jws=submitted.withheld),)
    if flags:
        payloads += (SharingEventFlagged(provider=event.provider, event=event.id, flags=flags),)
    return Draft(
        payloads=payloads,
        preconditions=tuple(_key_still_good(event.provider, kid) for kid in admitted.kids),
        event=EventClaim(
            provider=event.provider, event=UUID(event.id), sha256=content_sha256(submitted.event, submitted.withheld)
        ),
        idempotency=idempotency,
    )


def _key_still_good(organisation: str, kid: str) -> Precondition:
    def holds(view: RegisterView, at: str) -> None:
        if key_for_use(view, organisation, kid, "event") is None:
            detail = "The signing key is not registered, or was revoked."
            raise Refused("bad-document", detail, (Fault("#/kid", "jws-key-unknown", detail),))

    return holds


def claim_unverified(submitted: Submitted, provider: str) -> EventClaim | None:
    """Where the provider's event would be, had it been recorded before: by its id and content, whoever signed it.
    None where the text holds no event."""
    try:
        event = read_event(submitted.event)
        if event.provider != provider or not is_uuid7(event.id):
            return None
        digest = content_sha256(submitted.event, submitted.withheld)
        return EventClaim(provider=provider, event=UUID(event.id), sha256=digest)
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
        return msgspec.json.decode(body, type=_Submission).submitted()


class _Submission(Struct, frozen=True, forbid_unknown_fields=True):
    event: str
    withheld: str | None = None

    def submitted(self) -> Submitted:
        return Submitted(event=self.event, withheld=self.withheld)
