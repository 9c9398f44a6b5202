"""Bodies that must come in time, all looked after by one timer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from isa_registry.api import timely
from isa_registry.api.timely import Timely
from isa_registry.domain.refusals import Refused

WHOLE = {"type": "http.request", "body": b"{}", "more_body": False}
PIECE = {"type": "http.request", "body": b"{", "more_body": True}


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timely, "LOOKS_EVERY", 0.01)


async def test_what_does_not_come_is_given_up_and_nothing_else() -> None:
    arrived = asyncio.Event()
    bodies = Timely(lambda: 0.5)

    async def never() -> Any:
        await asyncio.Event().wait()

    async def later() -> Any:
        await arrived.wait()
        return WHOLE

    async def read(receive: Any) -> str:
        try:
            await bodies.of(receive)()
        except Refused as refused:
            await asyncio.sleep(0)  # what was given up can wait for other things
            return refused.code
        return "came"

    late, fine = asyncio.create_task(read(never)), asyncio.create_task(read(later))
    await asyncio.sleep(0.03)
    arrived.set()
    assert ("too-slow", "came") == (await late, await fine)
    assert 0 == late.cancelling()


async def test_pieces_have_their_time_together() -> None:
    async def drops() -> Any:
        await asyncio.sleep(0.03)
        return PIECE

    received = Timely(lambda: 0.1).of(drops)
    with pytest.raises(Refused, match="did not come in time"):
        for _ in range(20):
            assert PIECE == await received()


async def test_whoever_waits_for_the_client_to_go_away_is_not_given_up() -> None:
    messages = [WHOLE]
    gone = asyncio.Event()

    async def receive() -> Any:
        if messages:
            return messages.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    received = Timely(lambda: 0.02).of(receive)
    assert WHOLE == await received()
    asyncio.get_running_loop().call_later(0.1, gone.set)
    assert {"type": "http.disconnect"} == await received()


async def test_a_request_that_is_ended_by_others_ends() -> None:
    bodies = Timely(lambda: 60)

    async def never() -> Any:
        await asyncio.Event().wait()

    task = asyncio.create_task(bodies.of(never)())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_nobody_looks_while_nothing_is_waited_for() -> None:
    bodies = Timely(lambda: 60)

    async def at_once() -> Any:
        return WHOLE

    assert WHOLE == await bodies.of(at_once)()
    await asyncio.sleep(0.05)
    assert bodies._looking is None
