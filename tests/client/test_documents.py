"""Signing keys and signed files: a bad one is named, and never quoted."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from client.stand_in import jwk
from isa_client.documents import EVENT_TYPE, MAX_DOCUMENT, WITHHELD_TYPE, SigningKey, header_of, read_document
from isa_client.errors import InputError
from isa_verify.encoding import decode_base64url

PRIVATE = Ed25519PrivateKey.from_private_bytes(b"\x05" * 32)
JWK = jwk(PRIVATE, "k1")
OTHER = jwk(Ed25519PrivateKey.from_private_bytes(b"\x06" * 32), "k2")


def test_a_document_is_signed_in_its_canonical_form_and_verifies_with_the_public_key() -> None:
    signed = SigningKey.from_jwk(json.dumps(JWK).encode()).sign("a+jws", {"b": 1, "a": "é"})
    header, payload, signature = signed.split(".")
    assert decode_base64url(header) == b'{"alg":"Ed25519","kid":"k1","typ":"a+jws"}'
    assert decode_base64url(payload) == '{"a":"é","b":1}'.encode()
    PRIVATE.public_key().verify(decode_base64url(signature), f"{header}.{payload}".encode())


@pytest.mark.parametrize(
    ("members", "algorithm"),
    [(ECKey.generate_key("P-256"), "ES256"), (RSAKey.generate_key(2048), "PS256"), (OKPKey.generate_key(), "Ed25519")],
    ids=["P-256", "RSA", "Ed25519"],
)
def test_a_key_of_each_kind_signs_what_its_public_half_verifies(
    members: ECKey | RSAKey | OKPKey, algorithm: str
) -> None:
    key = SigningKey.from_jwk(json.dumps({**members.as_dict(private=True), "kid": "k1", "use": "sig"}).encode())
    signed = key.sign("a+jws", {"a": 1})
    assert header_of(signed) == {"alg": algorithm, "kid": "k1", "typ": "a+jws"}
    assert jws.deserialize_compact(signed, JWKRegistry.import_key(key.public_jwk), algorithms=[algorithm])
    assert key.thumbprint == members.thumbprint()
    assert (key.algorithm, key.public_jwk.keys() & {"d", "p", "q", "use"}) == (algorithm, set())


EC, OTHER_EC = (ECKey.generate_key("P-256").as_dict(private=True) for _ in range(2))


@pytest.mark.parametrize(
    "members",
    [
        {**EC, "kid": "k1", "d": OTHER_EC["d"]},
        {**EC, "kid": "k1", "x": OTHER_EC["x"]},
        {**EC, "kid": "k1", "alg": "ES384"},
        {**EC, "kid": "k1", "alg": "none"},
        {**JWK, "alg": "EdDSA"},
        {**ECKey.generate_key("P-384").as_dict(private=True), "kid": "k1"},
        {**RSAKey.generate_key(2048).as_dict(private=True), "kid": "k1", "alg": "RS256"},
        {**RSAKey.generate_key(2048).as_dict(private=True), "kid": "k1", "n": "wQ"},
        {name: value for name, value in JWK.items() if name != "d"},
        {name: value for name, value in JWK.items() if name != "kid"},
        {**JWK, "kid": ""},
        {**JWK, "kid": 7},
        {**JWK, "kty": "oct"},
        {**JWK, "crv": "X25519"},
        {**JWK, "crv": "Ed448"},
        {**JWK, "x": OTHER["x"]},
        {**JWK, "d": JWK["d"][:-4]},
        {**JWK, "d": JWK["d"] + "="},
        [JWK],
    ],
)
def test_a_bad_signing_key_file_is_named_and_never_quoted(tmp_path: Path, members: object) -> None:
    path = tmp_path / "own.jwk"
    path.write_text(json.dumps(members))
    with pytest.raises(InputError, match=r"own\.jwk is not a private Ed25519 JWK with a kid") as caught:
        SigningKey.read(path)
    assert JWK["d"] not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\xff", b"-----BEGIN PRIVATE KEY-----", b'{"kty":"OKP","kty":"OKP"}'])
def test_a_signing_key_file_that_is_no_jwk_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "own.jwk"
    path.write_bytes(content)
    with pytest.raises(InputError, match="is not a private Ed25519 JWK"):
        SigningKey.read(path)


def test_a_missing_signing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.jwk cannot be read"):
        SigningKey.read(tmp_path / "none.jwk")


def test_a_key_does_not_show_itself() -> None:
    assert repr(SigningKey.from_jwk(json.dumps(JWK).encode())) == "SigningKey(kid='k1')"


@pytest.mark.parametrize("value", [1.5, "\ud800", "x" * MAX_DOCUMENT])
def test_what_cannot_be_an_entry_of_the_log_is_not_signed(value: object) -> None:
    key = SigningKey.from_jwk(json.dumps(JWK).encode())
    with pytest.raises(InputError):
        key.sign(EVENT_TYPE, {"a": value})  # type: ignore[dict-item]


def test_a_signed_file_gives_its_exact_bytes_and_its_claims(tmp_path: Path) -> None:
    signed = SigningKey.from_jwk(json.dumps(JWK).encode()).sign(EVENT_TYPE, {"id": "1"})
    path = tmp_path / "event.jws"
    path.write_text(signed + "\n")
    assert read_document(path, EVENT_TYPE) == (signed, {"id": "1"})


@pytest.mark.parametrize("change", ["{}\n\n", " {}", "{}.e30", "{}=", "x", "a.b.c", "é"])
def test_any_other_spelling_of_a_signed_file_is_refused(tmp_path: Path, change: str) -> None:
    signed = SigningKey.from_jwk(json.dumps(JWK).encode()).sign(EVENT_TYPE, {"id": "1"})
    path = tmp_path / "event.jws"
    path.write_text(change.format(signed))
    with pytest.raises(InputError, match="does not hold a signed document"):
        read_document(path, EVENT_TYPE)


def test_a_document_of_another_type_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "event.jws"
    path.write_text(SigningKey.from_jwk(json.dumps(JWK).encode()).sign(EVENT_TYPE, {"id": "1"}))
    with pytest.raises(InputError, match="isa-withheld"):
        read_document(path, WITHHELD_TYPE)


def test_a_file_too_long_to_be_an_entry_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "event.jws"
    path.write_bytes(b"a" * (MAX_DOCUMENT + 2))
    with pytest.raises(InputError, match="longer than"):
        read_document(path, EVENT_TYPE)
