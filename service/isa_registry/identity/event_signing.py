"""Signing what is sent to agencies' systems, as Standard Webhooks has it: Ed25519 over id, time and body (`v1a`)."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from isa_registry.identity.compact import KeyUnusableError
from isa_registry.identity.signing import Jwk
from isa_verify.encoding import JsonValue, decode_base64url, encode_base64url
from isa_verify.errors import MalformedError


class EventSigner:
    """Signs with every key that it is given, so that receivers may go over from one to the next in their own time.

    Raises `KeyUnusableError` for a JWK that is not an Ed25519 private key with a `kid`.
    """

    def __init__(self, keys: Sequence[Jwk]) -> None:
        self._keys = [(jwk.get("kid", ""), _private(jwk)) for jwk in keys]
        if not self._keys or not all(kid for kid, _ in self._keys):
            raise KeyUnusableError("key-id")

    def headers(self, identifier: str, moment: int, body: bytes) -> dict[str, str]:
        """The three headers of a delivery, sent at a moment (seconds since 1970)."""
        signed = f"{identifier}.{moment}.".encode() + body
        signatures = (base64.b64encode(key.sign(signed)).decode() for _, key in self._keys)
        return {
            "webhook-id": identifier,
            "webhook-timestamp": str(moment),
            "webhook-signature": " ".join(f"v1a,{one}" for one in signatures),
        }

    def public_keys(self) -> dict[str, JsonValue]:
        """The public halves: as a JWK Set, and as `whpk_` keys of Standard Webhooks, the one in use first."""
        raw = [(kid, key.public_key().public_bytes_raw()) for kid, key in self._keys]
        keys: list[JsonValue] = [
            {"kty": "OKP", "crv": "Ed25519", "x": encode_base64url(x), "kid": kid, "use": "sig", "alg": "Ed25519"}
            for kid, x in raw
        ]
        named: list[JsonValue] = ["whpk_" + base64.b64encode(x).decode() for _, x in raw]
        return {"keys": keys, "standard_webhooks": named}


def _private(jwk: Jwk) -> Ed25519PrivateKey:
    if (jwk.get("kty"), jwk.get("crv")) != ("OKP", "Ed25519"):
        raise KeyUnusableError("key-type")
    try:
        private = Ed25519PrivateKey.from_private_bytes(decode_base64url(jwk.get("d", "")))
    except (MalformedError, ValueError):
        raise KeyUnusableError("key-unsound") from None
    if encode_base64url(private.public_key().public_bytes_raw()) != jwk.get("x"):
        raise KeyUnusableError("key-unsound")
    return private
