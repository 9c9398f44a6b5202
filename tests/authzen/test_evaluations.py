"""Many evaluations at once: what they inherit, how far they are gone through, and that none harms another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw, Struct

from asking import COUNCIL
from authzen.speaking import EVALUATION, EVALUATIONS, Json, evaluation, setting, without
from isa_registry.api import checks
from isa_registry.api.limits import Limits
from isa_registry.domain.authzen.messages import SEMANTICS, Action, Entity, Evaluation, Evaluations, read_evaluations
from isa_registry.domain.authzen.policy import in_order
from isa_registry.domain.refusals import Refused
from serving import Serving

over_http = pytest.mark.asyncio(loop_scope="session")

PERMIT, DENY = evaluation(), evaluation(purpose="mappa", recipient="durham-cathedral")
BARRED = evaluation(circumstances={"restriction": "court-order-forbids"})
BAD = without(evaluation(), "context.purpose")


async def many(client: httpx.AsyncClient, evaluations: list[Any], **top: Any) -> list[Json]:
    answer = await client.post(EVALUATIONS, json={"evaluations": evaluations, **top})
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["evaluations"]
    assert set(answer.json()) == {"evaluations"}
    return found


@over_http
@pytest.mark.parametrize(
    ("semantic", "decisions"),
    [
        (None, [True, False, False, False, True]),
        ("execute_all", [True, False, False, False, True]),
        ("deny_on_first_deny", [True, False]),
        ("permit_on_first_permit", [True]),
    ],
)
async def test_as_many_are_decided_as_the_semantic_says(
    police: httpx.AsyncClient, semantic: str | None, decisions: list[bool]
) -> None:
    options = {} if semantic is None else {"options": {"evaluations_semantic": semantic, "another": 1}}
    found = await many(police, [PERMIT, DENY, BARRED, BAD, PERMIT], **options)
    assert [one["decision"] for one in found] == decisions


@over_http
@pytest.mark.parametrize("first", [DENY, BAD], ids=["denied", "malformed"])
async def test_the_prefix_ends_with_the_one_that_decides(police: httpx.AsyncClient, first: Json) -> None:
    until = {"options": {"evaluations_semantic": "permit_on_first_permit"}}
    assert [one["decision"] for one in await many(police, [first, first, PERMIT, PERMIT], **until)] == [
        False,
        False,
        True,
    ]
    until = {"options": {"evaluations_semantic": "deny_on_first_deny"}}
    assert [one["decision"] for one in await many(police, [PERMIT, first, PERMIT], **until)] == [True, False]


@over_http
async def test_what_is_left_out_is_taken_from_the_top_whole(police: httpx.AsyncClient) -> None:
    top = evaluation(urgency="immediate-danger")
    own = {"purpose": "mappa", "record": False}
    resource = {"type": "information", "id": "health", "properties": {"recipient": "durham-cathedral"}}
    found = await many(police, [{}, {"context": own, "resource": resource}, {"context": None}], **top)
    assert [one["context"]["reason"] for one in found] == ["share-now", "seek-advice", "share-now"]
    # Nothing within a member is inherited: this resource names no recipient.
    (bare,) = await many(police, [{"resource": {"type": "information", "id": "health"}}], **top)
    assert bare["context"]["problem"]["errors"][0]["pointer"] == "#/evaluations/0/resource/properties/recipient"


WRONG: list[tuple[Any, str]] = [
    (BAD, "/context/purpose"),
    (5, ""),
    ([], ""),
    ("x", ""),
    ({"subject": "police"}, "/subject"),
    ({"action": {}}, "/action/name"),
    (setting(evaluation(), "resource.id", 7), "/resource/id"),
    (setting(evaluation(), "subject.properties", "x"), "/subject/properties"),
    (setting(evaluation(), "context", "x"), "/context"),
    (evaluation(provider=COUNCIL), "/subject/id"),
    (evaluation(recipient="No Id"), "/resource/properties/recipient"),
    ({}, "/subject"),
]


@over_http
@pytest.mark.parametrize(("wrong", "pointer"), WRONG)
async def test_one_that_is_wrong_is_denied_alone_and_says_what_is_wrong(
    police: httpx.AsyncClient, wrong: Any, pointer: str
) -> None:
    found = await many(police, [PERMIT, wrong, PERMIT])
    assert [one["decision"] for one in found] == [True, False, True]
    said = found[1]["context"]
    assert said["error"]["status"] == said["problem"]["status"] in (400, 403)
    assert said["error"]["message"] == said["problem"]["detail"]
    assert said["prohibition"] is False
    assert "share now" in said["problem"]["immediate_danger"]
    assert said["problem"]["errors"][0]["pointer"] == f"#/evaluations/1{pointer}"


@over_http
@pytest.mark.parametrize(
    "body",
    [
        {"evaluations": [PERMIT] * 1_001},
        {"evaluations": {}},
        {"evaluations": [PERMIT], "options": {"evaluations_semantic": "whatever"}},
        {"evaluations": [PERMIT], "options": 5},
        {"evaluations": [PERMIT], "subject": "police"},
        {"evaluations": [PERMIT], "context": "x"},
        {"evaluations": []},
        {},
        {"subject": PERMIT["subject"], "action": PERMIT["action"]},
    ],
)
async def test_what_is_wrong_with_the_whole_is_a_bad_request(police: httpx.AsyncClient, body: Json) -> None:
    answer = await police.post(EVALUATIONS, json=body)
    assert answer.status_code == 400
    assert "share now" in answer.json()["immediate_danger"]


@over_http
@pytest.mark.parametrize("more", [{}, {"evaluations": []}, {"evaluations": None}])
async def test_without_a_list_it_is_one_evaluation(police: httpx.AsyncClient, more: Json) -> None:
    found = (await police.post(EVALUATIONS, json={**PERMIT, **more})).json()
    assert (found["decision"], found["context"]["reason"]) == (True, "may-share")


@pytest.fixture
def groups(running: Serving, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many drafts each transaction of the log took."""
    sequencer, sizes = running.registry.sequencer, []
    commit = sequencer._commit

    async def counted(connection: Any, batch: Any) -> Any:
        sizes.append(len(batch))
        return await commit(connection, batch)

    monkeypatch.setattr(sequencer, "_commit", counted)
    return sizes


@over_http
async def test_those_that_are_to_be_recorded_are_committed_in_groups(
    running: Serving, police: httpx.AsyncClient, groups: list[int]
) -> None:
    before = running.registry.follower.view.size
    recorded = setting(PERMIT, "context.record", True)
    found = await many(police, [recorded, PERMIT, BAD, *[recorded] * 60])
    kept = [one["context"].get("isa", {}).get("recorded") for one in found]
    assert kept == [True, False, None, *[True] * 60]
    assert running.registry.follower.view.size == before + 61
    assert len({one["context"]["evaluation_id"] for one in found if "isa" in one["context"]}) == 62
    assert (sum(groups), len(groups) <= 3) == (61, True)


@over_http
async def test_a_batch_of_checks_is_committed_in_groups_too_and_a_bad_one_harms_no_other(
    running: Serving, police: httpx.AsyncClient, groups: list[int]
) -> None:
    check = {"recipient": COUNCIL, "purpose": "mappa", "categories": ["identity"]}
    bad = [5, [], "x", {}, {**check, "purpose": "none"}, {**check, "provider": COUNCIL}, {**check, "as_of": 10**12}]
    answer = await police.post("/api/v1/checks/batch", json={"checks": [*bad, *[check] * 100]})
    results = answer.json()["results"]
    assert [one["status"] for one in results[: len(bad)]] == [400, 400, 400, 400, 422, 403, 422]
    assert all("share now" in one["immediate_danger"] for one in results[: len(bad)])
    assert all(one["errors"][0]["pointer"].startswith(f"#/checks/{place}") for place, one in enumerate(results[:7]))
    assert all(one["recorded"] for one in results[len(bad) :])
    assert (sum(groups), len(groups) <= 6) == (100, True)


@over_http
async def test_a_moment_that_a_batch_asks_about_is_looked_up_once(
    running: Serving, police: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[object] = []
    look = checks.look_back

    async def counted(registry: Any, as_of: int | str, turns: Any) -> Any:
        looked.append(as_of)
        return await look(registry, as_of, turns)

    monkeypatch.setattr(checks, "look_back", counted)
    check = {"recipient": COUNCIL, "purpose": "child-protection-enquiry", "categories": ["identity"]}
    sizes = [running.registry.follower.view.size - back for back in (2, 1)]
    past = [{**check, "as_of": size} for size in sizes for _ in range(20)]
    results = (await police.post("/api/v1/checks/batch", json={"checks": past})).json()["results"]
    assert [one["register"]["log_size"] for one in results] == [one["as_of"] for one in past]
    assert looked == sizes


@over_http
async def test_one_that_the_log_refuses_says_so_alone_and_one_that_it_cannot_take_is_answered(
    running: Serving, police: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, asked = running.registry.sequencer.append, []

    async def refusing(draft: Any, **rest: Any) -> Any:
        asked.append(draft)
        if len(asked) == 1:
            raise Refused("conflict", "It conflicts.")
        if len(asked) == 2:
            raise Refused("unavailable", "It cannot be written.")
        return await append(draft, **rest)

    monkeypatch.setattr(running.registry.sequencer, "append", refusing)
    found = await many(police, [setting(PERMIT, "context.record", True)] * 3)
    assert [one["decision"] for one in found] == [False, True, True]
    assert found[0]["context"]["error"] == {"status": 409, "message": "It conflicts."}
    assert [one["context"]["isa"]["recorded"] for one in found[1:]] == [False, True]
    assert "late-entry" in [one["id"] for one in found[1]["context"]["obligations"]]


@over_http
async def test_what_the_semantic_leaves_out_is_not_recorded(running: Serving, police: httpx.AsyncClient) -> None:
    before = running.registry.follower.view.size
    recorded = setting(PERMIT, "context.record", True)
    await many(police, [recorded] * 5, options={"evaluations_semantic": "permit_on_first_permit"})
    assert running.registry.follower.view.size == before + 1


@over_http
async def test_a_thousand_are_answered(police: httpx.AsyncClient) -> None:
    top = without(PERMIT, "resource")
    found = await many(police, [{"resource": PERMIT["resource"]}] * 1_000, **top)
    assert len(found) == 1_000
    assert {one["context"]["reason"] for one in found} == {"may-share"}


@pytest.fixture
def limited(running: Serving) -> Iterator[None]:
    whole = running.app.state["limits"]
    running.app.state["limits"] = Limits(percent=1, monotonic=lambda: 0.0)
    yield
    running.app.state["limits"] = whole


@over_http
async def test_over_the_quota_immediate_danger_is_answered_and_nothing_else(
    police: httpx.AsyncClient, limited: None
) -> None:
    danger = evaluation(urgency="immediate-danger")
    check = {"recipient": COUNCIL, "purpose": "mappa", "categories": ["identity"], "record": False}
    while (over := await police.post(EVALUATIONS, json={"evaluations": [PERMIT]})).status_code == 200:
        pass
    assert over.status_code == 429
    while (await police.post(EVALUATION, json=PERMIT)).status_code == 200:
        pass
    assert (await police.post(EVALUATION, json=PERMIT)).status_code == 429
    assert (await police.post(EVALUATION, json=setting(PERMIT, "action.name", "read"))).status_code == 429
    assert (await police.post(EVALUATION, json=danger)).json()["context"]["reason"] == "share-now"
    found = await many(police, [PERMIT, danger, setting(PERMIT, "subject.type", "user")])
    assert [one["decision"] for one in found] == [False, True, False]
    assert [one["context"].get("error", {}).get("status") for one in found] == [429, None, 429]

    assert (await police.post(EVALUATIONS, json={"evaluations": [PERMIT, BAD]})).status_code == 429

    # A batch of checks and a matrix keep to the same.
    urgent = {**check, "urgency": "immediate-danger"}
    batch = await police.post("/api/v1/checks/batch", json={"checks": [check, urgent, {"purpose": 5}]})
    assert [one.get("outcome") or one["status"] for one in batch.json()["results"]] == [429, "share-now", 400]
    assert (await police.post("/api/v1/checks/batch", json={"checks": [check]})).status_code == 429
    matrix = {"recipients": [COUNCIL], "purposes": ["mappa"], "categories": ["identity"]}
    assert (await police.post("/api/v1/checks/matrix", json=matrix)).status_code == 429
    answer = await police.post("/api/v1/checks/matrix", json={**matrix, "urgency": "immediate-danger"})
    assert [one["result"]["outcome"] for one in answer.json()["cells"]] == ["share-now"]
    # So does a search.
    search = {**PERMIT, "resource": without(PERMIT["resource"], "id")}
    assert (await police.post("/access/v1/search/resource", json=search)).status_code == 429
    search["context"] = danger["context"]
    assert (await police.post("/access/v1/search/resource", json=search)).json()["results"]


# --- the semantics, apart from whoever decides -----------------------------------------------------------------------


class _Told(Struct, frozen=True):
    permits: bool


class _Scripted:
    """Permits what is named `yes`, denies `no`, and refuses `wrong`; `seen` is what it was asked."""

    moment = ""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def decide(self, asked: Sequence[Evaluation]) -> list[_Told | Refused]:
        names = [one.action.name for one in asked]
        self.seen += names
        return [Refused("malformed", "It is wrong.") if name == "wrong" else _Told(name == "yes") for name in names]

    def candidates(self, asked: object) -> list[str]:
        raise AssertionError

    def at_once(self, decisions: object) -> list[Any]:
        raise AssertionError

    async def respond(self, decisions: object) -> list[Any]:
        raise AssertionError


@given(st.lists(st.sampled_from(["yes", "no", "wrong"]), max_size=40), st.sampled_from(SEMANTICS))
def test_the_prefix_is_the_shortest_that_the_semantic_allows(names: list[str], semantic: str) -> None:
    thing = Entity("t", "1")
    asked = tuple(Evaluation(thing, Action(name), thing) for name in names)
    policy = _Scripted()
    found = [one for some in in_order(policy, Evaluations(asked, semantic)) for one in some]
    permits = [not isinstance(one, Refused) and one.permits for one in found]
    assert permits == [name == "yes" for name in names[: len(found)]]
    assert policy.seen == names[: len(found)]
    stop = {"deny_on_first_deny": False, "permit_on_first_permit": True}.get(semantic)
    assert stop not in permits[:-1]
    assert len(found) == len(names) or permits[-1] is stop


@given(st.binary(max_size=200) | st.builds(lambda inner: b'{"evaluations":[' + inner + b"]}", st.binary(max_size=80)))
def test_whatever_is_sent_is_read_or_refused(body: bytes) -> None:
    try:
        found = read_evaluations(body)
    except Refused as refused:
        assert refused.code == "malformed"
        return
    assert found.asked
    assert all(isinstance(one, Evaluation | Refused) for one in found.asked)


def test_evaluations_that_share_a_context_share_its_bytes() -> None:
    body = b"""{"subject":{"type":"a","id":"1"},"action":{"name":"b"},"context":{"x":1},
        "evaluations":[{"resource":{"type":"c","id":"1"}},{"resource":{"type":"c","id":"2"}}]}"""
    first, second = read_evaluations(body).asked
    assert isinstance(first, Evaluation)
    assert isinstance(second, Evaluation)
    assert first.context is second.context
    assert isinstance(first.context, Raw)
