"""A body takes out its own events for its case audit: all of them, as they were signed, in constant memory."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import tracemalloc
from typing import Any

import httpx
import pytest

from asking import COUNCIL, POLICE
from casework.conftest import HARBOUR
from casework.recorded import child, claims, event, recorded, withheld
from faults.drafts import event_id
from isa_registry.domain.casework.selection import Selection
from isa_registry.domain.casework.tables import COLUMNS, CaseEvent, case_line
from isa_registry.domain.entries import RecordsSearched, decode_payload
from isa_registry.domain.reporting.tables import csv_lines
from isa_registry.runtime.casework import pages
from isa_registry.store import log
from isa_registry.store.pool import EVERYTHING, connect
from serving import Serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

EXPORT = "/api/v1/sharing-events/export"
_NOBODY = {"kind": "voluntary"}


async def export(case: Serving, body: str, accept: str = "application/json", **asked: Any) -> httpx.Response:
    async with case.client(case.machine(body, "events:read"), Accept=accept) as client:
        return await client.post(EXPORT, json=asked)


async def test_json_holds_every_event_as_it_was_signed(case: Serving) -> None:
    answer = await export(case, POLICE)
    found = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert [one["event"]["id"] for one in found] == [event_id(number) for number in (8, 7, 5, 4, 3, 2, 1)]
    assert found[-1]["event"] == claims(1, subjects=_two_children(), request="REQ-1")
    assert [one["side"] for one in found] == ["provider", "provider", "recipient", *["provider"] * 4]


def _two_children() -> list[dict[str, Any]]:
    return [{"kind": "child", "roles": [], "ref": child(number)} for number in (1, 2)]


async def test_csv_holds_the_same_with_a_header_line(case: Serving) -> None:
    answer = await export(case, POLICE, accept="text/csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"].startswith('attachment; filename="sharing-events-')
    header, *lines = csv.reader(io.StringIO(answer.text))
    assert tuple(header) == COLUMNS
    rows = [dict(zip(header, line, strict=True)) for line in lines]
    assert [one["id"] for one in rows] == [event_id(number) for number in (8, 7, 5, 4, 3, 2, 1)]
    assert rows[-1]["subjects"] == f"child {child(1)};child {child(2)}"
    assert (rows[1]["recipient"], rows[1]["corrects"]) == ("kind:voluntary", event_id(4))
    assert all(one["withheld"] == "" for one in rows)


async def test_what_was_withheld_is_there_for_who_withheld_it_and_only_where_it_is_asked_for(case: Serving) -> None:
    plain = (await export(case, POLICE)).text
    whole = {one["event"]["id"]: one for one in (await export(case, POLICE, withheld=True)).json()}
    assert "live-investigation" not in plain
    assert whole[event_id(2)]["withheld"] == [{"category": "intelligence", "reason": "live-investigation"}]
    assert whole[event_id(3)]["flags"] == ["review-basis"]


@pytest.mark.parametrize("accept", ["application/json", "text/csv"])
async def test_a_recipient_takes_out_what_was_shared_and_no_list_and_no_flag(case: Serving, accept: str) -> None:
    answer = await export(case, COUNCIL, accept, side="recipient", withheld=True)
    assert event_id(2) in answer.text
    assert event_id(3) not in answer.text
    for hidden in ("live-investigation", "no-role", "review-basis"):
        assert hidden not in answer.text


async def test_an_export_is_narrowed_like_a_search_and_one_by_reference_is_logged(case: Serving) -> None:
    before = case.registry.follower.view.size
    answer = await export(case, HARBOUR, references=["CMS-1", "CMS-404"])
    assert [one["event"]["id"] for one in answer.json()] == [event_id(6)]
    connection = await connect(case.registry._url, "isa_read", reader=EVERYTHING)
    entry = await log.entry(connection, before)
    await connection.close()
    await case.registry.follower.wait_for_size(before + 1, seconds=5)
    assert entry is not None
    assert decode_payload(entry.payload) == RecordsSearched(
        organisation=HARBOUR, client=f"{HARBOUR}-system", what="sharing-events", references=2, found=1
    )


async def test_nothing_is_an_empty_array_and_a_header_line(case: Serving) -> None:
    assert (await export(case, POLICE, purpose="mappa")).json() == []
    assert (await export(case, POLICE, "text/csv", purpose="mappa")).text.splitlines() == [",".join(COLUMNS)]


@pytest.mark.parametrize(
    ("asked", "status", "pointer"),
    [
        ({"format": "xml"}, 422, "#/format"),
        ({"format": 1}, 400, "#/format"),
        ({"withheld": "yes"}, 400, "#/withheld"),
        ({"purpose": "curiosity"}, 422, "#/purpose"),
        ({"limit": 3}, 400, "#"),
    ],
)
async def test_what_cannot_be_taken_out_is_pointed_at(
    case: Serving, asked: dict[str, Any], status: int, pointer: str
) -> None:
    answer = await export(case, POLICE, **asked)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)


async def test_no_cell_is_a_formula() -> None:
    """References cannot begin like one; if ever one did, a spreadsheet would show it and run nothing."""
    line = case_line(CaseEvent(1, "at", "provider", event(1, case_record="=1+1", request="@SUM(A1)"), ("-x",)))
    (cells,) = csv.reader(io.StringIO(csv_lines((line,)).decode()))
    row = dict(zip(COLUMNS, cells, strict=True))
    assert (row["case_record"], row["request"], row["flags"]) == ("'=1+1", "'@SUM(A1)", "'-x")


async def test_what_was_withheld_is_a_cell_of_codes() -> None:
    held = withheld(("intelligence", "no-role"), ("health", "confidentiality"))
    row = dict(zip(COLUMNS, case_line(CaseEvent(1, "at", "provider", event(1), (), held)), strict=True))
    assert row["withheld"] == "intelligence:no-role;health:confidentiality"


async def test_memory_does_not_grow_with_what_is_taken_out_and_a_reader_who_goes_ends_it(case: Serving) -> None:
    """Six pages of events of a body of its own; the first is read and then nobody reads any more."""
    registry = case.registry
    for start in range(1_000, 2_200, 100):
        await asyncio.gather(
            *(
                registry.sequencer.append(recorded(number, provider="nenc-icb", recipient=_NOBODY))
                for number in range(start, start + 100)
            )
        )
    size = registry.follower.view.size
    turns = asyncio.Semaphore(1)

    def reading() -> Any:
        return pages(registry.reading, "nenc-icb", Selection(), size=size, withheld=False, turns=turns)

    counts, peaks = [], []
    tracemalloc.start()
    async for page in reading():
        counts.append(len(page))
        peaks.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert counts == [200] * 6
    assert peaks[-1] < 1.5 * peaks[1], peaks
    one = reading()
    await anext(one)
    assert turns.locked()
    await one.aclose()
    assert not turns.locked()
    assert registry.reading.get_idle_size() == registry.reading.get_size()


async def test_a_client_that_goes_ends_its_export(case: Serving) -> None:
    """What is streamed stops with the connection, and the turn that it had is free again."""
    app, sent, gone = case.frame, 0, asyncio.Event()
    body = json.dumps({}).encode()
    headers = {
        "host": "registry.test", "authorization": f"Bearer {case.machine(POLICE, 'events:read')}",
        "content-type": "application/json", "content-length": str(len(body)),
    }  # fmt: skip
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "https",
        "path": EXPORT, "raw_path": EXPORT.encode(), "query_string": b"", "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "server": ("registry.test", 443), "client": ("127.0.0.1", 1),
    }  # fmt: skip
    asked = False

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": body, "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        nonlocal sent
        sent += message["type"] == "http.response.body"
        if sent:
            gone.set()
            await asyncio.sleep(3_600)

    async with asyncio.timeout(10):
        await app(scope, receive, send)  # type: ignore[arg-type]
    turns: asyncio.Semaphore = case.app.state["exports"]
    assert not turns.locked()
