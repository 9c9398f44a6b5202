"""The registry's own key for what a person does on a page: with it, and never with the log's, it signs on their
authority. Attestations came first, and it is named after them."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from isa_registry.domain.access_entries import KeyRegistered
from isa_registry.domain.attestations import AttestationDocument
from isa_registry.domain.entries import RegistryOpened
from isa_registry.identity.compact import algorithm_of, private_key
from isa_registry.identity.signing import Jwk, sign_document

TYPE = "isa-attestation+jws"
_ALGORITHMS = {"OKP": "Ed25519", "EC": "ES256", "RSA": "PS256"}


class AttestationKey:
    """A private JWK with a `kid`. Raises `KeyUnusableError` for any other key than Ed25519, P-256 or RSA."""

    def __init__(self, private: Jwk) -> None:
        algorithm_of(private_key(private))
        self._private = private

    def __repr__(self) -> str:
        return f"AttestationKey(kid={self._private['kid']!r})"

    def is_named_by(self, opened: RegistryOpened) -> bool:
        """Whether this is the key whose public half the log began with."""
        named = opened.attestation_key
        return bool(named) and all(self._private.get(member) == value for member, value in named.items())

    def sign(self, document: AttestationDocument) -> str:
        """The compact isa-attestation+jws."""
        return self.sign_as(TYPE, document)

    def sign_as(self, typ: str, document: Struct) -> str:
        """A document of another type, as a compact JWS."""
        claims = msgspec.json.decode(msgspec.json.encode(document))
        return sign_document(claims, typ, self._private, self._private["kid"])


def named_key(opened: RegistryOpened) -> KeyRegistered | None:
    """The public half that a log names in its first entry, as a key that documents are verified with; None where it
    names none. It is no body's, so it is good only where an entry keeps the sign-in of whoever it was used for."""
    jwk = opened.attestation_key
    algorithm = _ALGORITHMS.get(jwk.get("kty", ""))
    if algorithm is None:
        return None
    return KeyRegistered(
        organisation="",
        kid=jwk.get("kid", ""),
        algorithm=algorithm,
        jwk=jwk,
        uses=("attestation",),
        valid_from="",
    )
