"""Which public keys may be registered for signing, and that each can be written in one way only."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OKPKey, RSAKey

from isa_registry.identity import key_material
from isa_registry.identity.compact import KeyUnusableError
from isa_registry.identity.key_material import registrable, thumbprint
from isa_verify.encoding import encode_base64url

Jwk = dict[str, str]
P, D = 2**255 - 19, -121665 * pow(121666, -1, 2**255 - 19)


def public(key: ECKey | OKPKey | RSAKey) -> Jwk:
    return {name: str(value) for name, value in key.as_dict(private=False).items() if name != "kid"}


ED, EC, RSA = public(OKPKey.generate_key("Ed25519")), public(ECKey.generate_key("P-256")), public(RSAKey.generate_key())
GOOD = [(ED, "Ed25519"), (EC, "ES256"), (RSA, "PS256")]
KINDS = pytest.mark.parametrize(("jwk", "algorithm"), GOOD, ids=["OKP", "EC", "RSA"])


def number(value: int, size: int | None = None) -> str:
    return encode_base64url(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


def padded(text: str) -> str:
    """The same number with a zero octet before it."""
    return encode_base64url(b"\0" + base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def respelt(text: str) -> str:
    """The same octets in another text: the bits that the last character has over are not zero."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + alphabet[alphabet.index(text[-1]) | 1]


@KINDS
def test_the_public_members_are_kept_and_nothing_beside_them(jwk: Jwk, algorithm: str) -> None:
    assert registrable({**jwk, "kid": "x", "use": "sig", "comment": "of a person"}, algorithm) == jwk


@KINDS
@pytest.mark.parametrize("member", sorted(key_material.PRIVATE))
def test_a_private_member_is_refused_whatever_it_holds(jwk: Jwk, algorithm: str, member: str) -> None:
    assert "key-private" == refusal({**jwk, member: ""}, algorithm)


def refusal(jwk: Jwk, algorithm: str) -> str:
    with pytest.raises(KeyUnusableError) as raised:
        registrable(jwk, algorithm)
    return str(raised.value)


WRONG: dict[str, tuple[Callable[[], Jwk], str, str]] = {
    "RSA of 1024 bits": (lambda: {**RSA, "n": number(2**1023 + 1)}, "PS256", "key-size"),
    "RSA of 2047 bits": (lambda: {**RSA, "n": number(2**2046 + 1)}, "PS256", "key-size"),
    "RSA of 8193 bits": (lambda: {**RSA, "n": number(2**8192 + 1)}, "PS256", "key-size"),
    "RSA with the exponent 3": (lambda: {**RSA, "e": "Aw"}, "PS256", "key-weak"),
    "RSA with a huge exponent": (lambda: {**RSA, "e": number(2**64 + 1)}, "PS256", "key-weak"),
    "RSA with a zero before its modulus": (lambda: {**RSA, "n": padded(RSA["n"])}, "PS256", "key-spelling"),
    "RSA with a zero before its exponent": (lambda: {**RSA, "e": "AAEAAQ"}, "PS256", "key-spelling"),
    "P-384": (lambda: public(ECKey.generate_key("P-384")), "ES256", "key-unsound"),
    "secp256k1": (lambda: {**EC, "crv": "secp256k1"}, "ES256", "key-curve"),
    "a point off the curve": (lambda: {**EC, "y": EC["x"]}, "ES256", "key-unsound"),
    "a coordinate with a zero before it": (lambda: {**EC, "x": padded(EC["x"])}, "ES256", "key-spelling"),
    "X25519": (lambda: {**ED, "crv": "X25519"}, "Ed25519", "key-curve"),
    "Ed448": (lambda: public(OKPKey.generate_key("Ed448")), "Ed25519", "key-curve"),
    "an ordinate beyond the field": (lambda: {**ED, "x": ordinate(P + 2)}, "Ed25519", "key-spelling"),
    "octets spelt otherwise": (lambda: {**ED, "x": respelt(ED["x"])}, "Ed25519", "key-unsound"),
    "a symmetric key": (lambda: {"kty": "oct", "x": "AA"}, "Ed25519", "key-type"),
    "an RSA key for ES256": (lambda: RSA, "ES256", "key-unsound"),
    "a key for encryption": (lambda: {**ED, "use": "enc"}, "Ed25519", "key-use"),
}


def ordinate(y: int, sign: int = 0) -> str:
    return encode_base64url((y | sign << 255).to_bytes(32, "little"))


@pytest.mark.parametrize("name", sorted(WRONG))
def test_another_key_or_another_spelling_is_refused(name: str) -> None:
    make, algorithm, reason = WRONG[name]
    assert reason == refusal(make(), algorithm)


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", sorted(key_material._SMALL_ORDER), ids=hex)
def test_a_point_of_small_order_is_refused(y: int, sign: int) -> None:
    """Eight times such a point is the neutral one, worked out here from the curve's equation."""
    point = (square_root((y * y - 1) * pow(D * y * y + 1, -1, P) % P), y)
    for _ in range(3):
        point = added(point, point)
    assert (0, 1) == point
    assert "key-weak" == refusal({"kty": "OKP", "crv": "Ed25519", "x": ordinate(y, sign)}, "Ed25519")


def test_under_a_key_of_small_order_one_signature_fits_every_document() -> None:
    """Why they are refused: whoever registered one could disown whatever it signed, or sign without a key."""
    neutral = (1).to_bytes(32, "little")
    for message in (b"shared", b"not shared"):
        Ed25519PublicKey.from_public_bytes(neutral).verify(neutral + bytes(32), message)


def square_root(square: int) -> int:
    root = pow(square, (P + 3) // 8, P)
    return root if root * root % P == square else root * pow(2, (P - 1) // 4, P) % P


def added(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """The complete addition law of the twisted Edwards curve with a = -1 (RFC 8032 section 5.1.4)."""
    (x1, y1), (x2, y2) = one, other
    product = D * x1 * x2 * y1 * y2
    return (x1 * y2 + y1 * x2) * pow(1 + product, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P


@KINDS
def test_the_thumbprint_is_that_of_rfc_7638(jwk: Jwk, algorithm: str) -> None:
    imported = {"Ed25519": OKPKey, "ES256": ECKey, "PS256": RSAKey}[algorithm].import_key(dict(jwk))
    assert imported.thumbprint() == thumbprint({**jwk, "kid": "another"})


def test_the_thumbprint_of_the_rfcs_own_example() -> None:
    """RFC 8037 appendix A.3."""
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    assert "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" == thumbprint(jwk)


@given(st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "n", "e", "use", "d"]), st.text(max_size=50)))
def test_whatever_is_sent_is_taken_whole_or_refused(jwk: Jwk) -> None:
    for algorithm in ("Ed25519", "ES256", "PS256"):
        try:
            assert set(registrable(jwk, algorithm)) <= set(jwk)
        except KeyUnusableError as error:
            assert str(error).startswith("key-")
