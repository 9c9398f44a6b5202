"""An agency's system with tokens of a real provider: from private_key_jwt to an answered check, through new keys and
outages."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import httpx
import pytest
from joserfc.jwk import Key

from api.speaking import QUESTION, assert_problem, bearer
from identity.issuing import Facts
from isa_registry.domain.access_entries import ClientGranted, IssuerRegistered
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.issuers import IssuerKeys
from isa_registry.identity.profiles import InvalidToken
from isa_registry.identity.tokens import KeysUnavailableError, TokenValidator
from isa_registry.outbound.fetching import Fetcher
from live import Demonstration
from provider.conftest import AGENCY, MACHINE, PERSON, VISITOR
from provider.running import AUDIENCE, OidcProvider
from registering import connecting_anew

REDIRECT = "http://127.0.0.1:9999/callback"


@pytest.fixture(scope="module")
def key(provider: OidcProvider) -> Key:
    return provider.add_machine(MACHINE)


def ask(registered: Demonstration, token: str) -> httpx.Response:
    with connecting_anew(registered) as client:
        return client.post("/api/v1/checks", json={**QUESTION, "record": False}, headers=bearer(token))


def test_a_machine_that_proves_itself_by_its_key_is_answered(
    registered: Demonstration, provider: OidcProvider, key: Key
) -> None:
    answer = ask(registered, provider.machine_token(MACHINE, key))

    assert answer.status_code == 200, answer.text
    assert answer.json()["outcome"]


def test_neither_an_ID_token_nor_one_for_the_provider_itself_is_taken(
    registered: Demonstration, provider: OidcProvider
) -> None:
    pages = provider.add_pages("machine-test-pages", REDIRECT)
    tokens = provider.sign_in("machine-test-pages", pages, REDIRECT, PERSON)

    for name in ("id_token", "access_token", "refresh_token"):
        assert_problem(ask(registered, tokens[name]), 401, "invalid-token")


def test_a_person_has_the_role_that_their_group_is_mapped_to_and_others_have_none(
    registered: Demonstration, provider: OidcProvider
) -> None:
    pages = provider.add_pages("people-test-pages", REDIRECT)
    asked = {"scope": "openid checks:ask", "resource": AUDIENCE}

    mapped = provider.sign_in("people-test-pages", pages, REDIRECT, PERSON, **asked)
    stranger = provider.sign_in("people-test-pages", pages, REDIRECT, VISITOR, **asked)

    assert ask(registered, mapped["access_token"]).status_code == 200
    assert_problem(ask(registered, stranger["access_token"]), 403, "forbidden")


def test_a_client_that_was_granted_nothing_is_nobody(registered: Demonstration, provider: OidcProvider) -> None:
    stranger = provider.add_machine("ungranted-system")

    token = provider.machine_token("ungranted-system", stranger)

    assert_problem(ask(registered, token), 401, "invalid-token")


class Moved:
    """The time, as far ahead as the test says."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def clock() -> Moved:
    return Moved()


@pytest.fixture
async def validator(clock: Moved) -> AsyncIterator[TokenValidator]:
    """As a worker has it, with a clock that can be moved, because keys are asked for once a minute at most."""
    async with Fetcher(allow_http_loopback=True) as fetcher:
        yield TokenValidator(IssuerKeys(fetcher.fetch_json, clock), clock)


@pytest.fixture
def view(provider: OidcProvider) -> RegisterView:
    return Facts().log(
        IssuerRegistered(AGENCY, provider.issuer, (AUDIENCE,), (provider.algorithm,), "rfc9068"),
        ClientGranted(AGENCY, MACHINE, ("checks:ask",)),
    )


async def test_a_new_key_in_mid_use_is_found_and_the_old_one_ends(
    provider: OidcProvider, key: Key, validator: TokenValidator, view: RegisterView, clock: Moved
) -> None:
    old = provider.machine_token(MACHINE, key)
    await validator.validate(old, view)
    provider.rotate(keep_old=True)
    clock.ahead = 61
    await validator.validate(provider.machine_token(MACHINE, key), view)
    assert validator.validate_warm(old, view) is not None, "an overlap serves both"

    provider.rotate()
    clock.ahead = 122
    await validator.validate(provider.machine_token(MACHINE, key), view)

    assert validator.validate_warm(old, view) is None
    with pytest.raises(InvalidToken, match="key-unknown"):
        await validator.validate(old, view)


async def test_while_the_provider_is_down_its_tokens_serve_and_unknown_keys_do_not(
    provider: OidcProvider, key: Key, validator: TokenValidator, view: RegisterView, clock: Moved
) -> None:
    first, second = (provider.machine_token(MACHINE, key) for _ in range(2))
    await validator.validate(first, view)
    provider.rotate()
    unknown = provider.machine_token(MACHINE, key)
    provider.stop()
    try:
        clock.ahead = 61
        await validator.validate(second, view)
        with pytest.raises(InvalidToken, match="key-unknown"):
            await validator.validate(unknown, view)
        fresh = TokenValidator(IssuerKeys(validator._keys._fetch_json, clock), clock)
        with pytest.raises(KeysUnavailableError):
            await fresh.validate(first, view)
    finally:
        provider.start()

    clock.ahead = 122
    await validator.validate(unknown, view)


@pytest.mark.long
def test_the_running_service_takes_a_new_key_within_a_minute(
    registered: Demonstration, provider: OidcProvider, key: Key
) -> None:
    old = provider.machine_token(MACHINE, key)
    assert ask(registered, old).status_code == 200
    provider.rotate()
    new = provider.machine_token(MACHINE, key)

    end, taken = time.monotonic() + 90, 0
    while taken < 20 and time.monotonic() < end:
        answer = ask(registered, new)
        assert answer.status_code in (200, 401)
        taken = taken + 1 if answer.status_code == 200 else 0
        time.sleep(0.2)

    assert taken == 20
    assert_problem(ask(registered, old), 401, "invalid-token")
