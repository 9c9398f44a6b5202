"""Summaries and translations over the interface: published beside a version, read by everybody, and signed by nobody;
and what a version must say of clauses that are gone before it is published."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from asking import COUNCIL, POLICE
from isa_registry.actions import companions
from isa_registry.data import data_directory
from isa_registry.domain.agreement_text import agreement_markdown, parse_agreement_text
from isa_registry.domain.companions import MOST_BYTES
from serving import Serving, serving
from versions import TIER_2, schedule_of, words_of

PATH = f"/api/v1/agreements/{TIER_2}/versions/1.0/companions"
SUMMARY = "**In danger?** Ring 999 [now](#3.1).\n"
WORDS = (data_directory("agreements") / "durham" / TIER_2 / "1.0" / "agreement.md").read_text(encoding="utf-8")


@pytest.fixture
async def served(database_url: str, tmp_path: Path) -> AsyncIterator[Serving]:
    async with serving(database_url, tmp_path) as found:
        await found.admit(COUNCIL, roles=("business-unit", "ig-lead"))
        await found.admit(POLICE, roles=("business-unit", "ig-lead"))
        yield found


def unit(served: Serving) -> httpx.AsyncClient:
    return served.client(served.person(COUNCIL, "business-unit"))


def pointers(answer: httpx.Response) -> list[str]:
    return [f"{one['pointer']}:{one['code']}" for one in answer.json().get("errors", ())]


async def listed(served: Serving) -> dict[tuple[str, str], dict[str, Any]]:
    async with served.client() as anybody:
        found = (await anybody.get(PATH)).json()
    assert found["language"] == "en"
    return {(one["companion"], one["language"]): one for one in found["companions"]}


async def test_a_newer_summary_takes_the_place_of_the_one_before(served: Serving) -> None:
    async with unit(served) as one:
        first = await one.post(PATH, json={"companion": "summary", "language": "en", "text": SUMMARY})
        assert first.status_code == 201, first.text
        again = await one.post(PATH, json={"companion": "summary", "language": "en", "text": SUMMARY})
        assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (409, "conflict")
        better = SUMMARY + "\nOr tell [somebody](#3.2).\n"
        second = await one.post(PATH, json={"companion": "summary", "language": "en", "text": better})
    found = (await listed(served))["summary", "en"]
    assert (found["text"], found["entry"]) == (better, second.json()["entry"])
    assert found["text_sha256"] == hashlib.sha256(better.encode()).hexdigest()
    before = served.registry.follower.register.at(second.json()["entry"]).companions(TIER_2, "1.0")
    assert SUMMARY in [one.text for one in before]


async def test_a_translation_has_the_clauses_of_the_words_and_is_of_that_version(served: Serving) -> None:
    sent = {"companion": "translation", "language": "cy", "text": WORDS}
    async with unit(served) as one:
        assert (await one.post(PATH, json=sent)).status_code == 201
        words = parse_agreement_text(WORDS)
        shorter = agreement_markdown(words._replace(clauses=words.clauses[:-1]))
        fewer = await one.post(PATH, json={**sent, "text": shorter})
        assert pointers(fewer) == ["#/text:other-clauses"]
        other = await one.post(PATH, json={**sent, "text": WORDS.replace("version `1.0`", "version `1.1`")})
        assert pointers(other) == ["#/text:another-version"]
        own = await one.post(PATH, json={**sent, "language": "en"})
        assert pointers(own) == ["#/language:language-of-the-words"]
    assert ("translation", "cy") in await listed(served)


WRONG = (
    ({"companion": "poem"}, "#/companion:unknown-code"),
    ({"language": "tlh"}, "#/language:unknown-code"),
    ({"text": ""}, "#/text:wrong-length"),
    ({"text": "[now](#3.1) " * (MOST_BYTES // 12 + 1)}, "#/text:wrong-length"),
    ({"text": "[now](#3.1)\r\n"}, "#/text:control-character"),
    ({"text": "[now](#3.1)\u202e\n"}, "#/text:control-character"),
    ({"text": "[there](#99.9)\n"}, "#/text:malformed"),
    ({"text": "Nothing is linked.\n"}, "#/text:malformed"),
)


async def test_what_does_not_fit_is_refused_with_its_place(served: Serving) -> None:
    before = await listed(served)
    async with unit(served) as one:
        for change, fault in WRONG:
            answer = await one.post(PATH, json={"companion": "summary", "language": "en", "text": SUMMARY, **change})
            assert (answer.status_code, pointers(answer)[0]) == (422, fault), answer.text
    assert await listed(served) == before


async def test_another_body_s_unit_publishes_nothing_beside_this_partnership_s_versions(served: Serving) -> None:
    async with served.client(served.person(POLICE, "business-unit")) as other:
        answer = await other.post(PATH, json={"companion": "summary", "language": "en", "text": SUMMARY})
    assert answer.status_code == 403
    async with unit(served) as one:
        unknown = await one.post(
            PATH.replace("1.0", "9.9"), json={"companion": "summary", "language": "en", "text": "x"}
        )
    assert unknown.status_code == 404


async def test_a_version_says_what_took_over_from_each_clause_that_is_gone(served: Serving) -> None:
    words = parse_agreement_text(words_of().decode())
    drafted = agreement_markdown(words._replace(clauses=tuple(one for one in words.clauses if one.id != "2.2")))

    def body(heirs: dict[str, list[str]]) -> dict[str, Any]:
        schedule = json.loads(schedule_of())
        return {"text": drafted, "schedule": {**schedule, "heirs": heirs} if heirs else schedule}

    drafts = "/api/v1/agreement-drafts"
    async with unit(served) as one:
        silent = await one.post(drafts, json=body({}))
        assert (silent.status_code, pointers(silent)) == (422, ["#/schedule/heirs/2.2:clause-gone"])
        wrong = await one.post(drafts, json=body({"2.2": ["2.1"], "2.99": []}))
        assert pointers(wrong) == ["#/schedule/heirs/2.99:no-such-clause"]
        stands = await one.post(drafts, json=body({"2.1": ["2.3"], "2.2": ["2.1"]}))
        assert pointers(stands) == ["#/schedule/heirs/2.1:not-well-formed"]
        told = await one.post(drafts, json=body({"2.2": ["2.1", "2.3"]}))
        assert told.status_code == 201, told.text


def test_a_text_beside_a_version_names_its_own_hash() -> None:
    made = companions.companion(TIER_2, "1.0", "summary", "en", SUMMARY)
    assert made.text_sha256 == hashlib.sha256(SUMMARY.encode()).hexdigest()
