"""Signing in to the demonstration over HTTP."""

import base64
import hashlib
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from isa_registry.domain.access_entries import ClientGranted, IssuerRegistered
from isa_registry.domain.entries import RegisterPayload
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.register import Register
from isa_registry.identity.demonstration import ALGORITHM, AUDIENCE, DemonstrationIdentity
from isa_registry.identity.demonstration_keys import load_or_create
from isa_registry.identity.issuers import IssuerKeys
from isa_registry.identity.tokens import TokenValidator
from isa_registry.outbound.fetching import Fetcher
from isa_registry.pages.demo_identity import demo_identity_router
from isa_verify.encoding import encode_base64url

NAMES = {"durham-county-council": "Durham County Council", "harbour": "Harbour <&> Co"}
COUNCIL = "/demo/idp/durham-county-council"
VERIFIER = "v" * 50
REQUEST = {
    "response_type": "code",
    "client_id": "isa-registry",
    "redirect_uri": "http://127.0.0.1:8000/auth/callback?from=here",
    "scope": "openid",
    "code_challenge": encode_base64url(hashlib.sha256(VERIFIER.encode()).digest()),
    "code_challenge_method": "S256",
    "state": 'a"b&c',
    "nonce": "n",
}
Client = AsyncTestClient[Litestar]


def clock() -> float:
    return 1_800_000_000.5


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    provider = DemonstrationIdentity(
        base="http://127.0.0.1:8000",
        organisations=NAMES,
        keys={organisation: load_or_create(tmp_path, organisation) for organisation in NAMES},
        lead_body="durham-county-council",
        clock=clock,
    )
    app = Litestar([demo_identity_router(provider)], openapi_config=None, logging_config=None)
    async with AsyncTestClient(app) as client:
        yield client


async def authorize(client: Client, path: str = COUNCIL, **changes: str) -> httpx.Response:
    query = urlencode(REQUEST | changes)
    return await client.get(f"{path}/authorize?{query}", follow_redirects=False)


async def post(client: Client, content: str | dict[str, str], **headers: str) -> httpx.Response:
    """Posts a form to the token endpoint."""
    body = content if isinstance(content, str) else urlencode(content)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post(
        f"{COUNCIL}/token",
        content=body,
        headers={"Content-Type": "application/x-www-form-urlencoded", **named},
    )


def answer_in(response: httpx.Response) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(response.headers["location"]).query))


async def test_discovery_and_keys_are_published(client: Client) -> None:
    discovery = await client.get(f"{COUNCIL}/.well-known/openid-configuration")
    keys = await client.get(f"{COUNCIL}/jwks")

    assert discovery.json()["issuer"] == "http://127.0.0.1:8000/demo/idp/durham-county-council"
    assert [key["use"] for key in keys.json()["keys"]] == ["sig"]
    assert all("d" not in key for key in keys.json()["keys"])
    assert keys.headers["cache-control"] == "max-age=300"


@pytest.mark.parametrize("path", [".well-known/openid-configuration", "jwks", "authorize"])
async def test_an_organisation_without_provider_is_not_found(client: Client, path: str) -> None:
    assert (await client.get(f"/demo/idp/nobody/{path}")).status_code == 404


async def test_the_page_lists_the_people_and_says_what_it_is(client: Client) -> None:
    page = await authorize(client)

    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    assert "DEMONSTRATION" in page.text
    assert '<html lang="en-GB" ' in page.text
    assert page.text.count("<h1>") == 1
    assert re.findall(r"<a href=[^>]+>([^<]+)</a>", page.text) == [
        "Practitioner",
        "Signatory",
        "Information-governance lead",
        "Auditor",
        "Business unit",
        "Business unit, a second person",
        "Information-governance lead, a second person",
    ]


async def test_choosing_a_person_signs_in(client: Client) -> None:
    page = await authorize(client)
    link = unescape(re.findall(r'<a href="([^"]+)">Signatory', page.text)[0])
    back = await client.get(f"{COUNCIL}/{link}", follow_redirects=False)
    answer = answer_in(back)
    tokens = await post(
        client,
        {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "client_id": "isa-registry",
            "redirect_uri": REQUEST["redirect_uri"],
            "code_verifier": VERIFIER,
        },
    )

    assert (back.status_code, back.headers["cache-control"]) == (303, "no-store")
    assert back.headers["location"].startswith("http://127.0.0.1:8000/auth/callback?from=here&")
    assert (
        answer["state"],
        answer["iss"],
    ) == ('a"b&c', "http://127.0.0.1:8000/demo/idp/durham-county-council")
    assert (tokens.status_code, tokens.headers["cache-control"]) == (200, "no-store")
    assert {"access_token", "id_token", "token_type", "expires_in", "scope"} == set(tokens.json())


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"person": "nobody"}, "access_denied"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
async def test_what_the_client_got_wrong_it_is_told(client: Client, changes: dict[str, str], error: str) -> None:
    answer = answer_in(await authorize(client, **changes))

    assert (error, 'a"b&c') == (answer["error"], answer["state"])
    assert "code" not in answer


@pytest.mark.parametrize("changes", [{"client_id": "stranger"}, {"redirect_uri": "https://evil.example/<script>"}])
async def test_a_stranger_is_shown_a_page_and_not_redirected(client: Client, changes: dict[str, str]) -> None:
    page = await authorize(client, **changes)

    assert page.status_code == 400
    assert "location" not in page.headers
    assert "evil" not in page.text


async def test_a_parameter_given_twice_is_refused(client: Client) -> None:
    page = await client.get(f"{COUNCIL}/authorize?{urlencode(REQUEST)}&client_id=isa-registry")

    assert page.status_code == 400


async def test_names_and_parameters_cannot_break_the_page(client: Client) -> None:
    page = await authorize(client, "/demo/idp/harbour", nonce='"><script>')

    assert "Harbour &lt;&amp;&gt; Co" in page.text
    assert "<script>" not in page.text


def basic(client: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client}:{secret}".encode()).decode()


async def test_a_system_may_authenticate_by_header_or_by_form(client: Client) -> None:
    name = "durham-county-council-system"
    by_header = await post(client, {"grant_type": "client_credentials"}, authorization=basic(name, "demo"))
    by_form = await post(client, {"grant_type": "client_credentials", "client_id": name, "client_secret": "demo"})

    assert (by_header.status_code, by_form.status_code) == (200, 200)
    assert by_header.json()["scope"] == by_form.json()["scope"]


@pytest.mark.parametrize(
    ("content", "headers", "status", "error"),
    [
        ("", {}, 400, "invalid_request"),
        ("grant_type", {}, 400, "invalid_request"),
        ("grant_type=%ff", {}, 400, "invalid_request"),
        ("grant_type=password", {}, 400, "unsupported_grant_type"),
        ("grant_type=client_credentials&grant_type=client_credentials", {}, 400, "invalid_request"),
        ("grant_type=client_credentials", {"content_type": "application/json"}, 400, "invalid_request"),
        ("grant_type=client_credentials", {}, 401, "invalid_client"),
        ("grant_type=client_credentials", {"authorization": "Basic !"}, 401, "invalid_client"),
        ("grant_type=client_credentials", {"authorization": "Bearer x"}, 401, "invalid_client"),
        ("grant_type=client_credentials", {"authorization": basic("x", "demo")}, 401, "invalid_client"),
        (
            "grant_type=client_credentials&client_secret=demo",
            {"authorization": basic("durham-county-council-system", "demo")},
            400,
            "invalid_request",
        ),
        ("grant_type=authorization_code&client_id=isa-registry&code=x", {}, 400, "invalid_grant"),
        ("grant_type=authorization_code&client_id=stranger&code=x", {}, 401, "invalid_client"),
    ],
)
async def test_the_token_endpoint_refuses_as_oauth_does(
    client: Client, content: str, headers: dict[str, str], status: int, error: str
) -> None:
    if "content_type" in headers:
        response = await client.post(
            f"{COUNCIL}/token", content=content, headers={"Content-Type": headers["content_type"]}
        )
    else:
        response = await post(client, content, **headers)

    assert (status, error, "no-store") == (
        response.status_code,
        response.json()["error"],
        response.headers["cache-control"],
    )
    assert (status == 401) == ("www-authenticate" in response.headers)


async def test_an_endless_form_is_cut_off(client: Client) -> None:
    assert (await post(client, "grant_type=" + "x" * 20_000)).status_code == 413


async def test_the_registry_finds_the_keys_and_takes_the_token_it_was_given(client: Client) -> None:
    """The whole way: fetching, discovery, key set, token, caller."""
    issuer = f"http://127.0.0.1:8000{COUNCIL}"
    name = "durham-county-council-system"
    answer = await post(client, {"grant_type": "client_credentials"}, authorization=basic(name, "demo"))
    register = Register()
    facts: tuple[RegisterPayload, ...] = (
        IssuerRegistered("durham-county-council", issuer, (AUDIENCE,), (ALGORITHM,), "rfc9068"),
        ClientGranted("durham-county-council", name, ("checks:ask",)),
    )
    for entry, fact in enumerate(facts):
        apply(register, entry, "2026-11-23T00:00:00.000Z", fact)
    transport = httpx.ASGITransport(client.app)

    async with Fetcher(allow_http_loopback=True, transport=transport) as fetcher:
        validator = TokenValidator(IssuerKeys(fetcher.fetch_json, clock), clock)
        caller = await validator.validate(answer.json()["access_token"], register.at(2))

    assert ("durham-county-council", frozenset({"checks:ask"})) == (caller.organisation, caller.scopes)
