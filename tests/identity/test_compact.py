"""Keys are held to what they were made for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OKPKey, RSAKey

from identity.issuing import assembled
from isa_registry.identity.compact import (
    KeyUnusableError,
    algorithm_of,
    private_key,
    public_key,
    signature_holds,
    split_compact,
)
from isa_verify.encoding import decode_base64url, encode_base64url
from isa_verify.errors import MalformedError

RSA = RSAKey.generate_key(2048)


def test_a_key_published_for_one_algorithm_verifies_no_other() -> None:
    compact = split_compact(assembled({"alg": "RS256"}, {}, RSA))
    published: dict[str, Any] = dict(RSA.as_dict(private=False))

    assert signature_holds(compact, "RS256", public_key(published))
    assert signature_holds(compact, "RS256", public_key({**published, "alg": "RS256"}))
    assert not signature_holds(compact, "RS256", public_key({**published, "alg": "PS256"}))
    assert not signature_holds(compact, "PS256", public_key(published))
    assert not signature_holds(compact, "ES256", public_key(published))
    assert not signature_holds(compact, "none", public_key(published))


def test_a_key_published_as_eddsa_verifies_under_both_names() -> None:
    key = OKPKey.generate_key("Ed25519")
    published: dict[str, Any] = {**key.as_dict(private=False), "alg": "EdDSA"}
    compact = split_compact(assembled({"alg": "EdDSA"}, {}, key))

    assert signature_holds(compact, "EdDSA", public_key(published))
    assert signature_holds(compact, "Ed25519", public_key(published, "Ed25519"))


def test_a_private_key_given_by_mistake_is_taken_as_its_public_half() -> None:
    published: dict[str, Any] = dict(ECKey.generate_key("P-256").as_dict(private=True))

    key = public_key(published)

    assert not key.is_private


@pytest.mark.parametrize(
    ("curve", "algorithm"), [("P-384", "ES256"), ("P-256", "ES384"), ("P-256", "Ed25519"), ("P-256", "PS256")]
)
def test_a_key_registered_for_an_algorithm_must_suit_it(curve: Any, algorithm: str) -> None:
    published: dict[str, Any] = dict(ECKey.generate_key(curve).as_dict(private=False))

    with pytest.raises(KeyUnusableError):
        public_key(published, algorithm)


@pytest.mark.parametrize("jwk", [{}, {"kty": "OKP"}, {"kty": "oct", "k": "AAAA"}, {"kty": "EC", "crv": "P-256"}])
def test_what_is_no_private_key_does_not_sign(jwk: dict[str, str]) -> None:
    with pytest.raises(KeyUnusableError):
        private_key(jwk)


def test_curves_that_the_registry_does_not_sign_with() -> None:
    with pytest.raises(KeyUnusableError):
        algorithm_of(ECKey.generate_key("P-384"))


_BASE64URL = "AQEgwIz09-_"


@given(st.text(_BASE64URL) | st.text(_BASE64URL + "+/= \n.é\x00") | st.binary().map(encode_base64url))
def test_parts_are_decoded_in_their_one_spelling(text: str) -> None:
    """As `decode_base64url` does, which is slower."""
    try:
        wanted = decode_base64url(text)
    except MalformedError:
        with pytest.raises(MalformedError):
            split_compact(f"e30.{text}.AA")
    else:
        assert split_compact(f"e30.{text}.AA").payload == wanted
