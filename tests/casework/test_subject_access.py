"""What a body can see about one person, with what to think of before any of it is given."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec
import pytest

from asking import COUNCIL, POLICE
from casework.conftest import HARBOUR
from casework.recorded import acknowledged, child, recorded
from faults.case_drafts import consent_id, reference
from faults.drafts import check_draft, event_id
from isa_registry.domain.entries import RecordsSearched, decode_payload
from isa_registry.runtime import subject_access
from isa_registry.store import log
from isa_registry.store.pool import EVERYTHING, connect
from serving import Serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

ACCESS = "/api/v1/sharing-events/subject-access"
CHECK = f"chk_{1:032x}"


async def ask(case: Serving, body: str, **asked: Any) -> httpx.Response:
    async with case.client(case.person(body, "ig-lead")) as client:
        return await client.post(ACCESS, json=asked)


def codes(found: dict[str, Any]) -> dict[str, list[str]]:
    return {one["code"]: one["because"] for one in found["warnings"]}


async def test_every_event_of_ones_own_for_a_reference_is_listed_with_its_warnings(case: Serving) -> None:
    answer = await ask(case, POLICE, references=[child(1)])
    assert answer.status_code == 200, answer.text
    first, second = answer.json()["events"]
    assert [first["id"], second["id"]] == [event_id(2), event_id(1)]
    assert codes(first)["tipping-off"] == ["withheld:live-investigation"]
    assert codes(first)["what-was-withheld"] == ["decision:part-shared"]
    assert codes(second)["third-parties"] == ["subjects:2"]
    assert "tipping-off" not in codes(second)
    assert answer.json()["next"] is None


async def test_each_warning_says_how_sure_its_law_is(case: Serving) -> None:
    whole = (await ask(case, POLICE, references=[child(1)])).json()
    laws = [law for one in whole["events"] for warning in one["warnings"] for law in warning["law"]]
    assert laws
    assert {law["confidence"] for law in laws} <= {"secondary", "general-knowledge"}
    assert all(law["source"] for law in laws)
    assert whole["notes"][0]["code"] == "a-person-decides"


async def test_a_correction_is_linked_from_both_sides(case: Serving) -> None:
    (old,) = (await ask(case, POLICE, references=["CMS-4"])).json()["events"]
    (new,) = (await ask(case, POLICE, references=["CMS-7"])).json()["events"]
    assert old["corrected_by"] == [event_id(7)]
    assert codes(old)["corrected"] == [f"corrected_by:{event_id(7)}"]
    assert codes(new)["corrected"] == [f"corrects:{event_id(4)}"]


async def test_ones_own_check_its_restriction_and_the_acknowledgement_are_linked(own_case: Serving) -> None:
    draft = check_draft(1)
    (payload,) = draft.payloads
    restricted = msgspec.structs.replace(
        payload,
        check=CHECK,
        question=msgspec.structs.replace(
            payload.question,  # type: ignore[union-attr]
            circumstances=msgspec.structs.replace(
                payload.question.circumstances,  # type: ignore[union-attr]
                restriction="adoption-record",
            ),
        ),
    )
    for one in (
        msgspec.structs.replace(draft, payloads=(restricted,), idempotency=None),
        recorded(30, check=CHECK, recipient=HARBOUR),
        acknowledged(30, recipient=HARBOUR),
        recorded(31, provider=HARBOUR, check=CHECK, recipient=COUNCIL),
    ):
        appended = await own_case.registry.sequencer.append(one)
    await own_case.registry.follower.wait_for_size(appended.size, seconds=5)
    (found,) = (await ask(own_case, POLICE, references=["CMS-30"])).json()["events"]
    assert (found["check"], found["acknowledged"]) == (CHECK, "2026-11-23T09:00:00.000Z")
    assert codes(found)["court-or-adoption"] == ["restriction:adoption-record"]
    (theirs,) = (await ask(own_case, HARBOUR, references=["CMS-31"])).json()["events"]
    assert theirs["check"] is None, "another's check is no link"


async def test_consents_under_the_reference_come_with_what_happened_to_them(case: Serving) -> None:
    whole = (await ask(case, POLICE, references=[reference(1)])).json()
    assert [(one["id"], one["happened"]) for one in whole["consents"]] == [(consent_id(1), ["given", "withdrawn"])]
    assert (await ask(case, HARBOUR, references=[reference(1)])).json()["consents"] == []


async def test_what_was_received_is_found_by_the_id_that_was_filed(case: Serving) -> None:
    without = (await ask(case, COUNCIL, references=["CMS-5"])).json()
    assert [one["id"] for one in without["events"]] == [event_id(5)]
    assert "received-by-id-alone" in {one["code"] for one in without["notes"]}
    whole = (await ask(case, COUNCIL, references=["CMS-5"], events=[event_id(1), event_id(2), event_id(5)])).json()
    assert [(one["id"], one["side"]) for one in whole["events"]] == [
        (event_id(5), "provider"), (event_id(2), "recipient"), (event_id(1), "recipient"),
    ]  # fmt: skip
    received = whole["events"][1]
    assert "what-was-withheld" not in codes(received)
    assert "tipping-off" not in codes(received)
    assert codes(received)["ask-the-other-first"] == ["party:competent-authority"]


async def test_what_is_anothers_is_as_if_it_were_not_there(case: Serving) -> None:
    """What the police did not share with the council, what Harbour shared with it, and what never was."""
    answers = [
        await ask(case, COUNCIL if number == 3 else POLICE, references=["CMS-404"], events=[event_id(number)])
        for number in (3, 6, 999)
    ]
    assert len({(one.status_code, one.text) for one in answers[1:]}) == 1
    assert [one.json()["events"] for one in answers] == [[], [], []]


async def test_pages_follow_one_another_and_consents_are_on_the_first(
    case: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject_access, "_PAGE", 1)
    about = [child(1), reference(1)]
    first = (await ask(case, POLICE, references=about, events=[event_id(5)])).json()
    second = (await ask(case, POLICE, references=about, events=[event_id(5)], cursor=first["next"])).json()
    assert [one["id"] for one in first["events"]] == [event_id(5), event_id(2)]
    assert [one["id"] for one in second["events"]] == [event_id(1)]
    assert (len(first["consents"]), len(second["consents"])) == (1, 0)
    while second["next"] is not None:
        second = (await ask(case, POLICE, references=about, cursor=second["next"])).json()
        assert second["events"] == []


async def test_that_somebody_gathered_is_logged(case: Serving) -> None:
    before = case.registry.follower.view.size
    await ask(case, POLICE, references=[child(1), child(1)])
    connection = await connect(case.registry._url, "isa_read", reader=EVERYTHING)
    entry = await log.entry(connection, before)
    await connection.close()
    await case.registry.follower.wait_for_size(before + 1, seconds=5)
    assert entry is not None
    assert decode_payload(entry.payload) == RecordsSearched(
        organisation=POLICE, client="isa-client", what="subject-access", references=1, found=2
    )


@pytest.mark.parametrize(
    ("asked", "status", "pointer"),
    [
        ({}, 400, "#/references"),
        ({"references": []}, 422, "#/references"),
        ({"references": ["nobody"]}, 422, "#/references/0"),
        ({"references": ["CMS-1"] * 21}, 422, "#/references"),
        ({"references": None}, 400, "#/references"),
        ({"references": ["CMS-1"], "events": ["not-an-id"]}, 422, "#/events/0"),
        ({"references": ["CMS-1"], "events": [event_id(1)] * 101}, 422, "#/events"),
        ({"references": ["CMS-1"], "events": 3}, 400, "#/events"),
        ({"references": ["CMS-1"], "name": "x"}, 400, "#"),
    ],
)
async def test_what_cannot_be_gathered_is_pointed_at(
    case: Serving, asked: dict[str, Any], status: int, pointer: str
) -> None:
    answer = await ask(case, POLICE, **asked)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)


async def test_a_cursor_that_no_page_gave_is_refused(case: Serving) -> None:
    assert (await ask(case, POLICE, references=["CMS-1"], cursor="x1")).status_code == 400


@pytest.mark.parametrize("role", ["practitioner"])
async def test_it_is_for_who_answers_such_requests(case: Serving, role: str) -> None:
    async with case.client(case.person(POLICE, role)) as client:
        assert (await client.post(ACCESS, json={"references": ["CMS-1"]})).status_code == 403
    async with case.client(case.machine(POLICE, "events:write")) as client:
        assert (await client.post(ACCESS, json={"references": ["CMS-1"]})).status_code == 403
