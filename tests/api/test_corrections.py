"""Corrections keep what they correct; late entries; dates in their order."""

from __future__ import annotations

import json

import httpx
import pytest

from api.speaking import MARKER, Claims, Database, Signer, assert_problem, at, new_id
from api.test_acknowledging import both, listed, seen
from live import LEAD, POLICE, Demonstration

URL = "/api/v1/sharing-events"
JOSE = {"Content-Type": "application/jose"}


def record(police: httpx.Client, signer: Signer, **changes: object) -> str:
    claims = signer.event(**changes)
    answer = police.post(URL, content=signer.sign(claims), headers=JOSE)
    assert answer.status_code == 201, answer.text
    return str(claims["id"])


def refused(police: httpx.Client, signer: Signer, **changes: object) -> Claims:
    answer = police.post(URL, content=signer.sign(signer.event(**changes)), headers=JOSE)
    return assert_problem(answer, 422, "unprocessable")


def test_a_correction_keeps_the_original_and_both_sides_see_it(
    police: httpx.Client, council: httpx.Client, signer: Signer
) -> None:
    original = record(police, signer)
    before = seen(police, original)
    correction = record(police, signer, corrects=original, case_record="CMS-4321")
    assert both(police, council, original) == {"corrected"}
    assert both(police, council, correction) == {"unmatched"}
    for client in (police, council):
        assert seen(client, original)["event"] == before["event"]
        assert seen(client, original)["corrected_by"] == correction
        assert seen(client, correction)["corrects"] == original
        assert "corrected_by" not in seen(client, correction)


def test_the_newest_is_what_one_corrects(police: httpx.Client, signer: Signer, database: Database) -> None:
    first = record(police, signer)
    second = record(police, signer, corrects=first)
    before = database.size()
    (error,) = refused(police, signer, corrects=first)["errors"]
    assert (error["pointer"], error["code"], database.size()) == ("#/corrects", "already-corrected", before)
    third = record(police, signer, corrects=second)
    assert seen(police, second)["corrected_by"] == third


def test_a_correction_that_is_sent_again_gives_the_first_answer(police: httpx.Client, signer: Signer) -> None:
    original = record(police, signer)
    jws = signer.sign(signer.event(corrects=original))
    first, again = (police.post(URL, content=jws, headers=JOSE) for _ in range(2))
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())


@pytest.mark.parametrize(
    ("corrects", "code"),
    [
        (MARKER, "not-a-uuid7"),
        ("", "not-a-uuid7"),
        ("0f8fad5b-d9cb-469f-a165-70867728950e", "not-a-uuid7"),
        (new_id(), "unknown-event"),
    ],
    ids=["no id", "empty", "a random UUID", "of nothing"],
)
def test_what_a_correction_names_is_an_event_of_ones_own(
    police: httpx.Client, signer: Signer, unchanged: None, corrects: str, code: str
) -> None:
    assert [("#/corrects", code)] == [
        (error["pointer"], error["code"]) for error in refused(police, signer, corrects=corrects)["errors"]
    ]


def test_anothers_event_is_as_unknown_as_one_that_never_was(
    police: httpx.Client, council: httpx.Client, signer: Signer, demonstration: Demonstration
) -> None:
    """Also one that was shared with whoever would correct it."""
    theirs, told = Signer(demonstration.state, LEAD), set()
    shared = record(police, signer)
    withheld = police.post(URL, json=signer.held_back("not-shared")).raise_for_status().json()["id"]
    for corrects in (shared, withheld, new_id()):
        answer = council.post(URL, content=theirs.sign(theirs.event(corrects=corrects)), headers=JOSE)
        assert_problem(answer, 422, "unprocessable", "#/corrects")
        told.add(answer.text.replace(answer.headers["x-request-id"], ""))
    assert len(told) == 1


def test_no_event_corrects_itself(police: httpx.Client, signer: Signer, unchanged: None) -> None:
    same = new_id()
    (error,) = refused(police, signer, id=same, corrects=same)["errors"]
    assert (error["pointer"], error["code"]) == ("#/corrects", "corrects-itself")


def test_a_recipient_learns_that_its_event_was_corrected_and_no_more(
    police: httpx.Client, council: httpx.Client, signer: Signer
) -> None:
    """What corrects it was not shared, or was for another body: the recipient is not shown that."""
    for correction in ("not-shared", "elsewhere"):
        original = record(police, signer)
        if correction == "elsewhere":
            hidden = record(police, signer, corrects=original, recipient="harbour")
        else:
            sent = signer.held_back("not-shared", corrects=original)
            hidden = police.post(URL, json=sent).raise_for_status().json()["id"]
        assert both(police, council, original) == {"corrected"}
        assert seen(police, original)["corrected_by"] == hidden
        told = seen(council, original)
        assert (told["state"], "corrected_by" in told) == ("corrected", False)
        assert hidden not in json.dumps(told)
        assert hidden not in json.dumps(council.get(URL, params={"side": "recipient"}).json())
        assert_problem(council.get(f"{URL}/{hidden}"), 404, "not-found")


def test_an_event_and_its_corrections_may_come_in_one_batch(
    police: httpx.Client, signer: Signer, database: Database
) -> None:
    """A system that was away sends what it kept in the order in which it was signed."""
    before, ids = database.size(), [new_id() for _ in range(4)]
    chain = [
        {"event": signer.sign(signer.event(id=one, corrects=earlier))}
        for one, earlier in zip(ids, (None, *ids), strict=False)
    ]
    results = police.post(f"{URL}/batch", json={"events": chain}).raise_for_status().json()["results"]
    assert [one["status"] for one in results] == [201] * 4
    assert [one["entry"] for one in results] == list(range(before, before + 4))
    assert [seen(police, one).get("corrected_by") for one in ids] == [*ids[1:], None]
    again = police.post(f"{URL}/batch", json={"events": chain}).raise_for_status().json()["results"]
    assert [one["status"] for one in again] == [200] * 4


def test_of_two_corrections_in_one_batch_one_stands(police: httpx.Client, signer: Signer, database: Database) -> None:
    original = record(police, signer)
    before = database.size()
    events = [{"event": signer.sign(signer.event(corrects=original))} for _ in range(3)]
    results = police.post(f"{URL}/batch", json={"events": events}).raise_for_status().json()["results"]
    assert [one["status"] for one in results] == [201, 422, 422]
    assert {one["errors"][0]["pointer"] for one in results[1:]} == {"#/events/1/corrects", "#/events/2/corrects"}
    assert {one["errors"][0]["code"] for one in results[1:]} == {"already-corrected"}
    assert database.size() == before + 1


def test_a_correction_that_comes_before_what_it_corrects_is_refused(police: httpx.Client, signer: Signer) -> None:
    original = new_id()
    events = [
        {"event": signer.sign(signer.event(corrects=original))},
        {"event": signer.sign(signer.event(id=original))},
    ]
    results = police.post(f"{URL}/batch", json={"events": events}).raise_for_status().json()["results"]
    assert [one["status"] for one in results] == [422, 201]
    assert results[0]["errors"][0]["code"] == "unknown-event"


# --- times -----------------------------------------------------------------------------------------------------------


def test_after_an_emergency_an_event_is_a_late_entry(
    police: httpx.Client, council: httpx.Client, signer: Signer
) -> None:
    when = at(days=40)
    event = record(police, signer, decided_at=when, shared_at=when, late_entry=True, urgency="immediate-danger")
    assert event in listed(police, "provider", "unmatched")
    assert seen(council, event)["state"] == "unmatched"


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"decided_at": at(hours=25), "shared_at": at()}, "#/decided_at", "late"),
        ({"decided_at": at(days=-1), "shared_at": at(days=-1)}, "#/decided_at", "in-the-future"),
        ({"decided_at": at(days=-1), "shared_at": at(days=-1), "late_entry": True}, "#/decided_at", "in-the-future"),
        ({"decided_at": at(days=9_000), "shared_at": at(), "late_entry": True}, "#/decided_at", "key-not-valid-then"),
        ({"decided_at": at(), "shared_at": at(days=-1)}, "#/shared_at", "in-the-future"),
        ({"decided_at": at(), "shared_at": at(seconds=1)}, "#/shared_at", "before-decided"),
        ({"review_on": at(days=2)[:10]}, "#/review_on", "before-decided"),
        ({"review_on": "2026-02-30"}, "#/review_on", "not-a-date"),
        ({"review_on": at(days=-9)}, "#/review_on", "not-a-date"),
    ],
    ids=[
        "a day ago", "ahead", "ahead and late", "before the key", "shared ahead", "shared before it was decided",
        "reviewed before", "no day", "a time for a day",
    ],
)  # fmt: skip
def test_dates_are_in_their_order_and_within_their_limits(
    police: httpx.Client, signer: Signer, unchanged: None, changes: dict[str, object], pointer: str, code: str
) -> None:
    errors = [(error["pointer"], error["code"]) for error in refused(police, signer, **changes)["errors"]]
    assert (pointer, code) in errors
    assert POLICE not in json.dumps(errors)
