"""Signed documents: sharing events, withheld lists, acknowledgements and attestations, as compact JWS (RFC
7515).

A document's meaning is somebody else's subject. Here is decided only whether these exact bytes were signed
with a registered key, in the one form in which such a document can be written.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from joserfc.jwk import Key
from msgspec import Struct

from isa_registry.domain.access_entries import KeyRegistered
from isa_registry.identity.compact import KeyUnusableError, public_key, signature_holds, split_compact
from isa_verify.encoding import JsonValue, parse_json_strict
from isa_verify.errors import MalformedError

MAX_DOCUMENT = 48 * 1024
"""Bytes: with what a log entry adds, a document stays below the largest entry that a tile can hold."""

ALGORITHMS = ("Ed25519", "EdDSA", "ES256", "PS256")
_HEADER = frozenset(("alg", "typ", "kid"))


class DocumentRefused(Exception):
    """A signed document is not accepted.

    `code` is one of `jws-malformed`, `jws-too-large`, `jws-header`, `jws-algorithm`, `jws-type`,
    `jws-key-unknown`, `jws-key-unusable`, `jws-signature`, `jws-payload`. `pointer` is a JSON pointer into
    the document's header or payload, or empty for the whole. `detail` is a plain sentence that repeats
    nothing of the document.
    """

    def __init__(self, code: str, pointer: str, detail: str) -> None:
        super().__init__(code, pointer, detail)
        self.code = code
        self.pointer = pointer
        self.detail = detail


class SignedDocument(Struct, frozen=True):
    """A document whose signature holds: the exact text received, its payload bytes, and what they say."""

    compact: str
    payload: bytes
    claims: dict[str, JsonValue]
    kid: str
    key: KeyRegistered


def verify_document(
    compact: bytes | str, *, typ: str, key_for: Callable[[str], KeyRegistered | None]
) -> SignedDocument:
    """The document in a compact JWS of exactly this type, signed with the key that `key_for` knows.

    `key_for` decides who may sign, for what and when; a key it does not want here, it does not return. The
    algorithm is the one that the key was registered with (`Ed25519` and `EdDSA` name the same). Raises
    `DocumentRefused`.
    """
    text = _text(compact)
    try:
        parts = split_compact(text)
    except MalformedError as error:
        raise DocumentRefused("jws-malformed", "", error.detail) from None
    header = parts.header
    if header.keys() != _HEADER:
        raise DocumentRefused("jws-header", "", "The header holds exactly alg, kid and typ.")
    algorithm, kid = header["alg"], header["kid"]
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise DocumentRefused("jws-algorithm", "/alg", "The algorithm is Ed25519, ES256 or PS256.")
    if header["typ"] != typ:
        raise DocumentRefused("jws-type", "/typ", f"The type expected here is {typ}.")
    registered = key_for(kid) if isinstance(kid, str) else None
    if registered is None or not isinstance(kid, str):
        raise DocumentRefused("jws-key-unknown", "/kid", "No key of that id is registered for this use.")
    if _same(algorithm) != _same(registered.algorithm):
        raise DocumentRefused("jws-algorithm", "/alg", "The key is registered for another algorithm.")
    if not signature_holds(parts, algorithm, _key(registered)):
        raise DocumentRefused("jws-signature", "", "The signature does not hold.")
    return SignedDocument(compact=text, payload=parts.payload, claims=_claims(parts.payload), kid=kid, key=registered)


def _text(compact: bytes | str) -> str:
    if len(compact) > MAX_DOCUMENT:
        raise DocumentRefused("jws-too-large", "", f"A signed document has at most {MAX_DOCUMENT} bytes.")
    if isinstance(compact, str):
        return compact
    try:
        return compact.decode("ascii")
    except UnicodeDecodeError:
        raise DocumentRefused("jws-malformed", "", "A compact JWS is written in ASCII.") from None


def _claims(payload: bytes) -> dict[str, JsonValue]:
    try:
        claims = parse_json_strict(payload)
    except MalformedError as error:
        raise DocumentRefused("jws-payload", "", error.detail) from None
    if not isinstance(claims, dict):
        raise DocumentRefused("jws-payload", "", "The payload is a JSON object.")
    return claims


def _same(algorithm: str) -> str:
    return "Ed25519" if algorithm == "EdDSA" else algorithm


def _key(registered: KeyRegistered) -> Key:
    try:
        return _imported(tuple(sorted(registered.jwk.items())), registered.algorithm)
    except KeyUnusableError:
        raise DocumentRefused("jws-key-unusable", "/kid", "The registered key cannot be used.") from None


@lru_cache(maxsize=1024)
def _imported(jwk: tuple[tuple[str, str], ...], algorithm: str) -> Key:
    return public_key(dict(jwk), algorithm)
