"""What a check is by AuthZEN: the same answer, as a decision that is never more than it says."""

from __future__ import annotations

import json
import secrets
from typing import Any

import httpx
import pytest

from asking import COUNCIL, ICB, POLICE
from authzen.speaking import EVALUATION, Json, evaluation, setting, without
from serving import Serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

ADULT_VICTIM = [{"kind": "adult", "roles": ["victim"]}]
OUTCOMES: dict[str, Json] = {
    "share-now": evaluation(urgency="immediate-danger"),
    "duty-to-share": evaluation(circumstances={"statutory_request": "ca-1989-s47"}, provider=ICB, recipient=COUNCIL),
    "may-share": evaluation(),
    "ask-consent": evaluation(
        purpose="modern-slavery-referral", recipient="home-office", categories=["modern-slavery"], subjects=ADULT_VICTIM
    ),
    "seek-advice": evaluation(purpose="mappa", recipient="durham-cathedral"),
    "do-not-share": evaluation(circumstances={"restriction": "court-order-forbids"}),
}


async def asked(client: httpx.AsyncClient, request: Json, **headers: str) -> Json:
    answer = await client.post(EVALUATION, json=request, headers=headers)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


@pytest.mark.parametrize("outcome", OUTCOMES)
async def test_a_decision_is_the_answer_to_a_check(
    police: httpx.AsyncClient, auditor: httpx.AsyncClient, outcome: str
) -> None:
    request = OUTCOMES[outcome]
    client = police if request["subject"]["id"] == POLICE else auditor
    found = await asked(client, request)
    said, isa = found["context"], found["context"]["isa"]
    assert (said["reason"], isa["outcome"]) == (outcome, outcome)
    assert found["decision"] is (outcome in ("share-now", "duty-to-share", "may-share"))
    assert said["prohibition"] is (outcome == "do-not-share")
    assert (said["evaluation_id"], said["evaluated_at"]) == (isa["id"], isa["decided_at"])
    assert [(one["id"], one["text"]) for one in said["obligations"]] == [
        (one["code"], one["text"]) for one in isa["conditions"]
    ]
    assert {(one["type"], one["vendor"]) for one in said["obligations"]} <= {("custom", "isa-registry")}
    properties = request["resource"]["properties"]
    question = {
        "provider": request["subject"]["id"],
        "recipient": properties["recipient"],
        "categories": properties.get("categories", [request["resource"]["id"]]),
        **request["context"],
    }
    check = (await client.post("/api/v1/checks", json=question)).json()
    own = ("id", "decided_at")
    assert {**isa, **dict.fromkeys(own)} == {**check, **dict.fromkeys(own)}


async def test_categories_stand_instead_of_the_id(police: httpx.AsyncClient) -> None:
    found = await asked(police, evaluation("case-file", categories=["identity", "health"]))
    assert [one["code"] for one in found["context"]["isa"]["categories"]] == ["identity", "health"]


async def test_a_body_that_is_not_registered_is_named_by_its_kind(police: httpx.AsyncClient) -> None:
    found = await asked(police, evaluation(recipient={"kind": "voluntary"}))
    codes = [one["code"] for one in found["context"]["isa"]["reasons"]]
    assert (found["decision"], found["context"]["prohibition"]) == (False, False)
    assert "recipient-not-registered" in codes


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("subject.type", "user", "unknown-subject-type"),
        ("action.name", "read", "unknown-action"),
        ("resource.type", "record", "unknown-resource-type"),
        ("resource.id", "unicorns", "unknown-category"),
        ("subject.type", "", "unknown-subject-type"),
    ],
)
async def test_what_is_not_decided_about_here_is_denied_and_not_prohibited(
    police: httpx.AsyncClient, path: str, value: str, reason: str
) -> None:
    found = await asked(police, setting(evaluation(), path, value))
    said = found["context"]
    assert (found["decision"], said["reason"], said["prohibition"]) == (False, reason, False)
    assert "share now" in said["immediate_danger"]
    assert "isa" not in said
    assert said["reason_user"]


@pytest.mark.parametrize(
    ("request_", "pointer"),
    [
        (without(evaluation(), "context.purpose"), "#/context/purpose"),
        (without(evaluation(), "context"), "#/context/purpose"),
        (setting(evaluation(), "context", None), "#/context/purpose"),
        (setting(evaluation(), "context", []), "#/context"),
        (setting(evaluation(), "context.purpose", "shopping"), "#/context/purpose"),
        (setting(evaluation(), "context.urgency", "quite"), "#/context/urgency"),
        (setting(evaluation(), "context.subjects", [{"kind": "dog"}]), "#/context/subjects/0/kind"),
        (setting(evaluation(), "context.subjects", "child"), "#/context/subjects"),
        (setting(evaluation(), "context.circumstances", {"consent": "perhaps"}), "#/context/circumstances/consent"),
        (setting(evaluation(), "context.circumstances", {"consent": 7}), "#/context/circumstances/consent"),
        (setting(evaluation(), "context.on", "yesterday"), "#/context/on"),
        (evaluation(on="2026-11-01", record=True), "#/context/record"),
        (without(evaluation(), "resource.properties"), "#/resource/properties/recipient"),
        (setting(evaluation(), "resource.properties", "x"), "#/resource/properties"),
        (setting(evaluation(), "subject.properties", [1]), "#/subject/properties"),
        (evaluation(recipient="Not An Id"), "#/resource/properties/recipient"),
        (evaluation(recipient={"kind": "circus"}), "#/resource/properties/recipient/kind"),
        (evaluation(categories=[]), "#/resource/properties/categories"),
        (evaluation(categories=["unicorns"]), "#/resource/properties/categories/0"),
        (evaluation(categories=["identity"] * 2), "#/resource/properties/categories"),
    ],
)
async def test_what_a_check_cannot_hold_is_a_bad_request_that_says_where(
    police: httpx.AsyncClient, request_: Json, pointer: str
) -> None:
    answer = await police.post(EVALUATION, json=request_)
    assert answer.status_code == 400, answer.text
    problem = answer.json()
    assert pointer in [one["pointer"] for one in problem["errors"]]
    assert "share now" in problem["immediate_danger"]


async def test_unknown_members_are_ignored_wherever_they_stand(police: httpx.AsyncClient) -> None:
    plain = evaluation(subjects=[{"kind": "child"}], circumstances={"relates_to_child": True})
    plain["resource"]["properties"]["recipient"] = {"kind": "local-authority"}
    more = json.loads(json.dumps(plain))
    for holder in (
        more,
        more["subject"],
        more["action"],
        more["resource"],
        more["resource"]["properties"],
        more["resource"]["properties"]["recipient"],
        more["context"],
        more["context"]["subjects"][0],
        more["context"]["circumstances"],
    ):
        holder["future"] = {"nested": [None]}
    for one in ("subject", "action"):
        more[one]["properties"] = None
    first, second = await asked(police, plain), await asked(police, more)
    assert first["context"]["isa"]["outcome"] == second["context"]["isa"]["outcome"]
    assert first["context"]["isa"]["reasons"] == second["context"]["isa"]["reasons"]


@pytest.mark.parametrize("provider", [COUNCIL, "nobody-of-this-name"])
async def test_a_body_asks_for_itself_alone(police: httpx.AsyncClient, provider: str) -> None:
    answer = await police.post(EVALUATION, json=evaluation(provider=provider))
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["pointer"] == "#/subject/id"


async def test_an_auditor_asks_what_another_would_be_told_unrecorded(auditor: httpx.AsyncClient) -> None:
    assert (await asked(auditor, evaluation(provider=POLICE)))["decision"] is True
    answer = await auditor.post(EVALUATION, json=evaluation(provider=POLICE, record=True))
    assert answer.status_code == 403


async def test_an_evaluation_is_recorded_as_a_check_is(running: Serving, police: httpx.AsyncClient) -> None:
    before = running.registry.follower.view.size
    request = without(evaluation(subjects=[{"kind": "child", "ref": "s1_" + "A" * 43}]), "context.record")
    answer = await police.post(EVALUATION, json=request)
    isa = answer.json()["context"]["isa"]
    assert (isa["recorded"], int(answer.headers["isa-log-size"])) == (True, before + 1)
    again = await police.get(f"/api/v1/checks/{isa['id']}")
    assert again.json() == isa
    what_if = await asked(police, setting(request, "context.on", "2026-11-01"))
    assert what_if["context"]["isa"]["recorded"] is False
    assert running.registry.follower.view.size == before + 1


async def test_the_same_key_makes_one_entry_and_gives_the_first_decision(
    running: Serving, police: httpx.AsyncClient
) -> None:
    request, key = evaluation(record=True), f'"{secrets.token_hex(8)}"'
    first = await asked(police, request, **{"Idempotency-Key": key})
    size = running.registry.follower.view.size
    assert await asked(police, request, **{"Idempotency-Key": key}) == first
    assert running.registry.follower.view.size == size
    other = await police.post(EVALUATION, json=evaluation("health", record=True), headers={"Idempotency-Key": key})
    assert other.status_code == 422


async def test_what_is_asked_to_be_newer_than_this_worker_is_answered_as_stale(police: httpx.AsyncClient) -> None:
    found = await asked(police, evaluation(), **{"ISA-Min-Log-Size": "999999999"})
    assert (found["decision"], found["context"]["isa"]["stale"]) == (True, True)


async def test_what_was_sent_is_never_repeated(police: httpx.AsyncClient) -> None:
    marker: Any = "zqx7f3marker"
    for path in ("subject.type", "action.name", "resource.type", "resource.id", "context.purpose", "context.urgency"):
        answer = await police.post(EVALUATION, json=setting(evaluation(), path, marker))
        assert marker not in answer.text
