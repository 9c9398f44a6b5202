"""What the self-test says of what an issuer publishes."""

from collections.abc import Iterable
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from identity.issuing import NOW, Provider, issuer_registered
from isa_registry.domain.access_entries import RoleMapping, SignIn
from isa_registry.identity.findings import FINDINGS, Finding
from isa_registry.identity.issuer_checks import (
    check_caching,
    check_clock,
    check_discovery,
    check_key_set,
    check_registration,
    check_sign_in,
)

ISSUER = "https://login.example/tenant"
PROVIDER = Provider(ISSUER)
USE = issuer_registered(PROVIDER)
SIGN_IN = SignIn(client="registry", authentication="private_key_jwt")
WHOLE: dict[str, Any] = {
    "issuer": ISSUER,
    "jwks_uri": f"{ISSUER}/keys",
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "end_session_endpoint": f"{ISSUER}/logout",
    "response_types_supported": ["code"],
    "code_challenge_methods_supported": ["S256"],
    "authorization_response_iss_parameter_supported": True,
    "backchannel_logout_supported": True,
    "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic"],
    "id_token_signing_alg_values_supported": ["ES256", "RS256"],
    "scopes_supported": ["openid"],
    "acr_values_supported": ["high"],
}


def codes(found: Iterable[Finding]) -> list[str]:
    return [one.code for one in found]


def changed(**changes: Any) -> dict[str, Any]:
    """What is published, with changes; None leaves a member out."""
    return {name: value for name, value in {**WHOLE, **changes}.items() if value is not None}


def test_every_finding_says_what_to_do_unless_all_is_right() -> None:
    assert [] == [code for code, (level, says, do) in FINDINGS.items() if not says or (level == "right") == bool(do)]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"profile": "saml"}, ["profile-unknown"]),
        ({"audiences": ()}, ["audience-none"]),
        ({"algorithms": ("ES256", "HS256", "none")}, ["algorithm-not-taken"]),
        ({"algorithms": ()}, ["algorithm-not-taken"]),
        ({"claim": "org"}, ["split-incomplete"]),
        ({"roles_from": (RoleMapping("groups", "x", "auditor"),)}, ["mapping-never-given"]),
        ({"roles_from": (RoleMapping("groups", "x", "signatory"),)}, []),
    ],
)
def test_a_registration_is_looked_at_first(changes: dict[str, Any], found: list[str]) -> None:
    use = issuer_registered(PROVIDER, **changes)

    assert ["address-right", *found] == codes(check_registration(use, demonstration=False))


@pytest.mark.parametrize(
    ("issuer", "real", "demonstration"),
    [
        ("https://login.example:8443/a/b", "address-right", "address-right"),
        ("http://127.0.0.1:8000/x", "address-wrong", "address-loopback"),
        ("http://localhost", "address-wrong", "address-loopback"),
        ("http://login.example", "address-wrong", "address-wrong"),
        ("https://user@login.example", "address-wrong", "address-wrong"),
        ("https://login.example?x", "address-wrong", "address-wrong"),
        ("https://login.example#", "address-wrong", "address-wrong"),
        ("https://[login", "address-wrong", "address-wrong"),
        ("login.example", "address-wrong", "address-wrong"),
        ("", "address-wrong", "address-wrong"),
    ],
)
def test_an_issuer_is_an_https_address(issuer: str, real: str, demonstration: str) -> None:
    use = issuer_registered(Provider(issuer))

    assert [real] == codes(check_registration(use, demonstration=False))
    assert [demonstration] == codes(check_registration(use, demonstration=True))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, ["issuer-same"]),
        ({"issuer": f"{ISSUER}/"}, ["issuer-slash"]),
        ({"issuer": "https://LOGIN.example/tenant"}, ["issuer-case"]),
        ({"issuer": "https://login.example/{tenantid}/v2.0"}, ["issuer-template"]),
        ({"issuer": "https://evil.example"}, ["issuer-differs"]),
        ({"issuer": None}, ["issuer-missing"]),
        ({"issuer": ["x"]}, ["issuer-missing"]),
        ({"jwks_uri": None}, ["issuer-same", "key-set-address-wrong"]),
        ({"jwks_uri": "http://login.example/keys"}, ["issuer-same", "key-set-address-wrong"]),
    ],
)
def test_discovery_names_the_issuer_and_the_keys(changes: dict[str, Any], found: list[str]) -> None:
    assert found == codes(check_discovery(USE, changed(**changes)))


EC: dict[str, Any] = dict(PROVIDER.key.as_dict(private=False)) | {"kid": "k1"}
SMALL = {"kty": "RSA", "e": "AQAB", "n": "wcHB" * 40, "kid": "small"}
ED = dict(OKPKey.generate_key("Ed25519").as_dict(private=False)) | {"kid": "ed"}
RSA = dict(RSAKey.generate_key(2048).as_dict(private=False)) | {"kid": "rsa"}


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ([EC], ["keys-right"]),
        ([EC, SMALL, {**EC, "use": "enc", "kid": "k2"}], ["keys-unused", "keys-right"]),
        ([], ["keys-none"]),
        ([SMALL], ["keys-none", "keys-unused"]),
        ([ED], ["keys-unsuited"]),
        ([{**RSA, "alg": "RS256"}], ["keys-unsuited"]),
        ([EC, {name: value for name, value in ED.items() if name != "kid"}], ["keys-without-id", "keys-right"]),
        ([EC, {**ED, "kid": "k1"}], ["keys-same-id", "keys-right"]),
        ([{**ECKey.generate_key("P-256").as_dict(private=True), "kid": "p"}], ["keys-private", "keys-right"]),
        ([EC, OctKey.generate_key(256).as_dict()], ["keys-private", "keys-unused", "keys-right"]),
        ({}, ["keys-malformed"]),
        (None, ["keys-malformed"]),
        ([EC] * 101, ["keys-malformed"]),
    ],
)
def test_a_key_set_has_keys_that_can_be_used(keys: Any, found: list[str]) -> None:
    assert found == codes(check_key_set(USE, {"keys": keys}))


def test_a_registered_algorithm_without_a_key_is_doubted() -> None:
    use = issuer_registered(PROVIDER, algorithms=("ES256", "RS256", "ES384"))

    found = list(check_key_set(use, {"keys": [EC, RSA]}))

    assert ["algorithm-without-key", "keys-right"] == codes(found)
    assert "ES384" in found[0].says
    assert "RS256" not in found[0].says


@pytest.mark.parametrize(
    ("max_age", "code"),
    [(None, "cache-silent"), (0.0, "cache-short"), (300.0, "cache-right"), (86_400.0, "cache-right"),
     (86_401.0, "cache-long")],
)  # fmt: skip
def test_how_long_a_set_may_be_kept(max_age: float | None, code: str) -> None:
    assert code == check_caching(max_age).code


@pytest.mark.parametrize(
    ("apart", "code"), [(0, "clock-right"), (10, "clock-right"), (11, "clock-doubtful"), (31, "clock-wrong")]
)
def test_clocks_are_compared(apart: int, code: str) -> None:
    assert code == check_clock(NOW - apart, NOW).code == check_clock(NOW + apart, NOW).code


def test_a_provider_that_sends_no_date_is_not_blamed() -> None:
    assert check_clock(None, NOW).code == "clock-unknown"


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, ["sign-in-right"]),
        ({"authorization_endpoint": None}, ["sign-in-endpoint-missing"]),
        ({"token_endpoint": "http://login.example/token"}, ["sign-in-endpoint-missing"]),
        ({"response_types_supported": ["id_token"]}, ["sign-in-no-code"]),
        ({"code_challenge_methods_supported": ["plain"]}, ["sign-in-no-pkce"]),
        ({"code_challenge_methods_supported": None}, ["sign-in-right", "sign-in-pkce-silent"]),
        ({"authorization_response_iss_parameter_supported": None}, ["sign-in-right", "sign-in-iss-silent"]),
        ({"end_session_endpoint": None}, ["sign-in-right", "sign-in-no-logout"]),
        ({"backchannel_logout_supported": None}, ["sign-in-right", "sign-in-no-back-channel"]),
        ({"token_endpoint_auth_methods_supported": ["client_secret_post"]}, ["sign-in-method-wrong"]),
        ({"token_endpoint_auth_methods_supported": None}, ["sign-in-method-wrong"]),
        ({"id_token_signing_alg_values_supported": ["RS256"]}, ["sign-in-algorithm-wrong"]),
        ({"scopes_supported": ["email"]}, ["sign-in-no-openid"]),
        ({"scopes_supported": None}, ["sign-in-right"]),
    ],
)
def test_signing_in_needs_the_code_flow(changes: dict[str, Any], found: list[str]) -> None:
    assert found == codes(check_sign_in(USE, SIGN_IN, changed(**changes)))


def test_a_shared_secret_is_doubted_where_a_key_would_do() -> None:
    basic = SignIn(client="registry", authentication="client_secret_basic")

    assert ["sign-in-right", "sign-in-method-weak"] == codes(check_sign_in(USE, basic, WHOLE))
    only_basic = changed(token_endpoint_auth_methods_supported=None)
    assert ["sign-in-right"] == codes(check_sign_in(USE, basic, only_basic))


def test_kinds_of_authentication_that_the_provider_does_not_list_are_doubted() -> None:
    high = SignIn(client="registry", authentication="private_key_jwt", acr_values=("high", "hihg"))

    assert ["sign-in-right", "sign-in-acr-unknown"] == codes(check_sign_in(USE, high, WHOLE))
