"""Signatories with keys of their own: what tests of attesting share."""

from __future__ import annotations

from typing import Any

from demonstration import published
from isa_registry.domain.access_entries import KeyRegistered, KeySignatory
from isa_registry.domain.dates import instant
from isa_registry.identity.compact import algorithm_of, make_compact, private_key
from isa_registry.identity.signing import new_signing_key
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.registry import Registry
from isa_verify.encoding import canonical_json
from running import ORIGIN
from serving import Serving

Claims = dict[str, Any]
AGREEMENT = "tier-2-hoth"
VERSION = f"/api/v1/agreements/{AGREEMENT}/versions/1.0"
ATTESTATIONS = f"{VERSION}/attestations"
TYPE = "isa-attestation+jws"
REFERENCE = "POST-17"


class Signatory:
    """Somebody who signs for a body with a key of their own."""

    def __init__(self, registry: Registry, organisation: str, role: str = "chief-officer", kid: str = "") -> None:
        self.registry = registry
        self.organisation = organisation
        self.role = role
        self.kid = kid or f"{organisation}-{role}"
        self.private, self.public = new_signing_key(self.kid)

    async def register(self, **changes: Any) -> Signatory:
        key = KeyRegistered(
            **{
                "organisation": self.organisation,
                "kid": self.kid,
                "algorithm": "Ed25519",
                "jwk": {name: value for name, value in self.public.items() if name != "kid"},
                "uses": ("attestation",),
                "valid_from": "2026-01-01T00:00:00.000Z",
                "signatory": KeySignatory(role=self.role, ref=REFERENCE),
                **changes,
            }
        )
        await logged(self.registry, key)
        return self

    def claims(self, **changes: Any) -> Claims:
        """What can be recorded as it stands, changed as asked."""
        words = published(AGREEMENT)
        return {
            "v": 1,
            "registry": ORIGIN,
            "partnership": "durham",
            "agreement": AGREEMENT,
            "version": "1.0",
            "text_sha256": words.text_sha256,
            "schedule_sha256": words.schedule_sha256,
            "organisation": self.organisation,
            "signatory": {"role": self.role, "ref": REFERENCE},
            "consulted": [{"role": "data-protection-officer", "on": "2026-09-01"}],
            "authority": {"code": "office-holder", "reference": "GOV-12"},
            "reservations": [],
            "attested_at": instant(self.registry.now()),
            "signed_by": "organisation",
            **changes,
        }

    def sign(self, claims: Claims | bytes | None = None, **header: Any) -> str:
        payload = claims if isinstance(claims, bytes) else canonical_json(self.claims() if claims is None else claims)
        key = private_key(self.private)
        whole = {"alg": algorithm_of(key), "kid": self.kid, "typ": TYPE, **header}
        return make_compact(whole, payload, key)


def wish(role: str = "chief-officer", **changes: Any) -> Claims:
    """What a person asks the registry to sign."""
    words = published(AGREEMENT)
    return {
        "text_sha256": words.text_sha256,
        "schedule_sha256": words.schedule_sha256,
        "signatory": {"role": role, "ref": REFERENCE},
        "authority": {"code": "office-holder", "reference": "GOV-12"},
        **changes,
    }


async def logged(registry: Registry, *payloads: Any) -> int:
    """Appends these as they are; the index of the first."""
    appended = await registry.sequencer.append(Draft(payloads=payloads))
    await registry.follower.wait_for_size(appended.size, seconds=5)
    return appended.index


def size_of(serving: Serving) -> int:
    return serving.registry.follower.view.size
