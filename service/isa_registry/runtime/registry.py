"""The running registry: one worker's follower, sequencer, checkpointer, pools, and clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from isa_registry.ledger.checkpoints import LogSigner
from isa_registry.runtime.checkpointer import Checkpointer
from isa_registry.runtime.follower import Follower
from isa_registry.runtime.randomness import Randomness
from isa_registry.runtime.sequencer import Sequencer
from isa_registry.runtime.snapshotter import Snapshotter
from isa_registry.store.pool import Pool, close_pool, open_pool


def wall_clock() -> datetime:
    """The time now, UTC."""
    return datetime.now(UTC)


class Registry:
    """Everything that one worker runs. `start` returns once the register is folded and writes can be taken."""

    def __init__(
        self,
        database_url: str,
        signer: LogSigner,
        *,
        now: Callable[[], datetime] = wall_clock,
        randomness: Callable[[int], bytes] | None = None,
    ) -> None:
        self._url = database_url
        self.signer = signer
        self.now = now
        self.randomness = fresh = randomness or Randomness()
        self.follower = Follower(database_url)
        self.sequencer = Sequencer(
            database_url, self.follower, now=now, fresh_salt=lambda: fresh(32), origin=signer.origin
        )
        self.checkpointer = Checkpointer(database_url, self.follower, signer, now=now)
        self.snapshotter = Snapshotter(database_url, self.follower, now=now)
        self.reading: Pool

    @property
    def origin(self) -> str:
        return self.signer.origin

    async def start(self) -> None:
        self.reading = await open_pool(self._url, "isa_read", size=4)
        try:
            await self.follower.start()
            await self.sequencer.start()
            await self.checkpointer.start()
            await self.snapshotter.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stops taking drafts first, then everything else; also what a start that failed had begun."""
        await self.sequencer.stop()
        await self.checkpointer.stop()
        await self.snapshotter.stop()
        await self.follower.stop()
        await close_pool(self.reading)
