"""A signing key as its holder had it registered, in the log that another continues."""

from __future__ import annotations

import json

from isa_client.documents import SigningKey
from isa_client.key_proofs import prove_key
from isa_registry.domain.access_entries import KeyRegistered
from isa_registry.identity.signing import new_signing_key

MADE_AT = "2026-11-20T09:00:00.000Z"


def proved_key(organisation: str, registry: str) -> KeyRegistered:
    """A key for events, with the proof that its holder made for the log of that name."""
    holder = SigningKey.from_jwk(json.dumps(new_signing_key("k2")[0]).encode())
    said = {"registry": registry, "partnership": "durham", "organisation": organisation, "made_at": MADE_AT}
    return KeyRegistered(
        organisation=organisation,
        kid=holder.kid,
        algorithm="Ed25519",
        jwk=holder.public_jwk,
        uses=("event",),
        valid_from=MADE_AT,
        proof=prove_key(holder, uses=["event"], **said),
    )
