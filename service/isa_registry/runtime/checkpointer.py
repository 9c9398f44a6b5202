"""Signs the log's size and root: one worker at a time, from the stored bytes, read back before each signature.

The worker whose database session holds the lock leads. It keeps a frontier of its own, fed only by leaves that it
read back and hashed itself; a stored hash or tile that disagrees with them is never signed over.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime

import structlog

from isa_registry.ledger.checkpoints import LogSigner
from isa_registry.ledger.tiles import TILE_WIDTH
from isa_registry.runtime.follower import Follower, LogDisagrees, stored_frontier
from isa_registry.store import log
from isa_registry.store.pool import Connection, DatabaseError, connect
from isa_verify.merkle import Frontier, leaf_hash, root_of

_log = structlog.get_logger(__name__)

_INTERVAL_SECONDS = 0.25
_CANDIDATE_SECONDS = 1.0
_PAGE = 2_048


class Checkpointer:
    """Publishes a checkpoint within about a quarter of a second of an append, while this worker leads."""

    def __init__(
        self, database_url: str, follower: Follower, signer: LogSigner, *, now: Callable[[], datetime]
    ) -> None:
        self._url = database_url
        self._follower = follower
        self._signer = signer
        self._now = now
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="checkpoint")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                await self._stand()
            except DatabaseError as error:
                _log.warning("checkpointer-away", error=type(error).__name__)
            except LogDisagrees as error:
                _log.error("checkpoint-refused", reason=str(error))
            except Exception:  # noqa: BLE001 - a worker that stopped signing would be missed only later
                _log.exception("checkpointer-failed")
            await asyncio.sleep(_CANDIDATE_SECONDS)

    async def _stand(self) -> None:
        """Waits to lead, then leads until the session ends."""
        connection = await connect(self._url, "isa_sequence")
        try:
            while not await log.checker_leads(connection):  # noqa: ASYNC110 - the lock gives no word
                await asyncio.sleep(_CANDIDATE_SECONDS)
            await self._lead(connection)
        finally:
            with contextlib.suppress(*DatabaseError):
                await connection.close(timeout=2)

    async def _lead(self, connection: Connection) -> None:
        newest = await log.newest_checkpoint(connection)
        frontier = await stored_frontier(connection, 0 if newest is None else newest.size)
        if newest is not None and frontier.root() != newest.root:
            raise LogDisagrees("the stored tree does not reproduce the newest checkpoint")
        while True:
            size = self._follower.view.size
            if size > (0 if newest is None else newest.size):
                frontier = await self._read_back(connection, frontier, size)
                newest = await self._sign(connection, frontier, newest)
            await asyncio.sleep(_INTERVAL_SECONDS)

    async def _read_back(self, connection: Connection, frontier: Frontier, size: int) -> Frontier:
        """The frontier at `size`, from the stored leaves themselves. Raises `LogDisagrees` where a stored hash or a
        tile is not what they hash to."""
        start = frontier.size
        while frontier.size < size:
            end = min(size, frontier.size + _PAGE)
            hashes: list[bytes] = []
            for index, leaf, stored in await log.leaves(connection, frontier.size, end):
                computed = leaf_hash(leaf)
                if computed != stored or index != frontier.size + len(hashes):
                    raise LogDisagrees(f"entry {index} does not hash to what is stored beside it")
                hashes.append(computed)
            if len(hashes) != end - frontier.size:
                raise LogDisagrees("the stored log has a gap")
            frontier = frontier.extend(hashes)
            # Other requests of this worker come first.
            await asyncio.sleep(0)
        await self._check_tiles(connection, start, size)
        return frontier

    async def _check_tiles(self, connection: Connection, old: int, new: int) -> None:
        level = 0
        while old // TILE_WIDTH < new // TILE_WIDTH:
            first, last = old // TILE_WIDTH, new // TILE_WIDTH
            tiles = await log.full_tiles(connection, level, first, last)
            below = await log.tile_hashes(connection, level, first * TILE_WIDTH, last * TILE_WIDTH)
            expected = [below[start : start + TILE_WIDTH] for start in range(0, len(below), TILE_WIDTH)]
            if [(hashes, root) for _, hashes, root in tiles] != [(b"".join(h), root_of(h)) for h in expected]:
                raise LogDisagrees(f"a stored tile of level {level} is not what its hashes make")
            level, old, new = level + 1, first, last

    async def _sign(
        self, connection: Connection, frontier: Frontier, newest: log.StoredCheckpoint | None
    ) -> log.StoredCheckpoint:
        root = frontier.root()
        checkpoint = log.StoredCheckpoint(
            size=frontier.size, root=root, note=self._signer.sign(frontier.size, root), signed_at=self._now()
        )
        async with connection.transaction():
            if not await log.record_checkpoint(connection, checkpoint, after=newest):
                raise LogDisagrees("another checkpoint was recorded meanwhile")
            await log.announce_checkpoint(connection, checkpoint.size)
        return checkpoint
