"""The life of a version over the interface, from a draft to its withdrawal, and what is refused on the way."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.speaking import MARKER
from asking import COUNCIL, POLICE
from demonstration import attested
from isa_registry.domain.access_entries import RoleGranted
from isa_registry.domain.dates import london_date
from isa_registry.domain.party_entries import PartnershipRegistered
from isa_registry.ledger.drafts import Draft
from serving import Serving, issuer_of, serving
from versions import TIER_1, TIER_2, schedule_of, words_of

DRAFTS, VERSIONS = "/api/v1/agreement-drafts", f"/api/v1/agreements/{TIER_2}/versions"
LIFE = f"{VERSIONS}/1.1/life"


@pytest.fixture
async def served(database_url: str, tmp_path: Path) -> AsyncIterator[Serving]:
    async with serving(database_url, tmp_path) as found:
        await found.admit(COUNCIL, roles=("business-unit", "ig-lead"))
        second = RoleGranted(organisation=COUNCIL, issuer=issuer_of(COUNCIL), subject="second", role="business-unit")
        await found.registry.sequencer.append(Draft(payloads=(second,)))
        yield found


def person(served: Serving, subject: str = "business-unit") -> httpx.AsyncClient:
    return served.client(served.person(COUNCIL, subject))


def draft_body(version: str = "1.1", **changes: Any) -> dict[str, Any]:
    schedule = json.loads(schedule_of(version=version))
    return {"text": words_of(version=version).decode(), "schedule": {**schedule, **changes}}


def hashes(draft: dict[str, Any]) -> dict[str, str]:
    return {name: draft[name] for name in ("text_sha256", "schedule_sha256")}


async def checked(served: Serving) -> dict[str, Any]:
    async with person(served) as one, person(served, "second") as other:
        begun = await one.post(DRAFTS, json=draft_body())
        assert (201, f"{DRAFTS}/{begun.json()['draft']['id']}") == (begun.status_code, begun.headers["location"])
        draft: dict[str, Any] = begun.json()["draft"]
        path = f"{DRAFTS}/{draft['id']}"
        assert 200 == (await one.post(f"{path}/submission", json={})).status_code
        problem(await one.post(f"{path}/check", json=hashes(draft)), 403, "second-person")
        passed = await other.post(f"{path}/check", json=hashes(draft))
        assert (200, "quality-checked") == (passed.status_code, passed.json()["state"])
        found: dict[str, Any] = passed.json()
        return found


def problem(answer: httpx.Response, status: int, code: str, *pointers: str) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()
    assert (status, code) == (answer.status_code, found["type"].rpartition("/")[2]), found
    assert set(pointers) <= {one["pointer"] for one in found.get("errors", ())}
    return found


async def test_a_version_lives_from_a_draft_to_its_withdrawal(served: Serving) -> None:
    today = london_date(served.registry.now())
    draft = await checked(served)
    async with person(served) as unit, served.client() as anybody:
        sent = {"draft": draft["id"], **hashes(draft)}
        published = await unit.post(VERSIONS, json=sent)
        assert 201 == published.status_code
        again = await unit.post(VERSIONS, json=sent)
        assert (200, published.json()) == (again.status_code, again.json())
        life = (await anybody.get(LIFE)).json()
        assert ("published", 0, 0, ["open", "come-into-force", "withdraw"]) == (
            life["state"], life["n"], life["m"], life["takes"],
        )  # fmt: skip

        opened = await unit.post(
            f"{VERSIONS}/1.1/opening", json={"parties": [COUNCIL, POLICE, "nenc-icb"], "rule": {"quorum": 2}}
        )
        assert 201 == opened.status_code
        for body in (COUNCIL, POLICE):
            made = attested(body, TIER_2, version="1.1")
            await served.registry.sequencer.append(Draft(payloads=(made,)))
        life = (await anybody.get(LIFE)).json()
        assert ("open", 2, 3, {"quorum": 2}) == (life["state"], life["n"], life["m"], life["rule"])

        decided = await unit.post(f"{VERSIONS}/1.1/in-force", json={"on": today, "review_due": "2099-01-01"})
        assert 201 == decided.status_code
        reviewed = await unit.post(
            f"{VERSIONS}/1.1/review", json={"on": today, "outcome": "stays-as-it-is", "review_due": "2098-01-01"}
        )
        assert 201 == reviewed.status_code
        first = (await anybody.get(f"{VERSIONS}/1.0/life")).json()
        assert "superseded" == first["state"]
        for step, more in (
            ("suspension", {"on": today, "reason": "words-in-doubt"}),
            ("resumption", {"on": today}),
            ("withdrawal", {"on": today, "reason": "replaced", "successor": f"{TIER_2}/1.0"}),
        ):
            assert 201 == (await unit.post(f"{VERSIONS}/1.1/{step}", json=more)).status_code
        problem(await unit.post(f"{VERSIONS}/1.1/resumption", json={"on": today}), 409, "conflict")
        life = (await anybody.get(LIFE)).json()
    assert ("withdrawn", []) == (life["state"], life["takes"])
    events = ["publish", "open", "come-into-force", "review", "suspend", "resume", "withdraw"]
    assert events == [one["event"] for one in life["decisions"]]
    entries = [one["entry"] for one in life["decisions"]]
    assert entries == sorted(entries)
    assert (published.json()["entry"], reviewed.json()["entry"]) == (entries[0], entries[3])
    assert (f"{TIER_2}/1.0", "replaced") == (life["decisions"][-1]["successor"], life["decisions"][-1]["code"])


async def test_a_rule_that_names_a_day_alone_is_met_when_it_is_decided(served: Serving) -> None:
    later = london_date(served.registry.now() + timedelta(days=30))
    draft = await checked(served)
    async with person(served) as unit:
        await unit.post(VERSIONS, json={"draft": draft["id"], **hashes(draft)})
        await unit.post(f"{VERSIONS}/1.1/opening", json={"parties": [COUNCIL], "rule": {"on": later}})
        life = (await unit.get(LIFE)).json()
    assert ("open", [{"what": "comes-into-force", "on": later}]) == (life["state"], life["coming"][:1])


async def test_words_are_published_as_they_were_checked_or_not_at_all(served: Serving) -> None:
    async with person(served) as unit:
        problem(await unit.post(VERSIONS, json=draft_body()), 403, "second-person")
        draft = await checked(served)
        other = draft_body(review_due="2029-01-01")
        problem(await unit.post(VERSIONS, json=other), 403, "second-person")
        problem(
            await unit.post(VERSIONS, json={"draft": draft["id"], **hashes(draft), "text_sha256": "0" * 64}),
            409, "conflict",
        )  # fmt: skip
        problem(
            await unit.post(VERSIONS, json={"draft": draft["id"], **hashes(draft), "text": "x"}), 400, "malformed", "#"
        )
        problem(await unit.post(VERSIONS, json={}), 400, "malformed", "#")
        elsewhere = f"/api/v1/agreements/{TIER_1}/versions"
        problem(await unit.post(elsewhere, json={"draft": draft["id"], **hashes(draft)}), 404, "not-found")
        assert 201 == (await unit.post(VERSIONS, json=draft_body())).status_code
        whole = (await unit.get(f"{VERSIONS}/1.1")).json()
    assert hashes(draft) == hashes(whole["version"])
    assert words_of().decode() == whole["text"]


async def test_a_draft_that_is_no_agreement_is_refused_where_it_is_wrong(served: Serving) -> None:
    async with person(served) as unit:
        for changes, pointer in (
            ({"purposes": []}, "#/schedule/purposes"),
            ({"parent": {"agreement": "tier-1", "version": "7.7"}}, "#/schedule/parent"),
            ({"title": MARKER}, "#/schedule/title"),
            ({"signatory_roles": {MARKER: ["siro"]}}, "#/schedule/signatory_roles"),
            ({MARKER: MARKER}, "#/schedule"),
        ):
            answer = await unit.post(DRAFTS, json=draft_body(**changes))
            problem(answer, 422, "unprocessable")
            assert pointer in {one["pointer"][: len(pointer)] for one in answer.json()["errors"]}
            assert MARKER not in answer.text
        problem(await unit.post(DRAFTS, json=draft_body("1.0")), 409, "conflict", "#/schedule/version")
        assert {"drafts": []} == (await unit.get(DRAFTS)).json()


async def test_a_draft_is_shown_with_what_is_to_be_looked_at_and_that_stops_nothing(served: Serving) -> None:
    text = words_of().decode().replace("version `1.1`.\n", "version `1.1`.\n", 1)
    async with person(served) as unit:
        body = {**draft_body(), "text": text.replace("must ", "shall ", 1)}
        begun = await unit.post(DRAFTS, json=body)
        assert 201 == begun.status_code
        whole = (await unit.get(f"{DRAFTS}/{begun.json()['draft']['id']}")).json()
    assert body["text"] == whole["text"]
    assert ["agreement.md"] == list(dict.fromkeys(one["file"] for one in whole["findings"]))
    assert whole["findings"] == begun.json()["findings"]


async def test_a_draft_goes_back_and_is_given_up(served: Serving) -> None:
    draft = await checked(served)
    path = f"{DRAFTS}/{draft['id']}"
    async with person(served) as unit:
        problem(await unit.post(f"{path}/return", json={"reason": MARKER}), 422, "unprocessable", "#/reason")
        returned = (await unit.post(f"{path}/return", json={"reason": "clause-wrong"})).json()
        assert ("drafting", "clause-wrong", None) == (returned["state"], returned["reason"], returned["passed_by"])
        problem(await unit.post(f"{path}/check", json=hashes(draft)), 409, "conflict")
        problem(await unit.post(f"{path}/check", json={"text_sha256": "x", "schedule_sha256": "x"}), 422,
                "unprocessable", "#/text_sha256", "#/schedule_sha256")  # fmt: skip
        revised = await unit.post(f"{path}/revision", json=draft_body(review_due="2029-01-01"))
        assert revised.json()["draft"]["schedule_sha256"] != draft["schedule_sha256"]
        assert "discarded" == (await unit.post(f"{path}/discard", json={})).json()["state"]
        gone = (await unit.get(path)).json()
        assert (None, None, []) == (gone["text"], gone["schedule"], gone["findings"])
        problem(await unit.get(f"{DRAFTS}/agd_1"), 404, "not-found")


async def test_an_answer_that_was_lost_is_given_again_and_another_body_under_the_same_key_is_not(
    served: Serving,
) -> None:
    today = london_date(served.registry.now())
    path, key = f"/api/v1/agreements/{TIER_2}/versions/1.0/suspension", {"Idempotency-Key": "suspend-once"}
    async with person(served) as unit:
        one = await unit.post(path, json={"on": today, "reason": "law-changed"}, headers=key)
        again = await unit.post(path, json={"on": today, "reason": "law-changed"}, headers=key)
        assert (201, 200, one.json()["entry"]) == (one.status_code, again.status_code, again.json()["entry"])
        other = await unit.post(path, json={"on": today, "reason": "words-in-doubt"}, headers=key)
        problem(other, 422, "idempotency-conflict")


async def test_what_a_suspended_tier_1_does_to_its_tier_2_is_shown_on_both(served: Serving) -> None:
    today = london_date(served.registry.now())
    async with person(served) as unit:
        path = f"/api/v1/agreements/{TIER_1}/versions/1.0"
        before = (await unit.get(f"{path}/life")).json()
        assert [(TIER_2, False, [])] == [
            (one["agreement"], one["lapsed"], one["affected"]) for one in before["resting"]
        ]
        await unit.post(f"{path}/suspension", json={"on": today, "reason": "law-changed"})
        after = (await unit.get(f"{path}/life")).json()
        beneath = (await unit.get(f"{VERSIONS}/1.0/life")).json()["beneath"]
    assert ("suspended", [True]) == (after["state"], [one["lapsed"] for one in after["resting"]])
    assert beneath == after["resting"][0]
    assert len(beneath["affected"]) == beneath["signed"] == 9


async def test_the_unit_of_another_partnership_decides_about_its_own_and_nothing_else(served: Serving) -> None:
    await served.admit(POLICE, roles=("business-unit",))
    today = london_date(served.registry.now())
    path = f"/api/v1/agreements/{TIER_2}/versions/1.0/withdrawal"
    async with served.client(served.person(POLICE, "business-unit")) as other, person(served) as unit:
        problem(await other.post(DRAFTS, json=draft_body()), 403, "forbidden")
        group = PartnershipRegistered(partnership="group", name="A group", lead_body=POLICE)
        await served.registry.sequencer.append(Draft(payloads=(group,)))
        problem(await other.post(path, json={"on": today, "reason": "replaced"}), 403, "forbidden")
        problem(await other.post(DRAFTS, json=draft_body()), 403, "forbidden")
        problem(await other.post(DRAFTS, json={**draft_body(), "partnership": "nobody"}), 422, "unprocessable")
        own = {
            "text": words_of(TIER_1).decode().replace("Agreement `tier-1`", "Agreement `group-tier-1`"),
            "schedule": {**json.loads(schedule_of(TIER_1)), "agreement": "group-tier-1", "short_title": "Group ISA"},
            "partnership": "group",
        }
        called = {**own, "schedule": {**own["schedule"], "short_title": "Tier One ISA"}}
        problem(await other.post(DRAFTS, json=called), 422, "unprocessable", "#/schedule/short_title")
        problem(await unit.post(DRAFTS, json=own), 403, "forbidden")
        begun = await other.post(DRAFTS, json=own)
        assert (201, "group") == (begun.status_code, begun.json()["draft"]["partnership"])
        problem(await unit.get(begun.headers["location"]), 404, "not-found")
        assert 200 == (await other.get(begun.headers["location"])).status_code
        taken = {**own, "text": words_of(TIER_1).decode(), "schedule": json.loads(schedule_of(TIER_1))}
        problem(await other.post(DRAFTS, json=taken), 422, "unprocessable", "#/partnership")
