"""Keys that a certified provider changes without a word, found by a worker whose clock for keys can be moved: they are
asked for once a minute at most."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from identity.issuing import Facts
from isa_registry.domain.access_entries import IssuerRegistered, RoleGranted, SignIn
from isa_registry.identity.client_proof import ClientProofs
from isa_registry.identity.flows import PendingFlows, SignInRefused, answered
from isa_registry.identity.issuers import IssuerKeys
from isa_registry.identity.providers import Providers
from isa_registry.identity.sealing import SessionKeys
from isa_registry.identity.sign_in_uses import callback_path, slug_of
from isa_registry.outbound.fetching import Fetcher
from isa_registry.runtime.log_keys.files import SIGN_IN_KEY, make_sign_in_keys, read_sign_in_keys
from isa_registry.runtime.people.entering import enter
from isa_registry.runtime.people.sessions import Sessions
from isa_registry.runtime.people.sign_in import ProviderAwayError
from isa_registry.runtime.people.sign_in import SignIn as SigningIn
from isa_registry.store.sessions import Session
from people.agency import organisation
from people.certified import at_provider
from provider.running import AUDIENCE, OidcProvider

PUBLIC_URL = "https://registry.example"
CLIENT, PERSON = "isa-registry", "social-worker-7"


class Worker:
    """Sign-in and sessions at a real provider. `ahead` are the seconds by which the clock for keys was moved."""

    def __init__(self, database_url: str, provider: OidcProvider, fetcher: Fetcher, directory: Path) -> None:
        make_sign_in_keys(directory)
        proofs = ClientProofs(
            read_sign_in_keys(directory / SIGN_IN_KEY), None, now=time.time, randomness=os.urandom, loopback=True
        )
        self.ahead = 0.0
        self.provider = provider
        self.use = IssuerRegistered(
            "council", provider.issuer, (AUDIENCE,), (provider.algorithm,), "rfc9068",
            sign_in=SignIn(CLIENT, "private_key_jwt", ("openid", "offline_access")),
        )  # fmt: skip
        facts = Facts()
        self.view = facts.log(
            organisation("council"), self.use, RoleGranted("council", provider.issuer, PERSON, "practitioner")
        )
        provider.add_client(
            CLIENT,
            token_endpoint_auth_method="private_key_jwt",
            token_endpoint_auth_signing_alg="ES256",
            grant_types=["authorization_code", "refresh_token"],
            redirect_uris=[PUBLIC_URL + callback_path(self.use)],
            jwks=proofs.public_keys(),
        )
        self.sessions = Sessions(
            database_url,
            SessionKeys([bytes(range(32))]),
            now=lambda: datetime.now(UTC),
            randomness=os.urandom,
            view=lambda: self.view,
        )
        self.sign_in = SigningIn(
            providers=Providers(fetcher.fetch_json, time.time, loopback=True),
            proofs=proofs,
            keys=IssuerKeys(fetcher.fetch_json, lambda: time.time() + self.ahead),
            post_form=fetcher.post_form,
            sessions=self.sessions,
            view=lambda: self.view,
            public_url=PUBLIC_URL,
            randomness=os.urandom,
        )

    async def signed_in(self, *, again: Session | None = None) -> Session:
        hashed = None if again is None else again.id_sha256.hex()
        flow, address = await self.sign_in.start(self.use, return_to="/ask", again=hashed)
        with httpx.Client(trust_env=False, timeout=20) as browser:
            back = at_provider(self.provider, browser, address, PERSON)
        found, given = answered(PendingFlows((flow,)), slug_of(self.use), parse_qsl(urlsplit(back).query))
        signed_in = await self.sign_in.finish(found, given)
        _, session = await enter(self.sessions, signed_in, self.view, held=again, browser="firefox")
        return session


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcProvider]:
    with OidcProvider(accounts={PERSON: {}}) as provider:
        yield provider


@pytest.fixture
async def worker(database_url: str, provider: OidcProvider, tmp_path: Path) -> AsyncIterator[Worker]:
    async with Fetcher(allow_http_loopback=True) as fetcher:
        worker = Worker(database_url, provider, fetcher, tmp_path)
        await worker.sessions.start()
        try:
            yield worker
        finally:
            await worker.sessions.stop()


async def test_a_key_that_nobody_was_told_of_is_found_by_the_next_step_up_and_the_next_refresh(
    worker: Worker, provider: OidcProvider
) -> None:
    session = await worker.signed_in()
    provider.rotate()
    with pytest.raises(SignInRefused, match="id-token-key-unknown"):
        await worker.signed_in(again=session)

    worker.ahead = 61
    stepped_up = await worker.signed_in(again=session)
    assert stepped_up.auth_time is not None

    provider.rotate()
    worker.ahead = 122
    assert stepped_up.refresh_token is not None
    token = worker.sessions.open_refresh_token(stepped_up.refresh_token, stepped_up)
    assert token is not None
    refreshed = await worker.sign_in.refresh(worker.use, token)
    assert refreshed is not None
    following, person = refreshed
    assert following != token
    assert person is not None
    assert (person.subject, person.auth_time) == (
        PERSON,
        stepped_up.auth_time and int(stepped_up.auth_time.timestamp()),
    )


async def test_a_provider_that_is_away_refuses_nobody_and_one_that_came_back_without_memory_is_asked_anew(
    worker: Worker, provider: OidcProvider
) -> None:
    session = await worker.signed_in()
    assert session.refresh_token is not None
    token = worker.sessions.open_refresh_token(session.refresh_token, session)
    assert token is not None
    provider.stop()
    try:
        with pytest.raises(ProviderAwayError):
            await worker.sign_in.refresh(worker.use, token)
    finally:
        provider.start()
    worker.ahead = 61
    assert await worker.sign_in.refresh(worker.use, token) is None, "the provider that came back knows it no longer"
    assert (await worker.signed_in(again=session)).subject == PERSON
