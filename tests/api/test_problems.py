"""What goes wrong on our side: said by its kind, logged by its place, and never with its text."""

from __future__ import annotations

import json
from collections.abc import Iterator

import asyncpg
import httpx
import pytest
import structlog
from litestar import Litestar, get
from litestar.datastructures import State
from litestar.testing import TestClient

from api.speaking import MARKER, assert_problem
from isa_registry.api.problems import HANDLERS, PROBLEMS
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.identity.issuers import KeysUnavailableError

AWAY = (
    asyncpg.CannotConnectNowError(MARKER),
    asyncpg.ConnectionDoesNotExistError(MARKER),
    asyncpg.InterfaceError(MARKER),
    ConnectionRefusedError(MARKER),
    TimeoutError(MARKER),
)


@pytest.fixture
def failing() -> Iterator[tuple[TestClient[Litestar], list[Exception]]]:
    """An application whose only route raises what the list holds."""
    raised: list[Exception] = []

    @get(["/thing", "/api/v1/checks/{check:str}"])
    async def fail() -> None:
        raise raised[0]

    state = State({"public_url": "https://registry.test"})
    app = Litestar([fail], exception_handlers=HANDLERS, state=state, openapi_config=None, logging_config=None)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client, raised


@pytest.mark.parametrize("error", AWAY, ids=lambda error: type(error).__name__)
def test_a_database_that_is_away_is_no_fault_of_the_caller(
    failing: tuple[TestClient[Litestar], list[Exception]], error: Exception
) -> None:
    client, raised = failing
    raised.append(error)
    with structlog.testing.capture_logs() as lines:
        answer = client.get("/thing")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["type"] == "https://registry.test/problems/unavailable"
    assert MARKER not in answer.text + json.dumps(lines)
    assert [(line["event"], line["error"]) for line in lines] == [("database-away", type(error).__name__)]


def test_an_issuer_that_is_away_is_no_fault_of_the_caller(
    failing: tuple[TestClient[Litestar], list[Exception]],
) -> None:
    client, raised = failing
    raised.append(KeysUnavailableError(MARKER))
    answer = client.get("/thing")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert MARKER not in answer.text


def test_whatever_else_goes_wrong_is_logged_by_kind_and_place_alone(
    failing: tuple[TestClient[Litestar], list[Exception]],
) -> None:
    client, raised = failing
    raised.append(RuntimeError(MARKER))
    with structlog.testing.capture_logs() as lines:
        answer = client.get("/thing")
    assert (answer.status_code, answer.json()["type"]) == (500, "https://registry.test/problems/internal")
    assert MARKER not in answer.text + json.dumps(lines)
    (line,) = lines
    assert (line["event"], line["error"]) == ("unexpected", "RuntimeError")
    assert "fail:" in line["where"]


@pytest.mark.parametrize("code", sorted(set(PROBLEMS) - {"insufficient-scope"}))
def test_every_refusal_has_its_status_and_what_is_wrong(
    failing: tuple[TestClient[Litestar], list[Exception]], code: str
) -> None:
    client, raised = failing
    raised.append(Refused(code, "A sentence.", (Fault("#/a/0", "a-code", "What to do."),), retry_after=7))
    answer = client.get("/thing")
    assert answer.status_code == PROBLEMS[code].status
    assert answer.headers["retry-after"] == "7"
    assert answer.json() == {
        "type": f"https://registry.test/problems/{code}", "title": PROBLEMS[code].title,
        "status": PROBLEMS[code].status, "detail": "A sentence.", "instance": "",
        "errors": [{"pointer": "#/a/0", "code": "a-code", "detail": "What to do."}],
    }  # fmt: skip
    assert ("www-authenticate" in answer.headers) == (answer.status_code == 401)


@pytest.mark.parametrize("error", [*AWAY, RuntimeError(MARKER)], ids=lambda error: type(error).__name__)
def test_an_outage_never_keeps_anybody_from_sharing(
    failing: tuple[TestClient[Litestar], list[Exception]], error: Exception
) -> None:
    client, raised = failing
    raised.append(error)
    assert "share now with the police on 999" in client.get("/api/v1/checks/any").json()["immediate_danger"]


def test_a_published_problem_type_leads_to_its_page(nobody: httpx.Client) -> None:
    for code in PROBLEMS:
        assert nobody.get(f"/problems/{code}").status_code == 200, code
    refused = nobody.get("/api/v1/organisations")
    kind = assert_problem(refused, 401)["type"]
    assert nobody.get(kind).status_code == 200
