"""Proof of possession: whoever has a key registered shows that they can sign with it, for this registry and body."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from msgspec import Struct

from isa_registry.domain.access_entries import KeyRegistered, KeySignatory
from isa_registry.domain.dates import is_instant, parse_instant
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.shapes import decoding
from isa_registry.identity.documents import DocumentRefused, verify_document
from isa_registry.identity.key_material import thumbprint

TYPE = "isa-key-proof+jws"
GOOD_FOR = timedelta(minutes=10)
"""How long a proof is good: time to carry it from the system that signs to the person who registers."""

_AHEAD = timedelta(minutes=2)


class KeyProof(Struct, frozen=True, forbid_unknown_fields=True):
    """The claims of an isa-key-proof+jws, signed with the very key that it is about. `thumbprint` is that key's
    (RFC 7638, SHA-256); `signatory` is null unless the use is `attestation`."""

    v: int
    registry: str
    partnership: str
    organisation: str
    kid: str
    uses: tuple[str, ...]
    signatory: KeySignatory | None
    thumbprint: str
    made_at: str


def read_proof(compact: str, key: KeyRegistered) -> KeyProof:
    """The claims of a proof that is signed with the key. Raises `DocumentRefused`, or `Refused` for other claims."""
    document = verify_document(compact, typ=TYPE, key_for=lambda kid: key if kid == key.kid else None)
    with decoding("The proof", "/proof"):
        return msgspec.json.decode(document.payload, type=KeyProof)


def proof_faults(proof: KeyProof, key: KeyRegistered, *, origin: str, partnership: str) -> list[Fault]:
    """What the proof says otherwise than the key that is to be registered. When it was made is asked by `is_fresh`."""
    expected = (
        ("v", proof.v, 1, "unknown-version", "This version of the proof is not known here. Write 1."),
        ("registry", proof.registry, origin, "another-registry", "This proof was made for another registry."),
        ("partnership", proof.partnership, partnership, "another-partnership", "This proof names another partnership."),
        ("organisation", proof.organisation, key.organisation, "another-organisation",
         "This proof was made for another organisation."),
        ("kid", proof.kid, key.kid, "another-kid", "This proof was made for another kid."),
        ("uses", sorted(proof.uses), sorted(key.uses), "other-uses", "This proof was made for other uses."),
        ("signatory", proof.signatory, key.signatory, "another-signatory",
         "This proof was made for another signatory."),
        ("thumbprint", proof.thumbprint, thumbprint(key.jwk), "another-key",
         "This is not the RFC 7638 thumbprint of the key that is to be registered."),
    )  # fmt: skip
    faults = [
        Fault(f"#/proof/{member}", code, says) for member, is_, should_be, code, says in expected if is_ != should_be
    ]
    if not is_instant(proof.made_at):
        faults.append(Fault("#/proof/made_at", "not-a-time", "Write times as 2026-09-30T14:05:00.000Z."))
    return faults


def proved_at(key: KeyRegistered) -> str | None:
    """When the key's holder showed that they have it; None where nothing shows that."""
    try:
        return None if key.proof is None else read_proof(key.proof, key).made_at
    except (DocumentRefused, Refused):
        return None


def is_fresh(proof: KeyProof, logged_at: str) -> bool:
    """Whether the proof was made shortly before the entry that registers the key."""
    made, logged = parse_instant(proof.made_at), parse_instant(logged_at)
    return logged - GOOD_FOR <= made <= logged + _AHEAD
