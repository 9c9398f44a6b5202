"""A check needs no database: a recorder of queries says so, while the database is there and while it is away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from consenting import entry
from databases import Databases
from faults.drafts import POLICE
from isa_registry.ledger.drafts import Draft
from recording_queries import Recorder
from serving import Serving, serving

QUESTION = {
    "recipient": "durham-county-council",
    "purpose": "harm-outside-the-home",
    "categories": ["identity"],
    "subjects": [{"kind": "child", "roles": ["victim"]}],
    "circumstances": {"would_help_recipient": True, "relates_to_child": True},
}
BY_REFERENCE = {**QUESTION, "subjects": [{"kind": "child", "ref": "s1_" + "A" * 43}]}
EARLY_HELP = {
    "recipient": "durham-county-council",
    "purpose": "early-help",
    "categories": ["identity"],
    "subjects": [{"kind": "child", "ref": "s1_" + "A" * 43}],
    "circumstances": {"informing_increases_risk": False},
}
UNRECORDED = {**QUESTION, "record": False}


async def test_a_check_without_references_makes_no_call_on_the_database(
    databases: Databases, template_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(monkeypatch)
    name = databases.create(template_database)
    async with serving(databases.url(name), tmp_path) as found:
        await found.admit(POLICE, scopes=("checks:ask",))
        async with found.client(found.machine(POLICE, "checks:ask")) as client:

            async def ask(question: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
                with recorder.watched() as asked:
                    answer = await client.post("/api/v1/checks", json=question)
                assert 200 == answer.status_code
                return answer.json(), asked

            async def ask_many() -> tuple[list[dict[str, Any]], list[str]]:
                with recorder.watched() as asked:
                    answer = await client.post("/api/v1/checks/batch", json={"checks": [UNRECORDED, QUESTION] * 5})
                assert 200 == answer.status_code
                return answer.json()["results"], asked

            told, asked = await ask(UNRECORDED)
            assert ("duty-to-share", False, False, []) == (told["outcome"], told["recorded"], told["stale"], asked)
            assert "late-entry" not in _conditions(told)
            recorded, _ = await ask(QUESTION)
            assert recorded["recorded"]
            with recorder.watched() as asked:
                assert 200 == (await client.get(f"/api/v1/checks/{recorded['id']}")).status_code
            assert "acquire" in asked

            with databases.away(name):
                await _until(lambda: not found.registry.follower.connected)
                turns = _turns(found, monkeypatch)
                for question in (UNRECORDED, QUESTION):
                    told, asked = await ask(question)
                    assert ("duty-to-share", False, True) == (told["outcome"], told["recorded"], told["stale"])
                    assert (None, []) == (told["receipt"], asked)
                    assert ("late-entry" in _conditions(told)) == ("record" not in question)
                results, asked = await ask_many()
                assert [("duty-to-share", False)] * 10 == [(one["outcome"], one["recorded"]) for one in results]
                assert ([], []) == (asked, turns)

            await _until(lambda: found.registry.follower.connected)
            told, _ = await ask(QUESTION)
            assert (True, False) == (told["recorded"], told["stale"])
    databases.drop(name)


def _conditions(told: dict[str, Any]) -> list[str]:
    return [one["code"] for one in told["conditions"]]


def _turns(found: Serving, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What is handed to the only thing that writes: a task of its own, whose calls nobody else's context sees."""
    sequencer = found.registry.sequencer
    append, turns = sequencer.append, []

    async def noted(draft: Any, **options: Any) -> Any:
        turns.append(draft)
        return await append(draft, **options)

    monkeypatch.setattr(sequencer, "append", noted)
    return turns


def _looks(found: Serving, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every time that consents are looked for."""
    about, looks = found.registry.consents.about, []

    async def noted(*asked: Any) -> Any:
        looks.append(asked)
        return await about(*asked)

    monkeypatch.setattr(found.registry.consents, "about", noted)
    return looks


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - another task brings it about
            await asyncio.sleep(0.02)


async def test_what_needs_consent_records_says_that_they_cannot_be_read_and_what_does_not_goes_on(
    databases: Databases, template_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = databases.create(template_database)
    async with serving(databases.url(name), tmp_path) as found:
        await found.admit(POLICE, scopes=("checks:ask",))
        await found.admit("harbour", scopes=("checks:ask",))

        async def ask(organisation: str, question: dict[str, Any], **changes: Any) -> dict[str, Any]:
            async with found.client(found.machine(organisation, "checks:ask")) as client:
                answer = await client.post("/api/v1/checks", json={**question, **changes})
            assert 200 == answer.status_code
            return dict(answer.json())

        there = await ask("harbour", EARLY_HELP)
        assert "ask-consent" == there["outcome"]
        # What a yes that is on record allows is not allowed while nobody can read whether it was taken back.
        given = entry(0, "given", organisation="harbour", review_on=None).payload
        await found.registry.sequencer.append(Draft(payloads=(given,)))
        assert "may-share" == (await ask("harbour", EARLY_HELP))["outcome"]
        with databases.away(name):
            await _until(lambda: not found.registry.follower.connected)
            looked = _looks(found, monkeypatch)
            away = await ask("harbour", EARLY_HELP)
            assert ("seek-advice", "consent-register-unavailable") == (away["outcome"], away["reasons"][0]["code"])
            assert away["advice"]
            assert away["stale"]
            unnamed = await ask("harbour", EARLY_HELP, subjects=[{"kind": "child"}])
            assert "ask-consent" == unnamed["outcome"]
            assert "share-now" == (await ask("harbour", EARLY_HELP, urgency="immediate-danger"))["outcome"]
            duty = await ask(POLICE, BY_REFERENCE)
            assert ("duty-to-share", False) == (duty["outcome"], duty["recorded"])
            # Nobody waits for a database that is known to be away.
            assert [] == looked
        await _until(lambda: found.registry.follower.connected)
        back = await ask("harbour", EARLY_HELP)
        assert ("may-share", False) == (back["outcome"], back["stale"])
        assert looked
    databases.drop(name)
