"""A challenge is kept until some years after it was closed, and then goes whole, its first entry first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from asking import COUNCIL
from faults.case_drafts import challenge_draft, closing_draft
from isa_registry.runtime.erasure.runs import Outcome
from isa_registry.store import challenges
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
    assert found == [(challenged.raised, COUNCIL, "challenge"), (challenged.closed, COUNCIL, "challenge")]


async def test_it_is_erased_whole_and_its_bodies_are_told_that_it_is_gone(challenged: Challenged) -> None:
    assert {challenged.raised, challenged.closed} <= set(await challenged.announce())
    outcomes = {one.index: one.code for one in await challenged.run()}
    assert (outcomes[challenged.raised], outcomes[challenged.closed]) == ("erased", "erased")
    async with challenged.auditing() as connection:
        assert await challenges.entries_of(connection, CHALLENGE) == []
        assert await erased_record(connection, CHALLENGE, organisation=COUNCIL) == challenged.raised
        assert len(await challenges.entries_of(connection, f"chl_{2:032x}")) == 1
    assert (await challenged.fsck()).findings == ()


async def test_while_its_first_entry_is_on_hold_no_later_one_goes(challenged: Challenged) -> None:
    await challenged.announce()
    await challenged.hold(entries=(challenged.raised,))
    outcomes = await challenged.run()
    assert Outcome(challenged.raised, "on-hold") in outcomes
    assert Outcome(challenged.closed, "still-in-force") in outcomes
    await challenged.lift()
    outcomes = await challenged.run(AFTER)
    assert {Outcome(challenged.raised, "erased"), Outcome(challenged.closed, "erased")} <= set(outcomes)
