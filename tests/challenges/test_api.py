"""Professional differences in the interface: who raises, who answers, who sees, and what is refused."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from casework.recorded import recorded
from challenges.conftest import THIRD
from challenges.raising import BY, EVENT, PATH, raised, step, system, taken, wanted
from faults.drafts import event_id
from isa_registry.api.problems import IMMEDIATE_DANGER
from isa_registry.runtime.registry import Registry
from joining.test_pages import signed_in, words
from live import LEAD, POLICE
from recording_queries import Recorder
from serving import Serving

pytestmark = pytest.mark.asyncio(loop_scope="session")


def code_of(answer: Any) -> str:
    return str(answer.json()["type"].rpartition("/")[2])


async def test_a_challenge_goes_from_one_body_to_the_other_and_is_settled(served: Serving) -> None:
    found = await raised(served)
    assert (found["state"], found["stage"], found["waits_for"]) == ("awaiting-answer", "stage-one", POLICE)
    assert found["next_steps"] == ["move-up", "close"]
    assert found["about"] == {"kind": "request", "provider": POLICE, "id": "REQ-2026-118"}
    assert (found["due_on"] is not None, found["overdue"]) == (True, False)
    assert [one["to_confirm"] for one in found["stages"][:2]] == [
        "The time allowed is to be confirmed by the partnership",
        "To be confirmed by the partnership",
    ]

    answered = await taken(served, POLICE, found["id"], step("answer-shares-part"))
    assert answered.status_code == 201, answer_text(answered)
    assert (answered.json()["state"], answered.json()["waits_for"]) == ("answered", LEAD)

    moved = (await taken(served, LEAD, found["id"], step("move-up"))).json()
    assert (moved["stage"], moved["state"], moved["waits_for"]) == ("stage-two", "awaiting-answer", POLICE)
    await taken(served, POLICE, found["id"], step("answer-shares", stage="stage-two"))
    closed = await taken(served, LEAD, found["id"], step("close", stage="stage-two", outcome="resolved-shared"))
    whole = closed.json()
    assert (whole["state"], whole["outcome"], whole["due_at"], whole["waits_for"]) == (
        "closed", "resolved-shared", None, None,
    )  # fmt: skip
    assert [(one["by_body"], one["step"], one["stage"]) for one in whole["steps"]] == [
        (LEAD, "raise", "stage-one"),
        (POLICE, "answer-shares-part", "stage-one"),
        (LEAD, "move-up", "stage-two"),
        (POLICE, "answer-shares", "stage-two"),
        (LEAD, "close", None),
    ]
    assert all(one["taken_by"] == BY for one in whole["steps"])
    assert (await taken(served, LEAD, found["id"], step("give-more"))).status_code == 409


def answer_text(answer: Any) -> str:
    return str(answer.text)


async def test_every_answer_and_every_problem_says_that_danger_waits_for_nothing(served: Serving) -> None:
    found = await raised(served)
    async with system(served) as council:
        for path in (PATH, f"{PATH}/{found['id']}", f"{PATH}/chl_{'0' * 32}"):
            assert (await council.get(path)).json()["immediate_danger"] == IMMEDIATE_DANGER
        for body in (b"{", b"{}"):
            answer = await council.post(PATH, content=body, headers={"Content-Type": "application/json"})
            assert (answer.status_code, answer.json()["immediate_danger"]) == (400, IMMEDIATE_DANGER)


async def test_both_bodies_the_unit_and_auditors_see_it_and_nobody_else(served: Serving) -> None:
    found = await raised(served)
    path = f"{PATH}/{found['id']}"
    for token in (
        served.machine(LEAD, "events:read"),
        served.machine(POLICE, "events:read"),
        served.person(POLICE, "practitioner"),
        served.person(LEAD, "business-unit"),
        served.person(LEAD, "auditor"),
    ):
        async with served.client(token) as reader:
            assert (await reader.get(path)).status_code == 200
            assert found["id"] in (await reader.get(PATH)).text
    async with system(served, THIRD) as third:
        theirs, nobodys = await third.get(path), await third.get(f"{PATH}/chl_{'0' * 32}")
        assert (theirs.status_code, code_of(theirs)) == (404, "not-found")
        assert theirs.json() | {"instance": ""} == nobodys.json() | {"instance": ""}
        assert found["id"] not in (await third.get(PATH)).text
        refused = await third.post(f"{path}/steps", json=step("move-up"))
        assert (refused.status_code, code_of(refused)) == (404, "not-found")


async def test_the_unit_sees_a_challenge_between_others_and_that_it_read_it_is_logged(served: Serving) -> None:
    async with system(served, POLICE) as police:
        found = (await police.post(PATH, json=wanted(other=THIRD))).json()
    before = served.registry.follower.view.size
    async with served.client(served.person(LEAD, "business-unit")) as unit:
        whole = (await unit.get(f"{PATH}/{found['id']}")).json()
    assert (whole["next_steps"], whole["outcomes"]) == ([], [])
    assert served.registry.follower.view.size == before + 1
    # As a body it is no party.
    async with served.client(served.person(LEAD, "practitioner")) as council:
        assert (await council.get(f"{PATH}/{found['id']}")).status_code == 404
        assert found["id"] not in (await council.get(PATH)).text


async def test_whether_the_other_body_recorded_such_an_event_is_never_said(
    served: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a decision not to share the body that asked sees nothing; nor does raising a challenge tell it anything."""
    held = recorded(71, decision="not-shared", held_back=(("intelligence", "no-role"),))
    appended = await served.registry.sequencer.append(held)
    await served.registry.follower.wait_for_size(appended.size, seconds=5)
    async with system(served) as council:
        for number in (71, 72):
            assert (await council.get(f"/api/v1/sharing-events/{event_id(number)}")).status_code == 404
        told, recorder = [], Recorder(monkeypatch)
        for number in (71, 72):
            about = {"kind": "event", "id": event_id(number)}
            answer, asked = await _watched(council, PATH, wanted(about=about), recorder)
            assert answer.status_code == 201, answer.text
            told.append((re.sub(r"[0-9a-f-]{32,36}|\d{4}-\d\d-\d\d[^\"]*|\d+", "", answer.text), asked))
    assert told[0] == told[1]
    assert told[0][1]


async def test_a_step_in_anothers_challenge_is_as_in_one_that_never_was(
    served: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await raised(served)
    async with system(served, THIRD) as third:
        told, recorder = [], Recorder(monkeypatch)
        for challenge in (found["id"], f"chl_{'0' * 32}"):
            answer, asked = await _watched(third, f"{PATH}/{challenge}/steps", step("move-up"), recorder)
            told.append((answer.status_code, answer.json() | {"instance": ""}, asked))
    assert told[0] == told[1]
    assert (told[0][0], bool(told[0][2])) == (404, True)


async def test_what_was_erased_is_gone_for_its_two_bodies_and_never_was_for_others(served: Serving) -> None:
    gone = f"chl_{'e' * 32}"
    owner = await asyncpg.connect(served.registry._url)
    await owner.execute(
        "INSERT INTO erased_record (index, organisation, id, readers) VALUES (999998, $1, $2, ARRAY[$1, $3])",
        *(LEAD, gone, POLICE),
    )
    await owner.close()
    for body, status in ((LEAD, 410), (POLICE, 410), (THIRD, 404)):
        async with system(served, body) as reader:
            for path in (f"{PATH}/{gone}", f"{PATH}/{gone}/receipt"):
                assert (await reader.get(path)).status_code == status
            assert (await reader.post(f"{PATH}/{gone}/steps", json=step("move-up"))).status_code == status
    async with signed_in(served, POLICE, "practitioner") as page:
        await words(page, f"/account/challenges/{gone}", 410)


async def _watched(
    client: httpx.AsyncClient, path: str, sent: dict[str, Any], recorder: Recorder
) -> tuple[httpx.Response, list[str]]:
    """The answer, and what the request asked of the database."""
    with recorder.watched() as asked:
        answer = await client.post(path, json=sent)
    return answer, asked


@pytest.mark.parametrize(
    ("about", "code"),
    [
        ({"kind": "event", "id": EVENT, "provider": LEAD}, "unknown-event"),
        ({"kind": "check", "id": f"chk_{'0' * 32}"}, "unknown-check"),
    ],
)
async def test_what_is_said_to_be_ones_own_must_be_there(served: Serving, about: dict[str, Any], code: str) -> None:
    async with system(served) as council:
        answer = await council.post(PATH, json=wanted(about=about))
    assert (answer.status_code, code_of(answer)) == (422, "unprocessable")
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("#/about/id", code)]


async def test_an_answer_of_ones_own_is_challenged_by_its_check(served: Serving) -> None:
    question = {"recipient": POLICE, "purpose": "child-protection-enquiry", "categories": ["identity"]}
    async with served.client(served.machine(LEAD, "checks:ask")) as asking:
        check = (await asking.post("/api/v1/checks", json=question)).json()["id"]
    found = await raised(served, about={"kind": "check", "id": check}, ground="answer-disputed")
    assert found["about"] == {"kind": "check", "id": check, "provider": LEAD}


# --- what is refused --------------------------------------------------------------------------------------------------

LONG = "A1" * 40
_RAISING: list[tuple[dict[str, Any], int, str, str]] = [
    ({"other": 7}, 400, "#/other", "wrong-type"),
    ({"other": LEAD}, 422, "#/other", "own-organisation"),
    ({"other": "nobody-here"}, 422, "#/other", "unknown-organisation"),
    ({"other": {"kind": "fire"}}, 400, "#/other", "wrong-type"),
    ({"about": None}, 400, "#/about", "wrong-type"),
    ({"about": {"kind": "rumour", "id": EVENT}}, 400, "#/about/kind", "wrong-type"),
    ({"about": {"kind": "event"}}, 400, "#/about/id", "missing"),
    ({"about": {"kind": "event", "id": EVENT, "why": "x"}}, 400, "#/about", "unknown-member"),
    ({"about": {"kind": "event", "id": "1"}}, 422, "#/about/id", "not-a-uuid7"),
    ({"about": {"kind": "event", "id": EVENT.replace("-7000", "-4000")}}, 422, "#/about/id", "not-a-uuid7"),
    ({"about": {"kind": "event", "id": EVENT, "provider": "harbour"}}, 422, "#/about/provider", "not-a-party"),
    ({"about": {"kind": "check", "id": EVENT}}, 422, "#/about/id", "not-a-check"),
    ({"about": {"kind": "request", "id": "Kate Smith"}}, 422, "#/about/id", "not-a-reference"),
    ({"about": {"kind": "request", "id": "2014-02-28"}}, 422, "#/about/id", "not-a-reference"),
    ({"about": {"kind": "request", "id": LONG}}, 422, "#/about/id", "not-a-reference"),
    ({"ground": "unkind"}, 422, "#/ground", "unknown-code"),
    ({"ground": None}, 400, "#/ground", "wrong-type"),
    ({"raised_by": "me"}, 400, "#/raised_by", "wrong-type"),
    ({"raised_by": {"role": "wizard", "ref": "STAFF-1"}}, 422, "#/raised_by/role", "unknown-code"),
    ({"raised_by": {"role": "nurse", "ref": "jo@x.uk"}}, 422, "#/raised_by/ref", "not-a-reference"),
    ({"raised_by": {"role": "nurse"}}, 400, "#/raised_by/ref", "missing"),
    ({"raised_by": {**BY, "name": "Jo"}}, 400, "#/raised_by", "unknown-member"),
    ({"case_record": "943 476 5919"}, 422, "#/case_record", "not-a-reference"),
    ({"case_record": "9434765919"}, 422, "#/case_record", "not-a-reference"),
    ({"case_record": 9}, 400, "#/case_record", "wrong-type"),
    ({"partnership": "atlantis"}, 422, "#/partnership", "no-stages"),
    ({"note": "he said"}, 400, "#", "unknown-member"),
]


@pytest.mark.parametrize(("changes", "status", "pointer", "code"), _RAISING)
async def test_every_member_of_a_challenge_is_held_against_its_form(
    served: Serving, changes: dict[str, Any], status: int, pointer: str, code: str
) -> None:
    size = await _size(served.registry)
    sent = wanted(**changes)
    async with system(served) as council:
        answer = await council.post(PATH, json=sent)
    assert answer.status_code == status, answer.text
    assert (pointer, code) in [(one["pointer"], one["code"]) for one in answer.json()["errors"]]
    assert await _size(served.registry) == size, "nothing is stored"
    assert "Kate Smith" not in answer.text
    assert "wizard" not in answer.text


@pytest.mark.parametrize("member", ["other", "about", "ground", "raised_by"])
async def test_what_a_challenge_needs_is_missed(served: Serving, member: str) -> None:
    sent = wanted()
    del sent[member]
    async with system(served) as council:
        answer = await council.post(PATH, json=sent)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"#/{member}")


_STEPPING: list[tuple[str, dict[str, Any], int, str, str]] = [
    (POLICE, step("shout"), 422, "#/step", "unknown-code"),
    (POLICE, step("answer-stands", stage=1), 400, "#/stage", "wrong-type"),
    (POLICE, step("answer-stands", stage="stage-two"), 409, "#/stage", "another-stage"),
    (POLICE, step("answer-stands", outcome="resolved-shared"), 422, "#/outcome", "contradicts-step"),
    (
        POLICE,
        step("answer-stands", taken_by={"role": "wizard", "ref": "STAFF-1"}),
        422,
        "#/taken_by/role",
        "unknown-code",
    ),
    (POLICE, step("answer-stands", taken_by={"role": "nurse", "ref": "me"}), 422, "#/taken_by/ref", "not-a-reference"),
    (POLICE, step("answer-stands", why="x"), 400, "#", "unknown-member"),
    (POLICE, step("give-more"), 409, "#/step", "not-now"),
    (POLICE, step("close", outcome="resolved-shared"), 409, "#/outcome", "for-the-other-body"),
    (LEAD, step("answer-shares"), 409, "#/step", "not-now"),
    (LEAD, step("close"), 422, "#/outcome", "missing"),
    (LEAD, step("close", outcome="won"), 422, "#/outcome", "unknown-code"),
    (LEAD, step("close", outcome="decision-stands-escalated-out"), 409, "#/outcome", "not-the-last-stage"),
]


@pytest.mark.parametrize(("who", "sent", "status", "pointer", "code"), _STEPPING)
async def test_every_member_of_a_step_is_held_against_the_challenge(
    served: Serving, who: str, sent: dict[str, Any], status: int, pointer: str, code: str
) -> None:
    found = await _standing(served)
    size = await _size(served.registry)
    answer = await taken(served, who, found, sent)
    assert answer.status_code == status, answer.text
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, code)]
    assert await _size(served.registry) == size


_open: list[str] = []


async def _standing(served: Serving) -> str:
    """A challenge that nobody takes a step in."""
    if not _open:
        _open.append((await raised(served))["id"])
    return _open[0]


async def test_at_the_last_stage_it_moves_no_further_and_either_body_takes_it_out(served: Serving) -> None:
    found = await raised(served)
    for stage in ("stage-one", "stage-two", "stage-three"):
        assert (await taken(served, POLICE, found["id"], step("move-up", stage=stage))).status_code == 201
    refused = await taken(served, POLICE, found["id"], step("move-up", stage="stage-four"))
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "last-stage")
    closing = step("close", stage="stage-four", outcome="decision-stands-escalated-out")
    assert (await taken(served, POLICE, found["id"], closing)).json()["state"] == "closed"


# --- races and repetitions --------------------------------------------------------------------------------------------


async def test_two_people_who_move_it_up_at_once_move_it_up_once(served: Serving) -> None:
    found = await raised(served)
    answers = await asyncio.gather(
        *(taken(served, body, found["id"], step("move-up")) for body in (LEAD, POLICE, LEAD, POLICE))
    )
    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]
    async with system(served) as council:
        whole = (await council.get(f"{PATH}/{found['id']}")).json()
    assert (whole["stage"], len(whole["steps"])) == ("stage-two", 2)


async def test_steps_that_go_together_are_all_taken_however_they_race(served: Serving) -> None:
    found = await raised(served)
    answers = await asyncio.gather(*(taken(served, POLICE, found["id"], step("answer-stands")) for _ in range(8)))
    assert {one.status_code for one in answers} == {201}, [one.text for one in answers]
    async with system(served) as council:
        assert len((await council.get(f"{PATH}/{found['id']}")).json()["steps"]) == 9


async def test_the_same_request_again_makes_nothing_new(served: Serving) -> None:
    async with system(served) as council:
        key = {"Idempotency-Key": "challenge-0001"}
        first, again = [await council.post(PATH, json=wanted(), headers=key) for _ in range(2)]
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        assert first.headers["Location"] == again.headers["Location"]
        other = await council.post(PATH, json=wanted(ground="put-off"), headers=key)
        assert (other.status_code, code_of(other)) == (422, "idempotency-conflict")

        path, key = f"{PATH}/{first.json()['id']}/steps", {"Idempotency-Key": "challenge-0002"}
        closing = step("close", outcome="withdrawn-by-raiser")
        closed, once_more = [await council.post(path, json=closing, headers=key) for _ in range(2)]
        assert (closed.status_code, once_more.status_code) == (201, 200)
        assert closed.json() == once_more.json()


# --- lists, receipts --------------------------------------------------------------------------------------------------


async def test_lists_are_narrowed_by_side_and_state_and_read_page_by_page(
    served: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("isa_registry.api.challenges._PAGE", 2)
    async with system(served, POLICE) as police:
        mine = [(await police.post(PATH, json=wanted(other=THIRD))).json()["id"] for _ in range(3)]
        await police.post(f"{PATH}/{mine[0]}/steps", json=step("close", outcome="withdrawn-by-raiser"))
        first = await police.get(f"{PATH}?side=raised&state=open")
        assert [one["id"] for one in first.json()["challenges"]] == [mine[2], mine[1]]
        assert first.json()["next"] in first.headers["Link"]
        second = await police.get(f"{PATH}?side=raised&state=open&cursor={first.json()['next']}")
        assert not {one["id"] for one in second.json()["challenges"]} & set(mine)
        received = await police.get(f"{PATH}?side=received")
        assert {one["other"] for one in received.json()["challenges"]} == {POLICE}
        assert mine[0] in (await police.get(f"{PATH}?state=closed")).text
        for wrong in ("side=both", "state=won", "cursor=x", f"cursor=c{'9' * 30}"):
            assert (await police.get(f"{PATH}?{wrong}")).status_code == 400


async def test_what_is_overdue_is_listed_once_its_time_is_over(
    served: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await raised(served)
    async with system(served) as council:
        assert found["id"] not in (await council.get(f"{PATH}?state=overdue")).text
        later = served.registry.now() + timedelta(days=30)
        monkeypatch.setattr(served.registry, "now", lambda: later)
        monkeypatch.setattr("isa_registry.api.challenges._PAGE", 3)
        monkeypatch.setattr("isa_registry.runtime.challenges._SCANNED", 2)
        answer = (await council.get(f"{PATH}?state=overdue")).json()
        assert found["id"] in [one["id"] for one in answer["challenges"]]
        assert all(one["overdue"] for one in answer["challenges"])
        seen = [one["id"] for one in answer["challenges"]]
        while answer["next"]:
            answer = (await council.get(f"{PATH}?state=overdue&cursor={answer['next']}")).json()
            seen += [one["id"] for one in answer["challenges"]]
        assert len(seen) == len(set(seen)) > 3


async def test_each_entry_has_its_receipt(served: Serving) -> None:
    found = await raised(served)
    answered = (await taken(served, POLICE, found["id"], step("answer-stands"))).json()
    async with system(served, POLICE) as police:
        for query, index in (("", found["entry"]), (f"?entry={answered['steps'][1]['entry']}", None)):
            receipt = await police.get(f"{PATH}/{found['id']}/receipt{query}")
            assert receipt.status_code == 200, receipt.text
            if index is not None:
                assert str(index) in receipt.headers["Content-Disposition"]
        assert (await police.get(f"{PATH}/{found['id']}/receipt?entry=0")).status_code == 404


@pytest.mark.parametrize("scope", ["checks:ask", "events:read"])
async def test_raising_needs_the_scope_for_it(served: Serving, scope: str) -> None:
    async with served.client(served.machine(LEAD, scope)) as council:
        assert (await council.post(PATH, json=wanted())).status_code == 403


async def test_people_raise_and_answer_and_the_unit_only_reads(served: Serving) -> None:
    async with served.client(served.person(LEAD, "practitioner")) as person:
        found = (await person.post(PATH, json=wanted())).json()
    async with served.client(served.person(POLICE, "practitioner")) as officer:
        answer = await officer.post(f"{PATH}/{found['id']}/steps", json=step("answer-stands"))
        assert answer.status_code == 201
    async with served.client(served.person(LEAD, "business-unit")) as unit:
        assert (await unit.post(PATH, json=wanted())).status_code == 403


async def _size(registry: Registry) -> int:
    return registry.follower.view.size
