"""Keys as they are sent to be registered, with the proof that their holder has them; and proofs of something else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from api.speaking import ORIGIN, at, new_id
from isa_registry.identity.compact import algorithm_of, make_compact, private_key
from isa_registry.identity.key_material import MEMBERS, thumbprint
from isa_registry.identity.signing import Jwk, new_signing_key
from isa_verify.encoding import canonical_json
from live import POLICE

Body = dict[str, Any]
TYP = "isa-key-proof+jws"


def private_of(algorithm: str = "Ed25519", kid: str | None = None) -> Jwk:
    """A fresh private key, as its holder's system keeps it."""
    kid = kid or f"test-{new_id()}"
    if algorithm == "Ed25519":
        return new_signing_key(kid)[0]
    made = ECKey.generate_key("P-256") if algorithm == "ES256" else RSAKey.generate_key(2048)
    return {**{name: str(value) for name, value in made.as_dict(private=True).items()}, "kid": kid}


def public_of(private: Jwk) -> Jwk:
    return {name: private[name] for name in MEMBERS[private["kty"]]}


def claims_of(private: Jwk, **changes: object) -> Body:
    """What the holder of a key says when it is to be registered, changed as asked."""
    return {
        "v": 1, "registry": ORIGIN, "partnership": "durham", "organisation": POLICE, "kid": private["kid"],
        "uses": ["event"], "signatory": None, "thumbprint": thumbprint(public_of(private)), "made_at": at(), **changes,
    }  # fmt: skip


def signed(claims: Body | bytes, private: Jwk, header: Mapping[str, Any] | None = None) -> str:
    """A proof; bytes are signed as they are, and `header` is laid over what stands there."""
    key = private_key(private)
    whole: dict[str, Any] = {"alg": algorithm_of(key), "kid": private["kid"], "typ": TYP, **(header or {})}
    return make_compact(whole, claims if isinstance(claims, bytes) else canonical_json(claims), key)


def request_for(private: Jwk, *, proof: str | None = None, organisation: str = POLICE, **changes: object) -> Body:
    """The request that registers the key, changed as asked; the proof says what the request does."""
    body: Body = {
        "kid": private["kid"], "algorithm": algorithm_of(private_key(private)), "jwk": public_of(private),
        "uses": ["event"], **changes,
    }  # fmt: skip
    said = {name: body[name] for name in ("kid", "uses", "signatory") if name in body}
    body["proof"] = proof or signed(claims_of(private, organisation=organisation, **said), private)
    return body
