"""The state of a sequence of faults, and appending in it; `erasing`, `disturbing` and `restoring` hold the other steps.

`promised` maps the name of what was appended to what was promised for it. Whatever is refused is refused with a code
that is documented, and after each step the log is whole, seen from wherever it can be seen.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from shutil import rmtree
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from databases import Databases
from faults.choosing import on_the_newest_log
from faults.drafts import check_draft, claiming, event_draft
from faults.looking import Promise, assert_taken_away, assert_whole, unfinished
from faults.partnership import SECONDS, Founded, Partnership
from isa_registry.domain.entries import encode_payload
from isa_registry.domain.refusals import Refused
from isa_registry.ledger.drafts import Draft
from running import body

WORKERS = st.sampled_from([0, 1])
NUMBERS = st.integers(0, 20)
FOR_NOW = frozenset({"unavailable", "history-unconfirmed"})
"""With these an append is refused that may succeed later; what may have been stored is found again by its name."""

Name = tuple[str, int]


class AnyFault(RuleBasedStateMachine):
    """`behind`: an older copy of the database is in place, and is not to be written to."""

    databases: Databases
    founded: Founded

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.directory = Path(tempfile.mkdtemp(prefix="isa-any-"))
        self.at = Partnership(self.databases, self.founded, self.directory)
        self.promised: dict[Name, Promise] = {}
        self.bodies = 0
        self.behind = False
        self.started = False

    def run(self, work: Any) -> Any:
        return self.loop.run(work)

    @initialize()
    def start(self) -> None:
        self.run(self.begin())
        self.started = True

    async def begin(self) -> None:
        await self.at.start()

    def teardown(self) -> None:
        self.run(self.at.stop())
        self.loop.close()
        for name in (*self.copies(), self.at.name):
            self.databases.drop(name)
        rmtree(self.directory)

    def copies(self) -> list[str]:
        return []

    def come_back(self) -> None:
        """Brings the newer database back where an older one took its place."""

    # --- appending -------------------------------------------------------------------------------------------------

    @rule(worker=WORKERS, bodies=st.integers(1, 60))
    @on_the_newest_log()
    def register_bodies(self, worker: int, bodies: int) -> None:
        self.run(self.append_all(worker, self.new_bodies(bodies)))

    @rule(worker=WORKERS, number=NUMBERS, part=st.booleans())
    @on_the_newest_log()
    def record_an_event(self, worker: int, number: int, part: bool) -> None:
        """A number that was recorded before gets the first answer again, or is told that it was erased."""
        registry = self.at.workers[worker]
        assert registry is not None
        name = number * 2 + part
        draft = event_draft(name, registry.follower.view, part=part)
        self.run(self.append_all(worker, {("event", name): draft}))

    @rule(worker=WORKERS, numbers=st.lists(NUMBERS, min_size=1, max_size=5, unique=True))
    @on_the_newest_log()
    def record_checks(self, worker: int, numbers: list[int]) -> None:
        self.run(self.append_all(worker, {("check", number): check_draft(number) for number in numbers}))

    @rule(worker=WORKERS)
    @on_the_newest_log()
    def keep_a_snapshot(self, worker: int) -> None:
        registry = self.at.workers[worker]
        assert registry is not None
        self.run(registry.snapshotter.keep(least=1))

    @rule()
    @on_the_newest_log()
    def take_away(self) -> None:
        """The static copy grows with each run."""
        self.run(self._taken_away())

    def new_bodies(self, count: int) -> dict[Name, Draft]:
        first, self.bodies = self.bodies, self.bodies + count
        return {("body", n): claiming(body(n), f"body {n}") for n in range(first, first + count)}

    async def append_all(self, worker: int, drafts: dict[Name, Draft]) -> None:
        await asyncio.gather(*(self.append(worker, name, draft) for name, draft in drafts.items()))

    async def append(self, worker: int, name: Name, draft: Draft) -> None:
        """Sends a draft until it is answered, as an agency's queue does; an operator brings back what that takes."""
        end, tries = time.monotonic() + SECONDS, 0
        while True:
            assert time.monotonic() < end, f"{name} found no answer"
            registry = self.at.workers[worker]
            if registry is None:
                await asyncio.sleep(0.02)
                continue
            tries += 1
            try:
                appended = await registry.sequencer.append(draft, patience=2.0)
            except Refused as refused:
                if refused.code == "gone" and name in self.promised:
                    assert await self.is_erased(self.promised[name].index)
                    return
                if refused.code not in FOR_NOW:
                    raise
                if refused.code == "history-unconfirmed":
                    await self.something_confirms()
                await asyncio.sleep(0.02)
                continue
            break
        if name in self.promised:
            assert (self.promised[name].index, True) == (appended.index, appended.repeated)
            return
        assert tries > 1 or not appended.repeated, f"{name} was there before anybody sent it"
        self.promised[name] = Promise(appended.index, tuple(encode_payload(one) for one in draft.payloads))

    async def something_confirms(self) -> None:
        """What an operator does who hears that the history is not confirmed."""
        await self.at.ensure_checkpointer()

    async def is_erased(self, index: int) -> bool:
        return bool(await self.at.fetch("SELECT FROM erasure WHERE index = $1", index))

    async def refused(self, work: Callable[[], Awaitable[object]], *codes: str) -> None:
        """Something is refused, with one of these codes."""
        try:
            await work()
        except Refused as refused:
            assert refused.code in codes, refused.code
            return
        raise AssertionError(f"it was not refused, with any of {codes}")

    # --- after each step -------------------------------------------------------------------------------------------

    @invariant()
    def the_log_is_whole(self) -> None:
        if self.started and not self.behind:
            self.run(self._look())

    async def _look(self) -> None:
        ((erased,),) = await self.at.fetch("SELECT count(*) FROM erasure")
        size = self.founded.size + sum(len(one.payloads) for one in self.promised.values()) + erased
        await assert_whole(self.at, size, self.promised)

    async def _taken_away(self) -> None:
        if self.at.checkpointer is not None and self.at.pinned_next is None and not await unfinished(self.at):
            await assert_taken_away(self.at, self.directory / "copy")
