"""Steps of a sequence that disturb: restarts, also in the middle of things; witnesses and the file outside that are
lost or older than they were."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from faults.any_fault import WORKERS
from faults.choosing import on_the_newest_log, only_if
from faults.erasing import Erasing
from faults.partnership import PARTNERS, eventually
from isa_registry.domain.refusals import Refused
from isa_registry.runtime.checkpoints.outside_store import CheckpointFile
from isa_registry.runtime.erasure.journal import ErasuresNotReapplied, Journal, resurrected
from isa_registry.runtime.registry import Registry
from running import body

WITNESSES = st.sampled_from(PARTNERS)


class Disturbing(Erasing):
    """`lost` is the file outside while it is lost and only witnesses remember what it held."""

    def __init__(self) -> None:
        super().__init__()
        self.lost: bytes | None = None
        self.operator = asyncio.Lock()
        self.notes: list[bytes] = []
        self.witness_states: dict[str, bytes] = {}

    # --- restarts --------------------------------------------------------------------------------------------------

    @rule(worker=WORKERS)
    @on_the_newest_log()
    def restart_a_worker(self, worker: int) -> None:
        self.run(self._restart(worker))

    @rule()
    @on_the_newest_log()
    def restart_the_checkpointer(self) -> None:
        self.run(self._restart_checkpointer())

    @rule()
    @on_the_newest_log(lambda self: self.at.checkpointer is not None)
    def stop_the_checkpointer(self) -> None:
        self.run(self.at.stop_checkpointer())

    @rule(
        what=st.sampled_from(["first", "second", "checkpointer", "sessions"]),
        bodies=st.integers(2, 40),
        milliseconds=st.integers(0, 40),
    )
    @on_the_newest_log()
    def something_ends_in_the_middle_of_it(self, what: str, bodies: int, milliseconds: int) -> None:
        self.run(self._in_the_middle(what, bodies, milliseconds / 1000))

    # --- witnesses -------------------------------------------------------------------------------------------------

    @rule(name=WITNESSES)
    @only_if(lambda self: self.lost is None)
    def a_witness_goes_or_comes_back(self, name: str) -> None:
        self.run(self.at.stop_witness(name) if self.at.answers(name) else self.at.start_witness(name))

    @rule(name=WITNESSES)
    @on_the_newest_log()
    def a_witness_comes_back_older(self, name: str) -> None:
        """From its own backup: it has forgotten what it cosigned last, and is shown a proof from what it knows."""
        kept = self.witness_states.get(name)
        self.witness_states[name] = self.at.state_of(name).read_bytes()
        if kept is not None:
            self.run(self._older_witness(name, kept))

    # --- the file outside ------------------------------------------------------------------------------------------

    @rule()
    @on_the_newest_log(lambda self: self.at.checkpointer is not None)
    def the_file_outside_is_lost(self) -> None:
        """A quorum of witnesses confirms the log in its stead; without one the operator has to say so."""
        self.run(self._lose_file())

    @rule(which=st.integers(0, 30))
    @on_the_newest_log(lambda self: self.at.checkpointer is not None)
    def the_file_outside_comes_back_older(self, which: int) -> None:
        self.notes.append(self.at.file.read_bytes())
        self.run(self._older_file(self.notes[which % len(self.notes)]))

    # --- how -------------------------------------------------------------------------------------------------------

    async def something_confirms(self) -> None:
        async with self.operator:
            await self._reapplied_where_told()
            try:
                await self.at.ensure_checkpointer()
            except ErasuresNotReapplied:
                await self._reapplied()
                await self.at.ensure_checkpointer()

    async def _look(self) -> None:
        """A worker that was cut off looks at the journal, too, when it comes back."""
        await self.at.connected_anew()
        await self._reapplied_where_told()
        await super()._look()

    async def _reapplied_where_told(self) -> None:
        if any(self._resurrected(registry) for registry in self.at.running):
            assert await resurrected(self.at.url, Journal(self.at.journal))
            await self._reapplied()
            await eventually(self._hear_no_more, "what was erased again is served again")

    async def _hear_no_more(self) -> bool:
        return not any(self._resurrected(registry) for registry in self.at.running)

    @staticmethod
    def _resurrected(registry: Registry) -> bool:
        return ErasuresNotReapplied.code in registry.guard.reasons

    async def _restart(self, worker: int) -> None:
        await self.at.stop_worker(worker)
        try:
            await self.at.start_worker(worker)
        except ErasuresNotReapplied:
            assert await resurrected(self.at.url, Journal(self.at.journal))
            await self._reapplied()
            await self.at.start_worker(worker)

    async def _restart_checkpointer(self) -> None:
        try:
            await self.at.start_checkpointer()
        except ErasuresNotReapplied:
            await self._reapplied()
            await self.at.start_checkpointer()

    async def _reapplied(self) -> None:
        """As `erase --reapply`, which starts all the same, beside what else runs."""
        registry = Registry(self.at.url, self.at.signer.keys, outside=CheckpointFile(self.at.file))
        await registry.start()
        try:
            async with self.eraser(registry) as eraser:
                await eraser.reapply()
        finally:
            await registry.stop()
        assert [] == await resurrected(self.at.url, Journal(self.at.journal))

    async def _in_the_middle(self, what: str, bodies: int, after: float) -> None:
        drafts = self.new_bodies(bodies)
        sending = [
            asyncio.create_task(self.append(n % 2, name, draft)) for n, (name, draft) in enumerate(drafts.items())
        ]
        await asyncio.sleep(after)
        match what:
            case "first" | "second":
                await self._restart(0 if what == "first" else 1)
            case "checkpointer":
                await self._restart_checkpointer()
            case _:
                await asyncio.to_thread(self.databases.cut_off, self.at.name)
        await asyncio.gather(*sending)

    async def _older_witness(self, name: str, kept: bytes) -> None:
        if self.at.answers(name):
            await self.at.stop_witness(name)
        self.at.state_of(name).write_bytes(kept)
        await self.at.start_witness(name)

    async def _lose_file(self) -> None:
        note = self.at.file.read_bytes()
        self.at.file.unlink()
        await self.at.look_outside()
        if self.at.quorate:
            await eventually(self._file_is_there, "the witnesses stand in for the file that was lost")
        else:
            await eventually(self._checks_only, "nothing confirms the log, and the checkpointer says so")
            await self._refused_to_write("history-unconfirmed")
            await self.at.start_checkpointer(adopt=True)
            await eventually(self._file_is_there, "the operator's word stands in for the file that was lost")
        assert self.at.open(note).size <= self.at.outside().size

    async def _older_file(self, older: bytes) -> None:
        newest = self.at.file.read_bytes()
        self.at.file.write_bytes(older)
        await self.at.look_outside()

        async def again() -> bool:
            return self.at.file.read_bytes() == newest

        await eventually(again, "the file outside is brought in line with the newest checkpoint")

    async def _file_is_there(self) -> bool:
        return self.at.file.exists()

    async def _checks_only(self) -> bool:
        words = [registry.follower.standing.word for registry in self.at.running]
        return all(word is not None and word.state == "checks-only" for word in words)

    async def _refused_to_write(self, *codes: str) -> None:
        for number, registry in enumerate(self.at.running):
            with pytest.raises(Refused) as refused:
                await registry.sequencer.append(body(10**6 + number), patience=60.0)
            assert refused.value.code in codes
