"""Compact JWS (RFC 7515 section 7.1), read strictly and checked against one key and one algorithm.

The algorithm and the key always come from what was registered, never from the document: a header only says
which of the registered ones its author means (RFC 8725 sections 3.1 and 3.2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from msgspec import Struct, ValidationError, convert

from isa_verify.encoding import (
    JsonValue,
    canonical_json,
    decode_base64url,
    encode_base64url,
    parse_json_strict,
)
from isa_verify.errors import MalformedError

ASYMMETRIC = (
    "Ed25519",
    "EdDSA",
    "ES256",
    "ES384",
    "ES512",
    "PS256",
    "PS384",
    "PS512",
    "RS256",
    "RS384",
    "RS512",
)
"""Every algorithm that an issuer may be registered with (RFC 7518, RFC 9864)."""

MIN_RSA_BITS = 2048

# `EdDSA` is the older name (RFC 8037), which also covered Ed448; here it means Ed25519 and nothing else.
_MODELS = {
    name: JWSRegistry(algorithms=ASYMMETRIC).get_alg("Ed25519" if name == "EdDSA" else name) for name in ASYMMETRIC
}
_PUBLIC_MEMBERS = {"OKP": ("crv", "x"), "EC": ("crv", "x", "y"), "RSA": ("n", "e")}
_CURVES = {"OKP": ("Ed25519",), "EC": ("P-256", "P-384", "P-521")}


_NONE_KNOWN: Mapping[str, dict[str, JsonValue]] = {}


class KeyUnusableError(Exception):
    """A JWK is not a sound public signature key of a kind used here. The text names the reason, never the
    key."""


class Compact(Struct, frozen=True):
    """The parts of a compact JWS whose signature has not been checked."""

    header: dict[str, JsonValue]
    payload: bytes
    signing_input: bytes
    signature: bytes


def split_compact(text: str, known: Mapping[str, dict[str, JsonValue]] = _NONE_KNOWN) -> Compact:
    """The parts of a compact JWS. Raises `MalformedError` unless there are three, each in canonical
    base64url, and the header is a JSON object without duplicate members. A header that is `known` by its text is not
    read again."""
    parts = text.split(".")
    if len(parts) != 3:
        raise MalformedError("jws-malformed", "A compact JWS has three parts.")
    header: JsonValue = known.get(parts[0])
    if header is None:
        header = parse_json_strict(decode_base64url(parts[0]))
    if not isinstance(header, dict):
        raise MalformedError("jws-malformed", "The header of a JWS is a JSON object.")
    return Compact(
        header=header,
        payload=decode_part(parts[1]),
        signing_input=text[: -len(parts[2]) - 1].encode("ascii"),
        signature=decode_part(parts[2]),
    )


_PADDING = ("", "", "==", "=")
_LAST = {2: frozenset("AQgw"), 3: frozenset("AEIMQUYcgkosw048")}


def decode_part(text: str) -> bytes:
    """`decode_base64url` for a quarter of its price: whatever is not plainly canonical is left to it."""
    standard = in_standard_letters(text)
    if standard is None:
        return decode_base64url(text)
    return decode_standard(standard) or decode_base64url(text)


def in_standard_letters(text: str) -> str | None:
    """The same in the other alphabet of base64 (RFC 4648 section 4); None where it holds what none of URL-safe base64
    does, by which the two could be taken for each other."""
    if "=" in text or "+" in text or "/" in text or not text.isascii():
        return None
    return text.replace("-", "+").replace("_", "/")


def decode_standard(text: str) -> bytes | None:
    """The bytes of unpadded base64 in the standard alphabet, where it is canonical; None for any other."""
    spare = len(text) % 4
    if spare == 1 or (spare and text[-1] not in _LAST[spare]):
        return None
    try:
        return convert(text + _PADDING[spare] if spare else text, bytes)
    except ValidationError:
        return None


def signature_holds(compact: Compact, algorithm: str, key: Key) -> bool:
    """Whether the signature is `key`'s under `algorithm`; False also where the two do not belong together."""
    return _holds(compact.signature, compact.signing_input, algorithm, key)


def _holds(signature: bytes, message: bytes, algorithm: str, key: Key) -> bool:
    model = _MODELS.get(algorithm)
    if model is None:
        return False
    try:
        model.check_key(key)
        return model.verify(message, signature, key)
    except (JoseError, ValueError):
        return False


def verifier_of(key: Key, algorithm: str) -> Callable[[bytes, bytes], bool]:
    """Whether a signature is that of a message, as `signature_holds` has it, for one key and algorithm that belong
    together. What the library looks at before each Ed25519 signature is looked at once: it would take a tenth of the
    time of verifying it."""
    if not isinstance(key, OKPKey) or _MODELS[algorithm].name != "Ed25519":
        return lambda signature, message: _holds(signature, message, algorithm, key)
    _MODELS[algorithm].check_key(key)
    public: Any = key.get_op_key("verify")

    def holds(signature: bytes, message: bytes) -> bool:
        try:
            public.verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    return holds


def make_compact(header: dict[str, str], payload: bytes, key: Key) -> str:
    """A compact JWS with these bytes as payload. `header["alg"]` chooses the algorithm, which must suit the
    key."""
    model = _MODELS[header["alg"]]
    model.check_key(key)
    signing_input = f"{encode_base64url(canonical_json(header))}.{encode_base64url(payload)}"
    return f"{signing_input}.{encode_base64url(model.sign(signing_input.encode('ascii'), key))}"


def public_key(jwk: dict[str, JsonValue], algorithm: str | None = None) -> Key:
    """The public key in a JWK (RFC 7517, RFC 8037), held to `algorithm` where that is given.

    Only its public members are read. Raises `KeyUnusableError` for symmetric keys, curves and sizes not
    used here, a key that is not for signatures, and one that does not suit the algorithm.
    """
    kind = jwk.get("kty")
    members = _PUBLIC_MEMBERS.get(kind) if isinstance(kind, str) else None
    if not isinstance(kind, str) or members is None:
        raise KeyUnusableError("key-type")
    if jwk.get("use", "sig") != "sig" or not _may_verify(jwk.get("key_ops")):
        raise KeyUnusableError("key-use")
    if kind in _CURVES and jwk.get("crv") not in _CURVES[kind]:
        raise KeyUnusableError("key-curve")
    material: dict[str, str] = {"kty": kind}
    for name in members:
        value = jwk.get(name)
        if not isinstance(value, str):
            raise KeyUnusableError("key-member")
        material[name] = value
    if kind == "RSA" and _bits(material["n"]) < MIN_RSA_BITS:
        raise KeyUnusableError("key-size")
    own = jwk.get("alg")
    if isinstance(own, str):
        material["alg"] = "Ed25519" if own == "EdDSA" else own
    try:
        key = JWKRegistry.import_key(dict(material))
        if algorithm is not None:
            _MODELS[algorithm].check_key(key)
    except (JoseError, ValueError, KeyError):
        raise KeyUnusableError("key-unsound") from None
    return key


def private_key(jwk: dict[str, str]) -> ECKey | OKPKey | RSAKey:
    """The private signature key in a JWK. Raises `KeyUnusableError` where there is none."""
    if jwk.get("kty") not in _PUBLIC_MEMBERS:
        raise KeyUnusableError("key-type")
    try:
        key = JWKRegistry.import_key({name: value for name, value in jwk.items() if name not in ("kid", "alg")})
    except (JoseError, ValueError, KeyError):
        raise KeyUnusableError("key-unsound") from None
    if not isinstance(key, ECKey | OKPKey | RSAKey) or not key.is_private:
        raise KeyUnusableError("key-not-private")
    return key


def algorithm_of(key: Key) -> str:
    """The algorithm that this registry signs with, given a key: `Ed25519`, `ES256` or `PS256`."""
    if isinstance(key, OKPKey) and key.curve_name == "Ed25519":
        return "Ed25519"
    if isinstance(key, ECKey) and key.curve_name == "P-256":
        return "ES256"
    if isinstance(key, RSAKey):
        return "PS256"
    raise KeyUnusableError("key-type")


def _may_verify(operations: JsonValue) -> bool:
    return operations is None or (isinstance(operations, list) and "verify" in operations)


def _bits(number: str) -> int:
    try:
        return int.from_bytes(decode_base64url(number), "big").bit_length()
    except MalformedError:
        raise KeyUnusableError("key-member") from None
