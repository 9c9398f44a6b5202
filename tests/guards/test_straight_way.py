"""The straight way of plain questions: the same answers as the ordinary way, and no way round anything."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from asking import COUNCIL, POLICE
from guards.conftest import STRANGER
from isa_registry.api.together import PATH
from isa_registry.domain.refusals import Refused
from serving import Serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

REF = "s1_" + "A" * 43
QUESTION: dict[str, Any] = {
    "recipient": COUNCIL, "purpose": "harm-outside-the-home", "categories": ["identity", "intelligence"],
    "subjects": [{"kind": "child", "ref": REF}],
}  # fmt: skip
WHAT_IF = {**QUESTION, "record": False}
CHANGES = {"id", "decided_at", "receipt", "register"}
ORDINARY = {"content-type": "application/json; charset=utf-8"}
PLAIN = {"content-type": "application/json"}


@contextmanager
def ordinary_requests(serving: Serving) -> Iterator[list[str]]:
    """The paths of the requests that went the ordinary way meanwhile."""
    seen: list[str] = []
    whole = serving.frame._app

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["path"])
        await whole(scope, receive, send)

    serving.frame._app = watched
    try:
        yield seen
    finally:
        serving.frame._app = whole


async def post(client: httpx.AsyncClient, sent: Any, **headers: str) -> httpx.Response:
    content = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    return await client.post(PATH, content=content, headers={**PLAIN, **headers})


@pytest.mark.parametrize(
    "sent",
    [
        WHAT_IF,
        QUESTION,
        {**WHAT_IF, "urgency": "immediate-danger"},
        {**WHAT_IF, "urgency": "urgent", "explain": True},
        {**WHAT_IF, "on": "2026-03-01"},
        {**WHAT_IF, "provider": POLICE, "recipient": {"kind": "fire"}},
        {**WHAT_IF, "recipient": "nobody-here", "subjects": []},
    ],
)
async def test_an_answer_is_the_same_whichever_way_it_came(shared: Serving, sent: dict[str, Any]) -> None:
    async with shared.client(shared.machine(POLICE, "checks:ask")) as police:
        await post(police, WHAT_IF)
        with ordinary_requests(shared) as ordinary:
            straight = await post(police, sent)
            assert [] == ordinary
            slow = await post(police, sent, **ORDINARY)
            assert [PATH] == ordinary
    assert (200, 200) == (straight.status_code, slow.status_code), straight.text
    told, same = straight.json(), slow.json()
    assert list(told) == list(same)
    for name in told.keys() - CHANGES:
        assert told[name] == same[name]
    names = [name for name in straight.headers if name not in ("x-request-id", "ratelimit", "isa-log-size")]
    assert list(straight.headers) == list(slow.headers)
    assert [slow.headers[name] for name in names] == [straight.headers[name] for name in names]
    if told["recorded"]:
        async with shared.client(shared.machine(POLICE, "events:read checks:ask")) as police:
            for answer in (straight, slow):
                assert answer.json() == (await police.get(f"{PATH}/{answer.json()['id']}")).json()


ANOTHER = "another-body"
BEFORE = {**WHAT_IF, "as_of": 10}


@pytest.mark.parametrize(
    ("sent", "headers", "status"),
    [
        (WHAT_IF, {"content-type": "application/json; charset=utf-8"}, 200),
        (WHAT_IF, {"content-type": "text/plain"}, 415),
        (WHAT_IF, {"content-encoding": "gzip"}, 415),
        (WHAT_IF, {"isa-min-log-size": "1"}, 200),
        (WHAT_IF, {"isa-min-log-size": "one"}, 400),
        (QUESTION, {"idempotency-key": "key-12345678"}, 200),
        (QUESTION, {"idempotency-key": "-"}, 400),
        (WHAT_IF, {"authorization": "Bearer nothing"}, 401),
        (WHAT_IF, {"authorization": "Basic bm90aGluZw=="}, 401),
        (b"{", {}, 400),
        (b"\xff", {}, 400),
        ({**WHAT_IF, "more": 1}, {}, 400),
        ({**WHAT_IF, "categories": []}, {}, 400),
        ({**WHAT_IF, "purpose": "no-such-purpose"}, {}, 422),
        ({**WHAT_IF, "provider": COUNCIL}, {}, 403),
        ({**WHAT_IF, "provider": ANOTHER}, {}, 403),
        (json.dumps(WHAT_IF).encode() + b" " * 200_000, {}, 413),
        (BEFORE, {}, 200),
    ],
    ids=[
        "a charset", "another type", "compressed", "a size to wait for", "no size", "a key", "no key", "a bad token",
        "another scheme", "no JSON", "no UTF-8", "a member more", "no category", "no purpose of ours", "another's",
        "nobody's", "too long", "the past",
    ],
)  # fmt: skip
async def test_whatever_is_not_plain_or_is_refused_goes_the_ordinary_way(
    shared: Serving, sent: Any, headers: dict[str, str], status: int
) -> None:
    async with shared.client(shared.machine(POLICE, "checks:ask")) as police:
        await post(police, WHAT_IF)
        with ordinary_requests(shared) as ordinary:
            answer = await post(police, sent, **headers)
    assert [PATH] == ordinary
    assert status == answer.status_code, answer.text


async def test_a_person_goes_the_ordinary_way(shared: Serving) -> None:
    """Whoever signs in is noted as having been here, for the report on roles that nobody uses."""
    async with shared.client(shared.person(POLICE, "practitioner")) as practitioner:
        with ordinary_requests(shared) as ordinary:
            assert [200, 200] == [(await post(practitioner, WHAT_IF)).status_code for _ in range(2)]
    assert [PATH, PATH] == ordinary


async def test_a_token_that_is_known_still_needs_the_scope(shared: Serving) -> None:
    async with shared.client(shared.machine(POLICE, "events:read")) as police:
        refused = [await post(police, WHAT_IF) for _ in range(2)]
    assert [403, 403] == [answer.status_code for answer in refused]
    assert {"insufficient-scope"} == {answer.json()["type"].rpartition("/")[2] for answer in refused}


async def test_two_authorizations_are_refused(shared: Serving) -> None:
    token = shared.machine(POLICE, "checks:ask")
    async with shared.client(token) as police:
        await post(police, WHAT_IF)
        both = [("authorization", f"Bearer {token}"), ("authorization", f"Bearer {token}"), *PLAIN.items()]
        request = httpx.Request("POST", f"https://registry.test{PATH}", content=json.dumps(WHAT_IF), headers=both)
        assert 401 == (await police.send(request)).status_code


async def test_the_straight_way_is_counted_and_refused_over_the_quota_but_in_danger(limited: Serving) -> None:
    async with limited.client(limited.machine(STRANGER, "checks:ask")) as stranger:
        told = [(await post(stranger, WHAT_IF)).status_code for _ in range(121)]
        danger = await post(stranger, {**WHAT_IF, "urgency": "immediate-danger"})
    assert [200] * 120 + [429] == told
    assert 200 == danger.status_code


async def test_a_question_in_several_pieces_goes_the_ordinary_way_whole(shared: Serving) -> None:
    body = json.dumps(WHAT_IF).encode()
    token = shared.machine(POLICE, "checks:ask")
    async with shared.client(token) as police:
        await post(police, WHAT_IF)
    pieces = [
        {"type": "http.request", "body": body[:20], "more_body": True},
        {"type": "http.request", "body": body[20:], "more_body": False},
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return pieces.pop(0) if pieces else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", b"registry.test"), (b"authorization", f"Bearer {token}".encode())]
    headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    scope = {
        "type": "http", "method": "POST", "path": PATH, "raw_path": PATH.encode(), "query_string": b"",
        "headers": headers, "root_path": "", "scheme": "http", "http_version": "1.1", "client": None, "server": None,
        "asgi": {"version": "3.0"}, "state": {},
    }  # fmt: skip
    frame: Any = shared.frame
    with ordinary_requests(shared) as ordinary:
        await frame(scope, receive, send)
    assert [PATH] == ordinary
    assert 200 == sent[0]["status"]


async def test_what_cannot_be_recorded_is_answered_straight_too(
    shared: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise Refused("unavailable", "The log cannot be written at this moment.")

    async with shared.client(shared.machine(POLICE, "checks:ask")) as police:
        await post(police, WHAT_IF)
        monkeypatch.setattr(shared.registry.sequencer, "append", refuse)
        with ordinary_requests(shared) as ordinary:
            told = (await post(police, QUESTION)).json()
    assert [] == ordinary
    assert (False, True, None) == (told["recorded"], told["stale"], told["receipt"])
    assert "late-entry" == told["conditions"][-1]["code"]


async def test_what_goes_wrong_on_the_straight_way_is_said_by_the_ordinary_one(
    shared: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any, **__: Any) -> Any:
        raise Refused("conflict", "Something stands in the way.")

    async with shared.client(shared.machine(POLICE, "checks:ask")) as police:
        await post(police, WHAT_IF)
        for where in ("isa_registry.api.straight.recorded", "isa_registry.api.checks.answer_and_record"):
            monkeypatch.setattr(where, fails)
        with ordinary_requests(shared) as ordinary:
            answer = await post(police, QUESTION)
    assert (answer.status_code, ordinary) == (409, [PATH])
    assert answer.json()["type"].endswith("/problems/conflict")
