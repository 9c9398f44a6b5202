"""`isa-client` with a key of its own instead of a secret, at a real provider."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from joserfc.jwk import Key

import isa_client.cli
from api.speaking import QUESTION
from cli.logs import Ran, run
from isa_client import AsyncConnection, AsyncRegistry, AsyncTokenSource, ClientCredentials
from isa_client.client_keys import ClientKey
from isa_client.documents import payload_of
from live import Demonstration
from provider.conftest import AGENCY, MACHINE
from provider.running import AUDIENCE, OidcProvider


@pytest.fixture(scope="module")
def key(provider: OidcProvider) -> Key:
    return provider.add_machine(MACHINE)


@pytest.fixture
def key_file(tmp_path: Path, key: Key) -> Path:
    path = tmp_path / "client-key.jwk"
    path.write_text(json.dumps(key.as_dict(private=True)))
    return path


def client(registered: Demonstration, provider: OidcProvider, key_file: Path, *arguments: str) -> Ran:
    return run(
        *arguments,
        program=isa_client.cli.main,
        ISA_URL=registered.url,
        ISA_ORGANISATION=AGENCY,
        ISA_ISSUER=provider.issuer,
        ISA_CLIENT_ID=MACHINE,
        ISA_CLIENT_KEY=str(key_file),
        ISA_RESOURCE=AUDIENCE,
        ISA_SCOPE="checks:ask",
    )


@pytest.mark.parametrize("audience", ["issuer", "token-endpoint"])
def test_a_token_is_had_by_a_key(
    registered: Demonstration, provider: OidcProvider, key_file: Path, audience: str
) -> None:
    done = client(registered, provider, key_file, "token", "--assertion-for", audience)

    assert done.status == 0, done.err
    claims = payload_of(done.out.strip())
    assert (claims["iss"], claims["client_id"], claims["aud"]) == (provider.issuer, MACHINE, AUDIENCE)


def test_a_question_is_asked_with_it(registered: Demonstration, provider: OidcProvider, key_file: Path) -> None:
    asked = ("ask", "--recipient", str(QUESTION["recipient"]), "--purpose", "harm-outside-the-home")

    done = client(registered, provider, key_file, *asked, "--category", "identity", "--output", "json")

    assert done.status == 0, done.err
    assert json.loads(done.out)["outcome"]


async def test_a_program_that_awaits_asks_with_it_too(
    registered: Demonstration, provider: OidcProvider, key_file: Path
) -> None:
    key = ClientKey.read(key_file)
    credentials = ClientCredentials(provider.issuer, MACHINE, scope="checks:ask", key=key, resource=AUDIENCE)
    async with AsyncConnection() as connection:
        registry = AsyncRegistry(registered.url, AsyncTokenSource(credentials, connection), connection)
        answers = await asyncio.gather(*(registry.ask({**QUESTION, "provider": AGENCY}) for _ in range(3)))

    assert len({answer["outcome"] for answer in answers}) == 1


def test_a_key_that_the_provider_does_not_know_is_refused(
    registered: Demonstration, provider: OidcProvider, tmp_path: Path
) -> None:
    other = tmp_path / "other.jwk"
    other.write_text(json.dumps(provider.add_machine("another").as_dict(private=True)))

    done = client(registered, provider, other, "token")

    assert done.status == 2
    assert "invalid_client" in done.err
