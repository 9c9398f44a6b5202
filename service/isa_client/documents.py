"""Signed documents: compact JWS (RFC 7515) by an organisation's own key: Ed25519 (RFC 8037, RFC 9864), P-256 or RSA."""

import hashlib
from pathlib import Path

from joserfc import jws
from joserfc.errors import JoseError

from isa_client.errors import InputError
from isa_client.private_keys import PrivateKey
from isa_verify.encoding import JsonValue, canonical_json, decode_base64url, parse_json_strict
from isa_verify.errors import MalformedError

EVENT_TYPE = "isa-sharing-event+jws"
WITHHELD_TYPE = "isa-withheld+jws"
ACKNOWLEDGEMENT_TYPE = "isa-acknowledgement+jws"
KEY_PROOF_TYPE = "isa-key-proof+jws"
ATTESTATION_TYPE = "isa-attestation+jws"
MAX_DOCUMENT = 60_000
"""Bytes: a document must fit into one entry of the log."""

_WANTED = "a private Ed25519 JWK with a kid, nor a P-256 or RSA one."


_ALGORITHMS = {"Ed25519": ("Ed25519",), "P-256": ("ES256",), "RSA": ("PS256",)}


class SigningKey:
    """A private key of the organisation that is registered with the registry under `kid`."""

    def __init__(self, key: PrivateKey, kid: str) -> None:
        self._key = key
        self.kid = kid

    def __repr__(self) -> str:
        return f"SigningKey(kid={self.kid!r})"

    @classmethod
    def from_jwk(cls, text: bytes) -> "SigningKey":
        """Return the key of a private JWK with a `kid`: Ed25519, P-256, or RSA of at least 2,048 bits.

        Raises `InputError`, which never repeats it.
        """
        key = PrivateKey.from_jwk(text, _ALGORITHMS)
        kid = key.members.get("kid") if key else None
        if key is None or not kid:
            raise InputError("key-malformed", f"The signing key is not {_WANTED}")
        return cls(key, kid)

    @property
    def algorithm(self) -> str:
        """What it signs with, as it is registered: `Ed25519`, `ES256` or `PS256`."""
        return self._key.algorithm

    @property
    def public_jwk(self) -> dict[str, str]:
        """The public half alone, as it is registered."""
        return self._key.public_jwk

    @property
    def thumbprint(self) -> str:
        """The public key's RFC 7638 thumbprint under SHA-256, in base64url."""
        return self._key.thumbprint

    @classmethod
    def read(cls, path: Path) -> "SigningKey":
        """Return the key that the file holds as a JWK. Raises `InputError`."""
        try:
            return cls.from_jwk(path.read_bytes())
        except OSError:
            raise InputError("key-unreadable", f"The signing key {path} cannot be read.") from None
        except InputError:
            raise InputError("key-malformed", f"{path} is not {_WANTED}") from None

    def sign(self, document_type: str, document: dict[str, JsonValue]) -> str:
        """Return the compact JWS of the document, with this key's `alg` and `kid` and the given `typ`.

        The payload is the document's RFC 8785 form. Raises `InputError` where it cannot be written or is too long.
        """
        try:
            payload = canonical_json(document)
        except MalformedError as error:
            raise InputError("document-malformed", f"The document cannot be signed. {error.detail}") from None
        header = {"alg": self.algorithm, "kid": self.kid, "typ": document_type}
        try:
            compact = jws.serialize_compact(header, payload, self._key.key, algorithms=[self.algorithm])
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
