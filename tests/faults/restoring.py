"""Steps of a sequence that put an older copy of the database in place, and bring the newer one back."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from faults.any_fault import FOR_NOW
from faults.choosing import on_the_newest_log, only_if
from faults.disturbing import Disturbing
from faults.partnership import PARTNERS, eventually
from isa_registry.domain.refusals import Refused
from isa_registry.runtime.checkpoints.history import HistoryRefused
from isa_registry.runtime.erasure.journal import ErasuresNotReapplied, Journal, resurrected
from isa_registry.runtime.witnesses.place import read_witness
from running import ORIGIN, body

BEHIND = frozenset({"database-behind", "database-differs"})


class Restoring(Disturbing):
    """`backups` are the first copy of the database and the last, by name, with their sizes. While `behind`, the newer
    database has the name `restored`, and `lost` is the file outside where that was lost as well."""

    def __init__(self) -> None:
        super().__init__()
        self.backups: dict[str, int] = {}
        self.restored = ""

    def copies(self) -> list[str]:
        return list(self.backups)

    @property
    def codes_behind(self) -> frozenset[str]:
        """With what an older database is refused: one from before a rotation does not know who has signed since."""
        older = self.backups[self.restored]
        rotated = any(one.index >= older for one in self.at.keys.rotations)
        return BEHIND | {"not-signed-by-us"} if rotated else BEHIND

    async def begin(self) -> None:
        """With a backup from the very beginning, which soon is an old one."""
        await super().begin()
        await self._back_up()

    @rule()
    @on_the_newest_log()
    def back_the_database_up(self) -> None:
        """Everybody is cut off for it, and comes back."""
        self.run(self._back_up())

    @rule(first=st.booleans(), running=st.booleans(), with_file=st.booleans())
    @on_the_newest_log()
    def restore_a_backup(self, first: bool, running: bool, with_file: bool) -> None:
        """Under the feet of what runs, or before it starts; and with it, perhaps, the file outside is lost."""
        self.restored = list(self.backups)[0 if first else -1]
        self.run(self._restore(running=running, with_file=with_file))

    @rule(bodies=st.integers(1, 5))
    @only_if(lambda self: self.behind)
    def try_to_write_behind(self, bodies: int) -> None:
        self.run(self._refused_behind(bodies))

    @rule()
    def bring_the_newer_database_back(self) -> None:
        self.come_back()

    def come_back(self) -> None:
        if self.behind:
            self.run(self._bring_back())

    # --- how -------------------------------------------------------------------------------------------------------

    async def _back_up(self) -> None:
        for older in list(self.backups)[1:]:
            await asyncio.to_thread(self.databases.drop, older)
            del self.backups[older]
        size = await self.at.size()
        self.backups[await asyncio.to_thread(self.databases.copy, self.at.name)] = size

    def _remembered_by_witnesses(self) -> int:
        """The most that any witness which answers remembers."""
        answering = [read_witness(self.at.directory / name)[1] for name in PARTNERS if self.at.answers(name)]
        return max((records[ORIGIN].checkpoint.size for records in answering if ORIGIN in records), default=0)

    async def _restore(self, *, running: bool, with_file: bool) -> None:
        older = self.backups[self.restored]
        self.behind = older < await self.at.size()
        if self.behind and self.at.outside().size <= older:
            # Only a checkpoint can tell: nothing is known outside of entries that nobody has signed.
            await self._restart_checkpointer()
            await eventually(self._signed, "the newest entries are signed")
        if not self.behind:
            # What was published comes back older than an auditor remembers it, until a quorum publishes it anew.
            for name in PARTNERS:
                if not self.at.answers(name):
                    await self.at.start_witness(name)
        signing = self.at.checkpointer is not None
        if not running:
            for worker in (0, 1):
                await self.at.stop_worker(worker)
            await self.at.stop_checkpointer()
        if self.behind and with_file and self._remembered_by_witnesses() > older:
            self.lost = self.at.file.read_bytes()
            self.at.file.unlink()
        await asyncio.to_thread(self.databases.swap, self.at.name, self.restored)
        if self.behind:
            await self._refused_behind(1)
        else:
            await self._told_what_came_back()
            await self._start_all(signing=signing or not running)

    async def _told_what_came_back(self) -> None:
        """Each worker that runs says so where erased payloads did, and records nothing until they are erased again."""
        if not await resurrected(self.at.url, Journal(self.at.journal)):
            return

        async def told() -> bool:
            return all(self._resurrected(registry) for registry in self.at.running)

        await eventually(told, "every worker has found what was erased")
        await self._refused_to_write("history-unconfirmed")
        await self._reapplied_where_told()

    async def _signed(self) -> bool:
        return self.at.outside().size == await self.at.size()

    async def _refused_behind(self, bodies: int) -> None:
        """Whoever would write, sign or start is told; what is outside, and what is in the database, stays as it is."""
        size = await self.at.size()
        await self._refused_to_sign()
        await self._refused_to_start()
        for registry in self.at.running:
            for number in range(bodies):
                with pytest.raises(Refused) as told:
                    await registry.sequencer.append(body(10**6 + number), patience=60.0)
                assert told.value.code in FOR_NOW
        standing = await self.at.standing()
        assert size == await self.at.size()
        assert standing.newest is None or standing.newest.size <= size
        assert self.lost is not None or self.at.outside().size > size
        assert self.lost is None or not self.at.file.exists()

    async def _refused_to_sign(self) -> None:
        """What signs stops when it finds out; a new one does not begin, or where only witnesses know, not to sign."""
        if self.at.checkpointer is None:
            try:
                await self.at.start_checkpointer()
            except HistoryRefused as refused:
                assert refused.code in self.codes_behind
                return
            except ErasuresNotReapplied:
                assert await resurrected(self.at.url, Journal(self.at.journal))
                return
            assert self.lost is not None
        await eventually(self._said_behind, "the checkpointer says that the database is behind")

    async def _said_behind(self) -> bool:
        word = (await self.at.standing()).word
        return word is not None and word.state == "checks-only" and bool(self.codes_behind & set(word.reasons))

    async def _refused_to_start(self) -> None:
        """A worker that sees the file outside does not start; one that does not see it starts, and records nothing."""
        for worker in (0, 1):
            if self.at.workers[worker] is None:
                try:
                    await self.at.start_worker(worker)
                except HistoryRefused as refused:
                    assert refused.code in self.codes_behind
                except ErasuresNotReapplied:
                    assert await resurrected(self.at.url, Journal(self.at.journal))
                else:
                    assert worker == 1 or self.lost is not None

    async def _bring_back(self) -> None:
        if self.lost is not None:
            self.at.file.write_bytes(self.lost)
            self.lost = None
        await asyncio.to_thread(self.databases.swap, self.at.name, self.restored)
        self.behind = False
        await self._start_all(signing=True)

    async def _start_all(self, *, signing: bool) -> None:
        if signing and self.at.checkpointer is None:
            await self._restart_checkpointer()
        for worker in (0, 1):
            if self.at.workers[worker] is None:
                await self._restart(worker)
