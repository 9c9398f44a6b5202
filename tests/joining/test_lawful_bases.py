"""The lawful bases of an organisation by the interface: chosen, recorded, replaced, ended, read, and nobody else's."""

from __future__ import annotations

import csv
import io
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest

from demonstration import attested
from isa_registry.domain.access_entries import RoleGranted
from isa_registry.domain.dates import london_date
from isa_registry.domain.lawful_bases.processing import NOT_KNOWN
from isa_registry.domain.party_entries import OrganisationRegistered, PolicyDocument
from isa_registry.domain.reporting.processing_table import PROCESSING_COLUMNS
from isa_registry.ledger.drafts import Draft
from joining.test_importing import problem
from live import LEAD, POLICE
from serving import Serving, issuer_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

OWN: dict[str, Any] = {
    "agreement": "tier-1",
    "purpose": "child-protection-enquiry",
    "approved_by": "siro",
    "article_6": ["art6-1-e"],
    "article_9": ["art9-2-g", "dpa-2018-sch1-para18"],
    "article_10": ["dpa-2018-sch1-para18"],
    "gateways": ["ea-2002-s175"],
    "dpia": "DPIA-2026-4",
}


async def joined(served: Serving, body: str, *, document: bool = True) -> str:
    """A school with a lead and a system, which signed Tier 1; its address."""
    paper = PolicyDocument("APD-2026-1", "2027-03-31") if document else None
    whole = OrganisationRegistered(body, f"={body}", "maintained-school", policy_document=paper)
    await served.registry.sequencer.append(Draft(payloads=(whole,)))
    await served.admit(body, roles=("ig-lead", "practitioner"), scopes=("checks:ask",))
    await served.registry.sequencer.append(Draft(payloads=(attested(body, "tier-1"),)))
    return f"/api/v1/organisations/{body}"


async def recorded(client: httpx.AsyncClient, at: str, **changes: Any) -> dict[str, Any]:
    done = await client.post(f"{at}/lawful-bases", json={"record": {**OWN, **changes}})
    assert done.status_code == 201, done.text
    made: dict[str, Any] = done.json()
    return made


def in_days(served: Serving, days: int) -> str:
    return london_date(served.registry.now() + timedelta(days=days))


async def test_a_record_of_its_own_is_made_read_replaced_and_ended_and_all_of_it_stays(served: Serving) -> None:
    at = await joined(served, "own-basis-school")
    async with served.client(served.person("own-basis-school", "ig-lead")) as lead:
        first = await recorded(lead, at)
        (one,) = first["records"]
        found = (await lead.get(f"{at}/lawful-bases/{one}")).json()
        assert (found["state"], found["last_day"], found["refused_today"], found["entry"]) == (
            "holds", None, [], first["entry"],
        )  # fmt: skip
        assert found["article_9"] == OWN["article_9"]
        assert len(found["decided_by"]) == 1
        clash = await lead.post(f"{at}/lawful-bases", json={"record": OWN})
        assert problem(clash, 409, "conflict") == [("#/record/supersedes", "overlaps")]
        second = await recorded(lead, at, supersedes=one, starts=in_days(served, 10), approved_by="chief-officer")
        (two,) = second["records"]
        assert (await lead.get(f"{at}/lawful-bases/{one}")).json()["last_day"] == in_days(served, 9)
        assert (await lead.get(f"{at}/lawful-bases/{two}")).json()["state"] == "to-come"
        done = await lead.post(f"{at}/lawful-bases/{two}/end", json={"on": in_days(served, 40)})
        assert done.status_code == 201
        events = (await lead.get(f"{at}/lawful-bases/{one}/history")).json()["events"]
        assert [(event["what"], event["record"], event["on"]) for event in events] == [
            ("recorded", one, in_days(served, 0)),
            ("superseded", one, in_days(served, 10)),
            ("recorded", two, in_days(served, 10)),
            ("ended", two, in_days(served, 40)),
        ]
        listed = (await lead.get(f"{at}/lawful-bases?purpose=child-protection-enquiry")).json()
        assert [item["record"] for item in listed["lawful_bases"]] == [one, two]
        page = await lead.get(f"{at}/lawful-bases?limit=1")
        assert page.json()["total"] == 2
        assert page.headers["link"].startswith(f"<{at}/lawful-bases?limit=1&cursor=")


async def test_a_default_takes_the_place_of_the_bodys_own_from_a_day_on(served: Serving) -> None:
    at = await joined(served, "back-to-default-school")
    async with served.client(served.person("back-to-default-school", "ig-lead")) as lead:
        (own,) = (await recorded(lead, at))["records"]
        wanted = {"agreement": "tier-1", "purpose": "child-protection-enquiry"}
        assert (await lead.post(f"{at}/lawful-bases", json={"purposes": [wanted]})).status_code == 409
        sent = {
            "purposes": [{**wanted, "supersedes": own}],
            "starts": in_days(served, 3),
            "approved_by": "legal-adviser",
        }
        (default,) = (await lead.post(f"{at}/lawful-bases", json=sent)).json()["records"]
        found = (await lead.get(f"{at}/lawful-bases/{default}")).json()
        assert (found["adopted"], found["supersedes"], found["starts"], found["approved_by"]) == (
            "default", own, in_days(served, 3), "legal-adviser",
        )  # fmt: skip
        assert (await lead.get(f"{at}/lawful-bases/{own}")).json()["superseded_by"] == default


async def test_what_the_law_closes_is_refused_with_its_citation_and_where_it_stands(served: Serving) -> None:
    at = await joined(served, "closed-basis-school", document=False)
    async with served.client(served.person("closed-basis-school", "ig-lead")) as lead:
        size = served.registry.follower.view.size
        bad = {**OWN, "article_6": ["art6-1-f"], "gateways": ["ca-2004-s16ea"]}
        answer = await lead.post(f"{at}/lawful-bases", json={"record": bad})
        problem(answer, 422, "unprocessable")
        told = {(one["pointer"], one["code"]): one["detail"] for one in answer.json()["errors"]}
        assert "UK GDPR Article 6(1)" in told["#/record/article_6/0", "no-legitimate-interests-for-public-bodies"]
        assert ("#/record/gateways/0", "not-in-force") in told
        assert "Schedule 1" in told["#/record/article_9/1", "needs-policy-document"]
        papered = {**OWN, "policy_document": {"reference": "APD-7-2026", "review_on": "2027-01-01"}}
        both = [{"agreement": "tier-1", "purpose": one} for one in ("early-help", "child-in-need")]
        refused = await lead.post(f"{at}/lawful-bases", json={"purposes": both})
        assert problem(refused, 422, "unprocessable")[0][0].startswith("#/purposes/0/article_9/")
        assert served.registry.follower.view.size == size
        assert (await lead.post(f"{at}/lawful-bases", json={"record": papered})).status_code == 201


async def test_the_choices_say_what_is_open_and_why_the_rest_is_not(served: Serving) -> None:
    at = await joined(served, "choosing-school")
    asked = "agreement=tier-1&purpose=child-protection-enquiry"
    async with served.client(served.machine("choosing-school", "checks:ask")) as system:
        found = (await system.get(f"{at}/lawful-bases/choices?{asked}")).json()
        groups = {one["code"]: one for one in found["groups"]}
        assert groups["article-6"]["open"][0]["code"] == "art6-1-e"
        shut = {one["code"]: one["because"] for one in groups["article-6"]["closed"]}
        assert shut["art6-1-ea"]["source"] == "UK GDPR Article 6(1), second subparagraph"
        paragraph = next(one for one in groups["schedule-1"]["open"] if one["code"] == "dpa-2018-sch1-para18")
        assert {need["code"] for need in paragraph["needs"]} == {"policy-document", "beside"}
        earlier = (await system.get(f"{at}/lawful-bases/choices?{asked}&on=2026-09-29")).json()
        (gateways,) = (one for one in earlier["groups"] if one["code"] == "gateways")
        assert "ca-2004-s16la" in {
            one["code"] for one in gateways["closed"] if one["because"]["code"] == "not-in-force"
        }
        for query, pointer in (
            ("agreement=tier-1", "#/purpose"),
            ("purpose=early-help", "#/agreement"),
            ("agreement=tier-1&purpose=tea", "#/purpose"),
            (f"{asked}&on=today", "#/on"),
            (f"{asked}&colour=red", "#"),
        ):
            told = problem(await system.get(f"{at}/lawful-bases/choices?{query}"), 400, "malformed")
            assert pointer in [one for one, _ in told]


async def test_only_its_own_lead_decides_signed_in_just_now_and_others_see_nothing(served: Serving) -> None:
    at = await joined(served, "private-school")
    async with served.client(served.person("private-school", "ig-lead")) as lead:
        (one,) = (await recorded(lead, at))["records"]
    auditor = RoleGranted(organisation=LEAD, issuer=issuer_of(LEAD), subject="auditor", role="auditor")
    await served.registry.sequencer.append(Draft(payloads=(auditor,)))
    old = served.person("private-school", "ig-lead", auth_time=int(time.time()) - 3600)
    tokens = [
        (served.person("private-school", "practitioner"), 403, 403),
        (served.person(POLICE, "ig-lead"), 403, 403),
        (served.person(LEAD, "auditor"), 200, 403),
        (served.machine("private-school", "checks:ask"), 200, 403),
        (old, 200, 401),
    ]
    for token, reads, writes in tokens:
        async with served.client(token) as client:
            for path in (f"/lawful-bases/{one}", f"/lawful-bases/{one}/history", "/lawful-bases", "/processing-record"):
                assert (await client.get(f"{at}{path}")).status_code == reads, path
            assert (await client.post(f"{at}/lawful-bases", json={"record": OWN})).status_code == writes
            assert (await client.post(f"{at}/lawful-bases/{one}/end", json={"on": "2099-01-01"})).status_code == writes


async def test_the_same_request_twice_makes_one_record_and_says_the_same_id(served: Serving) -> None:
    at = await joined(served, "repeating-school")
    async with served.client(served.person("repeating-school", "ig-lead")) as lead:
        sent = {"purposes": [{"agreement": "tier-1", "purpose": one} for one in ("early-help", "child-in-need")]}
        done = [
            await lead.post(f"{at}/lawful-bases", json=sent, headers={"Idempotency-Key": '"adopting-1"'})
            for _ in range(2)
        ]
        assert [one.status_code for one in done] == [201, 200], done[1].text
        assert done[0].json() == done[1].json()
        assert len(done[0].json()["records"]) == 2
        assert (await lead.get(f"{at}/lawful-bases")).json()["total"] == 2


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 422),
        ({"record": OWN, "purposes": [{"agreement": "tier-1", "purpose": "early-help"}]}, 422),
        ({"record": OWN, "starts": "2099-01-01"}, 422),
        ({"purposes": [{"agreement": "tier-1", "purpose": "early-help"}], "starts": "soon"}, 422),
        ({"purposes": [{"agreement": "tier-1", "purpose": "early-help"}], "approved_by": "nobody"}, 422),
        ({"record": {**OWN, "colour": "red"}}, 400),
        ({"record": {**OWN, "article_6": ["art6-1-e"] * 3}}, 422),
        ({"record": {**OWN, "purpose": "tea"}}, 422),
        ({"record": {**OWN, "starts": "2020-01-01"}}, 422),
        ({"record": {**OWN, "dpia": "9434765919"}}, 422),
        ([], 400),
    ],
)  # fmt: skip
async def test_what_is_no_record_is_a_problem_and_nothing_is_logged(served: Serving, sent: Any, status: int) -> None:
    body = "careless-school"
    if served.registry.follower.view.organisation(body) is None:
        await joined(served, body)
    async with served.client(served.person(body, "ig-lead")) as lead:
        size = served.registry.follower.view.size
        answer = await lead.post(f"/api/v1/organisations/{body}/lawful-bases", json=sent)
        problem(answer, status, "malformed" if status == 400 else "unprocessable")
        assert "9434765919" not in answer.text
        assert served.registry.follower.view.size == size


async def test_a_record_that_todays_law_or_kind_would_refuse_says_so(served: Serving) -> None:
    at = await joined(served, "changing-school")
    async with served.client(served.person("changing-school", "ig-lead")) as lead:
        (one,) = (await recorded(lead, at))["records"]
        now = OrganisationRegistered("changing-school", "Changed", "independent-school")
        await served.registry.sequencer.append(Draft(payloads=(now,)))
        refused = (await lead.get(f"{at}/lawful-bases/{one}")).json()["refused_today"]
        assert {"no-borrowed-public-task", "does-not-reach", "needs-policy-document"} <= {
            item["code"] for item in refused
        }


async def test_the_record_of_processing_comes_as_json_and_as_a_table_and_says_what_it_does_not_know(
    served: Serving,
) -> None:
    at = await joined(served, "article-30-school")
    async with served.client(served.person("article-30-school", "ig-lead")) as lead:
        (one,) = (await recorded(lead, at, ends=in_days(served, 5)))["records"]
        found = (await lead.get(f"{at}/processing-record")).json()
        assert (found["controller"], found["policy_document"]["reference"]) == ("article-30-school", "APD-2026-1")
        assert [item["code"] for item in found["not_known"]] == list(NOT_KNOWN)
        by_purpose = {item["purpose"]: item for item in found["activities"]}
        assert len(by_purpose) == 6
        ours = by_purpose["child-protection-enquiry"]
        assert (ours["basis"]["record"], ours["basis"]["dpia"], ours["basis"]["until"], ours["signed"]) == (
            one, "DPIA-2026-4", in_days(served, 5), True,
        )  # fmt: skip
        assert ours["security"] == "tier-1/1.0#12.1"
        assert set(ours["special"]) < set(ours["categories"])
        assert "police" in ours["recipients"]
        assert by_purpose["early-help"]["basis"] is None
        later = (await lead.get(f"{at}/processing-record?on={in_days(served, 6)}")).json()
        (lapsed,) = (item for item in later["activities"] if item["purpose"] == "child-protection-enquiry")
        assert (lapsed["basis"], lapsed["lapsed_on"]) == (None, in_days(served, 6))
        table = await lead.get(f"{at}/processing-record", headers={"Accept": "text/csv"})
        assert table.text == (await lead.get(f"{at}/processing-record?format=csv")).text
        assert "attachment" in table.headers["content-disposition"]
        lines = list(csv.DictReader(io.StringIO(table.text, newline="")))
        assert tuple(lines[0]) == PROCESSING_COLUMNS
        line = next(item for item in lines if item["purpose"] == "child-protection-enquiry")
        assert line["article_9"] == "art9-2-g;dpa-2018-sch1-para18"
        assert line["name"] == "'=article-30-school"
        assert line["not_known"] == ";".join(NOT_KNOWN)
        problem(await lead.get(f"{at}/processing-record?on=today"), 400, "malformed")
