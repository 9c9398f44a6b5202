"""Drafts of every kind that a turn of the sequencer can meet, on a register that holds the demonstration."""

from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import datetime
from functools import cache
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from asking import COUNCIL, POLICE, ask, question
from demonstration import catalogue, demonstration_entries
from isa_client.documents import SigningKey
from isa_client.events import EventSubject, SharingEvent, Withheld, sign_event
from isa_client.identifiers import uuid7
from isa_client.references import subject_reference
from isa_registry.actions import sharing_events
from isa_registry.actions.sharing_events import Submitted
from isa_registry.domain.access_entries import KeyRegistered
from isa_registry.domain.answers import RegisterSeen
from isa_registry.domain.entries import CheckAnswered, Payload, RegistryOpened
from isa_registry.domain.questions import Evidence
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.callers import Caller
from isa_registry.ledger.drafts import Draft, IdempotencyClaim
from isa_registry.runtime.registry import Registry
from isa_verify.encoding import encode_base64url
from running import ORIGIN

KID = "police-1"
_PRIVATE = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
_PUBLIC = encode_base64url(_PRIVATE.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
_SECRET = encode_base64url(_PRIVATE.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
JWK = {"kty": "OKP", "crv": "Ed25519", "x": _PUBLIC, "d": _SECRET}
_KEY = SigningKey.from_jwk(json.dumps({**JWK, "kid": KID}).encode())
REGISTERED = KeyRegistered(
    organisation=POLICE,
    kid=KID,
    algorithm="Ed25519",
    jwk={"kty": "OKP", "crv": "Ed25519", "x": _PUBLIC},
    uses=("event",),
    valid_from="2026-01-01T00:00:00.000Z",
)
COUNCIL_KID = "council-1"
_COUNCILS = Ed25519PrivateKey.from_private_bytes(b"\x08" * 32)
_COUNCILS_PUBLIC = encode_base64url(_COUNCILS.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
COUNCILS_JWK = {
    "kty": "OKP",
    "crv": "Ed25519",
    "x": _COUNCILS_PUBLIC,
    "d": encode_base64url(_COUNCILS.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())),
}
"""With which the council signs its own events, and acknowledges those of others."""
COUNCILS = KeyRegistered(
    organisation=COUNCIL,
    kid=COUNCIL_KID,
    algorithm="Ed25519",
    jwk={"kty": "OKP", "crv": "Ed25519", "x": _COUNCILS_PUBLIC},
    uses=("event", "acknowledgement"),
    valid_from="2026-01-01T00:00:00.000Z",
)
_REFERENCE = subject_reference(bytes(32), "local-child-77")
_AT = "2026-11-23T09:00:00.000Z"
NOW = datetime.fromisoformat(_AT)
CALLER = Caller(
    organisation=POLICE,
    issuer="https://issuer.example",
    subject="system",
    client="police-system",
    person=False,
    scopes=frozenset({"events:write", "checks:ask"}),
    roles=frozenset(),
    auth_time=None,
    expires_at=2**40,
)
_ANSWER = ask(POLICE, COUNCIL, "harm-outside-the-home", "identity intelligence")
_QUESTION = question(POLICE, COUNCIL, "harm-outside-the-home", "identity intelligence")


async def furnish(registry: Registry) -> int:
    """Logs the demonstration's register and the signing keys of the police and the council; returns the log's size."""
    appended = await asyncio.gather(*(registry.sequencer.append(Draft(payloads=(one,))) for one in _register()))
    return appended[-1].size


@cache
def _register() -> tuple[Payload, ...]:
    found: list[Payload] = []
    for entry in demonstration_entries(ORIGIN):
        if isinstance(entry, RegistryOpened):
            entry = msgspec.structs.replace(entry, demo=False)
        found.append(entry)
    found += [REGISTERED, COUNCILS]
    return tuple(found)


def event_id(number: int) -> str:
    return uuid7(1_700_000_000_000 + number, number.to_bytes(10, "big"))


def submitted(number: int, *, part: bool = False) -> Submitted:
    """A signed event, of which with `part` one category was withheld."""
    event = SharingEvent(
        registry=ORIGIN,
        partnership="durham",
        id=event_id(number),
        decision="part-shared" if part else "shared",
        provider=POLICE,
        recipient=COUNCIL,
        purpose="harm-outside-the-home",
        categories=["identity"],
        subjects=[EventSubject("child", _REFERENCE)],
        urgency="routine",
        check=None,
        agreement=("tier-2-hoth", "1.0"),
        basis={"article_6": ["art6-1-e"]},
        would_help_recipient=True,
        more_detrimental=False,
        consent="not-sought",
        family_informed="no",
        not_informed_reason="increases-risk",
        childs_view="not-safe-to-seek",
        decided_by_role="police-officer",
        decided_by_ref="PNN-4411",
        decided_at=_AT,
        shared_at=_AT,
        method="secure-email",
        case_record="CMS-1234",
    )
    held_back = [Withheld("intelligence", "live-investigation")] if part else []
    signed, listed = sign_event(event, held_back, _KEY)
    return Submitted(event=signed, withheld=listed)


def event_draft(number: int, view: RegisterView, *, part: bool = False) -> Draft:
    """What the API makes of an event on this view of the register: admitted, with its preconditions and claims."""
    admitted = sharing_events.admit(submitted(number, part=part), CALLER, view, origin=ORIGIN, now=NOW)
    assert UUID(admitted.event.id)
    return sharing_events.draft(admitted, (), _claim(f"event {number}"))


def check_draft(number: int) -> Draft:
    """The record of an answer."""
    payload = CheckAnswered(
        check=f"chk_{number:016}",
        organisation=POLICE,
        client="police-system",
        decided_at=_AT,
        question=_QUESTION,
        evidence=Evidence(),
        register=RegisterSeen(log_size=1, root="", catalogue=f"sha256:{catalogue().sha256}", engine="1"),
        answer=_ANSWER,
    )
    return Draft(payloads=(payload,), idempotency=_claim(f"check {number}"))


def claiming(draft: Draft, name: str) -> Draft:
    """The draft under an Idempotency-Key, so that whoever got no answer may send it again."""
    return msgspec.structs.replace(draft, idempotency=_claim(name))


def _claim(name: str) -> IdempotencyClaim:
    digest = hashlib.sha256(name.encode()).digest()
    return IdempotencyClaim(scope_sha256=digest, request_sha256=digest)
