"""What is stored and is not what was logged, as whoever can write the database leaves it: told, never shown, never a
failure without a word, and never in the way of what is whole."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from api.speaking import QUESTION, Database, Signer, assert_problem
from api.test_acknowledging import ACKNOWLEDGEMENT, acknowledge, said
from isa_registry.domain.decisions.engine import ENGINE_VERSION
from isa_verify.encoding import decode_base64url
from live import LEAD, POLICE, Demonstration

CHECKS, EVENTS, ENTRIES = "/api/v1/checks", "/api/v1/sharing-events", "/api/v1/audit/entries"
MARK = b"alteredzq"
JUNK = (b"\xff\x00" + MARK, b"{}", b'{"kind":"check.answered"}', b'{"kind":"later.than-this","x":"%b"}' % MARK)


@contextmanager
def altered(database: Database, index: int, column: str, value: bytes) -> Iterator[None]:
    """As a superuser of the database would have it."""
    table = "payload" if column in ("payload", "salt") else "entry"
    kept = database.as_owner(f"SELECT {column} FROM {table} WHERE index = $1", index)[0][0]
    database.as_owner("SET session_replication_role = replica")
    try:
        database.as_owner(f"UPDATE {table} SET {column} = $2 WHERE index = $1", index, value)
        yield
    finally:
        database.as_owner(f"UPDATE {table} SET {column} = $2 WHERE index = $1", index, kept)
        database.as_owner("SET session_replication_role = origin")


def stored(database: Database, index: int) -> bytes:
    return bytes(database.as_owner("SELECT payload FROM payload WHERE index = $1", index)[0][0])


@pytest.fixture
def check(police: httpx.Client) -> tuple[str, int]:
    """A recorded check: its id, and its entry."""
    answer = police.post(CHECKS, json=QUESTION).raise_for_status().json()
    receipt = police.get(answer["receipt"]).raise_for_status().json()
    return answer["id"], int(json.loads(base64.b64decode(receipt["leaf"]))["seq"])


def told(answer: httpx.Response) -> None:
    assert_problem(answer, 503, "not-as-logged")
    assert MARK.decode() not in answer.text


def entry(client: httpx.Client, index: int) -> dict[str, Any]:
    answer = client.get(f"{ENTRIES}/{index}")
    assert (answer.status_code, MARK.decode() in answer.text) == (200, False), answer.text
    found: dict[str, Any] = answer.json()
    return found


def everywhere(client: httpx.Client, **query: Any) -> dict[int, dict[str, Any]]:
    return {one["index"]: one for one in client.get(ENTRIES, params=query).raise_for_status().json()["entries"]}


@pytest.mark.parametrize("junk", JUNK)
def test_a_check_that_cannot_be_read_is_told_and_not_shown(
    police: httpx.Client, auditor: httpx.Client, database: Database, check: tuple[str, int], junk: bytes
) -> None:
    name, index = check
    with altered(database, index, "payload", junk):
        told(police.get(f"{CHECKS}/{name}"))
        told(police.get(f"{CHECKS}/{name}/receipt"))
        told(police.post(f"{CHECKS}/{name}/replay", json={}))
        for client in (police, auditor):
            shown = entry(client, index)
            assert ("altered", None, None) == (shown["state"], shown["payload"], shown["salt"])
            assert index == shown["leaf"]["seq"]
            assert "altered" == everywhere(client)[index]["state"]
    assert 200 == police.get(f"{CHECKS}/{name}").status_code


def test_a_check_that_says_something_else_is_told_and_not_shown(
    police: httpx.Client, database: Database, check: tuple[str, int]
) -> None:
    name, index = check
    other = stored(database, index).replace(b'"engine":"%b"' % ENGINE_VERSION.encode(), b'"engine":"0"')
    assert other != stored(database, index)
    with altered(database, index, "payload", other):
        told(police.get(f"{CHECKS}/{name}"))
        told(police.get(f"{CHECKS}/{name}/receipt"))
        assert "altered" == entry(police, index)["state"]
    with altered(database, index, "salt", bytes(32)):
        told(police.get(f"{CHECKS}/{name}"))
        assert "altered" == entry(police, index)["state"]


@pytest.mark.parametrize("junk", [MARK, b"{}", b"[1]", b"\xff"])
def test_an_entry_whose_leaf_is_none_is_shown_as_altered(
    police: httpx.Client, database: Database, check: tuple[str, int], junk: bytes
) -> None:
    name, index = check
    with altered(database, index, "leaf", junk):
        shown = entry(police, index)
        assert ("altered", None, None, None) == (shown["state"], shown["leaf"], shown["payload"], shown["salt"])
        told(police.get(f"{CHECKS}/{name}"))
        told(police.get(f"{CHECKS}/{name}/receipt"))


def test_a_leaf_that_is_of_another_entry_is_no_proof_of_this_one(
    police: httpx.Client, database: Database, check: tuple[str, int]
) -> None:
    name, index = check
    before = bytes(database.as_owner("SELECT leaf FROM entry WHERE index = $1", index - 1)[0][0])
    with altered(database, index, "leaf", before):
        assert "altered" == entry(police, index)["state"]
        told(police.get(f"{CHECKS}/{name}"))


def test_what_is_altered_does_not_hide_from_whoever_looks_for_it(
    police: httpx.Client, auditor: httpx.Client, stranger: httpx.Client, database: Database, check: tuple[str, int]
) -> None:
    _, index = check
    with altered(database, index, "payload", b"{}"):
        for client in (police, auditor):
            for query in ({"organisation": "durham-constabulary"}, {"agreement": "tier-2-hoth"}):
                assert "altered" == everywhere(client, **query)[index]["state"]
        assert index not in everywhere(stranger)


def test_an_inclusion_proof_that_would_not_hold_is_not_handed_out(
    police: httpx.Client, database: Database, check: tuple[str, int]
) -> None:
    _, index = check
    size = int(police.get("/log/checkpoint.pending").text.splitlines()[1])
    asked = {"index": index, "size": size}
    assert 200 == police.get("/api/v1/audit/inclusion", params=asked).status_code
    with altered(database, index, "leaf_hash", bytes(32)):
        told(police.get("/api/v1/audit/inclusion", params=asked))
        told(police.get("/api/v1/audit/consistency", params={"from": 1, "to": size}))


def test_an_event_that_cannot_be_read_is_told_and_its_list_goes_on(
    demonstration: Demonstration, police: httpx.Client, council: httpx.Client, signer: Signer, database: Database
) -> None:
    sent = signer.held_back("part-shared")
    recorded = police.post(EVENTS, json=sent).raise_for_status().json()
    event, index = recorded["id"], recorded["entry"]
    word = Signer(demonstration.state, LEAD).sign(said(event, sent["event"]), ACKNOWLEDGEMENT)
    acknowledged = acknowledge(council, event, word).raise_for_status().json()["entry"]
    for one in (index, index + 1, acknowledged):
        with altered(database, one, "payload", JUNK[3]):
            told(police.get(f"{EVENTS}/{event}"))
            assert event in [line["id"] for line in police.get(EVENTS).raise_for_status().json()["events"]]
    with altered(database, index, "payload", JUNK[3]):
        told(acknowledge(council, event, word))
    with altered(database, acknowledged, "payload", JUNK[3]):
        told(acknowledge(council, event, word))
    reference = json.loads(decode_base64url(sent["event"].split(".")[1]))["subjects"][0]["ref"]
    with demonstration.client(POLICE, "events:read") as system:
        access = {"references": [reference]}
        gathered = system.post(f"{EVENTS}/subject-access", json=access)
        assert (gathered.status_code, event in gathered.text) == (200, True)
        for one in (index, index + 1):
            with altered(database, one, "payload", JUNK[3]):
                told(system.post(f"{EVENTS}/subject-access", json=access))
                for form in ("csv", "json"):
                    told(system.post(f"{EVENTS}/export", json={"format": form, "withheld": True}))
