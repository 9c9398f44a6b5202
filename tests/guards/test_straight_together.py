"""Plain questions that come at once are decided together, and each is answered as if it had come alone."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from asking import COUNCIL, POLICE
from guards.conftest import STRANGER
from guards.test_straight_way import PATH, WHAT_IF, ordinary_requests, post
from isa_registry.actions import checks
from isa_registry.api.together import Together
from serving import Serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

PURPOSES = ("harm-outside-the-home", "child-protection-enquiry", "early-help", "crime-prevention", "missing-now")
QUESTIONS: list[dict[str, Any]] = [
    {**WHAT_IF, "purpose": purpose, "recipient": recipient, "circumstances": {"would_help_recipient": helps}}
    for purpose in PURPOSES
    for recipient in (COUNCIL, "nenc-icb")
    for helps in (True, False)
]


async def posted(serving: Serving, token: str, sent: Any) -> tuple[int, dict[str, Any]]:
    """Status and answer of a question whose body comes a turn after its head, as the server gives it."""
    body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    pieces: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]
    told: list[Any] = []

    async def receive() -> Any:
        await asyncio.sleep(0)
        return pieces.pop() if pieces else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        told.append(message)

    headers = [(b"host", b"registry.test"), (b"authorization", f"Bearer {token}".encode())]
    headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    scope: Any = {
        "type": "http", "method": "POST", "path": PATH, "raw_path": PATH.encode(), "query_string": b"",
        "headers": headers, "root_path": "", "scheme": "http", "http_version": "1.1", "client": None, "server": None,
        "asgi": {"version": "3.0"}, "state": {},
    }  # fmt: skip
    await serving.frame(scope, receive, send)
    return told[0]["status"], json.loads(b"".join(one.get("body", b"") for one in told[1:]))


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many questions were taken together, each time."""
    seen: list[int] = []
    take = Together._take

    def watched(self: Together, asked: Any) -> Any:
        seen.append(len(asked))
        return take(self, asked)

    monkeypatch.setattr(Together, "_take", watched)
    return seen


async def test_each_is_answered_as_if_it_had_come_alone(shared: Serving, batches: list[int]) -> None:
    """Of two bodies, with some among them that are refused, and one that is about the past."""
    wrong = [
        {**WHAT_IF, "purpose": "no-such-purpose"},
        b"{",
        {**WHAT_IF, "as_of": 10},
        {**WHAT_IF, "provider": COUNCIL},
    ]
    tokens = [shared.machine(who, "checks:ask") for who in (POLICE, STRANGER)]
    sent = [(token, question) for question in (*QUESTIONS, *wrong, *QUESTIONS[::-1]) for token in tokens]
    for token in tokens:
        async with shared.client(token) as client:
            assert 200 == (await post(client, WHAT_IF)).status_code
    batches.clear()
    with ordinary_requests(shared) as ordinary:
        at_once = await asyncio.gather(*(posted(shared, token, question) for token, question in sent))
    assert [len(sent)] == batches
    assert len(ordinary) == len(wrong) * len(tokens)
    alone = [await posted(shared, token, question) for token, question in sent]
    assert [1] * len(sent) == batches[1:]
    for (status, told), (same_status, same) in zip(at_once, alone, strict=True):
        for changing in ("id", "decided_at", "instance"):
            told.pop(changing, None), same.pop(changing, None)
        assert (same_status, same) == (status, told)
    assert len({json.dumps(told) for _, told in at_once}) > len(PURPOSES)


async def test_what_is_recorded_is_each_ones_own(shared: Serving, batches: list[int]) -> None:
    token = shared.machine(POLICE, "checks:ask events:read")
    async with shared.client(token) as police:
        await post(police, WHAT_IF)
        batches.clear()
        asked = [{**question, "record": True} for question in QUESTIONS]
        told = await asyncio.gather(*(posted(shared, token, question) for question in asked))
        assert [len(asked)] == batches
        for (status, answer), question in zip(told, asked, strict=True):
            assert (200, True, question["purpose"]) == (status, answer["recorded"], question["purpose"])
            assert answer == (await police.get(f"{PATH}/{answer['id']}")).json()
    assert len(asked) == len({answer["id"] for _, answer in told})


async def test_one_that_goes_away_takes_no_other_with_it(shared: Serving, batches: list[int]) -> None:
    token = shared.machine(POLICE, "checks:ask")
    async with shared.client(token) as police:
        await post(police, WHAT_IF)
    batches.clear()
    asking = [asyncio.create_task(posted(shared, token, question)) for question in QUESTIONS[:4]]
    for _ in range(20):
        if not shared.frame._straight._together._waiting:
            await asyncio.sleep(0)
    asking[1].cancel()
    told = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(told[1], asyncio.CancelledError)
    assert [200, 200, 200] == [one[0] for one in told if not isinstance(one, BaseException)]


async def test_one_that_goes_wrong_goes_the_ordinary_way_alone(
    shared: Serving, batches: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = shared.machine(POLICE, "checks:ask")
    async with shared.client(token) as police:
        await post(police, WHAT_IF)
    decide, failed = checks.decide, []

    def fails_once(*given: Any, **named: Any) -> Any:
        if given[2].purpose == "early-help" and not failed:
            failed.append(given)
            raise RuntimeError("an error of our own")
        return decide(*given, **named)

    monkeypatch.setattr(checks, "decide", fails_once)
    with ordinary_requests(shared) as ordinary:
        told = await asyncio.gather(*(posted(shared, token, question) for question in QUESTIONS))
    assert ([200] * len(QUESTIONS), [PATH]) == ([status for status, _ in told], ordinary)


async def test_a_step_that_fails_for_all_leaves_nobody_waiting(
    shared: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = shared.machine(POLICE, "checks:ask")
    async with shared.client(token) as police:
        await post(police, WHAT_IF)

    def fails(*_: Any) -> bool:
        raise RuntimeError("an error of our own")

    monkeypatch.setattr(Together, "_charge", fails)
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda *_: None)
    try:
        with ordinary_requests(shared) as ordinary:
            told = await asyncio.gather(*(posted(shared, token, question) for question in QUESTIONS[:3]))
    finally:
        loop.set_exception_handler(before)
    assert ([200] * 3, [PATH] * 3) == ([status for status, _ in told], ordinary)
