"""Signed documents: compact JWS (RFC 7515) by an organisation's own Ed25519 key (RFC 8037, RFC 9864)."""

import hashlib
from pathlib import Path

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from isa_client.errors import InputError
from isa_verify.encoding import JsonValue, canonical_json, decode_base64url, encode_base64url, parse_json_strict
from isa_verify.errors import MalformedError

EVENT_TYPE = "isa-sharing-event+jws"
WITHHELD_TYPE = "isa-withheld+jws"
ACKNOWLEDGEMENT_TYPE = "isa-acknowledgement+jws"
KEY_PROOF_TYPE = "isa-key-proof+jws"
ATTESTATION_TYPE = "isa-attestation+jws"
MAX_DOCUMENT = 60_000
"""Bytes: a document must fit into one entry of the log."""


class SigningKey:
    """A private key of the organisation that is registered with the registry under `kid`."""

    def __init__(self, key: OKPKey, kid: str) -> None:
        self._key = key
        self.kid = kid

    def __repr__(self) -> str:
        return f"SigningKey(kid={self.kid!r})"

    @classmethod
    def from_jwk(cls, text: bytes) -> "SigningKey":
        """Return the key of a private Ed25519 JWK with a `kid`. Raises `InputError`, which never repeats it."""
        refused = InputError("key-malformed", "The signing key is not a private Ed25519 JWK with a kid.")
        try:
            members = parse_json_strict(text)
            if not isinstance(members, dict) or members.get("kty") != "OKP" or members.get("crv") != "Ed25519":
                raise refused
            strings = {name: value for name, value in members.items() if isinstance(value, str)}
            kid = strings.get("kid", "")
            if not kid or any(len(decode_base64url(strings.get(name, ""))) != 32 for name in ("d", "x")):
                raise refused
            key = OKPKey.import_key({name: strings[name] for name in ("kty", "crv", "x", "d")})
            # A key whose halves do not belong together would sign what nobody can verify.
            if _public_half(key) != strings["x"]:
                raise refused
        except (MalformedError, JoseError, ValueError, KeyError):
            raise refused from None
        return cls(key, kid)

    @property
    def public_jwk(self) -> dict[str, str]:
        """The public half alone, as it is registered."""
        return {"kty": "OKP", "crv": "Ed25519", "x": _public_half(self._key)}

    @property
    def thumbprint(self) -> str:
        """The public key's RFC 7638 thumbprint under SHA-256, in base64url."""
        return encode_base64url(hashlib.sha256(canonical_json(dict(self.public_jwk))).digest())

    @classmethod
    def read(cls, path: Path) -> "SigningKey":
        """Return the key that the file holds as a JWK. Raises `InputError`."""
        try:
            return cls.from_jwk(path.read_bytes())
        except OSError:
            raise InputError("key-unreadable", f"The signing key {path} cannot be read.") from None
        except InputError:
            raise InputError("key-malformed", f"{path} is not a private Ed25519 JWK with a kid.") from None

    def sign(self, document_type: str, document: dict[str, JsonValue]) -> str:
        """Return the compact JWS of the document, with `alg` Ed25519, the given `typ` and this key's `kid`.

        The payload is the document's RFC 8785 form. Raises `InputError` where it cannot be written or is too long.
        """
        try:
            payload = canonical_json(document)
        except MalformedError as error:
            raise InputError("document-malformed", f"The document cannot be signed. {error.detail}") from None
        header = {"alg": "Ed25519", "kid": self.kid, "typ": document_type}
        try:
            compact = jws.serialize_compact(header, payload, self._key, algorithms=["Ed25519"])
        except JoseError:
            raise InputError("key-malformed", "The signing key cannot sign: its kid is too long.") from None
        if len(compact) > MAX_DOCUMENT:
            raise InputError("document-too-long", f"The document is longer than {MAX_DOCUMENT} bytes.")
        return compact


def document_sha256(compact: str) -> str:
    """Return the lower-case hexadecimal SHA-256 of a compact JWS, as other documents name it."""
    return hashlib.sha256(compact.encode("ascii")).hexdigest()


def type_of(path: Path) -> str:
    """Return the `typ` of the signed document in the file, **unverified**; empty where it holds none."""
    try:
        typ = header_of(path.read_bytes()[: MAX_DOCUMENT + 1].decode("ascii").removesuffix("\n")).get("typ")
    except (OSError, UnicodeDecodeError, MalformedError):
        return ""
    return typ if isinstance(typ, str) else ""


def read_document(path: Path, document_type: str) -> tuple[str, dict[str, JsonValue]]:
    """Return the compact JWS in the file and its payload, **unverified**, to route it. One final line feed may follow.

    Raises `InputError` unless the file holds one compact JWS of the given `typ` with a JSON object in it.
    """
    try:
        if path.stat().st_size > MAX_DOCUMENT + 1:
            raise InputError("document-too-long", f"{path} is longer than {MAX_DOCUMENT} bytes.")
        compact = path.read_bytes().decode("ascii").removesuffix("\n")
    except OSError:
        raise InputError("document-unreadable", f"{path} cannot be read.") from None
    except UnicodeDecodeError:
        compact = ""
    try:
        header, payload = header_of(compact), payload_of(compact)
    except MalformedError:
        header, payload = {}, {}
    if header.get("typ") != document_type:
        raise InputError("document-malformed", f"{path} does not hold a signed document of the type {document_type}.")
    return compact, payload


def header_of(compact: str) -> dict[str, JsonValue]:
    """Return the header of a compact JWS, **unverified**. Raises `isa_verify.errors.MalformedError`."""
    return _parts(compact)[0]


def payload_of(compact: str) -> dict[str, JsonValue]:
    """Return the payload of a compact JWS, **unverified**. Raises `isa_verify.errors.MalformedError`."""
    return _parts(compact)[1]


def _parts(compact: str) -> tuple[dict[str, JsonValue], dict[str, JsonValue]]:
    parts = [decode_base64url(part) for part in compact.split(".")]
    if len(parts) == 3:
        header, payload = parse_json_strict(parts[0]), parse_json_strict(parts[1])
        if isinstance(header, dict) and isinstance(payload, dict):
            return header, payload
    raise MalformedError("jws-malformed", "The text is not a compact JWS with a JSON object in it.")


def _public_half(key: OKPKey) -> str:
    assert key.private_key is not None
    return encode_base64url(key.private_key.public_key().public_bytes_raw())
