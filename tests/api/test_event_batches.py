"""Up to a hundred events in one request: each is recorded or refused by itself."""

from __future__ import annotations

import json

import httpx
import pytest

from api.speaking import MARKER, Claims, Database, Signer, assert_problem, new_id
from live import LEAD, POLICE, Demonstration

URL = "/api/v1/sharing-events"
BATCH = f"{URL}/batch"


def send(client: httpx.Client, *events: object) -> list[Claims]:
    answer = client.post(BATCH, json={"events": events})
    assert answer.status_code == 200, answer.text
    found: list[Claims] = answer.json()["results"]
    assert len(found) == len(events)
    return found


def test_each_event_has_its_answer_in_order_and_all_share_one_turn(
    police: httpx.Client, signer: Signer, database: Database
) -> None:
    before = database.size()
    sent = [{"event": signer.sign(signer.event())}, signer.held_back("part-shared"), signer.held_back("deferred")]
    results = send(police, *sent)
    assert [one["status"] for one in results] == [201, 201, 201]
    assert len({one["recorded_at"] for one in results}) == 1
    assert results[0]["entry"] == before
    for one, of in zip(results, sent, strict=True):
        whole = police.get(f"{URL}/{one['id']}").json()
        assert (whole["event"], whole.get("withheld")) == (of["event"], of.get("withheld"))
        assert {**one, "status": 200}.items() >= police.post(URL, json=of).json().items()


def test_a_hundred_are_taken_and_no_more(police: httpx.Client, signer: Signer, database: Database) -> None:
    before = database.size()
    events = [{"event": signer.sign(signer.event())} for _ in range(101)]
    assert_problem(police.post(BATCH, json={"events": events}), 400, "malformed", "#/events")
    assert database.size() == before
    assert {one["status"] for one in send(police, *events[:100])} == {201}
    assert database.size() == before + 100
    again = send(police, *events[:100])
    assert {one["status"] for one in again} == {200}
    assert database.size() == before + 100


def test_one_that_is_refused_harms_no_other(police: httpx.Client, signer: Signer, database: Database) -> None:
    before = database.size()
    good, other = {"event": signer.sign(signer.event())}, {"event": signer.sign(signer.event())}
    missing = {"event": signer.held_back("part-shared")["event"]}
    bad = [
        {"event": signer.sign(signer.event(purpose=MARKER))},
        {"event": MARKER},
        {"event": 1},
        {"event": signer.sign(signer.event()), MARKER: 1},
        {"event": signer.sign(signer.event(provider=LEAD))},
        missing,
        {"event": signer.sign(signer.event(check="chk_01999c3e7c0070008000000000000001"))},
    ]
    results = send(police, good, *bad, other)
    assert (results[0]["status"], results[-1]["status"]) == (201, 201)
    assert database.size() == before + 2
    assert [one["status"] for one in results[1:-1]] == [422, 422, 400, 400, 403, 422, 422]
    assert [one["errors"][0]["pointer"] for one in results[1:-1]] == [
        "#/events/1/purpose", "#/events/2", "#/events/3/event", "#/events/4", "#/events/5/provider",
        "#/events/6/withheld_sha256", "#/events/7/check",
    ]  # fmt: skip
    assert MARKER not in json.dumps(results)


def test_the_same_content_twice_in_one_batch_is_one_event(
    police: httpx.Client, signer: Signer, database: Database
) -> None:
    before, claims = database.size(), signer.event()
    same = {"event": signer.sign(claims)}
    other = {"event": signer.sign({**claims, "case_record": "CMS-9999"})}
    first, again, conflict = send(police, same, same, other)
    assert (first["status"], again) == (201, {**first, "status": 200})
    assert (conflict["status"], conflict["type"].rpartition("/")[2]) == (409, "event-conflict")
    assert database.size() == before + 1


def test_flags_and_checks_are_those_of_each_event(police: httpx.Client, signer: Signer) -> None:
    plain, flagged = send(
        police, {"event": signer.sign(signer.event())}, signer.held_back("not-shared", duty={
            "would_help_recipient": True, "more_detrimental": False,
        })
    )  # fmt: skip
    assert (plain["flags"], flagged["flags"]) == ([], ["withheld-against-duty"])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b"", "#"),
        (b"[]", "#"),
        (b'{"events": []}', "#/events"),
        (b'{"events": 1}', "#/events"),
        (b'{"event": []}', "#/events"),
        (b'{"events": [], "' + MARKER.encode() + b'": 1}', "#"),
        (b'{"events": [' + b"[" * 9_000, "#"),
    ],
    ids=["empty", "a list", "none", "a number", "another member", "an unknown member", "nested"],
)
def test_what_is_no_batch_is_malformed(police: httpx.Client, body: bytes, pointer: str, unchanged: None) -> None:
    answer = police.post(BATCH, content=body, headers={"Content-Type": "application/json"})
    assert_problem(answer, 400, "malformed")
    assert pointer in [error["pointer"] for error in answer.json()["errors"]] or body == b'{"event": []}'


def test_a_batch_that_is_too_long_is_refused(police: httpx.Client, unchanged: None) -> None:
    answer = police.post(BATCH, content=b" " * 4_194_305, headers={"Content-Type": "application/json"})
    assert_problem(answer, 413, "too-large")


def test_a_document_with_thousands_of_faults_names_the_first_of_them(
    police: httpx.Client, signer: Signer, unchanged: None
) -> None:
    """An answer stays of the size of its question."""
    basis = {"article_6": ["x"] * 8_000, "article_9": [], "article_10": [], "part_3": [], "gateways": []}
    answer = police.post(URL, json={"event": signer.sign(signer.event(id=new_id(), basis=basis))})
    problem = assert_problem(answer, 422, "unprocessable", "#/basis/article_6/0")
    assert len(problem["errors"]) <= 60


def test_a_batch_may_be_sent_by_a_body_that_another_is_party_to(
    police: httpx.Client, council: httpx.Client, signer: Signer, demonstration: Demonstration
) -> None:
    """Events of several providers in one batch: the caller's own alone are recorded."""
    theirs = Signer(demonstration.state, LEAD)
    own, other = send(council, {"event": theirs.sign(theirs.event())}, {"event": signer.sign(signer.event())})
    assert (own["status"], own["provider"], other["status"]) == (201, LEAD, 422)
    assert POLICE not in json.dumps(other)
