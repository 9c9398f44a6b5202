"""Keeps this machine's copy: soon after the register has changed, never for each entry, and from time to time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime

import structlog

from isa_registry.domain.register.snapshots import write_snapshot
from isa_registry.runtime.follower import Follower
from isa_registry.runtime.local_copy.key_sets import LocalKeySets
from isa_registry.runtime.local_copy.registers import LocalRegisters
from isa_registry.runtime.local_copy.sealed_files import LocalCopyRefused

_log = structlog.get_logger(__name__)

_FIRST_LOOK_SECONDS = 1.0
_LOOK_SECONDS = 0.2
"""Between two looks at whether the register has changed: whose access ends just before an outage is to be known to a
worker that starts in it."""
_KEY_SETS_SECONDS = 5.0
_AT_LEAST_SECONDS = 600.0
"""Records alone change nothing that is kept but the size: the copy is made anew for them after this long."""
_AFTER_FAILURE_SECONDS = 60.0
_SHARE = 50
"""Writing costs at most a fiftieth of the worker's time in the long run, however large the register is."""
_SAVED_SECONDS = 10.0
"""How much of that may be saved up, so that a change is written at once and not when its turn comes."""


class LocalCopy:
    """One worker's part; the workers of one machine write the same files, the last one whole in place of the others."""

    def __init__(
        self,
        registers: LocalRegisters,
        key_sets: LocalKeySets,
        follower: Follower,
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._registers = registers
        self._key_sets = key_sets
        self._follower = follower
        self._now = now
        self._monotonic = monotonic
        self._seen: object | None = None
        self._kept_at = self._key_sets_at = float("-inf")
        self._saved, self._counted_at = _SAVED_SECONDS, monotonic()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if self._follower.cautions:
            self._key_sets.load()
        self._task = asyncio.create_task(self._run(), name="keep the local copy")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        pause = _FIRST_LOOK_SECONDS
        while True:
            await asyncio.sleep(pause)
            pause = _LOOK_SECONDS
            try:
                await self.look()
            except (OSError, LocalCopyRefused) as error:
                pause = _AFTER_FAILURE_SECONDS
                _log.warning("local-copy-not-kept", error=type(error).__name__, code=getattr(error, "code", None))
            except Exception:  # noqa: BLE001 - one look that failed must not end the looking
                pause = _AFTER_FAILURE_SECONDS
                _log.exception("local-copy-not-kept")

    async def look(self) -> None:
        """Writes what is to be written, as far as there is time for it. Raises as `keep` does."""
        now = self._monotonic()
        self._saved = min(_SAVED_SECONDS, self._saved + (now - self._counted_at) / _SHARE)
        self._counted_at = now
        if self._saved > 0 and await self.keep():
            self._saved -= self._monotonic() - now
        if now - self._key_sets_at >= _KEY_SETS_SECONDS:
            self._key_sets_at = now
            await asyncio.to_thread(self._key_sets.keep, self._key_sets.held())

    async def keep(self) -> bool:
        """Writes the register where it has changed since this worker last did, or that is long ago; whether it did.

        Nothing is written while the database is away: what lies there is as new as anything known here.
        Raises `OSError` and `LocalCopyRefused`.
        """
        follower, view = self._follower, self._follower.view
        changed = self._seen is not view.memory
        if not follower.connected or (not changed and self._monotonic() - self._kept_at < _AT_LEAST_SECONDS):
            return False
        register, frontier, standing, now = follower.register, follower.frontier, follower.standing, self._now()
        # Beside what else this worker does: the register of a thousand bodies takes a while.
        body = await asyncio.to_thread(write_snapshot, register, view.size)
        await asyncio.to_thread(self._registers.keep, body, frontier, standing, now=now)
        self._seen, self._kept_at = view.memory, self._monotonic()
        return True
