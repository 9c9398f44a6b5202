"""The certification's cases, asked over HTTP: of our policy as they are, and of their sample policy, which another
policy in the same place decides."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, Literal

import httpx
import pytest
import pytest_asyncio
from msgspec import Struct

from asking import POLICE
from loudly import shared
from serving import URL, Serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECTIONS: list[dict[str, Any]] = json.loads(shared("vectors/authzen/certification-cases.json").read_bytes())["tests"]

Standing = Literal["as it is", "sample policy"]
Sent = tuple[str, str]

RULES = {
    1: "alice reads record-1",
    2: "alice writes record-1",
    3: "bob reads record-1",
    4: "bob does not write record-1",
    5: "alice does not write what is archived",
    6: "an admin writes what is archived",
    7: "alice deletes softly",
    8: "alice does not delete for good",
}
"""The eight decisions of the sample policy."""


class Stands(Struct, frozen=True):
    """How a case stands with us: it passes as it is, or wants decisions of the sample policy (which of the rules)."""

    how: Standing
    rules: tuple[int, ...] = ()


AS_IT_IS = Stands("as it is")


def sample_rules(*rules: int) -> Stands:
    return Stands("sample policy", rules)


STANDING: dict[str, Stands] = {
    "c-2-2-1": sample_rules(1),
    "c-2-2-2": AS_IT_IS,  # A user is nobody whom we let share, so ours is false too.
    "c-2-2-3": AS_IT_IS,
    "c-2-2-4": AS_IT_IS,
    "c-2-2-5": sample_rules(6),
    "c-2-2-6": sample_rules(7),
    "c-2-2-7": AS_IT_IS,
    "c-2-2-8": AS_IT_IS,
    "c-2-2-9": AS_IT_IS,
    "c-2-4-1": AS_IT_IS,
    "c-2-4-2": AS_IT_IS,
    "c-2-4-6": AS_IT_IS,
    "c-3-2-1": AS_IT_IS,
    "c-3-2-2": sample_rules(3, 4),
    "c-3-2-3": sample_rules(2, 5),
    "c-3-2-4": sample_rules(5, 6),
    "c-3-2-5": sample_rules(1, 4),
    "c-3-2-6": AS_IT_IS,
    "c-3-2-7": sample_rules(2, 5),
    "c-3-4-1": sample_rules(1),
    "c-3-4-2": sample_rules(1),
    "c-3-4-3": sample_rules(1),
    "c-4-2-1": sample_rules(1, 3),
    "c-4-2-2": AS_IT_IS,
    "c-4-2-3": AS_IT_IS,
    "c-4-2-4": sample_rules(6),
    "c-4-3-1": sample_rules(1),
    "c-4-3-2": AS_IT_IS,
    "c-4-3-3": AS_IT_IS,
    "c-4-3-4": sample_rules(6),
    "c-4-4-1": sample_rules(1, 2),
    "c-4-4-2": AS_IT_IS,
    "c-4-4-3": sample_rules(6),
    "c-4-5-1": AS_IT_IS,
    "c-4-5-2": AS_IT_IS,
    "c-4-6-1": AS_IT_IS,
    "c-4-6-2": AS_IT_IS,
    "c-4-7-1": AS_IT_IS,
    "c-4-7-2": AS_IT_IS,
    "c-6-2": AS_IT_IS,
}
"""Every section: what is asked of it with our policy. All of them pass with the sample policy."""

DECISIONS: dict[str, dict[int, Any]] = {
    "c-2-2-1": {1: True}, "c-2-2-2": {4: False}, "c-2-2-4": {5: False}, "c-2-2-5": {6: True}, "c-2-2-6": {7: True},
    "c-2-2-7": {8: False}, "c-3-2-2": {3: True, 4: False}, "c-3-2-3": {2: True, 5: False},
}  # fmt: skip
"""Where each of the eight decisions is asked for, by its rule."""

CASES = [
    pytest.param(section, case, id=f"{section['id']}-{place}")
    for section in SECTIONS
    for place, case in enumerate(section["cases"])
    if section["id"] != "c-6-2"
]


def path_of(section: dict[str, Any], case: dict[str, Any]) -> str:
    """The endpoint, or the search that the case's label or request is one of."""
    if section["endpoint"].startswith("/"):
        return str(section["endpoint"])
    request = case["request"]
    for kind in ("subject", "resource", "action"):
        if kind in case["label"].partition("(")[0].lower() or f"({kind} search" in case["label"].lower():
            return f"/access/v1/search/{kind}"
    return "/access/v1/search/" + ("subject" if "id" not in request["subject"] else "resource")


async def send(client: httpx.AsyncClient, section: dict[str, Any], case: dict[str, Any]) -> httpx.Response:
    path, request = path_of(section, case), case["request"]
    token = request.get("page", {}).get("token")
    if token is not None:
        first = await client.post(path, json={**request, "page": {"limit": 1}})
        token = first.json()["page"]["next_token"]
        request = {**request, "page": {"token": token}}
    return await client.post(path, json=request)


def assert_form(section: dict[str, Any], case: dict[str, Any], answer: httpx.Response) -> None:
    """What the certification asks of every answer, whoever decides."""
    assert answer.status_code == (case["expected_status"] or 200), answer.text
    if answer.status_code != 200:
        return
    assert answer.headers["content-type"] == "application/json"
    found, request = answer.json(), case["request"]
    if "/search/" in path_of(section, case):
        named = {"name"} if path_of(section, case).endswith("action") else {"type", "id"}
        assert all(set(one) == named for one in found["results"])
        assert isinstance(found["page"]["next_token"], str)
    elif request.get("evaluations"):
        assert set(found) == {"evaluations"}
        assert len(found["evaluations"]) == len(request["evaluations"])
        assert all(isinstance(one["decision"], bool) for one in found["evaluations"])
    else:
        assert isinstance(found["decision"], bool)


def assert_decisions(expected: Any, found: Any) -> None:
    """Every decision that is expected, in its place; of a search at least what is expected."""
    if "decision" in expected:
        assert found["decision"] is expected["decision"]
    for place, one in enumerate(expected.get("evaluations", ())):
        assert found["evaluations"][place]["decision"] is one["decision"]
    for one in expected.get("results", ()):
        assert one in found["results"]
    if expected.get("results") == []:
        assert found["results"] == []


@pytest.mark.parametrize(("section", "case"), CASES)
async def test_a_case_of_the_protocol_passes_as_it_is(
    police: httpx.AsyncClient, section: dict[str, Any], case: dict[str, Any]
) -> None:
    answer = await send(police, section, case)
    assert_form(section, case, answer)
    expected = case.get("expected_body", {})
    if STANDING[section["id"]].how == "as it is":
        if answer.status_code == 200:
            assert_decisions(expected, answer.json())
    elif "_template" not in expected:
        # Not as it is: the table would be wrong about it.
        with pytest.raises(AssertionError):
            assert_decisions(expected, answer.json())


@pytest.mark.parametrize(("section", "case"), CASES)
async def test_a_case_passes_with_the_sample_policy(
    police: httpx.AsyncClient, sample: None, section: dict[str, Any], case: dict[str, Any]
) -> None:
    answer = await send(police, section, case)
    assert_form(section, case, answer)
    if answer.status_code == 200:
        assert_decisions(case.get("expected_body", {}), answer.json())


@pytest.mark.parametrize("section", [one for one in SECTIONS if one["id"] in DECISIONS], ids=lambda one: one["id"])
async def test_the_eight_decisions_are_the_sample_policys(
    police: httpx.AsyncClient, sample: None, section: dict[str, Any]
) -> None:
    (case,) = section["cases"]
    found = (await send(police, section, case)).json()
    decisions = [one["decision"] for one in found.get("evaluations", [found])]
    assert decisions == list(DECISIONS[section["id"]].values())


async def test_the_table_speaks_of_every_section_and_every_decision() -> None:
    assert set(STANDING) == {section["id"] for section in SECTIONS}
    assert {rule for one in DECISIONS.values() for rule in one} == set(RULES)
    assert {rule for one in STANDING.values() for rule in one.rules} <= set(RULES)
    wanting = {name for name, one in STANDING.items() if one.how == "sample policy"}
    assert wanting == {name for name, one in STANDING.items() if one.rules}


async def test_the_item_without_a_resource_fails_alone(police: httpx.AsyncClient, sample: None) -> None:
    (section,) = (one for one in SECTIONS if one["id"] == "c-3-4-1")
    found = (await send(police, section, section["cases"][0])).json()["evaluations"]
    assert found[0] == {"decision": True}
    assert found[1]["decision"] is False
    assert found[1]["context"]["error"]["status"] == 400


@pytest_asyncio.fixture(loop_scope="session")
async def nobody(running: Serving) -> AsyncIterator[httpx.AsyncClient]:
    async with running.client() as client:
        yield client


async def test_the_metadata_is_of_the_published_form(nobody: httpx.AsyncClient) -> None:
    (section,) = (one for one in SECTIONS if one["id"] == "c-6-2")
    answer = await nobody.get(section["endpoint"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    found, example = answer.json(), section["cases"][0]["request"]
    assert found["policy_decision_point"] == URL
    for name, value in example.items():
        if name != "signed_metadata":
            assert found[name] == value.replace(example["policy_decision_point"], URL)
    assert all(found.values())
    assert "max-age" in answer.headers["cache-control"]


# --- what the scenario says in words ---------------------------------------------------------------------------------

READ = {
    "subject": {"type": "user", "id": "alice"},
    "action": {"name": "read"},
    "resource": {"type": "record", "id": "record-1"},
}
ENDPOINTS = ("evaluation", "evaluations", "search/subject", "search/resource", "search/action")


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (json.dumps(READ).encode(), "text/plain"),
        (json.dumps(READ).encode(), "application/x-www-form-urlencoded"),
        (b'{"subject": ', "application/json"),
        (b"", "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b'{"subject": {"type": "user\xff", "id": "a"}}', "application/json"),
        (b"[" * 60_000, "application/json"),
    ],
    ids=["text", "form", "cut short", "empty", "array", "null", "not UTF-8", "deep"],
)
async def test_what_is_not_such_a_request_is_a_bad_request(
    police: httpx.AsyncClient, endpoint: str, content: bytes, kind: str
) -> None:
    answer = await police.post(f"/access/v1/{endpoint}", content=content, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert "share now" in answer.json()["immediate_danger"]


@pytest.mark.parametrize("given", ["bfe9eb29-ab87-4ca3-be83-a1d5d8305716", "7", "a b;c=\"d\", 'e'", "x" * 300])
@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_a_request_id_comes_back_unchanged_of_errors_too(
    police: httpx.AsyncClient, nobody: httpx.AsyncClient, endpoint: str, given: str
) -> None:
    headers = {"X-Request-ID": given}
    for client, content, status in ((police, READ, 200), (police, {}, 400), (nobody, READ, 401)):
        answer = await client.post(f"/access/v1/{endpoint}", json=content, headers=headers)
        assert (answer.status_code, answer.headers["x-request-id"]) == (status, given)
    assert (await nobody.get("/.well-known/authzen-configuration", headers=headers)).headers["x-request-id"] == given


async def test_without_a_request_id_one_is_made(police: httpx.AsyncClient) -> None:
    first, second = [await police.post("/access/v1/evaluation", json=READ) for _ in range(2)]
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


async def test_the_same_request_has_the_same_decision(police: httpx.AsyncClient, sample: None) -> None:
    found = [(await police.post("/access/v1/evaluation", json=READ)).json() for _ in range(3)]
    assert found == [{"decision": True}] * 3


async def test_whoever_may_not_ask_is_told_so_and_that_is_no_denial(
    running: Serving, nobody: httpx.AsyncClient
) -> None:
    answer = await nobody.post("/access/v1/evaluation", json=READ)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    async with (
        running.client(running.machine(POLICE, "events:read")) as without,
        running.client(running.person(POLICE, "signatory")) as signatory,
    ):
        for client in (without, signatory):
            assert (await client.post("/access/v1/evaluation", json=READ)).status_code == 403
