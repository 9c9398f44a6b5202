"""An agency's system with tokens of a real provider: from private_key_jwt to an answered check, through new keys and
outages."""

from __future__ import annotations

import httpx
import pytest
from joserfc.jwk import Key

from api.speaking import QUESTION, bearer
from live import Demonstration
from provider.conftest import MACHINE
from provider.running import OidcProvider


@pytest.fixture(scope="module")
def key(provider: OidcProvider) -> Key:
    return provider.add_machine(MACHINE)


def ask(registered: Demonstration, token: str) -> httpx.Response:
    """A new connection each time, so that either worker may be asked."""
    url = f"{registered.url}/api/v1/checks"
    return httpx.post(url, json={**QUESTION, "record": False}, headers=bearer(token), timeout=20, trust_env=False)


def test_a_machine_that_proves_itself_by_its_key_is_answered(
    registered: Demonstration, provider: OidcProvider, key: Key
) -> None:
    answer = ask(registered, provider.machine_token(MACHINE, key))

    assert answer.status_code == 200, answer.text
    assert answer.json()["outcome"]
