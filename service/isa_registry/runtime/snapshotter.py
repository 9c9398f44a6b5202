"""Keeps a snapshot of the register when enough register entries came since the last one."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import datetime

import structlog

from isa_registry.domain.register.snapshots import FORMAT, write_snapshot
from isa_registry.runtime.follower import Follower
from isa_registry.store import log, records, snapshots
from isa_registry.store.pool import DatabaseError, connect

_log = structlog.get_logger(__name__)

_INTERVAL_SECONDS = 60.0
_ENTRIES_BETWEEN = 500


class Snapshotter:
    """Working state only: it also sweeps idempotency keys older than a day."""

    def __init__(self, database_url: str, follower: Follower, *, now: Callable[[], datetime]) -> None:
        self._url = database_url
        self._follower = follower
        self._now = now
        self._kept = 0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="snapshot")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_INTERVAL_SECONDS)
            try:
                await self.keep()
            except DatabaseError as error:
                _log.warning("snapshot-failed", error=type(error).__name__)
            except Exception:  # noqa: BLE001 - a missing snapshot must not end the snapshots
                _log.exception("snapshot-failed")

    async def keep(self, *, least: int = _ENTRIES_BETWEEN) -> int | None:
        """Keeps a snapshot if the log grew by `least` entries since the last; returns its size, or None."""
        work = await connect(self._url, "isa_work")
        try:
            await records.sweep_keys(work, now=self._now())
            newest = await snapshots.newest_snapshot(work, snapshot_format=FORMAT)
            async with self._follower.folding:
                size = self._follower.view.size
                if size == 0 or size - (0 if newest is None else newest.size) < least:
                    return None
                body = write_snapshot(self._follower.register)
            reader = await connect(self._url, "isa_read")
            try:
                (leaf,) = await log.leaf_hashes(reader, size - 1, size)
            finally:
                await reader.close()
            snapshot = snapshots.StoredSnapshot(
                size=size, leaf_hash=leaf, sha256=hashlib.sha256(body).digest(), body=body
            )
            await snapshots.keep_snapshot(work, snapshot, snapshot_format=FORMAT, made_at=self._now())
        finally:
            await work.close()
        return size
