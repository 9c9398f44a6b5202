"""Every bad token of the table, shown to a running service: refused, and all in the same words."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import httpx
import pytest

from api.bad_tokens import CASES, GOOD, Case, World
from api.published import published
from api.speaking import MARKER, assert_problem
from live import LEAD, POLICE, Demonstration

ROUTE = "/api/v1/organisations"


@pytest.fixture(scope="module")
def world(demonstration: Demonstration) -> Iterator[World]:
    with published(demonstration) as issuers:
        yield World(demonstration, issuers)


def show(client: httpx.Client, *authorization: str, path: str = ROUTE) -> httpx.Response:
    """With an id of our own, so that answers can be compared byte for byte."""
    headers = [("X-Request-ID", "one-and-the-same"), *(("Authorization", one) for one in authorization)]
    return client.get(path, headers=headers)


@pytest.mark.parametrize("name", GOOD)
def test_what_the_bad_ones_are_made_from_is_taken(world: World, nobody: httpx.Client, name: str) -> None:
    answer = show(nobody, f"Bearer {GOOD[name](world)}")

    assert answer.status_code == 200, answer.text


def test_there_are_enough_of_them_and_each_says_what_it_would_be() -> None:
    names = [case.name for case in CASES]

    assert len(names) == len(set(names)) >= 150
    assert all(len(case.accepted) > 20 for case in CASES)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bad_token_is_refused_in_the_same_words_as_every_other(
    world: World, nobody: httpx.Client, case: Case
) -> None:
    answer = show(nobody, f"Bearer {case.make(world)}")

    problem = assert_problem(answer, 401, "invalid-token")
    assert problem["detail"] == "The access token is not accepted here.", case.accepted
    assert answer.headers["www-authenticate"] == (
        'Bearer realm="isa-registry", error="invalid_token", '
        f'resource_metadata="{world.demonstration.url}/.well-known/oauth-protected-resource"'
    )
    plainest = show(nobody, "Bearer x")
    assert (answer.content, _said(answer)) == (plainest.content, _said(plainest))


def _said(answer: httpx.Response) -> list[tuple[str, str]]:
    return sorted((name, value) for name, value in answer.headers.items() if name not in ("date", "isa-log-size"))


@pytest.mark.usefixtures("unchanged")
def test_a_token_is_shown_once_in_one_header(world: World, nobody: httpx.Client) -> None:
    good = f"Bearer {world.token()}"

    for authorization in ((good, good), (good, "Bearer x"), ("Bearer x", good), (good, "Basic x"), ("Basic x", good)):
        assert_problem(show(nobody, *authorization), 401, "invalid-token")


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "bEaReR"])
def test_the_scheme_is_the_same_in_any_case(world: World, nobody: httpx.Client, scheme: str) -> None:
    """RFC 9110 section 11.1."""
    assert show(nobody, f"{scheme} {world.token()}").status_code == 200


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("scheme", ["", "DPoP ", "Basic ", "Token ", "Bearer:", "Bearer,", "Bearer=", "Mac "])
def test_a_good_token_under_another_scheme_is_none(world: World, nobody: httpx.Client, scheme: str) -> None:
    assert_problem(show(nobody, f"{scheme}{world.token()}"), 401, "unauthenticated")


@pytest.mark.usefixtures("unchanged")
def test_a_good_token_anywhere_but_in_the_header_is_none(world: World, nobody: httpx.Client) -> None:
    """RFC 6750 sections 2.2 and 2.3 are not offered: addresses are logged, and forms can be sent by any page."""
    good = world.token()

    assert_problem(show(nobody, path=f"{ROUTE}?access_token={good}"), 401, "unauthenticated")
    for headers in (
        {"Cookie": f"access_token={good}"},
        {"Proxy-Authorization": f"Bearer {good}"},
        {"X-Forwarded-Authorization": f"Bearer {good}"},
        {"X-Authorization": f"Bearer {good}"},
    ):
        assert_problem(nobody.get(ROUTE, headers=headers), 401, "unauthenticated")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    sent = nobody.post("/api/v1/checks", content=f"access_token={good}", headers=form)
    assert sent.status_code in (401, 415)
    sent = nobody.post("/api/v1/checks", json={"access_token": good})
    assert_problem(sent, 401, "unauthenticated")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "scope",
    [
        "audit:read admin", "AUDIT:READ", "*", "audit:*", "checks:ask,audit:read", "checks:ask\taudit:read", "",
        f"audit:read{MARKER}",
    ],
)  # fmt: skip
def test_a_scope_that_was_not_granted_here_is_none(world: World, nobody: httpx.Client, scope: str) -> None:
    """If it were: a provider that gives its own clients whatever they ask for."""
    answer = show(nobody, f"Bearer {world.token(scope=scope)}", path="/log/tile/entries/000")

    assert_problem(answer, 403, "insufficient-scope")
    assert 'error="insufficient_scope", scope="audit:read", ' in answer.headers["www-authenticate"]


@pytest.mark.usefixtures("unchanged")
def test_a_split_issuers_token_acts_for_its_own_body_alone(world: World, nobody: httpx.Client) -> None:
    for value, own, other in (("RXA", "harbour", "way-through"), ("RXB", "way-through", "harbour")):
        good = f"Bearer {world.split(org_code=value)}"
        assert show(nobody, good, path=f"{ROUTE}/{own}/lawful-bases").status_code == 200
        assert_problem(show(nobody, good, path=f"{ROUTE}/{other}/lawful-bases"), 403)
        for third in (LEAD, POLICE):
            assert_problem(show(nobody, good, path=f"{ROUTE}/{third}/lawful-bases"), 403)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("value", [b"Bearer \xc3\xa9.\xc3\xa9.\xc3\xa9", b"Bearer \xff.\xff.\xff", b"\xff\xfe x"])
def test_bytes_that_are_no_text_are_no_token(world: World, value: bytes) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", world.demonstration.port, timeout=20)
    try:
        connection.putrequest("GET", ROUTE)
        connection.putheader("Authorization", value)
        connection.endheaders()
        answer = connection.getresponse()
        assert answer.status in (400, 401)
        assert b"Traceback" not in answer.read()
    finally:
        connection.close()
