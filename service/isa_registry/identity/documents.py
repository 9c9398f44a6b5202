"""Signed documents: sharing events, withheld lists, acknowledgements and attestations, as compact JWS (RFC
7515).

A document's meaning is somebody else's subject. Here is decided only whether these exact bytes were signed
with a registered key, in the one form in which such a document can be written.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from msgspec import Struct

from isa_registry.domain.access_entries import KeyRegistered
from isa_registry.identity.compact import KeyUnusableError, public_key, split_compact, verifier_of
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
    """A document whose signature holds: the exact text received, its payload bytes, and what `read` found in them."""

    compact: str
    payload: bytes
    read: object | None
    kid: str
    key: KeyRegistered

    @property
    def claims(self) -> dict[str, JsonValue]:
        """What the payload says."""
        return _claims(self.payload)


def _reads_nothing(_payload: bytes) -> None:
    return None


def verify_document(
    compact: bytes | str,
    *,
    typ: str,
    key_for: Callable[[str], KeyRegistered | None],
    read: Callable[[bytes], object | None] = _reads_nothing,
) -> SignedDocument:
    """The document in a compact JWS of exactly this type, signed with the key that `key_for` knows.

    `key_for` decides who may sign, for what and when; a key it does not want here, it does not return. The
    algorithm is the one that the key was registered with (`Ed25519` and `EdDSA` name the same). `read` gives what a
    payload says that is written in the one canonical way; any other is looked at member by member, so that two readers
    cannot find two things in it. Raises `DocumentRefused`.
    """
    text = _text(compact)
    try:
        parts = split_compact(text, headers_seen)
    except MalformedError as error:
        raise DocumentRefused("jws-malformed", "", error.detail) from None
    kid, registered = names_key(parts.header, typ, key_for)
    if not is_signed_by(registered)(parts.signature, parts.signing_input):
        raise DocumentRefused("jws-signature", "", "The signature does not hold.")
    _know_header(text.partition(".")[0], parts.header)
    found = read(parts.payload)
    if found is None:
        _claims(parts.payload)
    return SignedDocument(compact=text, payload=parts.payload, read=found, kid=kid, key=registered)


def names_key(
    header: dict[str, JsonValue], typ: str, key_for: Callable[[str], KeyRegistered | None]
) -> tuple[str, KeyRegistered]:
    """The id that the header of a document of this type names, and the key of that id. Raises `DocumentRefused`."""
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
    return kid, registered


_MOST_HEADERS = 1024
headers_seen: dict[str, dict[str, JsonValue]] = {}
"""The headers of documents whose signatures held, by their text: there is one for each key and type. Nothing is kept of
a document that was refused."""


def _know_header(text: str, header: dict[str, JsonValue]) -> None:
    if text not in headers_seen:
        if len(headers_seen) >= _MOST_HEADERS:
            headers_seen.clear()
        headers_seen[text] = header


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


def is_signed_by(registered: KeyRegistered) -> Callable[[bytes, bytes], bool]:
    """Whether a signature is that key's, of a message. Raises `DocumentRefused` for a key that cannot be used."""
    try:
        return _verifier_of(tuple(sorted(registered.jwk.items())), registered.algorithm)
    except KeyUnusableError:
        raise DocumentRefused("jws-key-unusable", "/kid", "The registered key cannot be used.") from None


@lru_cache(maxsize=1024)
def _verifier_of(jwk: tuple[tuple[str, str], ...], algorithm: str) -> Callable[[bytes, bytes], bool]:
    return verifier_of(public_key(dict(jwk), algorithm), algorithm)
