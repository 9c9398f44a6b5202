"""Sharing events of any body as the log holds them, made without asking whether they could be recorded."""

from __future__ import annotations

import hashlib
from typing import Any

from asking import COUNCIL, POLICE
from faults.drafts import KID, event_id
from isa_client.references import subject_reference
from isa_registry.domain.entries import (
    Payload,
    SharingEventAcknowledged,
    SharingEventFlagged,
    SharingEventRecorded,
    SharingEventWithheld,
)
from isa_registry.domain.sharing import SharingEvent, WithheldCategory, content_sha256, read_event
from isa_registry.identity.signing import new_signing_key, sign_document
from isa_registry.ledger.drafts import Draft, EventClaim
from running import ORIGIN

AT = "2026-11-23T09:00:00.000Z"
_PRIVATE, _ = new_signing_key(KID)


def child(number: int, organisation: str = POLICE) -> str:
    """The reference of a child under a body's own key."""
    return subject_reference(hashlib.sha256(organisation.encode()).digest(), f"local-child-{number}")


def claims(number: int, **changes: Any) -> dict[str, Any]:
    """The claims of event `number`: the police share with the council."""
    provider = changes.get("provider", POLICE)
    whole: dict[str, Any] = {
        "v": 1, "registry": ORIGIN, "partnership": "durham", "id": event_id(number), "decision": "shared",
        "provider": provider, "recipient": COUNCIL, "purpose": "harm-outside-the-home", "categories": ["identity"],
        "withheld_sha256": None, "subjects": [{"kind": "child", "roles": [], "ref": child(number, provider)}],
        "urgency": "routine", "check": None, "agreement": {"id": "tier-2-hoth", "version": "1.0"},
        "basis": {"article_6": ["art6-1-e"], "article_9": [], "article_10": [], "part_3": [], "gateways": []},
        "para18_reason": None, "s36_4_authority": None, "confidentiality_route": None,
        "duty": {"would_help_recipient": True, "more_detrimental": False}, "consent": "not-sought",
        "informed": {"family": "yes", "reason": None}, "childs_view": "agrees", "advice": [], "approved_by": None,
        "decided_by": {"role": "police-officer", "ref": "PNN-4411"}, "decided_at": AT, "shared_at": AT,
        "method": "secure-email", "marking": "official-sensitive", "request": None, "case_record": f"CMS-{number}",
        "retention": None, "review_on": None, "late_entry": False, "corrects": None,
    }  # fmt: skip
    return {**whole, **changes}


def event(number: int, **changes: Any) -> SharingEvent:
    """The same as it is read."""
    return read_event(signed(number, **changes))


def signed(number: int, **changes: Any) -> str:
    return sign_document(claims(number, **changes), "isa-sharing-event+jws", _PRIVATE, KID)


def withheld(*pairs: tuple[str, str]) -> tuple[WithheldCategory, ...]:
    return tuple(WithheldCategory(category=category, reason=reason) for category, reason in pairs)


def recorded(
    number: int, *, held_back: tuple[tuple[str, str], ...] = (), flags: tuple[str, ...] = (), **changes: Any
) -> Draft:
    """The entries of an event, with what was withheld and flagged."""
    provider, listed = changes.get("provider", POLICE), None
    if held_back:
        held = [{"category": category, "reason": reason} for category, reason in held_back]
        whole = {"v": 1, "registry": ORIGIN, "partnership": "durham", "event": event_id(number), "withheld": held}
        listed = sign_document(whole, "isa-withheld+jws", _PRIVATE, KID)
        changes["withheld_sha256"] = hashlib.sha256(listed.encode()).hexdigest()
        changes.setdefault("decision", "part-shared")
    if changes.get("decision") in ("not-shared", "deferred"):
        changes["shared_at"] = None
    jws = signed(number, **changes)
    payloads: tuple[Payload, ...] = (SharingEventRecorded(jws=jws),)
    if listed is not None:
        payloads += (SharingEventWithheld(provider=provider, event=event_id(number), jws=listed),)
    if flags:
        payloads += (SharingEventFlagged(provider=provider, event=event_id(number), flags=flags),)
    claim = EventClaim(provider=provider, event=event_id(number), sha256=content_sha256(jws, listed))
    return Draft(payloads=payloads, event=claim)


def acknowledged(number: int, *, provider: str = POLICE, recipient: str = COUNCIL, matches: bool = True) -> Draft:
    """What the recipient says of an event."""
    whole = {
        "v": 1, "registry": ORIGIN, "partnership": "durham", "event": event_id(number),
        "event_sha256": hashlib.sha256(signed(number, provider=provider).encode()).hexdigest(),
        "recipient": recipient, "received_at": AT, "matches": matches,
    }  # fmt: skip
    jws = sign_document(whole, "isa-acknowledgement+jws", _PRIVATE, KID)
    return Draft(payloads=(SharingEventAcknowledged(provider=provider, jws=jws),))
