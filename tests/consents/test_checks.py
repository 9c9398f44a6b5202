"""What questions that name people by reference rest on: the caller's own consents, as they are at that moment."""

from __future__ import annotations

import asyncio
import gc
import json
from typing import Any

import msgspec
import pytest

from asking import COUNCIL, POLICE
from consents.calling import CONSENTS, TAKEN_BACK, ask, calling, question, record, reference
from consents.conftest import OWN
from isa_registry.api.limits import Limits
from isa_registry.domain.dates import day_after, london_date
from isa_registry.domain.entries import CheckAnswered, decode_payload
from isa_registry.domain.questions import Question
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime import evidence_of
from isa_registry.store import consents, log
from isa_registry.store.pool import EVERYTHING, reading_for
from recording_queries import Recorder
from serving import Serving

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def stored(worker: Serving, check: dict[str, Any]) -> CheckAnswered:
    """The entry of a recorded check."""
    async with reading_for(worker.registry.reading, EVERYTHING) as connection:
        found = await connection.fetchval("SELECT index FROM check_record WHERE id = $1", check["id"])
        entry = await log.entry(connection, found)
    assert entry is not None
    payload = decode_payload(entry.payload)
    assert isinstance(payload, CheckAnswered)
    return payload


async def test_a_check_rests_on_the_consent_that_is_on_record(worker: Serving) -> None:
    ref = reference()
    async with calling(worker, OWN) as client:
        assert "ask-consent" == (await ask(client, ref))["outcome"]
        given = await record(client, ref)
        told = await ask(client, ref)
        assert ("may-share", False) == (told["outcome"], told["stale"])
        assert told["register"]["log_size"] > given["entries"][0]["entry"]
        assert "consent-record" not in [one["code"] for one in told["missing"]]
        payload = await stored(worker, told)
        assert [given["entries"][0]["entry"]] == [one.entry for one in payload.evidence.consents]
        assert [None] == [one.ref for one in payload.question.subjects]
        await client.post(f"{CONSENTS}/{given['id']}/withdrawal", json=TAKEN_BACK)
        after = await ask(client, ref)
        assert ("do-not-share", "consent-withdrawn") == (after["outcome"], after["reasons"][0]["code"])


async def test_every_subject_has_to_have_agreed(worker: Serving) -> None:
    one, two = reference(), reference()
    async with calling(worker, OWN) as client:
        await record(client, one)
        assert "ask-consent" == (await ask(client, one, two))["outcome"]
        refused = await record(client, two, "refused", childs_view="objects")
        assert "do-not-share" == (await ask(client, one, two))["outcome"]
        await record(client, two)
        assert "may-share" == (await ask(client, one, two))["outcome"]
        assert refused["status"] == "refused"


@pytest.mark.parametrize(
    "changes", [{"role": "agreement-to-service"}, {"review_on": None, "scope": {
        "purposes": ["child-in-need"], "recipients": [COUNCIL], "categories": ["identity"],
    }}],
)  # fmt: skip
async def test_what_does_not_fit_counts_for_nothing(worker: Serving, changes: dict[str, Any]) -> None:
    ref = reference()
    async with calling(worker, OWN) as client:
        await record(client, ref, **changes)
        assert "ask-consent" == (await ask(client, ref))["outcome"]


async def test_another_bodys_records_are_never_read(worker: Serving) -> None:
    ref = reference()
    async with calling(worker, POLICE) as police, calling(worker, OWN) as own:
        await record(police, ref, scope={
            "purposes": ["early-help"], "recipients": [COUNCIL], "categories": ["identity"],
        })  # fmt: skip
        assert "ask-consent" == (await ask(own, ref))["outcome"]


async def test_a_what_if_rests_on_what_was_known_and_what_held_then(worker: Serving) -> None:
    ref = reference()
    async with calling(worker, OWN) as client:
        review = day_after(london_date(worker.registry.now()), 60)
        given = await record(client, ref, review_on=review)
        first = given["entries"][0]["entry"]
        taken = (await client.post(f"{CONSENTS}/{given['id']}/withdrawal", json=TAKEN_BACK)).json()
        last = taken["entries"][-1]["entry"]

        async def at(size: int, **changes: Any) -> str:
            return str((await ask(client, ref, as_of=size, **changes))["outcome"])

        assert ["ask-consent", "may-share", "may-share", "do-not-share"] == [
            await at(size) for size in (first, first + 1, last, last + 1)
        ]
        assert "ask-consent" == await at(first + 1, on=day_after(review))
        assert "may-share" == await at(first + 1, on=review)


async def test_the_batch_the_matrix_and_authzen_rest_on_the_same(worker: Serving) -> None:
    given, none = reference(), reference()
    async with calling(worker, OWN) as client:
        await record(client, given)
        batch = await client.post(
            "/api/v1/checks/batch", json={"checks": [question(given, record=False), question(none, record=False)]}
        )
        assert ["may-share", "ask-consent"] == [one["outcome"] for one in batch.json()["results"]]
        asked = {name: value for name, value in question(given).items() if name not in ("recipient", "purpose")}
        matrix = await client.post(
            "/api/v1/checks/matrix", json={**asked, "recipients": [COUNCIL], "purposes": ["early-help"]}
        )
        assert ["may-share"] == [one["result"]["outcome"] for one in matrix.json()["cells"]]
        evaluations = [evaluation(given), evaluation(none), evaluation(given, record=False)]
        many = await client.post("/access/v1/evaluations", json={"evaluations": evaluations})
        assert [True, False, True] == [one["decision"] for one in many.json()["evaluations"]]
        one = await client.post("/access/v1/evaluation", json=evaluation(given))
        assert one.json()["decision"]
        # A reference that is spelt with escapes is the same reference.
        spelt = json.dumps(evaluation(given)).replace(given, given.replace("s1_", "\\u00731_")).encode()
        headers = {"Content-Type": "application/json"}
        assert (await client.post("/access/v1/evaluation", content=spelt, headers=headers)).json()["decision"]
        sought = evaluation(given)
        del sought["resource"]["id"]
        found = await client.post("/access/v1/search/resource", json=sought)
        assert "identity" in [one["id"] for one in found.json()["results"]]


def evaluation(ref: str, **context: Any) -> dict[str, Any]:
    asked = question(ref)
    return {
        "subject": {"type": "organisation", "id": OWN},
        "action": {"name": "share"},
        "resource": {"type": "information", "id": "identity", "properties": {"recipient": COUNCIL}},
        "context": {**{name: asked[name] for name in ("purpose", "subjects", "circumstances")}, **context},
    }


async def test_many_questions_that_wait_are_answered_by_one_query(
    worker: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(monkeypatch)
    refs = [reference() for _ in range(40)]
    async with calling(worker, OWN) as client:
        await record(client, refs[0])
        checks = [question(ref, record=False) for ref in refs]
        with recorder.watched() as asked:
            results = (await client.post("/api/v1/checks/batch", json={"checks": checks})).json()["results"]
    assert ["may-share", *["ask-consent"] * 39] == [one["outcome"] for one in results]
    assert asked.count("acquire") <= 3


async def test_in_immediate_danger_nothing_is_read(worker: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder(monkeypatch)
    async with calling(worker, OWN) as client:
        with recorder.watched() as asked:
            told = await ask(client, reference(), urgency="immediate-danger", record=False)
    assert ("share-now", []) == (told["outcome"], asked)


async def test_consents_that_cannot_be_read_are_said_to_be_unread_and_the_answer_stale(
    worker: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise OSError

    async def hanging(*_: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(evidence_of, "READING_SECONDS", 0.05)
    async with calling(worker, OWN) as client:
        for fault in (broken, hanging):
            monkeypatch.setattr(worker.registry.consents, "about", fault)
            told = await ask(client, reference())
            assert ("seek-advice", "consent-register-unavailable", True) == (
                told["outcome"], told["reasons"][0]["code"], told["stale"],
            )  # fmt: skip


async def test_a_turn_that_nobody_waits_for_any_more_ends_quietly(
    worker: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, heard = asyncio.Event(), []

    async def slow(*_: object) -> None:
        await asyncio.sleep(0.05)
        ended.set()
        raise OSError

    monkeypatch.setattr(consents, "about", slow)
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context["message"]))
    reader = worker.registry.consents
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await reader.about(OWN, [reference()])
    await ended.wait()
    async with asyncio.timeout(20):
        while reader._reading:  # noqa: ASYNC110 - the connection is given back first
            await asyncio.sleep(0.01)
    gc.collect()
    asyncio.get_running_loop().set_exception_handler(None)
    assert ([], {}, set()) == (heard, reader._turns, reader._reading)


async def test_who_asks_while_their_bodys_query_is_on_its_way_goes_together_with_the_next(
    worker: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, read, held, begun = consents.about, [], asyncio.Event(), asyncio.Event()

    async def slow(connection: Any, organisation: str, references: list[str], seconds: float) -> Any:
        read.append((organisation, references))
        if len(read) == 1:
            begun.set()
            await held.wait()
        return await real(connection, organisation, references, seconds)

    monkeypatch.setattr(consents, "about", slow)
    reader, refs = worker.registry.consents, sorted(reference() for _ in range(3))
    async with asyncio.timeout(20):
        first = asyncio.create_task(reader.about(OWN, refs[:1]))
        await begun.wait()
        later = [asyncio.create_task(reader.about(OWN, [one])) for one in refs[1:]]
        # Another body is not made to wait.
        await reader.about(POLICE, refs[:1])
        held.set()
        await asyncio.gather(first, *later)
    assert [(OWN, refs[:1]), (POLICE, refs[:1]), (OWN, refs[1:])] == read


async def test_what_was_not_read_about_is_as_if_it_could_not_be(worker: Serving) -> None:
    follower = worker.registry.follower
    found = await evidence_of.consult(worker.registry, OWN, (), view=follower.view, root=follower.root)
    asked = msgspec.convert({**question(reference()), "provider": OWN}, Question)
    assert "unavailable" == found.evidence(asked, "2026-11-27").consent_register
    with pytest.raises(ValueError, match="rests on records"):
        evidence_of.evidence_of(asked)


async def test_a_payload_that_is_not_what_was_logged_counts_for_nothing(
    worker: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who can write to the database alone could otherwise turn a no into a yes."""
    ref = reference()
    async with calling(worker, OWN) as client:
        await record(client, ref, "refused", childs_view="objects")
        forged = a_yes_for_a_no(monkeypatch)
        assert "seek-advice" == (await ask(client, ref))["outcome"]
        assert forged


def a_yes_for_a_no(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Gives, in place of what is stored, the same with a yes for a no."""
    real, seen = consents.about, []

    async def forged(*given: Any) -> Any:
        found = await real(*given)
        seen.append(found)
        entries = tuple(
            (one, msgspec.structs.replace(entry, payload=entry.payload.replace(b"consent.refused", b"consent.given")))
            for one, entry in found.entries
        )
        return msgspec.structs.replace(found, entries=entries)

    monkeypatch.setattr(consents, "about", forged)
    return seen


async def test_a_consent_that_changes_before_the_answer_is_recorded_has_it_answered_again(
    worker: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = reference()
    sequencer = worker.registry.sequencer
    append, drafts = sequencer.append, []
    async with calling(worker, OWN) as client:
        given = await record(client, ref)

        async def overtaken(draft: Draft, **options: Any) -> Any:
            drafts.append(draft)
            if len(drafts) == 1:
                await client.post(f"{CONSENTS}/{given['id']}/withdrawal", json=TAKEN_BACK)
            return await append(draft, **options)

        monkeypatch.setattr(sequencer, "append", overtaken)
        told = await ask(client, ref)
        assert ("do-not-share", True) == (told["outcome"], told["recorded"])
        assert (await stored(worker, told)).answer.outcome == "do-not-share"


async def test_a_batch_reads_once_and_what_changes_before_it_is_recorded_is_answered_again(
    worker: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = [reference() for _ in range(3)]
    sequencer, about = worker.registry.sequencer, consents.about
    append, read, overtaken = sequencer.append, [], []
    async with calling(worker, OWN) as client:
        given = await record(client, refs[0])

        async def counted(*asked: Any) -> Any:
            read.append(sorted(asked[2]))
            return await about(*asked)

        async def overtaking(draft: Draft, **options: Any) -> Any:
            if isinstance(draft.payloads[0], CheckAnswered) and not overtaken:
                overtaken.append(draft)
                await client.post(f"{CONSENTS}/{given['id']}/withdrawal", json=TAKEN_BACK)
            return await append(draft, **options)

        monkeypatch.setattr(consents, "about", counted)
        monkeypatch.setattr(sequencer, "append", overtaking)
        asked = [question(refs[0]), question(refs[1]), question(refs[2], record=False), {"recipient": 1}]
        answer = await client.post("/api/v1/checks/batch", json={"checks": asked})
        *told, wrong = answer.json()["results"]
    assert [("do-not-share", True), ("ask-consent", True), ("ask-consent", False)] == [
        (one["outcome"], one["recorded"]) for one in told
    ]
    assert (400, "#/checks/3/recipient") == (wrong["status"], wrong["errors"][0]["pointer"])
    assert [sorted(refs), [refs[0]]] == read


@pytest.mark.parametrize("path", ["/api/v1/checks", "/access/v1/evaluation"])
async def test_one_that_changes_every_time_is_answered_all_the_same_and_not_recorded(
    worker: Serving, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    ref = reference()
    sequencer = worker.registry.sequencer
    append = sequencer.append
    async with calling(worker, OWN) as client, calling(worker, OWN) as other:
        monkeypatch.setattr(sequencer, "append", append)

        async def overtaken(draft: Draft, **options: Any) -> Any:
            if isinstance(draft.payloads[0], CheckAnswered):
                await record(other, ref)
            return await append(draft, **options)

        monkeypatch.setattr(sequencer, "append", overtaken)
        sent = question(ref) if path.startswith("/api") else evaluation(ref)
        answer = (await client.post(path, json=sent)).json()
        told = answer if path.startswith("/api") else answer["context"]["isa"]
        assert ("may-share", False) == (told["outcome"], told["recorded"])
        assert "late-entry" in [one["code"] for one in told["conditions"]]


# --- how many people somebody asks about -----------------------------------------------------------------------------


async def test_nobody_can_try_references_one_after_another(worker: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundredth of the limit: 50 people for a system, two for a person."""
    monkeypatch.setitem(worker.app.state._state, "limits", Limits(percent=1, monotonic=lambda: 0.0))
    refs = [reference() for _ in range(50)]
    async with worker.client(worker.person(OWN, "practitioner")) as person:
        answers = [await person.post(f"{CONSENTS}/search", json={"references": [ref]}) for ref in refs[:2]]
        assert [200, 200] == [one.status_code for one in answers]
        over = await person.post(f"{CONSENTS}/search", json={"references": [refs[2]]})
        assert (429, "quota-exceeded") == (over.status_code, over.json()["type"].rpartition("/")[2])
        assert int(over.headers["retry-after"]) > 0
        assert refs[2] not in over.text
        # The same people again are never counted twice; questions and searches count together.
        assert 200 == (await person.post(f"{CONSENTS}/search", json={"references": refs[:2]})).status_code
        assert 200 == (await person.post("/api/v1/checks", json=question(refs[0], record=False))).status_code
        refused = await person.post("/api/v1/checks", json=question(refs[2], record=False))
        assert 429 == refused.status_code
        assert "danger" in refused.text
        danger = await person.post("/api/v1/checks", json=question(refs[2], urgency="immediate-danger"))
        assert "share-now" == danger.json()["outcome"]
        assert 200 == (await person.post("/api/v1/checks", json=question(record=False))).status_code
        batch = {"checks": [question(refs[0], record=False), question(refs[3], record=False)]}
        results = (await person.post("/api/v1/checks/batch", json=batch)).json()["results"]
        assert ["ask-consent", 429] == [results[0]["outcome"], results[1]["status"]]
    async with calling(worker, OWN) as system:
        assert 200 == (await system.post(f"{CONSENTS}/search", json={"references": refs})).status_code
        one_more = reference()
        over = await system.post("/access/v1/evaluation", json=evaluation(one_more))
        assert 429 == over.status_code
        # The straight way is bounded too.
        assert 429 == (await system.post("/api/v1/checks", json=question(one_more))).status_code
