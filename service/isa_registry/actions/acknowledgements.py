"""A recipient's own word on an event that was shared with it: that it came, and whether it is as the event says."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from isa_registry.actions.sharing_events import KeyFor
from isa_registry.domain.access_entries import KeyRegistered
from isa_registry.domain.agreement_entries import SignInEvidence
from isa_registry.domain.dates import parse_instant
from isa_registry.domain.entries import SharingEventAcknowledged
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.signing_keys import key_for_use, valid_at
from isa_registry.domain.shapes import decoding
from isa_registry.domain.sharing import Acknowledgement, decode_acknowledgement, read_event
from isa_registry.domain.sharing_faults import acknowledgement_faults
from isa_registry.identity.callers import Caller
from isa_registry.identity.documents import DocumentRefused, verify_document
from isa_registry.ledger.drafts import Draft, IdempotencyClaim, Precondition, Unchanged
from isa_registry.ledger.threads import event_thread

ACKNOWLEDGEMENT_TYPE = "isa-acknowledgement+jws"
_ALLOWED = timedelta(minutes=2)
_CANNOT = "The acknowledgement cannot be recorded as it stands."


class _Request(Struct, frozen=True, forbid_unknown_fields=True):
    acknowledgement: str


_request = msgspec.json.Decoder(_Request)


def parse_acknowledgement(body: bytes, content_type: str) -> str:
    """The compact JWS in a request: by itself (`application/jose`), or as `acknowledgement` in JSON.

    Raises `Refused` (`malformed`).
    """
    if content_type == "application/jose":
        try:
            return body.decode("ascii")
        except UnicodeDecodeError:
            raise Refused("malformed", "A compact JWS is ASCII text.") from None
    with decoding("The request"):
        return _request.decode(body).acknowledgement


def own_keys(organisation: str) -> KeyFor:
    """The keys with which a body's own systems acknowledge what was shared with it."""

    def key_for(view: RegisterView, kid: str) -> KeyRegistered | None:
        return key_for_use(view, organisation, kid, "acknowledgement")

    return key_for


class Stated(Struct, frozen=True):
    """An acknowledgement that is well-formed and signed with a key that may sign the caller's."""

    jws: str
    said: Acknowledgement
    kid: str
    key_for: KeyFor


def admit(
    jws: str,
    event: str,
    caller: Caller,
    view: RegisterView,
    *,
    origin: str,
    now: datetime,
    key_for: KeyFor | None = None,
) -> Stated:
    """The acknowledgement, as far as it can be judged without the event: what is refused here says nothing of whether
    there is such an event. `event` is the id at the address that it was sent to; `key_for` says which keys may have
    signed it, without it the caller's own.

    Raises `Refused` with a pointer to each thing that is wrong: `bad-document`, `malformed`, `not-your-organisation`,
    `unprocessable`.
    """
    opened = view.opened()
    if opened is None:
        raise Refused("unavailable", "The registry is not open yet.", retry_after=30)
    may_sign = key_for or own_keys(caller.organisation)
    try:
        document = verify_document(jws, typ=ACKNOWLEDGEMENT_TYPE, key_for=lambda kid: may_sign(view, kid))
    except DocumentRefused as refused:
        fault = Fault(f"#{refused.pointer}", refused.code, refused.detail)
        raise Refused("bad-document", refused.detail, (fault,)) from None
    with decoding("The acknowledgement"):
        said = decode_acknowledgement(document.payload)
    if said.recipient != caller.organisation:
        raise Refused(
            "not-your-organisation",
            "An event is acknowledged by the organisation that received it.",
            (Fault("#/recipient", "not-your-organisation", "Name the organisation that the token belongs to."),),
        )
    faults = list(acknowledgement_faults(said, origin=origin, partnership=opened.partnership))
    if said.event != event:
        detail = "This names another event than the one at the address that it was sent to."
        faults.append(Fault("#/event", "another-event", detail))
    if not any(fault.code == "not-a-time" for fault in faults):
        if parse_instant(said.received_at) > now + _ALLOWED:
            detail = "This is more than two minutes ahead of our clock."
            faults.append(Fault("#/received_at", "in-the-future", detail))
        if not valid_at(document.key, said.received_at):
            detail = "The signing key was not valid at that time."
            faults.append(Fault("#/received_at", "key-not-valid-then", detail))
    if faults:
        raise Refused("unprocessable", _CANNOT, tuple(faults))
    return Stated(jws=jws, said=said, kid=document.kid, key_for=may_sign)


def is_of(stated: Stated, event_jws: str) -> bool:
    """Whether the acknowledgement is of exactly this event."""
    return stated.said.event_sha256 == hashlib.sha256(event_jws.encode()).hexdigest()


def hold_against(stated: Stated, event_jws: str) -> None:
    """Raises `Refused` (`unprocessable`) where the acknowledgement is not of exactly this event, or of before it."""
    faults: list[Fault] = []
    if not is_of(stated, event_jws):
        detail = "This is not the lower-case hex SHA-256 of the event's exact compact JWS."
        faults.append(Fault("#/event_sha256", "another-content", detail))
    shared_at = read_event(event_jws).shared_at
    # Two clocks, which need not agree to the second.
    if shared_at is not None and parse_instant(stated.said.received_at) < parse_instant(shared_at) - _ALLOWED:
        detail = "This is more than two minutes before the event says that it was shared."
        faults.append(Fault("#/received_at", "before-shared", detail))
    if faults:
        raise Refused("unprocessable", _CANNOT, tuple(faults))


def draft(
    stated: Stated,
    provider: str,
    *,
    since: int,
    idempotency: IdempotencyClaim | None = None,
    sign_in: SignInEvidence | None = None,
    approved_by: tuple[int, ...] = (),
) -> Draft:
    """The record of an acknowledgement. `since` is the log size at which what the event's recipient said before was
    read: nothing may have been said since. `sign_in` and `approved_by` are there where the registry signed it for a
    person."""
    payload = SharingEventAcknowledged(provider=provider, jws=stated.jws, sign_in=sign_in, approved_by=approved_by)
    return Draft(
        payloads=(payload,),
        preconditions=(_key_still_good(stated.key_for, stated.kid),),
        idempotency=idempotency,
        unchanged=Unchanged(threads=(event_thread(provider, stated.said.event),), since=since),
    )


def _key_still_good(key_for: KeyFor, kid: str) -> Precondition:
    def holds(view: RegisterView, at: str) -> None:
        if key_for(view, kid) is None:
            detail = "The signing key is not registered for acknowledgements, or was revoked."
            raise Refused("bad-document", detail, (Fault("#/kid", "jws-key-unknown", detail),))

    return holds
