"""The page for immediate danger is there when nothing else is: no sign-in, no database, no register."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from isa_registry.bootstrap import build
from isa_registry.settings import read_settings
from pages.browsing import Page
from running import vkeys_of

ORIGIN = "registry.test/durham"


@pytest.fixture
def nothing_there() -> Any:
    """The whole application of a worker that has read no log, and whose database nobody answers for."""
    settings = read_settings(
        {
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "ISA_ORIGIN": ORIGIN,
            "ISA_PUBLIC_URL": "https://registry.test", "ISA_LOG_VKEYS": ",".join(vkeys_of(ORIGIN)),
            "ISA_ATTESTATION_KEY_FILE": "/nowhere",
        }
    )  # fmt: skip
    return build(settings)


@pytest.fixture
async def asking(nothing_there: Any) -> Any:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=nothing_there, raise_app_exceptions=False), base_url="https://registry.test"
    ) as client:
        yield client


async def test_it_needs_no_database_and_no_register(asking: httpx.AsyncClient) -> None:
    answer = await asking.get("/immediate-danger")
    assert answer.status_code == 200
    words = Page(answer.text).words
    for said in ("Ring 999 now.", "Share now.", "You need no consent", "Record it afterwards:", "0800 1111"):
        assert said in words
    assert answer.headers["isa-log-size"] == "0"


async def test_what_it_is_made_of_needs_neither(asking: httpx.AsyncClient) -> None:
    page = Page((await asking.get("/immediate-danger")).text)
    assert page.loaded
    for address in page.loaded:
        assert (await asking.get(address)).status_code == 200, address


async def test_a_bad_token_and_an_odd_cookie_change_nothing(asking: httpx.AsyncClient) -> None:
    headers = {"Authorization": "Bearer no.such.token", "Cookie": "__Host-isa-session=expired", "Accept": "text/html"}
    assert (await asking.get("/immediate-danger", headers=headers)).status_code == 200


async def test_a_page_that_fails_beside_it_leads_to_it(asking: httpx.AsyncClient) -> None:
    answer = await asking.get("/no-such-page", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "/immediate-danger" in [link["href"] for link in Page(answer.text).links]
