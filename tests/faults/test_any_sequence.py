"""Any sequence of appends, restarts and snapshots, by two workers: after each step the log is whole."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from databases import Databases
from faults.drafts import check_draft, event_draft, furnish
from faults.oracle import assert_whole
from isa_registry.domain.party_entries import OrganisationChanged
from isa_registry.domain.refusals import Refused
from isa_registry.ledger.drafts import Appended, Draft
from isa_registry.runtime.registry import Registry
from running import body, running

WORKERS = st.sampled_from([0, 1])


class AnySequence(RuleBasedStateMachine):
    """Two workers on one database. `promised` maps what was appended to the index that was told."""

    databases: Databases
    template: str

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.name = self.databases.create(self.template)
        self.url = self.databases.url(self.name)
        self.stacks: list[AsyncExitStack] = [AsyncExitStack(), AsyncExitStack()]
        self.workers: list[Registry] = []
        self.promised: dict[tuple[str, int], int] = {}
        self.size = 0

    def run(self, work: Any) -> Any:
        return self.loop.run(work)

    @initialize()
    def start(self) -> None:
        async def both() -> int:
            self.workers = [await stack.enter_async_context(running(self.url)) for stack in self.stacks]
            return await furnish(self.workers[0])

        self.size = self.run(both())

    @rule(worker=WORKERS, bodies=st.integers(1, 120))
    def register_bodies(self, worker: int, bodies: int) -> None:
        self._append(worker, [("body", self.size + n, body(self.size + n)) for n in range(bodies)])

    @rule(worker=WORKERS, number=st.integers(0, 30), part=st.booleans())
    def record_an_event(self, worker: int, number: int, part: bool) -> None:
        """A number that was recorded before gets the first answer again, or a conflict if its content differs."""
        draft = event_draft(number * 2 + part, self.workers[worker].follower.view, part=part)
        self._append(worker, [("event", number * 2 + part, draft)])

    @rule(worker=WORKERS, numbers=st.lists(st.integers(0, 30), min_size=1, max_size=5))
    def record_checks(self, worker: int, numbers: list[int]) -> None:
        self._append(worker, [("check", number, check_draft(number)) for number in numbers])

    @rule(worker=WORKERS)
    def both_at_once(self, worker: int) -> None:
        async def append() -> list[Appended]:
            return await asyncio.gather(*(self.workers[n % 2].sequencer.append(body(self.size + n)) for n in range(20)))

        for appended in self.run(append()):
            self.promised[("body", appended.index)] = appended.index
        self.size += 20

    @rule(worker=WORKERS)
    def refuse(self, worker: int) -> None:
        def never(view: Any, at: str) -> None:
            raise Refused("conflict", "It never holds.")

        change = OrganisationChanged(organisation="body-0", name="Other", organisation_kind="police")
        with pytest.raises(Refused):
            self.run(self.workers[worker].sequencer.append(Draft(payloads=(change,), preconditions=(never,))))

    @rule(worker=WORKERS)
    def restart(self, worker: int) -> None:
        async def again() -> Registry:
            await self.stacks[worker].aclose()
            self.stacks[worker] = AsyncExitStack()
            return await self.stacks[worker].enter_async_context(running(self.url))

        self.workers[worker] = self.run(again())

    @rule(worker=WORKERS)
    def keep_a_snapshot(self, worker: int) -> None:
        self.run(self.workers[worker].snapshotter.keep(least=1))

    @invariant()
    def the_log_is_whole(self) -> None:
        if self.workers:
            self.run(self._look())

    def teardown(self) -> None:
        for stack in self.stacks:
            self.run(stack.aclose())
        self.loop.close()
        self.databases.drop(self.name)

    def _append(self, worker: int, drafts: list[tuple[str, int, Draft]]) -> None:
        async def append() -> list[Appended]:
            sequencer = self.workers[worker].sequencer
            return await asyncio.gather(*(sequencer.append(draft) for _, _, draft in drafts))

        for (kind, number, draft), appended in zip(drafts, self.run(append()), strict=True):
            assert ((kind, number) in self.promised) == appended.repeated
            assert self.promised.setdefault((kind, number), appended.index) == appended.index
            self.size = max(self.size, appended.index + len(draft.payloads))

    async def _look(self) -> None:
        for registry in self.workers:
            assert await registry.follower.wait_for_size(self.size, seconds=5)
        report = await assert_whole(self.url, *self.workers)
        assert self.size == report.size


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    ("examples", "steps"), [(4, 8), pytest.param(30, 25, marks=pytest.mark.long)], ids=["short", "long"]
)
def test_any_sequence_of_steps_leaves_the_log_whole(
    databases: Databases, template_database: str, examples: int, steps: int
) -> None:
    AnySequence.databases, AnySequence.template = databases, template_database
    run_state_machine_as_test(
        AnySequence,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
