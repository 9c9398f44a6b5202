"""Making keys and signed documents: for attestations that the registry signs itself, and for the
demonstration."""

from __future__ import annotations

from joserfc.jwk import OKPKey

from isa_registry.identity.compact import algorithm_of, make_compact, private_key
from isa_verify.encoding import JsonValue, canonical_json

Jwk = dict[str, str]


def sign_document(claims: dict[str, JsonValue], typ: str, private_jwk: Jwk, kid: str) -> str:
    """A compact JWS whose payload is the canonical JSON (RFC 8785) of `claims` and whose header is alg, kid
    and typ.

    The algorithm follows from the key: Ed25519, ES256 or PS256. Raises `KeyUnusableError` for any other key.
    """
    key = private_key(private_jwk)
    return make_compact({"alg": algorithm_of(key), "kid": kid, "typ": typ}, canonical_json(claims), key)


def new_signing_key(kid: str) -> tuple[Jwk, Jwk]:
    """A fresh Ed25519 key as a private and a public JWK (RFC 8037), both with this `kid`."""
    key = OKPKey.generate_key("Ed25519")
    return _members(key, private=True, kid=kid), _members(key, private=False, kid=kid)


def _members(key: OKPKey, *, private: bool, kid: str) -> Jwk:
    members = {name: str(value) for name, value in key.as_dict(private=private).items()}
    return {**members, "kid": kid}
