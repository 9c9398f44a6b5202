"""What one organisation may not see of another: by the interface, and by the database itself."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest

from api.speaking import ALL_SCOPES, QUESTION, Database, Signer, assert_problem, id_of, person_token
from isa_registry.api.access import ACCESS
from live import LEAD, POLICE, Demonstration

URL = "/api/v1/sharing-events"


@pytest.fixture(scope="module")
def check(police: httpx.Client) -> str:
    """A check of the constabulary."""
    return str(police.post("/api/v1/checks", json=QUESTION).raise_for_status().json()["id"])


@pytest.fixture(scope="module")
def events(police: httpx.Client, signer: Signer) -> dict[str, str]:
    """Events of the constabulary towards the council, one of each decision."""
    sent = {"shared": {"event": signer.sign(signer.event())}}
    for decision in ("part-shared", "not-shared", "deferred"):
        sent[decision] = signer.held_back(decision)
    for body in sent.values():
        assert police.post(URL, json=body).status_code == 201
    return {decision: id_of(body["event"]) for decision, body in sent.items()}


# --- checks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "/receipt"])
def test_another_organisations_check_is_not_found(
    council: httpx.Client, stranger: httpx.Client, check: str, path: str
) -> None:
    """Not even its recipient's, and no otherwise than one that does not exist."""
    absent = stranger.get(f"/api/v1/checks/chk_{'0' * 32}{path}")
    for client in (council, stranger):
        answer = client.get(f"/api/v1/checks/{check}{path}")
        assert_problem(answer, 404, "not-found")
        assert {**answer.json(), "instance": ""} == {**absent.json(), "instance": ""}


def test_an_auditor_sees_every_check(auditor: httpx.Client, check: str) -> None:
    assert auditor.get(f"/api/v1/checks/{check}").json()["id"] == check


def test_the_lead_bodys_system_sees_every_check_only_with_the_auditors_scope(
    demonstration: Demonstration, check: str
) -> None:
    with demonstration.client(LEAD, f"{ALL_SCOPES} audit:read") as reading:
        assert reading.get(f"/api/v1/checks/{check}").status_code == 200
    with demonstration.client(LEAD, ALL_SCOPES) as asking:
        assert asking.get(f"/api/v1/checks/{check}").status_code == 404


# --- sharing events --------------------------------------------------------------------------------------------------


def listed(client: httpx.Client, side: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    address: str | None = f"{URL}?side={side}"
    while address:
        page = client.get(address).raise_for_status().json()
        found |= {one["id"]: one for one in page["events"]}
        address = f"{URL}?side={side}&cursor={page['next']}" if page["next"] else None
    return found


def test_the_recipient_sees_what_was_shared_with_it(council: httpx.Client, events: dict[str, str]) -> None:
    for decision in ("shared", "part-shared"):
        answer = council.get(f"{URL}/{events[decision]}")
        assert answer.status_code == 200
        # Neither corrects another, nor was corrected.
        plain = set(ACCESS["GET", f"{URL}/{{event}}"].fields["recipient"]) - {"corrects", "corrected_by"}
        assert set(answer.json()) == plain
    assert {events["shared"], events["part-shared"]} <= set(listed(council, "recipient"))


def test_the_recipients_list_has_no_flags(council: httpx.Client, events: dict[str, str]) -> None:
    line = listed(council, "recipient")[events["shared"]]
    assert set(line) == set(ACCESS["GET", URL].fields["recipient"])


def test_the_recipient_never_sees_what_was_not_shared(council: httpx.Client, events: dict[str, str]) -> None:
    for decision in ("not-shared", "deferred"):
        for path in ("", "/receipt", "/receipt?part=withheld"):
            assert_problem(council.get(f"{URL}/{events[decision]}{path}"), 404, "not-found")
        assert events[decision] not in listed(council, "recipient")
        assert events[decision] not in listed(council, "provider")


def test_the_recipient_never_sees_what_was_withheld(council: httpx.Client, events: dict[str, str]) -> None:
    assert_problem(council.get(f"{URL}/{events['part-shared']}/receipt?part=withheld"), 404, "not-found")
    assert council.get(f"{URL}/{events['part-shared']}/receipt").status_code == 200


def test_somebody_else_sees_none_of_it(stranger: httpx.Client, events: dict[str, str]) -> None:
    for event in events.values():
        for path in ("", "/receipt", "/receipt?part=withheld"):
            assert_problem(stranger.get(f"{URL}/{event}{path}"), 404, "not-found")
    for side in ("provider", "recipient"):
        assert not set(events.values()) & set(listed(stranger, side))


def test_the_provider_and_auditors_see_everything(
    police: httpx.Client, auditor: httpx.Client, events: dict[str, str]
) -> None:
    for client in (police, auditor):
        for decision, event in events.items():
            answer = client.get(f"{URL}/{event}").raise_for_status().json()
            assert "flags" in answer
            assert ("withheld" in answer) == (decision != "shared")
        assert set(events.values()) <= set(listed(client, "provider"))


def test_an_event_may_not_lean_on_another_organisations_check(
    demonstration: Demonstration, council: httpx.Client, check: str
) -> None:
    other = Signer(demonstration.state, LEAD)
    jws = other.sign(other.event(check=check, decided_by={"role": "social-worker", "ref": "STAFF-17"}))
    answer = council.post(URL, content=jws, headers={"Content-Type": "application/jose"})
    assert_problem(answer, 422, "unprocessable", "#/check")


def test_two_organisations_may_use_the_same_id_and_each_reads_its_own(
    demonstration: Demonstration, police: httpx.Client, council: httpx.Client, signer: Signer
) -> None:
    mine = signer.event()
    other = Signer(demonstration.state, LEAD)
    theirs = other.event(id=mine["id"], decided_by={"role": "social-worker", "ref": "STAFF-17"})
    jose = {"Content-Type": "application/jose"}
    assert police.post(URL, content=signer.sign(mine), headers=jose).status_code == 201
    assert council.post(URL, content=other.sign(theirs), headers=jose).status_code == 201
    assert police.get(f"{URL}/{mine['id']}").json()["provider"] == POLICE
    assert council.get(f"{URL}/{mine['id']}").json()["provider"] == LEAD


# --- keys and lawful bases -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", ["keys", "lawful-bases"])
def test_keys_and_lawful_bases_are_the_organisations_own(
    police: httpx.Client, stranger: httpx.Client, auditor: httpx.Client, resource: str
) -> None:
    assert police.get(f"/api/v1/organisations/{POLICE}/{resource}").status_code == 200
    assert auditor.get(f"/api/v1/organisations/{POLICE}/{resource}").status_code == 200
    refused = [stranger.get(f"/api/v1/organisations/{one}/{resource}") for one in (POLICE, "nobody-here")]
    for answer in refused:
        assert_problem(answer, 403, "not-your-organisation")
    assert {**refused[0].json(), "instance": ""} == {**refused[1].json(), "instance": ""}


def test_an_ig_lead_has_no_hand_in_anothers_keys(demonstration: Demonstration, database: Database) -> None:
    before = database.size()
    token = person_token(demonstration, "harbour", "ig-lead")
    with httpx.Client(base_url=demonstration.url, headers={"Authorization": f"Bearer {token}"}) as other:
        for path in ("keys", f"keys/{POLICE}-1/revocation"):
            answer = other.post(f"/api/v1/organisations/{POLICE}/{path}", json={"reason": "ceased"})
            assert_problem(answer, 403, "not-your-organisation")
    assert database.size() == before


# --- row-level security -------------------------------------------------------------------------------------------

CHECKS = "SELECT organisation FROM check_record WHERE id = $1"
EVENT = "SELECT decision FROM sharing_event WHERE id = $1"
PAYLOADS = "SELECT payload FROM payload WHERE kind <> 'agreement.published' AND readers IS NOT NULL"


def test_the_database_itself_shows_a_check_to_its_own_organisation_alone(database: Database, check: str) -> None:
    seen = {one: database.as_reader(one, CHECKS, check) for one in (POLICE, LEAD, "harbour", "", None, "*")}
    assert seen == {POLICE: [(POLICE,)], LEAD: [], "harbour": [], "": [], None: [], "*": [(POLICE,)]}


def test_the_database_itself_shows_an_event_to_its_parties_alone(database: Database, events: dict[str, str]) -> None:
    for decision, event in events.items():
        shared = decision in ("shared", "part-shared")
        seen = {one: database.as_reader(one, EVENT, event) for one in (POLICE, LEAD, "harbour", None)}
        row = [(decision,)]
        assert seen == {POLICE: row, LEAD: row if shared else [], "harbour": [], None: []}


def test_the_database_itself_shows_no_payload_of_others(database: Database, check: str, events: dict[str, str]) -> None:
    mine = [json.loads(payload) for (payload,) in database.as_reader(POLICE, PAYLOADS)]
    assert check in [one.get("check") for one in mine]
    assert {events[decision] for decision in events} <= {
        id_of(one["jws"]) for one in mine if one["kind"] == "sharing-event.recorded"
    }
    theirs = [json.loads(payload) for (payload,) in database.as_reader(LEAD, PAYLOADS)]
    assert check not in [one.get("check") for one in theirs]
    received = {id_of(one["jws"]) for one in theirs if one["kind"] == "sharing-event.recorded"}
    assert events["shared"] in received
    assert not {events["not-shared"], events["deferred"]} & received
    assert not [one for one in theirs if one["kind"] == "sharing-event.withheld" and one["provider"] != LEAD]
    for other in ("harbour", None):
        assert not [one for (one,) in database.as_reader(other, PAYLOADS) if POLICE.encode() in one]


@pytest.mark.parametrize("statement", [
    "INSERT INTO entry (index) VALUES (999999)", "DELETE FROM payload", "UPDATE entry SET at = now()",
    "TRUNCATE checkpoint", "SET ROLE isa_sequence; DELETE FROM check_record", "SELECT * FROM idempotency",
])  # fmt: skip
def test_a_reader_writes_nothing(database: Database, statement: str) -> None:
    before = database.size()
    with pytest.raises(Exception, match=r"permission denied|append-only|cannot insert multiple commands"):
        database.as_reader("*", statement)
    assert database.size() == before


def test_a_check_holds_no_reference_to_a_person(police: httpx.Client, database: Database, signer: Signer) -> None:
    """It finds the caller's own consent records while the question is answered, and is never stored."""
    reference = signer.reference("B-200")
    asked = {**QUESTION, "subjects": [{"kind": "child", "ref": reference}]}
    check = police.post("/api/v1/checks", json=asked).raise_for_status().json()["id"]
    (row,) = database.as_owner("SELECT payload FROM payload JOIN check_record USING (index) WHERE id = $1", check)
    assert reference.encode() not in row[0]
    assert base64.b64encode(reference.encode()) not in row[0]
    assert json.loads(row[0])["question"]["subjects"] == [{"kind": "child"}]
