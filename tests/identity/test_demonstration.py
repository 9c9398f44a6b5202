"""The demonstration's identity providers, and that real token checks accept what they issue."""

import hashlib
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from identity.issuing import Answer, Clock, Facts
from isa_registry.domain import access_entries
from isa_registry.identity.demonstration import (
    ALGORITHM,
    AUDIENCE,
    LEAD_SCOPES,
    MACHINE_SCOPES,
    DemonstrationIdentity,
)
from isa_registry.identity.demonstration_keys import load_or_create
from isa_registry.identity.demonstration_people import role_of
from isa_registry.identity.demonstration_requests import AuthorizationRefused, OAuthError, is_loopback
from isa_registry.identity.issuers import IssuerKeys
from isa_registry.identity.profiles import InvalidToken
from isa_registry.identity.tokens import TokenValidator
from isa_verify.encoding import JsonValue, decode_base64url, encode_base64url, parse_json_strict

BASE = "http://127.0.0.1:8000"
COUNCIL, POLICE = "durham-county-council", "durham-constabulary"
NAMES = {COUNCIL: "Durham County Council", POLICE: "Durham Constabulary"}
CALLBACK = "http://127.0.0.1:8000/auth/callback"
VERIFIER = "v" * 43
CHALLENGE = encode_base64url(hashlib.sha256(VERIFIER.encode()).digest())
REQUEST = {
    "response_type": "code",
    "client_id": "isa-registry",
    "redirect_uri": CALLBACK,
    "scope": "openid",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "state": "state-1",
    "nonce": "nonce-1",
}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider(tmp_path: Path, clock: Clock) -> DemonstrationIdentity:
    return worker(tmp_path, clock)


def worker(directory: Path, clock: Clock) -> DemonstrationIdentity:
    """One worker process of several: they share only the key files."""
    return DemonstrationIdentity(
        base=BASE,
        organisations=NAMES,
        keys={organisation: load_or_create(directory, organisation) for organisation in NAMES},
        lead_body=COUNCIL,
        clock=clock,
    )


def code_from(provider: DemonstrationIdentity, organisation: str = COUNCIL, **changes: str) -> dict[str, str]:
    """The answer that the browser carries back after somebody chose to be the practitioner."""
    request = provider.authorization_request(REQUEST | changes)
    return dict(parse_qsl(urlsplit(provider.sign_in(organisation, "practitioner", request)).query))


def redemption(code: str, changes: dict[str, str] | None = None) -> dict[str, str]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": "isa-registry",
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    return form | (changes or {})


def claims_of(token: Any) -> dict[str, Any]:
    claims = parse_json_strict(decode_base64url(token.split(".")[1]))
    assert isinstance(claims, dict)
    return claims


def validator(provider: DemonstrationIdentity, clock: Clock) -> TokenValidator:
    documents: dict[str, Any] = {}
    for organisation in NAMES:
        discovery = provider.discovery(organisation)
        documents[f"{discovery['issuer']}/.well-known/openid-configuration"] = discovery
        documents[str(discovery["jwks_uri"])] = provider.key_set(organisation)

    async def fetch(url: str) -> Answer:
        return Answer(documents[url])

    return TokenValidator(IssuerKeys(fetch, clock), clock)


def registered(provider: DemonstrationIdentity) -> Facts:
    facts = Facts()
    for organisation in NAMES:
        issuer = provider.issuer(organisation)
        facts.log(
            access_entries.IssuerRegistered(
                organisation=organisation,
                issuer=issuer,
                audiences=(AUDIENCE,),
                algorithms=(ALGORITHM,),
                profile="rfc9068",
            ),
            access_entries.ClientGranted(
                organisation=organisation,
                client=f"{organisation}-system",
                scopes=provider.scopes(organisation),
            ),
            access_entries.RoleGranted(
                organisation=organisation, issuer=issuer, subject="practitioner", role="practitioner"
            ),
        )
    return facts


@pytest.mark.parametrize(
    ("organisation", "scopes"), [(COUNCIL, MACHINE_SCOPES + LEAD_SCOPES), (POLICE, MACHINE_SCOPES)]
)
async def test_a_system_gets_every_scope_it_may_have(
    provider: DemonstrationIdentity, clock: Clock, organisation: str, scopes: tuple[str, ...]
) -> None:
    answer = provider.token(organisation, {"grant_type": "client_credentials"}, (f"{organisation}-system", "demo"))

    assert ("Bearer", 600, " ".join(scopes)) == (
        answer["token_type"],
        answer["expires_in"],
        answer["scope"],
    )
    caller = await validator(provider, clock).validate(str(answer["access_token"]), registered(provider).log())
    assert (organisation, False, frozenset(scopes)) == (caller.organisation, caller.person, caller.scopes)


def test_a_system_gets_what_it_asks_for_and_no_more(provider: DemonstrationIdentity) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": f"{POLICE}-system",
        "client_secret": "demo",
        "scope": "admin events:read unheard-of",
    }

    assert provider.token(POLICE, form, None)["scope"] == "events:read"
    with pytest.raises(OAuthError) as refused:
        provider.token(POLICE, form | {"scope": "admin audit:read"}, None)
    assert refused.value.error == "invalid_scope"


@pytest.mark.parametrize(
    ("client", "secret"),
    [(f"{POLICE}-system", "wrong"), (f"{COUNCIL}-system", "demo"), ("", ""), ("isa-registry", "demo")],
)
def test_only_the_system_with_its_secret_is_let_in(provider: DemonstrationIdentity, client: str, secret: str) -> None:
    with pytest.raises(OAuthError) as refused:
        provider.token(POLICE, {"grant_type": "client_credentials"}, (client, secret))

    assert refused.value.error == "invalid_client"


async def test_a_person_signs_in_and_the_tokens_hold(provider: DemonstrationIdentity, clock: Clock) -> None:
    back = code_from(provider)
    clock.now += 30
    answer = provider.token(COUNCIL, redemption(back["code"]), None)

    assert ("state-1", provider.issuer(COUNCIL)) == (back["state"], back["iss"])
    id_token = claims_of(answer["id_token"])
    assert (provider.issuer(COUNCIL), "practitioner", "isa-registry", "nonce-1", int(clock.now) - 30) == tuple(
        id_token[name] for name in ("iss", "sub", "aud", "nonce", "auth_time")
    )
    view = registered(provider).log()
    caller = await validator(provider, clock).validate(str(answer["access_token"]), view)
    assert (COUNCIL, True, frozenset({"practitioner"})) == (caller.organisation, caller.person, caller.roles)
    with pytest.raises(InvalidToken):
        await validator(provider, clock).validate(str(answer["id_token"]), view)
    with pytest.raises(InvalidToken):
        await validator(provider, clock).validate(back["code"], view)


def test_the_people_are_those_of_the_demonstration(provider: DemonstrationIdentity) -> None:
    assert provider.people(POLICE) == ("practitioner", "signatory", "ig-lead")
    council = ("practitioner", "signatory", "ig-lead", "auditor", "business-unit", "business-unit-2",
               "ig-lead-2")  # fmt: skip
    assert provider.people(COUNCIL) == council
    assert (role_of("business-unit-2"), role_of("ig-lead-2")) == ("business-unit", "ig-lead")
    with pytest.raises(OAuthError, match="access_denied"):
        provider.sign_in(POLICE, "auditor", provider.authorization_request(REQUEST))


def test_a_code_given_by_one_worker_is_redeemed_by_another(tmp_path: Path, clock: Clock) -> None:
    code = code_from(worker(tmp_path, clock))["code"]

    assert "id_token" in worker(tmp_path, clock).token(COUNCIL, redemption(code), None)


def test_a_code_is_good_for_one_use(provider: DemonstrationIdentity) -> None:
    code = code_from(provider)["code"]
    provider.token(COUNCIL, redemption(code), None)

    with pytest.raises(OAuthError, match="invalid_grant"):
        provider.token(COUNCIL, redemption(code), None)


def test_a_code_lives_for_a_minute(provider: DemonstrationIdentity, clock: Clock) -> None:
    code = code_from(provider)["code"]
    clock.now += 60

    with pytest.raises(OAuthError, match="invalid_grant"):
        provider.token(COUNCIL, redemption(code), None)


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"code_verifier": "v" * 42},
        {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": ""},
        {"client_id": "isa-client"},
        {"code": ""},
        {"code": "a.b.c"},
        {"code": "é"},
    ],
)
def test_a_code_is_bound_to_its_request(provider: DemonstrationIdentity, changes: dict[str, str]) -> None:
    code = code_from(provider)["code"]

    with pytest.raises(OAuthError, match="invalid_grant"):
        provider.token(COUNCIL, redemption(code, changes), None)
    assert provider.token(COUNCIL, redemption(code), None)


def test_no_other_signature_of_the_provider_is_a_code(provider: DemonstrationIdentity) -> None:
    answer = provider.token(COUNCIL, redemption(code_from(provider)["code"]), None)
    elsewhere = code_from(provider, POLICE)["code"]

    for other in (str(answer["access_token"]), str(answer["id_token"]), elsewhere):
        with pytest.raises(OAuthError, match="invalid_grant"):
            provider.token(COUNCIL, redemption(other), None)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "v" * 42}, "invalid_request"),
        ({"state": "s" * 513}, "invalid_request"),
        ({"nonce": "n" * 256}, "invalid_request"),
    ],
)
def test_a_request_that_lacks_something_is_told_so(
    provider: DemonstrationIdentity, changes: dict[str, str], error: str
) -> None:
    with pytest.raises(OAuthError) as refused:
        provider.authorization_request(REQUEST | changes)

    assert error == refused.value.error


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "stranger"},
        {"client_id": ""},
        {"redirect_uri": ""},
        {"redirect_uri": "https://evil.example/"},
    ],
)
def test_a_request_of_a_stranger_is_never_redirected(provider: DemonstrationIdentity, changes: dict[str, str]) -> None:
    with pytest.raises(AuthorizationRefused):
        provider.authorization_request(REQUEST | changes)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8000/cb", "http://localhost/cb?a=b", "http://[::1]:5/", "http://127.0.0.1"]
)
def test_loopback_addresses(address: str) -> None:
    assert is_loopback(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/cb",
        "http://evil.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://127.0.0.1@evil.example/cb",
        "http://evil.example\\@127.0.0.1/cb",
        "http://127.0.0.1/cb#fragment",
        "http://127.0.0.1:99999/cb",
        "http://127.0.0.1:x/cb",
        "http://127.0.0.1/\r\nSet-Cookie: a=b",
        "http://127.0.0.1/" + "x" * 512,
        "//127.0.0.1/cb",
        "javascript:alert(1)",
        "http://[::1",
        "",
    ],
)
def test_addresses_elsewhere(address: str) -> None:
    assert not is_loopback(address)


def published_key(provider: DemonstrationIdentity, organisation: str) -> dict[str, JsonValue]:
    keys = provider.key_set(organisation)["keys"]
    assert isinstance(keys, list)
    assert isinstance(keys[0], dict)
    return keys[0]


def test_every_provider_has_a_key_of_its_own(provider: DemonstrationIdentity) -> None:
    council, police = (published_key(provider, organisation) for organisation in NAMES)

    assert {"kty", "crv", "x", "y", "kid", "use", "alg"} == set(council)
    assert council["x"] != police["x"]


def test_workers_that_start_together_end_with_one_key(tmp_path: Path) -> None:
    directory = tmp_path / "demo" / "idp"
    with ThreadPoolExecutor(8) as workers:
        keys = list(workers.map(lambda _: load_or_create(directory, COUNCIL), range(32)))

    assert all(keys[0] == key for key in keys)
    assert [f"{COUNCIL}.jwk"] == [path.name for path in directory.iterdir()]
    assert stat.S_IMODE((directory / f"{COUNCIL}.jwk").stat().st_mode) == 0o600
    assert keys[0] == load_or_create(directory, COUNCIL)


def test_a_provider_names_itself_by_its_address(provider: DemonstrationIdentity) -> None:
    for organisation in NAMES:
        assert f"{BASE}/demo/idp/{organisation}" == provider.discovery(organisation)["issuer"]
