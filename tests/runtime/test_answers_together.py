"""Drafts that are handed in together are told each by itself, and held each against the register at its tail."""

from __future__ import annotations

import asyncio

import pytest

from faults.drafts import KID, event_draft, furnish
from isa_registry.domain.access_entries import KeyRevoked
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import Register, RegisterView
from isa_registry.ledger.drafts import Appended, Draft
from isa_registry.runtime import sequencer
from isa_registry.runtime.answers_together import Together
from isa_registry.runtime.appending import append_all
from isa_registry.runtime.holding import HeldHere
from running import body, opening, running


async def test_a_key_that_is_revoked_in_the_turn_signs_nothing_after_it(database_url: str) -> None:
    """The events before it rest on the same precondition, which held."""
    async with running(database_url) as registry:
        await furnish(registry)
        view = registry.follower.view
        revoked = Draft(payloads=(KeyRevoked(organisation="durham-constabulary", kid=KID, reason="ceased"),))
        drafts = [
            event_draft(1, view),
            event_draft(2, view),
            revoked,
            event_draft(3, view),
            body(4),
            event_draft(5, view),
        ]
        outcomes = await append_all(registry.sequencer, drafts)
    told = [one.code if isinstance(one, Refused) else "appended" for one in outcomes]
    assert told == ["appended", "appended", "appended", "bad-document", "appended", "bad-document"]
    first = outcomes[0]
    assert isinstance(first, Appended)
    assert [one.index - first.index for one in outcomes if isinstance(one, Appended)] == [0, 1, 2, 3]


async def test_what_there_is_no_room_for_is_refused_and_the_others_stand(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequencer, "_QUEUE", 3)
    async with running(database_url) as registry:
        await registry.sequencer.append(opening())
        outcomes = await append_all(registry.sequencer, [body(number) for number in range(5)])
        assert [isinstance(one, Appended) for one in outcomes] == [True] * 3 + [False] * 2
        assert [one.code for one in outcomes if isinstance(one, Refused)] == ["unavailable"] * 2
        assert registry.follower.view.size == 4


async def test_more_than_one_turn_takes_are_all_told(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencer, "_BATCH", 4)
    async with running(database_url) as registry:
        await registry.sequencer.append(opening())
        outcomes = await append_all(registry.sequencer, [body(number) for number in range(10)])
    assert [one.index for one in outcomes if isinstance(one, Appended)] == list(range(1, 11))


async def test_whoever_went_away_is_waited_for_no_more() -> None:
    together = Together(2)
    waiting = asyncio.create_task(together.wait(10))
    await asyncio.sleep(0)
    answers = together.places()
    assert not answers[0].done()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert all(answer.done() for answer in answers)


async def test_nobody_waits_longer_than_their_patience() -> None:
    together = Together(2)
    together.places()[1].set_result(Appended(7, 8, "2026-11-27T10:00:00.000Z"))
    await together.wait(0.01)
    assert together.outcomes == [None, Appended(7, 8, "2026-11-27T10:00:00.000Z")]


def test_what_held_is_asked_again_only_when_the_register_has_changed() -> None:
    asked: list[int] = []
    held = HeldHere("2026-11-27T10:00:00.000Z")

    def holds(view: RegisterView, at: str) -> None:
        asked.append(view.size)

    def refuses(view: RegisterView, at: str) -> None:
        asked.append(-view.size)
        raise Refused("forbidden", "No.")

    def at(size: int) -> RegisterView:
        return Register().at(size)

    held.hold((holds, holds), at, 1)
    held.hold((holds,), at, 2)
    held.forget()
    held.hold((holds,), at, 3)
    for size in (4, 5):
        with pytest.raises(Refused):
            held.hold((holds, refuses), at, size)
    assert asked == [1, 3, -4, -5]
