"""`isa-registry issuer check` as an agency's engineer runs it, against a real provider."""

from __future__ import annotations

import io
import json
from unittest import mock

import pytest
from joserfc.jwk import Key

from cli.logs import Ran, run
from isa_client.documents import payload_of
from live import POLICE, Demonstration
from provider.conftest import AGENCY, MACHINE, PERSON
from provider.running import AUDIENCE, OidcProvider

REDIRECT = "http://127.0.0.1:9999/callback"


@pytest.fixture(scope="module")
def key(provider: OidcProvider) -> Key:
    return provider.add_machine(MACHINE)


def check(*arguments: str, token: str | None = None) -> Ran:
    if token is None:
        return run("issuer", "check", *arguments)
    with mock.patch("sys.stdin", io.StringIO(token + "\n")):
        return run("issuer", "check", *arguments, "--token-file", "-")


def by_flags(provider: OidcProvider, **changes: str) -> list[str]:
    flags = {
        "issuer": provider.issuer, "audience": AUDIENCE, "algorithm": "ES256", "profile": "rfc9068", **changes,
    }  # fmt: skip
    return ["--demonstration", *(part for name, value in flags.items() for part in (f"--{name}", value))]


def codes(done: Ran) -> set[str]:
    return {one["code"] for line in done.out.splitlines() for one in json.loads(line)["findings"]}


def test_a_provider_is_looked_at_before_it_is_registered(provider: OidcProvider, key: Key) -> None:
    token = provider.machine_token(MACHINE, key)

    done = check(*by_flags(provider), "--sign-in", "registry", token=token)

    assert done.status == 0, done.out + done.err
    assert "0 wrong" in done.out
    assert "[token-right]" in done.out
    assert "[sign-in-right]" in done.out
    assert token.split(".")[1] not in done.out + done.err
    assert str(payload_of(token)["jti"]) not in done.out


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"audience": "urn:somebody-else"}, "audience-refused"),
        ({"algorithm": "RS256"}, "algorithm-refused"),
        ({"profile": "entra-v2"}, "typ-refused"),
        ({"claim": "org_code", "value": "RXA"}, "organisation-unknown"),
    ],
)
def test_what_does_not_fit_is_named(provider: OidcProvider, key: Key, changes: dict[str, str], code: str) -> None:
    done = check(*by_flags(provider, **changes), "--json", token=provider.machine_token(MACHINE, key))

    assert done.status == 1
    assert code in codes(done)


def test_a_final_slash_is_named_as_the_cause(provider: OidcProvider) -> None:
    done = check(*by_flags(provider, issuer=f"{provider.issuer}/"), "--json")

    assert (done.status, "issuer-slash" in codes(done)) == (1, True)


def test_an_ID_token_is_called_one(provider: OidcProvider) -> None:
    tokens = provider.sign_in("check-pages", provider.add_pages("check-pages", REDIRECT), REDIRECT, PERSON)

    done = check(*by_flags(provider), "--json", token=tokens["id_token"])

    assert {"typ-refused", "audience-refused"} <= codes(done)
    opaque = check(*by_flags(provider), "--json", token=tokens["access_token"])
    assert "token-opaque" in codes(opaque)


def test_a_registered_issuer_is_looked_at_with_what_was_granted(
    registered: Demonstration, provider: OidcProvider, key: Key
) -> None:
    state = ["--state", str(registered.state), "--organisation", AGENCY]
    token = provider.machine_token(MACHINE, key, "checks:ask events:write")

    done = check(*state, "--issuer", provider.issuer, "--json", token=token)

    assert done.status == 0, done.out + done.err
    assert {"token-right", "scopes-not-granted"} <= codes(done)
    stranger = provider.add_machine("another-system")
    refused = check(
        *state, "--issuer", provider.issuer, "--json", token=provider.machine_token("another-system", stranger)
    )
    assert (refused.status, "client-not-registered" in codes(refused)) == (1, True)


def test_every_issuer_of_an_organisation_is_looked_at(registered: Demonstration, provider: OidcProvider) -> None:
    done = check("--state", str(registered.state), "--organisation", AGENCY, "--json")

    assert done.status == 0, done.out + done.err
    assert len(done.out.splitlines()) == 2
    ambiguous = check("--state", str(registered.state), "--organisation", AGENCY, token="x")
    assert (ambiguous.status, "--issuer" in ambiguous.err) == (2, True)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--issuer", "https://login.example"],
        ["--token-file", "/nowhere/token", "--issuer", "https://login.example"],
        ["--state", "/nowhere/state", "--organisation", POLICE],
    ],
)
def test_what_cannot_be_run_says_so_with_status_2(arguments: list[str]) -> None:
    done = check(*arguments)

    assert done.status == 2
    assert done.err.startswith("isa-registry issuer check: ")


def test_plain_http_is_for_a_demonstration_alone(provider: OidcProvider) -> None:
    done = check(*by_flags(provider)[1:], "--json")

    assert (done.status, codes(done)) == (1, {"address-wrong"})
