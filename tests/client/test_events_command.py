"""`isa-client events`: a line for each, page after page, and no more than was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from client.running import Ran
from client.scripted import Heard, Says, Scripted, scripted
from client.stand_in import ORGANISATION, TOKEN, StandIn

Run = Callable[..., Ran]
PAGES = {None: ("e3", ["a", "b"]), "e3": ("e1", ["c"]), "e1": (None, ["d"])}


def answer(server: Scripted, heard: Heard) -> Says:
    issuer = f"{server.url}/demo/idp/{ORGANISATION}"
    if heard.path.endswith("openid-configuration"):
        return Says(200, {"issuer": issuer, "token_endpoint": f"{issuer}/token"})
    if heard.path.endswith("/token"):
        return Says(200, {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 300})
    following, names = PAGES[heard.path.partition("cursor=")[2] or None]
    lines = [
        {"id": name, "provider": "me", "recipient": "other", "decision": "shared", "purpose": "x\x1b", "state": None}
        for name in names
    ]
    return Says(200, {"events": lines, "next": following})


@pytest.fixture
def server(stand_in: StandIn) -> Iterator[Scripted]:
    with scripted() as state:
        state.instead = lambda heard: answer(state, heard)
        yield state


def listed(server: Scripted) -> list[str]:
    return [heard.path for heard in server.heard if heard.path.startswith("/api/")]


def test_every_page_is_read_and_nothing_steers_the_terminal(run: Run, server: Scripted) -> None:
    ran = run("events", "--url", server.url)
    assert [line.split("\t") for line in ran.out.splitlines()] == [
        [name, "-", "shared", "other", "x ", "-"] for name in "abcd"
    ]
    assert listed(server) == [
        f"/api/v1/sharing-events?side=provider{more}" for more in ("", "&cursor=e3", "&cursor=e1")
    ]


def test_no_more_is_read_than_was_asked_for(run: Run, server: Scripted) -> None:
    assert run("events", "--url", server.url, "--most", "1").out.startswith("a\t")
    assert len(listed(server)) == 1
    assert run("events", "--url", server.url, "--most", "0") == Ran(0, "", "")
    assert len(listed(server)) == 1


def test_what_awaits_an_acknowledgement_is_asked_for_by_its_state(run: Run, server: Scripted) -> None:
    ran = run("events", "--url", server.url, "--received", "--state", "unmatched", "--most", "1")
    assert ran.out.split("\t")[3] == "me"
    assert listed(server) == ["/api/v1/sharing-events?side=recipient&state=unmatched"]
