"""Whatever is sent, what comes back is a decision, results, or a refusal: never a 500, and never what was sent."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asking import COUNCIL
from authzen.speaking import EVALUATION, EVALUATIONS, Json, evaluation, without

pytestmark = pytest.mark.asyncio(loop_scope="session")

MARKER = "zqx7f3marker"
WORDS = st.sampled_from(
    [MARKER, "", "\0", "child", "identity", COUNCIL, "mappa", "given", "2026-02-30", "🙈", "\u202e"]
)
ATOMS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS
ANYTHING = st.recursive(
    ATOMS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=4), inner, max_size=3)
)
PATHS = st.sampled_from(
    [
        "subject", "subject.type", "subject.id", "subject.properties", "action", "action.name", "action.properties",
        "resource", "resource.type", "resource.id", "resource.properties", "resource.properties.recipient",
        "resource.properties.categories", "context", "context.purpose", "context.urgency", "context.subjects",
        "context.circumstances", "context.circumstances.consent", "context.circumstances.restriction",
        "context.circumstances.would_help_recipient", "context.on", "context.record", "options", "evaluations", "page",
        "page.token", "page.limit",
    ]
)  # fmt: skip
SEARCHES = st.sampled_from(["/access/v1/search/subject", "/access/v1/search/resource", "/access/v1/search/action"])

some = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def changed(request: Any, path: list[str], value: Any) -> Any:
    """The request with one member set to anything, whatever stood above it."""
    if not path:
        return value
    copy = dict(request) if isinstance(request, dict) else {}
    return {**copy, path[0]: changed(copy.get(path[0]), path[1:], value)}


REQUESTS = st.builds(
    lambda first, one, second, two: changed(changed(evaluation(), first.split("."), one), second.split("."), two),
    PATHS, ANYTHING, PATHS, ANYTHING,
)  # fmt: skip


async def sent(client: httpx.AsyncClient, path: str, request: Any) -> httpx.Response:
    answer = await client.post(path, content=json.dumps(request), headers={"Content-Type": "application/json"})
    assert answer.status_code in (200, 400, 403, 422), (answer.status_code, request)
    if answer.status_code != 200:
        # What an answer says of a question may name the bodies and codes that it knows; a refusal names nothing.
        assert MARKER not in answer.text
    return answer


@some
@given(request_=REQUESTS)
async def test_an_evaluation(police: httpx.AsyncClient, request_: Json) -> None:
    answer = await sent(police, EVALUATION, request_)
    if answer.status_code == 200:
        assert isinstance(answer.json()["decision"], bool)
        assert answer.json()["context"]["prohibition"] in (True, False)


@some
@given(requests=st.lists(REQUESTS | ANYTHING, min_size=1, max_size=4))
async def test_many_evaluations(police: httpx.AsyncClient, requests: list[Any]) -> None:
    answer = await sent(police, EVALUATIONS, {"evaluations": requests})
    assert answer.status_code == 200
    assert len(answer.json()["evaluations"]) == len(requests)


@some
@given(path=SEARCHES, request_=REQUESTS)
async def test_a_search(police: httpx.AsyncClient, path: str, request_: Json) -> None:
    answer = await sent(police, path, request_)
    if answer.status_code == 200:
        assert isinstance(answer.json()["results"], list)


@some
@given(
    path=st.sampled_from(
        ["recipients", "purposes", "categories", "urgency", "subjects", "circumstances", "as_of", "on"]
    ),
    value=ANYTHING,
)
async def test_a_matrix(police: httpx.AsyncClient, path: str, value: Any) -> None:
    whole = {"recipients": [COUNCIL], "purposes": ["mappa"], "categories": ["identity"], path: value}
    answer = await sent(police, "/api/v1/checks/matrix", whole)
    if answer.status_code == 200:
        assert answer.json()["cells"]


@some
@given(body=st.binary(max_size=200), path=SEARCHES | st.sampled_from([EVALUATION, EVALUATIONS]))
async def test_bytes(police: httpx.AsyncClient, body: bytes, path: str) -> None:
    answer = await police.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


async def test_the_strategy_reaches_decisions_and_refusals(police: httpx.AsyncClient) -> None:
    plain = evaluation()
    assert (await sent(police, EVALUATION, plain)).status_code == 200
    assert (await sent(police, EVALUATION, without(plain, "subject"))).status_code == 400
