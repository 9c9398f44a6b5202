"""What the self-test says of a sample token: the step at which the service refuses it, in words, and no secret."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from identity.issuing import NOW, Provider, issuer_registered
from identity.test_tokens import BAD, CIS2, COUNCIL, ENTRA, GENERIC, POLICE, SHARED, entra_token, person_token
from isa_registry.domain.access_entries import IssuerRegistered, RoleMapping, SignIn
from isa_registry.domain.roles import SCOPES
from isa_registry.identity import profiles, tokens, validation
from isa_registry.identity.findings import FINDINGS, Finding
from isa_registry.identity.issuers import usable_keys
from isa_registry.identity.token_checks import NEEDED, KeySet, check_token

USES = {
    COUNCIL.issuer: issuer_registered(COUNCIL),
    POLICE.issuer: issuer_registered(POLICE, "police"),
    SHARED.issuer: issuer_registered(SHARED, "trust-a", claim="org_code", value="RXA"),
    ENTRA.issuer: issuer_registered(ENTRA, "fire", profile="entra-v2", audiences=("api-guid",)),
    GENERIC.issuer: issuer_registered(GENERIC, "charity", profile="generic"),
    CIS2.issuer: issuer_registered(CIS2, "icb", profile="cis2"),
}
SECRET = "qx7secret"


def granted(client: str) -> Collection[str]:
    return ("checks:ask",) if client in ("council-system", "fire-system", "charity-system") else ()


def check(
    token: str, use: IssuerRegistered = USES[COUNCIL.issuer], provider: Provider = COUNCIL, **more: Any
) -> list[Finding]:
    keys = KeySet(*usable_keys(provider.jwks()))
    return list(check_token(token, use, keys, **{"known_scopes": SCOPES, "granted": granted, "now": NOW, **more}))


def codes(found: list[Finding]) -> set[str]:
    return {one.code for one in found}


def provider_of(name: str) -> Provider:
    """Whose token a bad one pretends to be."""
    for word, provider in (("Entra", ENTRA), ("CIS2", CIS2), ("generic", GENERIC), ("split", SHARED)):
        if name.startswith(word):
            return provider
    return POLICE if name == "a client of another body" else COUNCIL


@pytest.mark.parametrize("name", BAD)
def test_what_the_service_refuses_the_self_test_explains(name: str) -> None:
    make, reason = BAD[name]
    provider = provider_of(name)

    found = check(make(), USES[provider.issuer], provider)

    wrong = [one for one in found if one.level == "wrong"]
    assert wrong, found
    assert all(one.do for one in wrong)
    explained = codes(wrong)
    assert reason in explained or explained & {"claims-missing", "token-opaque", "token-encrypted"}, explained


def test_every_reason_for_refusing_a_token_has_its_words() -> None:
    sources = "".join(Path(str(module.__file__)).read_text() for module in (profiles, tokens, validation))
    reasons = set(re.findall(r'InvalidToken\("([a-z-]+)"\)', sources))
    named = {f"{name.replace('_', '-')}-missing" for name in re.findall(r'(?:text|_seconds)\(claims, "(\w+)"', sources)}

    assert len(reasons) > 20
    assert set() == (reasons | named) - FINDINGS.keys()


def test_a_machines_good_token_is_said_to_be_taken() -> None:
    assert [("token-right", "right"), ("scopes-not-granted", "doubtful")] == [
        (one.code, one.level) for one in check(COUNCIL.token())
    ]
    assert {"token-right"} == codes(check(COUNCIL.token(scope="checks:ask")))
    assert {"token-right"} == codes(check(entra_token(roles=["checks:ask"]), USES[ENTRA.issuer], ENTRA))


def test_where_grants_cannot_be_looked_up_it_says_what_to_ask_for() -> None:
    assert {"token-right", "client-to-be-granted"} == codes(check(COUNCIL.token(), granted=None))


def test_a_token_without_a_scope_of_the_registrys_is_of_no_use() -> None:
    assert "scopes-none" in codes(check(COUNCIL.token(scope="openid profile")))


def test_several_faults_are_named_at_once() -> None:
    token = COUNCIL.token({"typ": "JWT"}, exp=NOW - 60, aud="other", jti=None, client_id=None, cnf={})

    assert {"typ-refused", "token-expired", "audience-refused", "claims-missing", "token-bound-to-a-key"} <= codes(
        check(token)
    )


def test_a_persons_token_says_whether_a_recent_sign_in_can_be_seen() -> None:
    use = issuer_registered(
        COUNCIL,
        sign_in=SignIn("registry", "private_key_jwt", acr_values=("high",)),
        roles_from=(RoleMapping("groups", "leads", "ig-lead"),),
    )

    assert {"token-right"} == codes(check(person_token(acr="high"), use))
    assert {"token-right", "person-of-another-kind"} == codes(check(person_token(acr="low"), use))
    assert {"token-right", "person-without-time", "person-of-another-kind"} == codes(
        check(person_token(auth_time=None, amr=["pwd"]), use)
    )
    mapped = check(person_token(acr="high", groups=["leads"]), use)
    assert "ig-lead" in mapped[0].says


@pytest.mark.parametrize(("token", "code"), [("opaque-token", "token-opaque"), ("a.b.c.d.e", "token-encrypted")])
def test_a_token_of_another_make_is_called_by_its_name(token: str, code: str) -> None:
    assert {code} == codes(check(token))


def test_no_value_of_a_token_is_shown_but_what_may_be() -> None:
    """Issuer, audience, algorithm and type are shown, cut and cleaned; of the other claims the names alone."""
    token = COUNCIL.token(
        {"kid": SECRET, "typ": "x\x1b[31m" + "y" * 900},
        sub=None, client_id=SECRET, jti=SECRET, scope=SECRET, email=SECRET, acr=SECRET,
        **{f"{SECRET} is a name": 1, "\x1b[31m": 1},
    )  # fmt: skip

    found = check(token)
    assert found
    for one in found:
        assert SECRET not in one.says + one.do
        assert (one.says + one.do).isprintable()
        assert len(one.says) < 700


def test_every_profile_says_what_it_needs() -> None:
    assert NEEDED.keys() == profiles.PROFILES.keys()


def test_what_a_profile_is_said_to_need_it_does_need() -> None:
    whole = {"rfc9068": COUNCIL.token, "entra-v2": entra_token}
    for profile, token in whole.items():
        provider = COUNCIL if profile == "rfc9068" else ENTRA
        for name in NEEDED[profile]:
            found = codes(check(token(**{name: None}), USES[provider.issuer], provider))
            assert "claims-missing" in found, name
            assert "token-right" not in found
