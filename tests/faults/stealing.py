"""Steps of a sequence in which others have keys of the log: they are replaced, and one that was retired signs again."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule
from msgspec.structs import replace

from faults.choosing import on_the_newest_log
from faults.disturbing import WITNESSES
from faults.partnership import PARTNERS, eventually
from faults.rotating import Rotating, generation
from isa_registry.cli import rotate_log_key
from isa_registry.ledger.checkpoints import LogSigner
from isa_registry.outbound.witnesses import WitnessClient
from isa_registry.runtime.checkpoints.history import HistoryRefused
from isa_registry.runtime.witnesses.place import read_witness
from running import ORIGIN


class Stealing(Rotating):
    """Whoever has a key signs with it what the log holds, and no other history: what is told of is the key."""

    @rule(back=st.integers(0, 30))
    @on_the_newest_log()
    def the_keys_are_compromised(self, back: int) -> None:
        """Since some entries ago, in the middle of a rotation perhaps: witnesses strike the old keys off, and everybody
        pins anew."""
        self.run(self._replace_compromised(back))

    @rule(which=st.integers(0, 5))
    @on_the_newest_log(lambda self: self.retired)
    def a_retired_key_signs_what_is_put_outside(self, which: int) -> None:
        self.run(self._planted_outside(self.retired[which % len(self.retired)]))

    @rule(which=st.integers(0, 5), name=WITNESSES)
    @on_the_newest_log(lambda self: self.retired)
    def a_retired_key_signs_for_a_witness(self, which: int, name: str) -> None:
        self.run(self._planted_at_a_witness(self.retired[which % len(self.retired)], name))

    # --- how -------------------------------------------------------------------------------------------------------

    async def _replace_compromised(self, back: int) -> None:
        gone = [self._alone(), *([self._next()] if self.under_way else [])]
        if self.under_way or not self.following:
            self.generations += 1
            self.at.signer = replace(self.at.signer, following=generation(self.generations))
        await self.something_confirms()
        for name in PARTNERS:
            if not self.at.answers(name):
                await self.at.start_witness(name)
            await self._tell(name, self.following)
        size = await self.at.size()
        old = [one for one in self.at.keys.trusted if one.holds_for(size)]
        last = max(self.at.outside().size - back, *(one.first for one in old))
        code = await self._command(
            step="rotate", last_good_size=last, overlap=100, without=[], reason=rotate_log_key.COMPROMISE
        )
        assert code is None
        await self._learn(lambda _: {(one.key, last) for one in old})
        self.at.pinned_next = list(self.following)
        self.retired += gone
        self.under_way = False
        await self._start_signing(self._next())

    async def _planted_outside(self, thief: LogSigner) -> None:
        await self.something_confirms()
        await eventually(self._signed, "the newest entries are signed")
        good, newest = self.at.file.read_bytes(), self.at.outside()
        self.at.file.write_bytes(thief.sign(newest.size, newest.root, int(time.time())))
        await self.at.look_outside()
        await eventually(self._says("checks-only", "retired-key-signed"), "a retired key is told of")
        await eventually(self._checks_only, "every worker has heard of it")
        await self._refused_to_write("history-unconfirmed", "retired-key-signed")
        await self.at.stop_worker(0)
        with pytest.raises(HistoryRefused) as refused:
            await self.at.start_worker(0)
        assert refused.value.code == "retired-key-signed"
        self.at.file.write_bytes(good)
        await self._restart(0)

        async def confirmed() -> bool:
            word = (await self.at.standing()).word
            return word is not None and word.state != "checks-only"

        await eventually(confirmed, "the log goes on once the file is right again")

    async def _planted_at_a_witness(self, thief: LogSigner, name: str) -> None:
        """Only one that did not strike the old keys off is led by them."""
        await self.something_confirms()
        await eventually(self._signed, "the newest entries are signed")
        newest = self.at.outside()
        _, records = read_witness(self.at.directory / name)
        known = set(thief.keys.verifiers) <= set(self.at.told[name])
        if not known or not self.at.answers(name) or ORIGIN not in records:
            return
        if records[ORIGIN].checkpoint.size != newest.size:
            return
        note = thief.sign(newest.size, newest.root, int(time.time()))
        async with WitnessClient() as client:
            await client.add_checkpoint(
                self.at.address(name), self.at.keys_of(name), note, size=newest.size, old=newest.size, proof=()
            )
        await self._restart_checkpointer()
        await eventually(self._says("alarmed", "retired-key-signed"), "a retired key is told of")
        await self._strike_off(name)
        for _ in range(200):
            await self.append(0, *next(iter(self.new_bodies(1).items())))
            await asyncio.sleep(0.05)
            if not await self._says("alarmed", "retired-key-signed")():
                return
        raise AssertionError("the alarm stays, although no witness shows what a retired key signed")
