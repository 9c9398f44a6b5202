"""Erasure as its parties, the business unit and whoever asks for an erased record meet it."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from api.speaking import QUESTION, Database, Signer, assert_problem, bearer, id_of, person_token
from live import LEAD, POLICE, Demonstration

ERASURES = "/api/v1/audit/erasures"
CHECKS = "/api/v1/checks"
EVENTS = "/api/v1/sharing-events"
JOSE = {"Content-Type": "application/jose"}


@pytest.fixture(scope="module")
def business_unit(demonstration: Demonstration) -> Iterator[httpx.Client]:
    """Somebody of the business unit, signed in just now."""
    token = person_token(demonstration, LEAD, "business-unit")
    with httpx.Client(base_url=demonstration.url, headers=bearer(token), timeout=20) as client:
        yield client


def another_person(database: Database, entry: int, organisation: str = POLICE) -> None:
    """The wish of somebody else of the business unit: the demonstration has only one."""
    database.as_owner(
        "INSERT INTO erasure_notice (index, organisation, readers, reason, requested_by, announced_at)"
        " VALUES ($1, $2, ARRAY[$2], 'erasure-right', 0, now())",
        entry,
        organisation,
    )


def erase(demonstration: Demonstration, *options: str) -> subprocess.CompletedProcess[str]:
    """The command, beside the running service."""
    return subprocess.run(
        [sys.executable, "-m", "isa_registry", "erase", "--state", str(demonstration.state), *options],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def erased(business_unit: httpx.Client, database: Database, demonstration: Demonstration, entry: int) -> None:
    """Two people ask, the notice passes, the eraser runs."""
    another_person(database, entry)
    answer = business_unit.post(ERASURES, json={"entry": entry, "reason": "erasure-right"})
    assert (answer.status_code, answer.json()["state"]) == (202, "announced"), answer.text
    database.as_owner("UPDATE erasure_notice SET erase_after = now() WHERE index = $1", entry)
    done = erase(demonstration, "--run")
    assert (0, f"entry {entry}: erased") == (done.returncode, done.stdout.splitlines()[0]), done.stderr


def recorded_check(police: httpx.Client, **headers: str) -> str:
    return str(police.post(CHECKS, json=QUESTION, headers=headers).json()["id"])


def entry_of(database: Database, check: str) -> int:
    return int(database.as_owner("SELECT index FROM check_record WHERE id = $1", check)[0][0])


def test_a_check_that_was_erased_is_gone_for_whoever_could_see_it_and_for_a_repeat(
    demonstration: Demonstration,
    police: httpx.Client,
    stranger: httpx.Client,
    auditor: httpx.Client,
    business_unit: httpx.Client,
    database: Database,
) -> None:
    key = {"Idempotency-Key": f'"{secrets.token_hex(16)}"'}
    check = recorded_check(police, **key)
    entry = entry_of(database, check)
    erased(business_unit, database, demonstration, entry)
    for caller in (police, auditor):
        assert_problem(caller.get(f"{CHECKS}/{check}"), 410, "gone")
        assert_problem(caller.get(f"{CHECKS}/{check}/receipt"), 410, "gone")
    assert_problem(stranger.get(f"{CHECKS}/{check}"), 404, "not-found")
    size = database.size()
    assert_problem(police.post(CHECKS, json=QUESTION, headers=key), 410, "gone")
    assert_problem(police.post(CHECKS, json={**QUESTION, "urgency": "urgent"}, headers=key), 410, "gone")
    assert database.size() == size
    found = auditor.get(f"/api/v1/audit/entries/{entry}").json()
    assert (found["state"], found["payload"], found["salt"]) == ("erased", None, None)
    line = next(one for one in police.get(ERASURES).json()["erased"] if one["entry"] == entry)
    assert (line["id"], line["erased_by"], line["reason"]) == (check, found["erased_by"], "erasure-right")


def test_an_event_goes_with_its_list_and_the_same_event_again_is_gone(
    demonstration: Demonstration,
    police: httpx.Client,
    council: httpx.Client,
    business_unit: httpx.Client,
    database: Database,
    signer: Signer,
) -> None:
    sent = signer.held_back("part-shared")
    entry = police.post(EVENTS, json=sent).json()["entry"]
    event = id_of(sent["event"])
    assert 200 == council.get(f"{EVENTS}/{event}").status_code
    erased(business_unit, database, demonstration, entry)
    for caller in (police, council):
        assert_problem(caller.get(f"{EVENTS}/{event}"), 410, "gone")
        assert_problem(caller.get(f"{EVENTS}/{event}/receipt"), 410, "gone")
    assert_problem(police.get(f"{EVENTS}/{event}/receipt?part=withheld"), 410, "gone")
    size = database.size()
    assert_problem(police.post(EVENTS, json=sent), 410, "gone")
    other = signer.sign(signer.event(id=event))
    assert_problem(police.post(EVENTS, content=other, headers=JOSE), 410, "gone")
    late = signer.sign(signer.event(id=event, decided_at="2026-10-01T09:00:00.000Z"))
    assert_problem(police.post(EVENTS, content=late, headers=JOSE), 410, "gone")
    assert database.size() == size
    assert event not in [one["id"] for one in police.get(EVENTS).json()["events"]]
    assert [] == database.as_owner("SELECT 1 FROM payload WHERE index IN ($1, $2)", entry, entry + 1)


def test_one_person_alone_erases_nothing_and_asking_again_changes_nothing(
    police: httpx.Client, business_unit: httpx.Client, stranger: httpx.Client, database: Database
) -> None:
    entry = entry_of(database, recorded_check(police))
    folded = {"ISA-Min-Log-Size": str(database.size())}
    first = business_unit.post(ERASURES, json={"entry": entry, "reason": "recorded-in-error"}, headers=folded)
    again = business_unit.post(ERASURES, json={"entry": entry, "reason": "recorded-in-error"}, headers=folded)
    assert (202, 202) == (first.status_code, again.status_code)
    assert first.json() == again.json()
    assert ("awaiting-second-person", None) == (first.json()["state"], first.json()["erase_after"])
    assert entry in [one["entry"] for one in police.get(ERASURES).json()["announced"]]
    assert entry in [one["entry"] for one in business_unit.get(ERASURES).json()["announced"]]
    assert entry not in [one["entry"] for one in stranger.get(ERASURES).json()["announced"]]


def test_a_hold_placed_beside_the_running_service_refuses_an_erasure(
    demonstration: Demonstration, police: httpx.Client, business_unit: httpx.Client, database: Database
) -> None:
    entry = entry_of(database, recorded_check(police))
    placed = erase(demonstration, "--hold", "inquiry-1", "--reason", "public-inquiry", "--entry", str(entry))
    assert 0 == placed.returncode, placed.stderr
    answer = business_unit.post(
        ERASURES, json={"entry": entry, "reason": "erasure-right"}, headers={"ISA-Min-Log-Size": str(database.size())}
    )
    assert_problem(answer, 409, "on-hold")
    assert 1 == erase(demonstration, "--lift", "inquiry-2", "--reason", "ended").returncode
    assert 0 == erase(demonstration, "--lift", "inquiry-1", "--reason", "inquiry-ended").returncode
    after = {"ISA-Min-Log-Size": str(database.size())}
    assert (
        202 == business_unit.post(ERASURES, json={"entry": entry, "reason": "erasure-right"}, headers=after).status_code
    )


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"entry": 0, "reason": "erasure-right"}, 409, "still-in-force"),
        ({"entry": 0, "reason": "retention-ended"}, 422, "unprocessable"),
        ({"entry": 10**12, "reason": "erasure-right"}, 404, "not-found"),
        ({"entry": -1, "reason": "erasure-right"}, 404, "not-found"),
        ({"entry": "0", "reason": "erasure-right"}, 400, "malformed"),
        ({"entry": 0}, 400, "malformed"),
        ({"entry": 0, "reason": "erasure-right", "name": "x"}, 400, "malformed"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_for(business_unit: httpx.Client, asked: object, status: int, code: str) -> None:
    assert_problem(business_unit.post(ERASURES, json=asked), status, code)


def test_only_the_business_unit_asks(police: httpx.Client, lead: httpx.Client, auditor: httpx.Client) -> None:
    for caller in (police, lead, auditor):
        assert_problem(caller.post(ERASURES, json={"entry": 0, "reason": "erasure-right"}), 403, "forbidden")


def test_a_cursor_of_another_kind_is_refused(police: httpx.Client) -> None:
    assert_problem(police.get(ERASURES, params={"cursor": "e1"}), 400, "malformed")


def test_the_command_lists_what_is_due_and_adopts_rules(demonstration: Demonstration) -> None:
    listed = erase(demonstration)
    assert (0, "0 due") == (listed.returncode, listed.stdout.strip())
    assert 0 == erase(demonstration, "--rules").returncode
    assert (0, "0 announced") == (
        (announced := erase(demonstration, "--announce")).returncode,
        announced.stdout.strip(),
    )
    assert 1 == erase(demonstration, "--rules", "--organisation", "nobody-here").returncode
    assert (0, "0 erased, 0 refused") == ((again := erase(demonstration, "--reapply")).returncode, again.stdout.strip())


def test_a_question_about_a_time_that_needs_what_was_erased_says_so(
    demonstration: Demonstration, police: httpx.Client, database: Database
) -> None:
    """As if a body's earlier record had been erased: the register knew it between two sizes."""
    entry = int(database.as_owner("SELECT min(index) FROM entry WHERE kind = 'organisation.registered'")[0][0])
    newest = database.size()
    try:
        database.as_owner("SET session_replication_role = replica")
        database.as_owner(
            "INSERT INTO erasure (index, by, reason, until) VALUES ($1, $2, 'erasure-right', $3)",
            entry,
            10**9,
            newest - 1,
        )
        early = {**QUESTION, "as_of": newest - 2, "record": False}
        assert_problem(police.post(CHECKS, json=early), 410, "gone")
        assert 200 == police.post(CHECKS, json={**early, "as_of": newest - 1}).status_code
    finally:
        database.as_owner("DELETE FROM erasure WHERE by = $1", 10**9)
        database.as_owner("SET session_replication_role = origin")
