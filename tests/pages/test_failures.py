"""A page that fails answers with a page: its status, plain words, a way on, and nothing of what went wrong inside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import asyncpg
import httpx
import pytest
import structlog
from litestar import Litestar, Response, get
from litestar.datastructures import State
from litestar.testing import TestClient

from api.speaking import MARKER
from isa_registry.api.access import ACCESS, is_page
from isa_registry.api.problems import HANDLERS, PROBLEMS
from isa_registry.bootstrap import _problem_pages
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import Register
from isa_registry.pages.problems import FOR_PEOPLE, ProblemPages
from live import Demonstration
from pages.browsing import Page

Failing = tuple[TestClient[Litestar], list[Exception]]
CODES = sorted(set(PROBLEMS) - {"insufficient-scope"})
"""All but the one that names the scopes of a route of the access table, which the routes here are not."""
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def nobody(demonstration: Demonstration) -> Iterator[httpx.Client]:
    with demonstration.client(None) as client:
        yield client


@pytest.fixture
def failing() -> Iterator[Failing]:
    """A page and an API route that raise what the list holds, before anything was read of the log."""
    raised: list[Exception] = []

    def route(path: str) -> Any:
        async def enter(request: Any) -> None:
            request.scope["isa_route"] = path
            request.scope["isa_request_id"] = "0123456789abcdef"

        @get(path, before_request=enter, name=path)
        async def fail() -> Response[bytes]:
            raise raised[0]

        return fail

    state = State(
        {
            "public_url": "https://registry.test",
            "registry": SimpleNamespace(follower=SimpleNamespace(view=Register().at(0))),
            "problem_page": ProblemPages(_problem_pages()),
        }
    )
    app = Litestar(
        [route("/thing"), route("/api/v1/thing")],
        exception_handlers=HANDLERS,
        state=state,
        openapi_config=None,
        logging_config=None,
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client, raised


@pytest.mark.parametrize("code", CODES)
def test_every_refusal_is_a_page_with_its_status_and_a_way_on(failing: Failing, code: str) -> None:
    client, raised = failing
    raised.append(Refused(code, "A sentence.", (Fault("#/a/0", "a-code", "What to do."),), retry_after=7))
    answer = client.get("/thing")
    assert answer.status_code == PROBLEMS[code].status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["retry-after"] == "7"
    page = Page(answer.text)
    assert (page.tags["h1"], page.inline) == (1, [])
    assert "/immediate-danger" in [link["href"] for link in page.links]
    assert "What to do." in page.words
    assert "0123456789abcdef" in page.words
    said = FOR_PEOPLE.get(code)
    assert (said.title if said else PROBLEMS[code].title) in page.words


@pytest.mark.parametrize("path", ["/thing", "/api/v1/thing"])
@pytest.mark.parametrize("code", CODES)
def test_every_problem_leads_to_what_to_do_in_immediate_danger(failing: Failing, path: str, code: str) -> None:
    client, raised = failing
    raised.append(Refused(code, "A sentence."))
    assert client.get(path).headers["link"].startswith('<https://registry.test/immediate-danger>; rel="help"')


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (RuntimeError(MARKER), 500, "Something went wrong here"),
        (asyncpg.CannotConnectNowError(MARKER), 503, "The registry cannot be reached at this moment"),
        (TimeoutError(MARKER), 503, "The registry cannot be reached at this moment"),
    ],
    ids=["a fault", "no database", "too slow"],
)
def test_what_goes_wrong_inside_is_told_plainly_and_never_shown(
    failing: Failing, error: Exception, status: int, title: str
) -> None:
    client, raised = failing
    raised.append(error)
    with structlog.testing.capture_logs() as lines:
        answer = client.get("/thing")
    assert answer.status_code == status
    words = Page(answer.text).words
    assert title in words
    assert "An outage is never a reason not to share." in words
    assert MARKER not in answer.text + json.dumps(lines)


@pytest.mark.parametrize("accept", [BROWSER, {}], ids=["browser", "system"])
def test_a_systems_route_keeps_its_problem_details(failing: Failing, accept: dict[str, str]) -> None:
    client, raised = failing
    raised.append(Refused("not-found", "A sentence."))
    answer = client.get("/api/v1/thing", headers=accept)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "A sentence."


def test_what_no_route_answers_is_a_page_to_a_browser_alone(nobody: httpx.Client) -> None:
    page = nobody.get(f"/{MARKER}", headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "Page not found" in Page(page.text).words
    assert MARKER not in page.text
    assert nobody.get(f"/{MARKER}").headers["content-type"] == "application/problem+json"
    for path in ("/api/v1/nothing", "/log/nothing", "/.well-known/nothing"):
        assert nobody.get(path, headers=BROWSER).headers["content-type"] == "application/problem+json", path


def test_another_method_of_a_page_is_a_page_that_says_so(nobody: httpx.Client) -> None:
    answer = nobody.post("/agreements", headers=BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (405, "text/html; charset=utf-8")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_every_route_is_for_people_or_for_systems() -> None:
    for_people = {path for _, path in ACCESS if is_page(path)}
    assert {"/", "/agreements", "/immediate-danger", "/problems/{code}"} <= for_people
    for_systems = ("/api", "/log/", "/schema", "/.well-known")
    assert {path for path in for_people if path.startswith(for_systems)} == {"/log/verify"}
    assert not for_people & {"/livez", "/readyz", "/metrics"}
    assert is_page("/log")


def test_words_for_people_are_those_of_published_problems() -> None:
    assert set(FOR_PEOPLE) <= set(PROBLEMS)
    for words in FOR_PEOPLE.values():
        assert not set(words.title.lower().split()) & {"token", "header", "http", "json"}
