"""Public keys that may be registered for signing, in the one spelling in which each can be written.

Two texts of one key would be two keys to whoever compares them, so a key in another spelling is not taken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from isa_registry.identity.compact import KeyUnusableError, public_key
from isa_verify.encoding import canonical_json, decode_base64url, encode_base64url
from isa_verify.errors import MalformedError

MEMBERS = {"OKP": ("kty", "crv", "x"), "EC": ("kty", "crv", "x", "y"), "RSA": ("kty", "n", "e")}
"""The members that make a public key, by kind (RFC 7638 section 3.2, RFC 8037 section 2)."""

PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""The members of which none may ever reach this registry."""

MAX_RSA_BITS = 8192
"""Beyond this, one signature costs more to verify than all the others together."""

_P = 2**255 - 19
# The ordinates of the points of small order on Curve25519's Edwards form, under which signatures hold for anything.
_SMALL_ORDER = frozenset({
    0,
    1,
    _P - 1,
    0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
    0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
})  # fmt: skip


def registrable(jwk: Mapping[str, str], algorithm: str) -> dict[str, str]:
    """The members that make the public key, without anything that stood beside them.

    Raises `KeyUnusableError`, whose text is `key-private`, `key-spelling`, `key-weak`, or a reason of `public_key`.
    """
    if PRIVATE & jwk.keys():
        raise KeyUnusableError("key-private")
    public_key(dict(jwk), algorithm)
    kept = {name: jwk[name] for name in MEMBERS[jwk["kty"]]}
    try:
        octets: dict[str, bytes] = {name: decode_base64url(kept[name]) for name in ("x", "y", "n", "e") if name in kept}
    except MalformedError:
        raise KeyUnusableError("key-spelling") from None
    if kept["kty"] == "RSA":
        _check_rsa(octets)
    elif kept["kty"] == "OKP":
        _check_ed25519(octets["x"])
    elif any(len(coordinate) != 32 for coordinate in octets.values()):
        raise KeyUnusableError("key-spelling")
    return kept


def thumbprint(jwk: Mapping[str, str]) -> str:
    """The key's RFC 7638 thumbprint under SHA-256, in base64url: the same for whoever works it out."""
    members = {name: jwk[name] for name in MEMBERS[jwk["kty"]]}
    return encode_base64url(hashlib.sha256(canonical_json(members)).digest())


def _check_rsa(octets: Mapping[str, bytes]) -> None:
    if any(number[:1] == b"\0" for number in octets.values()):
        raise KeyUnusableError("key-spelling")
    exponent = int.from_bytes(octets["e"], "big")
    if int.from_bytes(octets["n"], "big").bit_length() > MAX_RSA_BITS:
        raise KeyUnusableError("key-size")
    # FIPS 186-5 appendix A.1.1: smaller ones have been the way in, larger ones are none that anybody makes.
    if not (65_537 <= exponent < 2**64 and exponent % 2):
        raise KeyUnusableError("key-weak")


def _check_ed25519(x: bytes) -> None:
    ordinate = int.from_bytes(x, "little") & ~(1 << 255)
    if ordinate >= _P:
        raise KeyUnusableError("key-spelling")
    if ordinate in _SMALL_ORDER:
        raise KeyUnusableError("key-weak")
