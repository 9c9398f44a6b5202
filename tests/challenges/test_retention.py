"""A challenge is kept until some years after it was closed, and then goes whole, its first entry first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from asking import COUNCIL
from faults.case_drafts import challenge_draft, closing_draft
from isa_registry.runtime.erasure.runs import Outcome, parts_of
from isa_registry.store import challenges, erasure
from isa_registry.store.erasure import erased_record
from running import running
from runtime.test_erasure import AFTER, DUE, IN_TIME, Scene

CHALLENGE = f"chl_{1:032x}"


class Challenged(Scene):
    async def furnish(self) -> None:
        """A challenge that is closed and one that is open, from the day on which the scene's decisions were made."""
        await super().furnish()
        append = self.registry.sequencer.append
        self.open = (await append(challenge_draft(2))).index
        self.raised = (await append(challenge_draft(1))).index
        self.closed = (await append(closing_draft(1))).index


@pytest.fixture
async def challenged(database_url: str, tmp_path: Path) -> AsyncIterator[Challenged]:
    async with running(database_url) as registry:
        scene = Challenged(database_url, registry, tmp_path / "erasures.jsonl")
        await scene.furnish()
        yield scene


async def test_a_closed_challenge_falls_due_whole_and_an_open_one_never(challenged: Challenged) -> None:
    ours = {challenged.open, challenged.raised, challenged.closed}
    assert [one for one in await challenged.due(IN_TIME) if one.index in ours] == []
    found = [(one.index, one.organisation, one.rule) for one in await challenged.due(DUE) if one.index in ours]
    assert found == [(challenged.raised, COUNCIL, "challenge")], "its steps go with it"


async def test_it_is_erased_whole_and_its_bodies_are_told_that_it_is_gone(challenged: Challenged) -> None:
    assert challenged.raised in await challenged.announce()
    assert Outcome(challenged.raised, "erased") in await challenged.run()
    async with challenged.auditing() as connection:
        assert await challenges.entries_of(connection, CHALLENGE) == []
        assert await erased_record(connection, CHALLENGE, organisation=COUNCIL) == challenged.raised
        assert len(await challenges.entries_of(connection, f"chl_{2:032x}")) == 1
    assert (await challenged.fsck()).findings == ()


async def test_while_any_of_it_is_on_hold_all_of_it_stays(challenged: Challenged) -> None:
    await challenged.announce()
    await challenged.hold(entries=(challenged.closed,))
    assert Outcome(challenged.raised, "on-hold") in await challenged.run()
    async with challenged.auditing() as connection:
        assert len(await challenges.entries_of(connection, CHALLENGE)) == 2
    await challenged.lift()
    assert Outcome(challenged.raised, "erased") in await challenged.run(AFTER)


async def test_a_later_entry_does_not_go_while_one_before_it_is_there(challenged: Challenged) -> None:
    async with challenged.auditing() as connection:
        view = challenged.registry.follower.view
        for index, expected in ((challenged.raised, [challenged.raised, challenged.closed]), (challenged.closed, None)):
            target = await erasure.target(connection, index)
            assert target is not None
            parts = await parts_of(connection, view, target)
            assert (parts and [one.index for one in parts]) == expected
