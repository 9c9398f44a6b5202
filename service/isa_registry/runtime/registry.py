"""The running registry: one worker's follower, sequencer, pools, and clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from isa_registry.ledger.checkpoints import LogKeys
from isa_registry.runtime.checkpoints.guard import Guard
from isa_registry.runtime.checkpoints.outside_store import OutsideReader
from isa_registry.runtime.consents import ConsentReader
from isa_registry.runtime.erasure.journal import refuse_resurrected
from isa_registry.runtime.follower import Follower
from isa_registry.runtime.local_copy.registers import LocalRegister
from isa_registry.runtime.randomness import Randomness
from isa_registry.runtime.sequencer import Sequencer
from isa_registry.runtime.snapshotter import Snapshotter
from isa_registry.store.pool import Pool, close_pool, open_pool

_WORD_SECONDS = 10.0


def wall_clock() -> datetime:
    """The time now, UTC."""
    return datetime.now(UTC)


class Registry:
    """Everything that one worker runs. `start` returns once the register is folded and writes can be taken.

    It signs nothing: the checkpointer does, a process of its own. `outside` is where the newest signed checkpoint may
    be read, if this worker can see it; `journal` says what was erased; `local` gives this machine's copy of the
    register, for a start while the database is away.
    """

    def __init__(
        self,
        database_url: str,
        keys: LogKeys,
        *,
        outside: OutsideReader | None = None,
        journal: Path | None = None,
        local: Callable[[], LocalRegister] | None = None,
        now: Callable[[], datetime] = wall_clock,
        randomness: Callable[[int], bytes] | None = None,
    ) -> None:
        self._url = database_url
        self._keys = keys
        self.now = now
        self.randomness = fresh = randomness or Randomness()
        self.follower = Follower(database_url, local)
        self.guard = Guard(
            keys,
            outside,
            lambda: self.follower.standing.word,
            forgotten=lambda: refuse_resurrected(database_url, journal),
        )
        self.sequencer = Sequencer(
            database_url,
            self.follower,
            now=now,
            fresh_salt=lambda: fresh(32),
            origin=keys.origin,
            guard=self.guard,
        )
        self.snapshotter = Snapshotter(database_url, self.follower, now=now)
        self.consents = ConsentReader(lambda: self.reading)
        self.reading: Pool

    @property
    def origin(self) -> str:
        return self._keys.origin

    @property
    def keys(self) -> LogKeys:
        """The log's keys as this worker has read in the log: no restart is needed for one to be known."""
        return self._keys.after(self.follower.view.log_key_rotations())

    @property
    def checkpointer_present(self) -> bool:
        """Whether the checkpointer gave a word within the last seconds, as far as this worker can see."""
        word = self.follower.standing.word
        return self.follower.connected and word is not None and word.before < _WORD_SECONDS

    @property
    def writes(self) -> bool:
        """Whether anything is recorded at this moment, as far as this worker can see."""
        return self.follower.connected and self.guard.state != "checks-only"

    async def start(self) -> None:
        self.reading = await open_pool(self._url, "isa_read", size=4)
        try:
            await self.follower.start()
            await self.sequencer.start()
            await self.snapshotter.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stops taking drafts first, then everything else; also what a start that failed had begun."""
        await self.sequencer.stop()
        await self.snapshotter.stop()
        await self.follower.stop()
        await close_pool(self.reading)
