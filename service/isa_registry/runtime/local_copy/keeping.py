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
_LOOK_SECONDS = 5.0
_AT_LEAST_SECONDS = 600.0
"""Records alone change nothing that is kept but the size: the copy is made anew for them after this long."""
_AFTER_FAILURE_SECONDS = 60.0
_SHARE = 50
"""A look pauses for so many times as long as it took: a large register costs at most a fiftieth of the worker."""


class LocalCopy:
    """One worker's part; the workers of one machine write the same files, the last one whole in place of the others."""

    def __init__(
        self, registers: LocalRegisters, key_sets: LocalKeySets, follower: Follower, *, now: Callable[[], datetime]
    ) -> None:
        self._registers = registers
        self._key_sets = key_sets
        self._follower = follower
        self._now = now
        self._seen: object | None = None
        self._kept_at = float("-inf")
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
            began, least = time.monotonic(), _LOOK_SECONDS
            try:
                await self.keep()
                await asyncio.to_thread(self._key_sets.keep, self._key_sets.held())
            except (OSError, LocalCopyRefused) as error:
                least = _AFTER_FAILURE_SECONDS
                _log.warning("local-copy-not-kept", error=type(error).__name__, code=getattr(error, "code", None))
            except Exception:  # noqa: BLE001 - one look that failed must not end the looking
                least = _AFTER_FAILURE_SECONDS
                _log.exception("local-copy-not-kept")
            pause = max(least, _SHARE * (time.monotonic() - began))

    async def keep(self) -> bool:
        """Writes the register where it has changed since this worker last did, or that is long ago; whether it did.

        Nothing is written while the database is away: what lies there is as new as anything known here.
        Raises `OSError` and `LocalCopyRefused`.
        """
        follower, view = self._follower, self._follower.view
        changed = self._seen is not view.memory
        if not follower.connected or (not changed and time.monotonic() - self._kept_at < _AT_LEAST_SECONDS):
            return False
        register, frontier, standing, now = follower.register, follower.frontier, follower.standing, self._now()
        # Beside what else this worker does: the register of a thousand bodies takes a while.
        body = await asyncio.to_thread(write_snapshot, register, view.size)
        await asyncio.to_thread(self._registers.keep, body, frontier, standing, now=now)
        self._seen, self._kept_at = view.memory, time.monotonic()
        return True
