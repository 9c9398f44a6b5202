"""A body finds its own sharing events by what it knows of them, and nothing of anybody else's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from asking import COUNCIL, POLICE
from casework.conftest import HARBOUR
from casework.recorded import child
from faults.drafts import event_id
from isa_registry.domain.entries import RecordsSearched, decode_payload
from isa_registry.runtime.distinct import DistinctLimit
from isa_registry.store import log
from isa_registry.store.pool import EVERYTHING, connect
from serving import Serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

SEARCH = "/api/v1/sharing-events/search"


async def ask(case: Serving, body: str, **asked: Any) -> httpx.Response:
    async with case.client(case.machine(body, "events:read")) as client:
        return await client.post(SEARCH, json=asked)


async def numbers(case: Serving, body: str, **asked: Any) -> list[int]:
    answer = await ask(case, body, **asked)
    assert answer.status_code == 200, answer.text
    known = {event_id(number): number for number in range(1, 9)}
    return [known[one["id"]] for one in answer.json()["events"]]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [8, 7, 5, 4, 3, 2, 1]),
        ({"references": [child(1)]}, [2, 1]),
        ({"references": [child(2)]}, [1]),
        ({"references": ["CMS-3"]}, [3]),
        ({"references": ["REQ-1"]}, [1]),
        ({"references": ["CMS-80", child(2), child(2)]}, [8, 1]),
        ({"references": [child(1)], "decision": "part-shared"}, [2]),
        ({"references": ["CMS-4"], "party": HARBOUR}, [4]),
        ({"references": ["CMS-4"], "party": COUNCIL}, []),
        ({"references": ["CMS-404"]}, []),
        ({"side": "recipient"}, [5]),
        ({"side": "provider"}, [8, 7, 4, 3, 2, 1]),
        ({"purpose": "early-help"}, [4]),
        ({"decision": "not-shared"}, [3]),
        ({"party": HARBOUR}, [4]),
        ({"party": COUNCIL}, [8, 5, 3, 2, 1]),
        ({"party": "nobody-here"}, []),
        ({"decided_to": "2026-10-01"}, [4]),
        ({"decided_from": "2026-11-24"}, []),
        ({"decided_from": "2026-11-23", "decided_to": "2026-11-23", "party": COUNCIL}, [8, 5, 3, 2, 1]),
    ],
)
async def test_events_are_found_by_what_is_known_of_them(
    case: Serving, asked: dict[str, Any], found: list[int]
) -> None:
    assert await numbers(case, POLICE, **asked) == found


async def test_a_recipient_finds_what_was_shared_with_it_and_never_what_was_not(case: Serving) -> None:
    assert await numbers(case, COUNCIL, side="recipient") == [8, 6, 2, 1]
    assert await numbers(case, COUNCIL, side="recipient", decision="not-shared") == []


async def test_a_recipient_is_not_shown_what_was_flagged(case: Serving) -> None:
    (mine,) = (await ask(case, POLICE, decision="not-shared")).json()["events"]
    theirs = (await ask(case, COUNCIL, side="recipient")).json()["events"]
    assert mine["flags"] == ["review-basis"]
    assert all("flags" not in one for one in theirs)


async def test_a_reference_is_looked_for_among_ones_own_events_alone(case: Serving) -> None:
    """Harbour has the same case record as the police, and the council received both."""
    assert await numbers(case, POLICE, references=["CMS-1"]) == [1]
    assert await numbers(case, HARBOUR, references=["CMS-1"]) == [6]
    assert await numbers(case, COUNCIL, references=["CMS-1"]) == []


async def test_pages_follow_one_another_by_a_cursor_in_the_body(case: Serving) -> None:
    whole, cursor = [], None
    for _ in range(8):
        answer = await ask(case, POLICE, limit=3, **({} if cursor is None else {"cursor": cursor}))
        assert "link" not in answer.headers
        whole += [one["id"] for one in answer.json()["events"]]
        cursor = answer.json()["next"]
        if cursor is None:
            break
    assert whole == [event_id(number) for number in (8, 7, 5, 4, 3, 2, 1)]


async def test_that_somebody_looked_by_reference_is_logged_and_what_they_looked_by_is_not(case: Serving) -> None:
    before = case.registry.follower.view.size
    answer = await ask(case, POLICE, references=[child(1), "CMS-404"])
    entries = await logged(case, before)
    assert [one for _, one in entries] == [
        RecordsSearched(organisation=POLICE, client=f"{POLICE}-system", what="sharing-events", references=2, found=2)
    ]
    assert not any(child(1).encode() in payload or b"CMS-404" in payload for payload, _ in entries)
    assert int(answer.headers["isa-log-size"]) == before + 1


async def test_looking_without_a_reference_walks_over_nobody_and_is_not_logged(case: Serving) -> None:
    before = case.registry.follower.view.size
    await ask(case, POLICE, purpose="early-help")
    assert await logged(case, before) == []


async def logged(case: Serving, start: int) -> list[tuple[bytes, Any]]:
    connection = await connect(case.registry._url, "isa_read", reader=EVERYTHING)
    try:
        end = await connection.fetchval("SELECT count(*) FROM entry")
        found = [await log.entry(connection, index) for index in range(start, end)]
    finally:
        await connection.close()
    await case.registry.follower.wait_for_size(end, seconds=5)
    return [(one.payload, decode_payload(one.payload)) for one in found if one is not None]


@pytest.fixture
def few(case: Serving) -> Iterator[Serving]:
    """Three different references within an hour."""
    people = case.app.state["limits"]._people
    whole = people["client"]
    people["client"] = DistinctLimit(3, 3_600, lambda: 0.0, key=bytes(32))
    yield case
    people["client"] = whole


async def test_whoever_tries_one_reference_after_another_is_stopped_and_others_are_not(few: Serving) -> None:
    for number in (1, 2, 3, 1, 2, 3):
        assert (await ask(few, POLICE, references=[f"CMS-{number}"])).status_code == 200
    stopped = await ask(few, POLICE, references=["CMS-4"])
    assert (stopped.status_code, stopped.json()["type"].rpartition("/")[2]) == (429, "quota-exceeded")
    assert int(stopped.headers["retry-after"]) > 0
    assert (await ask(few, HARBOUR, references=["CMS-4"])).status_code == 200
    assert (await ask(few, POLICE, purpose="early-help")).status_code == 200


FAULTS = [
    ({"references": ["no digit"]}, 422, "#/references/0", "not-a-reference"),
    ({"references": ["CMS-1", "9434765919"]}, 422, "#/references/1", "not-a-reference"),
    ({"references": ["s1_short"] * 21}, 422, "#/references", "count"),
    ({"references": ["CMS-1"], "side": "recipient"}, 422, "#/references", "contradicts-side"),
    ({"references": "CMS-1"}, 400, "#/references", "wrong-type"),
    ({"references": [None]}, 400, "#/references/0", "wrong-type"),
    ({"side": "both"}, 422, "#/side", "unknown-code"),
    ({"side": 1}, 400, "#/side", "wrong-type"),
    ({"purpose": "curiosity"}, 422, "#/purpose", "unknown-code"),
    ({"decision": "forgotten"}, 422, "#/decision", "unknown-code"),
    ({"party": "Not An Id"}, 422, "#/party", "malformed"),
    ({"party": {"kind": "voluntary"}}, 400, "#/party", "wrong-type"),
    ({"decided_from": "23/11/2026"}, 422, "#/decided_from", "not-a-date"),
    ({"decided_to": "2026-02-30"}, 422, "#/decided_to", "not-a-date"),
    ({"decided_to": "9999-12-31"}, 422, "#/decided_to", "not-a-date"),
    ({"decided_from": "2026-11-02", "decided_to": "2026-11-01"}, 422, "#/decided_to", "before-the-first"),
    ({"limit": 0}, 422, "#/limit", "out-of-range"),
    ({"limit": 201}, 422, "#/limit", "out-of-range"),
    ({"limit": "3"}, 400, "#/limit", "wrong-type"),
    ({"name": "somebody"}, 400, "#", "unknown-member"),
]


@pytest.mark.parametrize(("asked", "status", "pointer", "code"), FAULTS)
async def test_what_cannot_be_looked_for_is_pointed_at_and_not_repeated(
    case: Serving, asked: dict[str, Any], status: int, pointer: str, code: str
) -> None:
    before = case.registry.follower.view.size
    answer = await ask(case, POLICE, **asked)
    assert answer.status_code == status, answer.text
    assert (pointer, code) in {(one["pointer"], one["code"]) for one in answer.json()["errors"]}
    assert "9434765919" not in answer.text
    assert await logged(case, before) == []


@pytest.mark.parametrize("cursor", ["", "e", "e0", "x1", "e-1", "e1e1", "e" + "9" * 16])
async def test_a_cursor_that_no_page_gave_is_refused(case: Serving, cursor: str) -> None:
    assert (await ask(case, POLICE, cursor=cursor)).status_code == 400


async def test_a_cursor_beyond_the_log_begins_at_its_end(case: Serving) -> None:
    assert await numbers(case, POLICE, cursor="e999999999999") == [8, 7, 5, 4, 3, 2, 1]


@pytest.mark.parametrize("text", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 2000])
async def test_what_is_no_object_is_refused(case: Serving, text: bytes) -> None:
    async with case.client(case.machine(POLICE, "events:read"), **{"Content-Type": "application/json"}) as client:
        assert (await client.post(SEARCH, content=text)).status_code == 400
