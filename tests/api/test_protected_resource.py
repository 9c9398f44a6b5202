"""How a program finds out what tokens are taken here (RFC 9728), and what it is told when it shows another."""

from __future__ import annotations

import time

import httpx
import msgspec
import pytest

from api.speaking import assert_problem, bearer, forged_token
from isa_registry.api.www_authenticate import metadata_url
from isa_registry.domain.access_entries import IssuerRegistered, IssuerRemoved, RoleGranted, SignIn
from isa_registry.domain.roles import SCOPES
from isa_registry.identity.demonstration import AUDIENCE
from live import LEAD, Demonstration
from registering import register

CHARITY = "harbour"
METADATA = "/.well-known/oauth-protected-resource"


def test_the_metadata_names_this_service_its_issuers_and_its_scopes(
    demonstration: Demonstration, nobody: httpx.Client
) -> None:
    answer = nobody.get(METADATA)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.headers["cache-control"] == "public, max-age=300"
    metadata = answer.json()
    assert metadata["resource"] == demonstration.url
    assert metadata["scopes_supported"] == list(SCOPES)
    assert metadata["bearer_methods_supported"] == ["header"]
    assert metadata["resource_documentation"] == f"{demonstration.url}/documentation"
    servers = metadata["authorization_servers"]
    assert f"{demonstration.url}/demo/idp/{LEAD}" in servers
    assert servers == sorted(set(servers))


def test_a_challenge_leads_to_the_metadata(nobody: httpx.Client) -> None:
    answer = nobody.get("/api/v1/organisations")
    address = answer.headers["www-authenticate"].partition('resource_metadata="')[2].partition('"')[0]

    assert httpx.get(address, trust_env=False).json()["resource"] == str(nobody.base_url).rstrip("/")


@pytest.mark.parametrize(
    ("public_url", "metadata"),
    [
        ("https://registry.example.org", f"https://registry.example.org{METADATA}"),
        ("https://example.org:8443/isa", f"https://example.org:8443{METADATA}/isa"),
    ],
)
def test_the_metadata_of_a_service_below_a_path_stands_before_the_path(public_url: str, metadata: str) -> None:
    assert metadata == metadata_url(public_url)


def test_a_step_up_names_the_kinds_of_sign_in_that_the_issuer_was_registered_with(
    demonstration: Demonstration, nobody: httpx.Client
) -> None:
    """RFC 9470 section 3, on a route that asks for a recent sign-in."""
    issuer = f"{demonstration.url}/demo/idp/{CHARITY}"
    plain = IssuerRegistered(
        organisation=CHARITY,
        issuer=issuer,
        audiences=(AUDIENCE,),
        algorithms=("ES256",),
        profile="rfc9068",
        sign_in=SignIn(client="isa-registry", authentication="none"),
    )
    strict = SignIn(client="isa-registry", authentication="none", acr_values=("AAL3_ANY", "AAL2_OR_AAL3_ANY"))
    removed = IssuerRemoved(organisation=CHARITY, issuer=issuer)
    register(
        demonstration,
        removed,
        msgspec.structs.replace(plain, sign_in=strict),
        RoleGranted(organisation=CHARITY, issuer=issuer, subject="lead-9", role="ig-lead"),
    )
    try:
        route, asked = f"/api/v1/organisations/{CHARITY}/keys", {"Content-Type": "application/json"}
        for acr in (None, "AAL1_USERPASS"):
            token = person(demonstration, acr)
            answer = nobody.post(route, content=b"{}", headers={**asked, **bearer(token)})
            assert_problem(answer, 401, "sign-in-too-old")
            assert 'max_age="300", acr_values="AAL3_ANY AAL2_OR_AAL3_ANY", ' in answer.headers["www-authenticate"]
        accepted = nobody.post(route, content=b"{}", headers={**asked, **bearer(person(demonstration, "AAL3_ANY"))})
        assert_problem(accepted, 400)
    finally:
        register(demonstration, removed, plain)


def person(demonstration: Demonstration, acr: str | None) -> str:
    return forged_token(
        demonstration,
        CHARITY,
        sub="lead-9",
        client_id="isa-client",
        scope="openid",
        auth_time=int(time.time()),
        acr=acr,
    )
