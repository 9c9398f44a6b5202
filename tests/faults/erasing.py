"""Steps of a sequence that erase: rules, notices, holds, two people, runs, and runs that end anywhere in between."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from asking import COUNCIL, POLICE
from faults.any_fault import NUMBERS, WORKERS, AnyFault, Name
from faults.choosing import on_the_newest_log
from faults.drafts import claiming
from faults.looking import Marks, unfinished
from faults.partnership import SECONDS
from isa_registry.actions import erasures
from isa_registry.data import data_directory
from isa_registry.domain.access_entries import RoleGranted, RoleRevoked
from isa_registry.domain.keeping_entries import HoldLifted, HoldPlaced
from isa_registry.domain.refusals import Refused
from isa_registry.domain.retention import HoldScope
from isa_registry.ledger.drafts import Appended, Draft
from isa_registry.runtime.erasure.journal import Journal
from isa_registry.runtime.erasure.requests import ErasureRequests
from isa_registry.runtime.erasure.runs import Eraser, Outcome, announce
from isa_registry.runtime.registry import Registry
from isa_registry.store import erasure

SHIPPED = (data_directory("agreements") / "retention.json").read_bytes()
DUE = datetime(2032, 11, 23, 12, tzinfo=UTC)
NOTICE = timedelta(days=14)
ISSUER = "https://issuer.example"
OUTCOMES = {"erased", "on-hold", "already-erased", "no-longer-due", "still-in-force", "event-first"}
NOT_ASKED_FOR = {"gone", "on-hold", "still-in-force", "conflict", "unprocessable"}
HOLDS = st.integers(0, 3)


class Interrupted(Exception):
    """The run is over, at this very moment."""


class Erasing(AnyFault):
    """`holds` are those in force."""

    def __init__(self) -> None:
        super().__init__()
        self.holds: set[int] = set()

    async def begin(self) -> None:
        await super().begin()
        rules = claiming(erasures.change_retention(erasures.read_rules(SHIPPED)), "rules")
        await self.append(0, ("rules", 0), rules)

    @rule(number=NUMBERS)
    @on_the_newest_log()
    def somebody_had_a_role(self, number: int) -> None:
        person = {"organisation": POLICE, "issuer": ISSUER, "subject": f"person-{number}", "role": "ig-lead"}
        for kind, payload in (("granted", RoleGranted(**person)), ("revoked", RoleRevoked(**person))):
            if (kind, number) not in self.promised:
                draft = claiming(Draft(payloads=(payload,)), f"{kind} {number}")
                self.run(self.append(0, (kind, number), draft))

    @rule()
    @on_the_newest_log()
    def announce_what_is_due(self) -> None:
        self.run(self.announce())

    @rule(hold=HOLDS, scope=st.sampled_from(["police", "council", "all", "event", "check"]), number=NUMBERS)
    @on_the_newest_log()
    def place_a_hold(self, hold: int, scope: str, number: int) -> None:
        """Its id was perhaps used before, and then it is refused."""
        found = self._scope(scope, number)
        if found is None:
            return
        placed = HoldPlaced(hold=f"hold-{hold}", reason="public-inquiry", scope=found)
        if ("hold", hold) in self.promised:
            self.run(self.refused(lambda: self._send(erasures.place_hold(placed)), "conflict"))
            return
        self.run(self.append(0, ("hold", hold), claiming(erasures.place_hold(placed), f"hold {hold}")))
        self.holds.add(hold)

    @rule(hold=HOLDS)
    @on_the_newest_log()
    def lift_a_hold(self, hold: int) -> None:
        draft = erasures.lift_hold(HoldLifted(hold=f"hold-{hold}", reason="inquiry-ended"))
        if hold not in self.holds:
            code = "conflict" if ("hold", hold) in self.promised else "not-found"
            self.run(self.refused(lambda: self._send(draft), code))
            return
        self.run(self.append(0, ("lifted", hold), claiming(draft, f"lifted {hold}")))
        self.holds.discard(hold)

    @rule(kind=st.sampled_from(["event", "check", "granted", "revoked", "body"]), number=NUMBERS, both=st.booleans())
    @on_the_newest_log()
    def somebody_asks(self, kind: str, number: int, both: bool) -> None:
        """One person, or two: then it is announced."""
        if (kind, number) in self.promised:
            self.run(self._ask((kind, number), (3, 5) if both else (7,)))

    @rule(worker=WORKERS, announced=st.booleans())
    @on_the_newest_log()
    def erase(self, worker: int, announced: bool) -> None:
        self.run(self._erase(worker, announced=announced))

    @rule(worker=WORKERS, before=st.sampled_from(["answer", "journal", "deletion"]))
    @on_the_newest_log()
    def an_erasure_is_interrupted(self, worker: int, before: str) -> None:
        """Before the log's answer came, before it is in the journal, or before it is deleted."""
        self.run(self._interrupt(worker, before))

    @rule(worker=WORKERS)
    @on_the_newest_log()
    def reapply_the_journal(self, worker: int) -> None:
        self.run(self.reapply(worker))

    # --- how -------------------------------------------------------------------------------------------------------

    def eraser(self, registry: Registry) -> Eraser:
        return Eraser(
            self.at.url,
            Journal(self.at.journal),
            view=lambda: registry.follower.view,
            append=lambda draft: self.append_once_confirmed(registry, draft),
            now=lambda: DUE + NOTICE,
        )

    async def append_once_confirmed(self, registry: Registry, draft: Draft) -> Appended:
        """What is refused because nothing confirms the history was not stored: whoever erases tries again."""
        end = time.monotonic() + SECONDS
        while True:
            try:
                return await registry.sequencer.append(draft)
            except Refused as refused:
                if refused.code != "history-unconfirmed" or time.monotonic() > end:
                    raise
            await self.something_confirms()
            await asyncio.sleep(0.02)

    async def reapply(self, worker: int) -> None:
        registry = self.at.workers[worker]
        assert registry is not None
        async with self.eraser(registry) as eraser:
            outcomes = await eraser.reapply()
        assert {one.code for one in outcomes} <= OUTCOMES

    async def announce(self) -> None:
        async with self.at.connection("isa_read") as reading, self.at.connection("isa_work") as working:
            await reading.execute("SELECT set_config('isa.organisation', '*', false)")
            await announce(reading, working, self.at.running[0].follower.view, now=DUE, notice=NOTICE)

    async def _send(self, draft: Draft) -> Appended:
        return await self.append_once_confirmed(self.at.running[0], draft)

    def _scope(self, scope: str, number: int) -> HoldScope | None:
        match scope:
            case "police" | "council":
                return HoldScope(organisations=(POLICE if scope == "police" else COUNCIL,))
            case "all":
                return HoldScope(since="2020-01-01T00:00:00.000Z")
        found = self.promised.get((scope, number))
        return None if found is None else HoldScope(entries=(found.index,))

    async def _ask(self, name: Name, people: tuple[int, ...]) -> None:
        registry = self.at.running[0]
        asking = ErasureRequests(self.at.url, notice=NOTICE, now=lambda: DUE)
        for person in people:
            try:
                await asking.ask(
                    registry.reading,
                    registry.follower.view,
                    index=self.promised[name].index,
                    reason="erasure-right",
                    person=person,
                )
            except Refused as refused:
                assert refused.code in NOT_ASKED_FOR, refused.code

    async def _erase(self, worker: int, *, announced: bool) -> None:
        registry = self.at.workers[worker]
        assert registry is not None
        if not announced:
            await self.announce()
        marks = await Marks.take(self.at)
        async with self.eraser(registry) as eraser:
            outcomes = await eraser.run()
        assert {one.code for one in outcomes} <= OUTCOMES
        await self._kept(outcomes)
        left = await unfinished(self.at)
        assert not left or self.holds, "only a hold keeps what the log says is erased"
        await marks.assert_gone(self.at)
        await self._forgotten()

    async def _kept(self, outcomes: list[Outcome]) -> None:
        """What was not erased is there, and what was is not."""
        there = {row["index"] for row in await self.at.fetch("SELECT index FROM payload")}
        assert [] == [one for one in outcomes if (one.code in ("erased", "already-erased")) == (one.index in there)]

    async def _forgotten(self) -> None:
        """A role whose grant is erased is in no worker's memory, at no time."""
        for (kind, number), one in self.promised.items():
            if kind == "granted" and await self.is_erased(one.index):
                for registry in self.at.running:
                    async with registry.follower.folding, self.at.connection("isa_read") as connection:
                        await registry.follower.catch_up(connection)
                    seen = registry.follower.register.at(one.index + 1)
                    assert () == seen.roles(ISSUER, f"person-{number}")

    async def _interrupt(self, worker: int, before: str) -> None:
        registry = self.at.workers[worker]
        assert registry is not None

        async def stored_but_not_answered(draft: Draft) -> Appended:
            await self.append_once_confirmed(registry, draft)
            raise Interrupted

        def ends(*_: object) -> None:
            raise Interrupted

        async def ends_here(*_: object) -> None:
            raise Interrupted

        await self.announce()
        with pytest.MonkeyPatch.context() as patch:
            if before == "journal":
                patch.setattr(Journal, "append", ends)
            if before == "deletion":
                patch.setattr(erasure, "erase", ends_here)
            async with self.eraser(registry) as eraser:
                if before == "answer":
                    patch.setattr(eraser, "_append", stored_but_not_answered)
                try:
                    await eraser.run()
                except Interrupted:
                    assert await unfinished(self.at)
