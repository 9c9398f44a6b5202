"""The law as data in the interface: how sure it is, in public; and two leads of the lead body who say so."""

from __future__ import annotations

import hashlib
import json
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest

from demonstration import catalogue
from isa_registry.domain.dates import london_date
from isa_registry.domain.refusals import Refused
from isa_registry.domain.reporting.confidence import STATES
from isa_registry.domain.verifying import Point, look_again_on
from isa_registry.runtime.registry import wall_clock
from live import LEAD, POLICE
from marking import POINTS, digest
from serving import Serving
from verifying.conftest import SECOND

pytestmark = pytest.mark.asyncio(loop_scope="session")

LAW = "/api/v1/law"
VERIFICATIONS = f"{LAW}/verifications"
CHECKED_ON = london_date(wall_clock() - timedelta(days=7))
BODY: dict[str, Any] = {
    "source": "https://www.legislation.gov.uk/ukpga/1989/41/section/27",
    "checked_on": CHECKED_ON,
    "profession": "solicitor",
}


def wanted(code: str, **changes: Any) -> dict[str, Any]:
    return {**BODY, "provision": code, "sha256": digest(Point(provision=code)), **changes}


async def propose(served: Serving, body: dict[str, Any], path: str = VERIFICATIONS) -> dict[str, Any]:
    async with served.client(served.person(LEAD, "ig-lead")) as lead:
        answer = await lead.post(path, json=body)
    assert 202 == answer.status_code, answer.text
    found: dict[str, Any] = answer.json()
    assert f"{VERIFICATIONS}/{found['id']}" == answer.headers["Location"]
    return found


async def decide(served: Serving, proposal: dict[str, Any], word: str, who: str = SECOND) -> httpx.Response:
    async with served.client(served.person(LEAD, who)) as other:
        return await other.post(f"{VERIFICATIONS}/{proposal['id']}/{word}", json={"sha256": proposal["sha256"]})


async def approved(served: Serving, body: dict[str, Any], path: str = VERIFICATIONS) -> int:
    answer = await decide(served, await propose(served, body, path), "approval")
    assert 200 == answer.status_code, answer.text
    entry: int = answer.json()["entry"]
    await served.registry.follower.wait_for_size(entry + 1, seconds=5)
    return entry


async def read(served: Serving, path: str) -> Any:
    async with served.client() as anybody:
        answer = await anybody.get(path)
    assert 200 == answer.status_code, answer.text
    return answer.json()


async def test_anybody_reads_every_point_and_how_sure_it_is(served: Serving) -> None:
    found = await read(served, f"{LAW}?limit=1000")
    assert (len(POINTS), None, catalogue().sha256) == (found["total"], found["next"], found["catalogue"])
    keys = [(one.get("provision"), one.get("organisation_kind"), one.get("purpose")) for one in found["points"]]
    assert [tuple(point) for point in POINTS] == keys
    assert [digest(point) for point in POINTS] == [one["sha256"] for one in found["points"]]
    assert set(STATES) == set(found["counts"])
    assert len(POINTS) == sum(found["counts"].values())


async def test_the_list_is_narrowed_and_read_page_by_page(served: Serving) -> None:
    async with served.client() as anybody:
        first = await anybody.get(f"{LAW}?state=not-yet-checked&sort=row&limit=100")
        assert 'rel="next"' in first.headers["Link"]
        second = await anybody.get(f"{LAW}?state=not-yet-checked&sort=row&limit=100&cursor={first.json()['next']}")
    both = [*first.json()["points"], *second.json()["points"]]
    assert 200 == len({(one["organisation_kind"], one["purpose"]) for one in both})
    assert {"not-yet-checked"} == {one["state"] for one in both}


@pytest.mark.parametrize("query", ["state=sure", "sort=title", "limit=0", "cursor=x", "page=2"])
async def test_another_query_is_refused(served: Serving, query: str) -> None:
    async with served.client() as anybody:
        assert 400 == (await anybody.get(f"{LAW}?{query}")).status_code


async def test_two_leads_mark_a_provision_and_answers_follow_at_once(served: Serving) -> None:
    question = {"recipient": POLICE, "purpose": "child-protection-enquiry", "categories": ["identity"]}
    question["circumstances"] = {"would_help_recipient": True}  # type: ignore[assignment]
    async with served.client(served.machine(LEAD, "checks:ask")) as system:
        before = (await system.post("/api/v1/checks", json=question)).json()
        entry = await approved(served, wanted("ca-2004-s16la"))
        after = (await system.post("/api/v1/checks", json=question)).json()

    assert (False, True) == (before["duty"]["verified"], after["duty"]["verified"])
    assert (before["outcome"], before["conditions"]) == (after["outcome"], after["conditions"])
    assert before["register"]["catalogue"] == after["register"]["catalogue"]
    unsure = [
        next(item for item in one["guidance"] if item["code"] == "law-not-yet-checked") for one in (before, after)
    ]
    assert {"ca-2004-s16la"} == set(unsure[0]["cites"]) - set(unsure[1]["cites"])
    point = (await read(served, f"{LAW}/provisions/ca-2004-s16la"))["point"]
    assert "checked" == point["state"]
    assert {**BODY, "entry": entry, "look_again_on": look_again_on(CHECKED_ON)} == point["mark"]


async def test_the_entry_names_both_and_everybody_reads_it(served: Serving) -> None:
    entry = await approved(served, wanted("ca-1989-s27"))
    async with served.client(served.person(POLICE, "ig-lead")) as police:
        answer = await police.get(f"/api/v1/audit/entries/{entry}")
    assert 200 == answer.status_code, answer.text
    assert '"law.verified"' in answer.text
    assert 2 == len(json.loads(answer.text)["payload"]["approved_by"])


async def test_a_mark_is_taken_away_by_two(served: Serving) -> None:
    row = {"organisation_kind": "police", "purpose": "mappa"}
    sha256 = digest(Point(None, "police", "mappa"))
    await approved(served, {**BODY, **row, "sha256": sha256})
    assert "checked" == (await read(served, f"{LAW}/rows/police/mappa"))["point"]["state"]
    await approved(served, {**row, "reason": "law-changed"}, f"{VERIFICATIONS}/withdrawal")
    found = (await read(served, f"{LAW}/rows/police/mappa"))["point"]
    assert ("not-yet-checked", None) == (found["state"], found.get("mark"))


async def test_what_rests_on_a_point_is_said(served: Serving) -> None:
    provision = (await read(served, f"{LAW}/provisions/ca-2004-s16la"))["resting"]
    row = (await read(served, f"{LAW}/rows/police/harm-outside-the-home"))["resting"]
    assert "local-authority child-protection-enquiry" in provision["rows"]
    assert [one for one in provision["clauses"] if one.startswith("tier-1/1.0#")]
    assert "common-law-police" in row["provisions"]
    # Harm outside the home, and missing now, which follows it.
    assert (2, 1) == (row["records"], row["bodies"])


@pytest.mark.parametrize("path", ["provisions/ca-1800-s1", "rows/police/tea", "rows/cake/mappa"])
async def test_what_the_catalogue_has_not_is_not_found(served: Serving, path: str) -> None:
    async with served.client() as anybody:
        assert 404 == (await anybody.get(f"{LAW}/{path}")).status_code


async def test_nobody_approves_their_own_and_only_who_proposed_withdraws(served: Serving) -> None:
    proposal = await propose(served, wanted("ca-1989-s17"))
    hashed = hashlib.sha256(json.dumps(proposal["change"], separators=(",", ":"), sort_keys=True).encode()).hexdigest()
    assert hashed == proposal["sha256"]
    for word, who, code in (
        ("approval", "ig-lead", "second-person"),
        ("refusal", "ig-lead", "second-person"),
        ("withdrawal", SECOND, "forbidden"),
    ):
        answer = await decide(served, proposal, word, who)
        assert (403, code) == (answer.status_code, answer.json()["type"].rpartition("/")[2])
    async with served.client(served.person(LEAD, SECOND)) as other:
        waiting = (await other.get(VERIFICATIONS)).json()
        assert [proposal["id"]] == [one["id"] for one in waiting["proposals"]]
        assert waiting["you"] != proposal["proposed_by"]
    assert "declined" == (await decide(served, proposal, "refusal")).json()["state"]
    again = await propose(served, wanted("ca-1989-s17", profession="data-protection-officer"))
    assert "withdrawn" == (await decide(served, again, "withdrawal", "ig-lead")).json()["state"]
    assert 409 == (await decide(served, again, "approval")).status_code


async def test_leads_of_other_bodies_and_everybody_else_are_kept_out(served: Serving) -> None:
    proposal = await propose(served, wanted("ca-1989-s17"))
    one, unknown = f"{VERIFICATIONS}/{proposal['id']}", f"{VERIFICATIONS}/vfy_{'0' * 32}"
    for body, role in ((POLICE, "ig-lead"), (LEAD, "business-unit"), (LEAD, "practitioner")):
        async with served.client(served.person(body, role)) as stranger:
            assert 403 == (await stranger.post(VERIFICATIONS, json=wanted("ca-1989-s47"))).status_code
            for path in (VERIFICATIONS, one, unknown):
                assert 403 == (await stranger.get(path)).status_code
            for path in (one, unknown):
                sent = {"sha256": proposal["sha256"]}
                assert 403 == (await stranger.post(f"{path}/approval", json=sent)).status_code
    assert "withdrawn" == (await decide(served, proposal, "withdrawal", "ig-lead")).json()["state"]


async def test_proposals_of_the_two_sorts_are_not_each_others(served: Serving) -> None:
    proposal = await propose(served, wanted("ca-1989-s17"))
    with pytest.raises(Refused) as refused:
        await served.app.state["proposals"].read(proposal["id"])
    assert "not-found" == refused.value.code
    async with served.client(served.person(LEAD, "business-unit")) as unit:
        assert [] == (await unit.get("/api/v1/proposals")).json()["proposals"]
        assert 404 == (await unit.get(f"/api/v1/proposals/{proposal['id']}")).status_code
        sent = {"sha256": proposal["sha256"]}
        assert 404 == (await unit.post(f"/api/v1/proposals/{proposal['id']}/refusal", json=sent)).status_code
    assert "withdrawn" == (await decide(served, proposal, "withdrawal", "ig-lead")).json()["state"]


async def test_who_signed_in_a_while_ago_signs_in_again_first(served: Serving) -> None:
    long_ago = served.person(LEAD, "ig-lead", auth_time=int(time.time()) - 900)
    async with served.client(long_ago) as lead:
        answer = await lead.post(VERIFICATIONS, json=wanted("ca-1989-s47"))
    assert 401 == answer.status_code
    assert "insufficient_user_authentication" in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("changes", "status", "pointer"),
    [
        ({"source": "Jo Smith told me"}, 422, "#/source"),
        ({"profession": "wizard"}, 422, "#/profession"),
        ({"checked_on": "2099-01-01"}, 422, "#/checked_on"),
        ({"provision": None}, 422, "#/provision"),
        ({"note": "free text"}, 400, ""),
        ({"sha256": "0" * 64}, 409, None),
    ],
)
async def test_what_is_wrong_is_pointed_at_and_nothing_waits(
    served: Serving, changes: dict[str, Any], status: int, pointer: str | None
) -> None:
    async with served.client(served.person(LEAD, "ig-lead")) as lead:
        answer = await lead.post(VERIFICATIONS, json=wanted("ca-1989-s47", **changes))
        assert status == answer.status_code, answer.text
        if pointer:
            assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
        assert [] == (await lead.get(VERIFICATIONS)).json()["proposals"]
