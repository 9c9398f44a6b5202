"""The keys by which an agency's system proves itself to its own provider."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, JWKRegistry, OctKey, OKPKey, RSAKey

from client.scripted import Heard, Says, scripted
from isa_client.client_keys import ASSERTION_SECONDS, ClientKey
from isa_client.connections import Connection
from isa_client.errors import InputError
from isa_client.tokens import ClientCredentials, TokenSource
from isa_verify.encoding import encode_base64url

NOW = 1_800_000_000
EC: dict[str, Any] = {**ECKey.generate_key("P-256").as_dict(private=True), "kid": "k1"}
RSA: dict[str, Any] = {**RSAKey.generate_key(2048).as_dict(private=True), "kid": "k1"}
ED: dict[str, Any] = {**OKPKey.generate_key("Ed25519").as_dict(private=True), "kid": "k1"}
THUMBPRINT = "A" * 43


def changed(jwk: dict[str, Any], **changes: Any) -> bytes:
    return json.dumps({name: value for name, value in {**jwk, **changes}.items() if value is not None}).encode()


@pytest.mark.parametrize(
    ("jwk", "header"),
    [
        (changed(EC), {"alg": "ES256", "kid": "k1"}),
        (changed(EC, alg="ES256", use="sig"), {"alg": "ES256", "kid": "k1"}),
        (changed(ED), {"alg": "Ed25519", "kid": "k1"}),
        (changed(RSA), {"alg": "PS256", "kid": "k1"}),
        (changed(RSA, alg="RS256"), {"alg": "RS256", "kid": "k1"}),
        (changed(RSA, kid=None, **{"x5t#S256": THUMBPRINT}), {"alg": "PS256", "x5t#S256": THUMBPRINT}),
        (changed(RSA, x5c=["MIIB"], x5t="x"), {"alg": "PS256", "kid": "k1"}),
    ],
    ids=["P-256", "P-256 by name", "Ed25519", "RSA", "RSA by name", "a certificate", "members passed over"],
)
def test_an_assertion_is_for_one_audience_once_and_briefly(jwk: bytes, header: dict[str, str]) -> None:
    key = ClientKey.from_jwk(jwk)
    public = JWKRegistry.import_key(
        {name: value for name, value in json.loads(jwk).items() if name in ("kty", "crv", "x", "y", "n", "e")}
    )

    first, second = (
        jwt.decode(key.assertion("agency-system", "https://login.example", NOW), public, algorithms=[header["alg"]])
        for _ in range(2)
    )

    assert first.header == {"typ": "JWT", **header}
    assert first.claims.pop("jti") != second.claims.pop("jti")
    assert first.claims == {
        "iss": "agency-system", "sub": "agency-system", "aud": "https://login.example", "iat": NOW,
        "exp": NOW + ASSERTION_SECONDS,
    }  # fmt: skip


def test_an_issuer_that_drops_the_connection_is_shown_another_assertion() -> None:
    shown: list[str] = []

    def answer(heard: Heard) -> Says:
        if heard.method == "GET":
            return Says(
                document={
                    "issuer": server.url,
                    "token_endpoint": f"{server.url}/token",
                    "token_endpoint_auth_methods_supported": ["private_key_jwt"],
                }
            )
        shown.extend(parse_qs(heard.body.decode())["client_assertion"])
        granted = {"access_token": "t", "token_type": "Bearer", "expires_in": 300}
        return Says(drops=True) if len(shown) == 1 else Says(document=granted)

    with scripted() as server:
        server.instead = answer
        credentials = ClientCredentials(server.url, "agency-system", key=ClientKey.from_jwk(changed(EC)))
        assert TokenSource(credentials, Connection(sleep=lambda _: None)).token() == "t"
    assert len(set(shown)) == len(shown) == 2, "each is good for once"


REFUSED = {
    "empty": b"",
    "a list": b"[]",
    "PEM": b"-----BEGIN PRIVATE KEY-----",
    "without kid": changed(EC, kid=None),
    "kid a number": changed(EC, kid=7),
    "public": changed(EC, d=None),
    "d of another size": changed(EC, d="AA"),
    "halves of two keys": changed(EC, d=ECKey.generate_key("P-256").as_dict(private=True)["d"]),
    "halves of two Ed25519 keys": changed(ED, d=OKPKey.generate_key("Ed25519").as_dict(private=True)["d"]),
    "an algorithm of another curve": changed(EC, alg="ES384"),
    "HS256": changed(RSA, alg="HS256"),
    "none": changed(RSA, alg="none"),
    "public RSA": changed(RSA, d=None, p=None, q=None, dp=None, dq=None, qi=None),
    "a small modulus": changed(RSA, n=encode_base64url(b"\xc1" * 128)),
    "a small modulus under zeros": changed(RSA, n=encode_base64url(b"\0" * 128 + b"\xc1" * 128)),
    "shared": changed({**OctKey.generate_key(256).as_dict(private=True), "kid": "k1"}),
    "for key agreement": changed({**OKPKey.generate_key("X25519").as_dict(private=True), "kid": "k1"}),
    "P-384": changed({**ECKey.generate_key("P-384").as_dict(private=True), "kid": "k1"}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_private_signature_key_is_refused_and_not_repeated(name: str) -> None:
    with pytest.raises(InputError) as refused:
        ClientKey.from_jwk(REFUSED[name])

    assert refused.value.code == "client-key-malformed"
    assert str(EC["d"]) not in str(refused.value)


def test_a_key_does_not_show_itself(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(changed(EC))

    assert repr(ClientKey.read(tmp_path / "key")) == "ClientKey(kid='k1')"
    with pytest.raises(InputError, match="cannot be read"):
        ClientKey.read(tmp_path / "none")
