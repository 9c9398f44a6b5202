"""That the provider in these tests does what an agency's does: people sign in, are signed out, and it comes back."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs

import httpx
import pytest

from isa_client.documents import payload_of
from listening import Quiet, listening
from provider.conftest import PERSON
from provider.running import AUDIENCE, OidcProvider

REDIRECT = "http://127.0.0.1:9999/callback"


class Told:
    """An address that hears of sign-outs, and keeps the logout tokens."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self.heard = threading.Event()


@pytest.fixture
def told() -> Iterator[tuple[Told, str]]:
    told = Told()

    class Handler(Quiet):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            told.tokens.append(parse_qs(body)["logout_token"][0])
            self.answer(200)
            told.heard.set()

    with listening(Handler) as url:
        yield told, f"{url}/told"


def test_a_person_signs_in_and_the_tokens_are_of_their_kinds(provider: OidcProvider) -> None:
    key = provider.add_pages("pages", REDIRECT)

    tokens = provider.sign_in("pages", key, REDIRECT, PERSON, resource=AUDIENCE, max_age="300")

    identity, access = payload_of(tokens["id_token"]), payload_of(tokens["access_token"])
    assert (identity["iss"], identity["sub"], identity["aud"], identity["nonce"]) == (
        provider.issuer, PERSON, "pages", "n",
    )  # fmt: skip
    assert identity["groups"] == access["groups"] == "isa-practitioners"
    assert (access["aud"], access["client_id"], access["auth_time"]) == (AUDIENCE, "pages", identity["auth_time"])
    assert tokens["refresh_token"]


def test_a_sign_out_at_the_provider_is_told_to_the_client(provider: OidcProvider, told: tuple[Told, str]) -> None:
    heard, address = told
    key = provider.add_pages(
        "told-pages", REDIRECT, backchannel_logout_uri=address, backchannel_logout_session_required=True
    )
    with httpx.Client(base_url=provider.issuer, trust_env=False) as browser:
        tokens = provider.sign_in("told-pages", key, REDIRECT, PERSON, browser=browser)
        question = browser.get("/session/end", params={"id_token_hint": tokens["id_token"]})
        xsrf = question.text.partition('name="xsrf" value="')[2].partition('"')[0]
        browser.post("/session/end/confirm", data={"xsrf": xsrf, "logout": "yes"})

    assert heard.heard.wait(20)
    logout = payload_of(heard.tokens[0])
    assert logout["sub"] == PERSON
    assert logout["sid"] == payload_of(tokens["id_token"])["sid"]
    assert json.dumps(logout["events"]) == '{"http://schemas.openid.net/event/backchannel-logout": {}}'


def test_a_provider_that_was_down_comes_back_as_itself() -> None:
    with OidcProvider() as provider:
        key, kid = provider.add_machine("system"), provider.kid
        provider.stop()
        with pytest.raises(httpx.ConnectError):
            provider.machine_token("system", key)
        provider.start()

        assert provider.kid == kid
        assert payload_of(provider.machine_token("system", key))["iss"] == provider.issuer
