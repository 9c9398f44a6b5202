"""Signs the log's size and root: one process at a time, from the stored bytes, read back before each signature.

The process whose database session holds the lock leads. It keeps a frontier of its own, fed only by leaves that it read
back and hashed itself; a stored hash or tile that disagrees with them is never signed over. Each signature goes to the
outside store first, then into the database, then out: what is published is always outside already, and what was signed
once is never signed again.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import datetime

import structlog

from isa_registry.ledger.checkpoints import LogKeyLacking, LogSigner
from isa_registry.runtime.examination import Examined, examine
from isa_registry.runtime.history import HistoryRefused, HistoryUnconfirmed, Signed, hold_against
from isa_registry.runtime.log_keys import keys_in
from isa_registry.runtime.outside_store import OutsideStore, OutsideStoreError, OutsideStoreMoved
from isa_registry.runtime.publisher import Publisher, Witnessing
from isa_registry.runtime.tree import LogDisagrees, read_back, stored_frontier
from isa_registry.store import log, log_keys, publication, server
from isa_registry.store.pool import Connection, DatabaseError, connect
from isa_verify.merkle import Frontier

_log = structlog.get_logger(__name__)

_INTERVAL_SECONDS = 0.25
_CANDIDATE_SECONDS = 1.0
_WORD_SECONDS = 2.0


class Checkpointer:
    """Signs a checkpoint at once after an append, and at most four a second, while this process leads.

    `witnesses` is None where the policy's quorum is none: then our newest checkpoint is also the published one.
    `adopt` lets an empty outside store begin with the database's newest checkpoint, which is the operator's decision.
    """

    def __init__(
        self,
        database_url: str,
        signer: LogSigner,
        outside: OutsideStore,
        *,
        now: Callable[[], datetime],
        witnesses: Witnessing | None = None,
        adopt: bool = False,
    ) -> None:
        self._url = database_url
        self._signer = signer
        self._outside = outside
        self._now = now
        self._witnesses = witnesses
        self._adopt = adopt
        self._publisher = None if witnesses is None else Publisher(database_url, witnesses, now=now)
        self._keys = signer.keys
        self._known: tuple[int, bytes] | None = None
        self._server: server.Identity | None = None
        self._wake = asyncio.Event()
        self._said = float("-inf")
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self.run(), name="checkpoint")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def look(self) -> None:
        """Examines the history once, without leading or changing anything: what a process that starts does first.

        Raises `HistoryRefused`, `OutsideStoreError`, and what a database that is away raises.
        """
        connection = await connect(self._url, "isa_checkpoint")
        try:
            await self._follow_keys(connection)
            await examine(connection, self._keys, self._outside, None, self._known)
            await self._refuse_moved_keys(connection)
        finally:
            await connection.close()

    async def run(self) -> None:
        """Stands and leads for ever; ends by being cancelled."""
        while True:
            try:
                await self._stand()
            except DatabaseError as error:
                _log.warning("checkpointer-away", error=type(error).__name__)
            except LogDisagrees as error:
                _log.error("checkpoint-refused", reason=str(error))
            except OutsideStoreError as error:
                _log.error("outside-store-failed", reason=str(error))
            except (HistoryRefused, HistoryUnconfirmed, LogKeyLacking) as error:
                _log.error(error.code, reason=str(error))
            except Exception:  # noqa: BLE001 - a process that stopped signing would be missed only later
                _log.exception("checkpointer-failed")
            await asyncio.sleep(_CANDIDATE_SECONDS)

    async def _stand(self) -> None:
        """Waits to lead, then leads until the session ends."""
        connection = await connect(self._url, "isa_checkpoint")
        publishing: asyncio.Task[None] | None = None
        leading = False
        try:
            while not await log.checker_leads(connection):  # noqa: ASYNC110 - the lock gives no word
                await asyncio.sleep(_CANDIDATE_SECONDS)
            newest, frontier, word = await self._confirm(connection)
            leading = True
            if self._publisher is not None:
                if newest is not None:
                    self._publisher.publish(newest)
                publishing = asyncio.create_task(self._publisher.run(), name="publish")
            await self._lead(connection, newest, frontier, word)
        except (HistoryRefused, HistoryUnconfirmed, LogDisagrees, LogKeyLacking, OutsideStoreError) as error:
            with contextlib.suppress(*DatabaseError):
                await publication.say(connection, *_word_on(error, leading=leading))
            raise
        finally:
            if publishing is not None:
                publishing.cancel()
                await asyncio.gather(publishing, return_exceptions=True)
            with contextlib.suppress(*DatabaseError):
                await connection.close(timeout=2)

    async def _confirm(
        self, connection: Connection
    ) -> tuple[log.StoredCheckpoint | None, Frontier, tuple[publication.State, list[str]]]:
        """The newest checkpoint, in the database and outside alike, and the frontier at its size."""
        await self._follow_keys(connection)
        examined = await examine(connection, self._keys, self._outside, self._witnesses, self._known)
        await self._refuse_moved_keys(connection)
        self._tell_server(examined.identity)
        newest = await self._bring_in_line(connection, examined)
        frontier = await stored_frontier(connection, 0 if newest is None else newest.size)
        self._known = frontier.size, frontier.root()
        lacking = self._witnesses is not None and not examined.witnessed
        reasons = [*(["witnesses-lacking"] if lacking else []), *examined.warnings]
        for reason in reasons:
            _log.warning(reason)
        await self._say(connection, examined.state, reasons)
        return newest, frontier, (examined.state, reasons)

    async def _follow_keys(self, connection: Connection) -> None:
        """Reads in the log which keys are its own."""
        self._keys = await keys_in(connection, self._signer.keys)
        if self._witnesses is not None:
            self._witnesses.follow(self._keys)

    async def _refuse_moved_keys(self, connection: Connection) -> None:
        """Raises `HistoryRefused` where the keys held were put in the place of others before the log said so: they have
        not signed its first checkpoint."""
        oldest = await log_keys.oldest_checkpoint(connection)
        if oldest is not None:
            signed = Signed(oldest.note, "the first row of the database's own table")
            await hold_against(connection, self._keys, signed)

    async def _bring_in_line(self, connection: Connection, examined: Examined) -> log.StoredCheckpoint | None:
        """Finishes what an earlier process, or a crash, left half done. Nothing is signed for it."""
        outside, newest = examined.outside, examined.newest
        if outside is not None and (newest is None or newest.size < outside.size):
            _log.warning("checkpoint-found-outside", size=outside.size)
            await self._record(connection, outside, newest)
            newest = outside
        elif newest is not None and outside is None:
            if not (self._adopt or examined.witnessed):
                raise HistoryUnconfirmed("the outside store holds no checkpoint, and the database does")
            await asyncio.to_thread(self._outside.swap, None, newest.note)
        elif newest is not None and outside is not None and newest.note != outside.note:
            # Somebody else led meanwhile, with another outside store.
            _log.warning("outside-store-behind", size=outside.size)
            await asyncio.to_thread(self._outside.swap, outside.note, newest.note)
        if newest is not None and self._witnesses is None:
            await self._publish(connection, newest)
        return newest

    async def _lead(
        self,
        connection: Connection,
        newest: log.StoredCheckpoint | None,
        frontier: Frontier,
        word: tuple[publication.State, list[str]],
    ) -> None:
        await connection.add_listener("isa_log", self._heard)
        await connection.add_listener("isa_word", self._asked)
        while True:
            self._wake.clear()
            size = (await log.tail(connection)).size
            if size < frontier.size:
                raise LogDisagrees("the stored log is shorter than what was signed")
            if size > frontier.size:
                await self._same_server(connection)
                await self._follow_keys(connection)
                frontier = await read_back(connection, frontier, self._keys.next_stop(frontier.size, size))
                newest = await self._sign(connection, frontier, newest)
                if self._publisher is not None:
                    self._publisher.publish(newest)
                await asyncio.sleep(_INTERVAL_SECONDS)
                if frontier.size < size:
                    self._wake.set()
            if time.monotonic() - self._said > _WORD_SECONDS:
                await self._same_outside(newest)
                await self._say(connection, *word)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_CANDIDATE_SECONDS):
                    await self._wake.wait()

    def _heard(self, _connection: object, _pid: int, _channel: str, _size: str) -> None:
        self._wake.set()

    def _asked(self, _connection: object, _pid: int, _channel: str, _size: str) -> None:
        self._said = float("-inf")
        self._wake.set()

    async def _sign(
        self, connection: Connection, frontier: Frontier, newest: log.StoredCheckpoint | None
    ) -> log.StoredCheckpoint:
        root, now = frontier.root(), self._now()
        note = self._signer.sign(frontier.size, root, int(now.timestamp()), self._keys.rotations)
        checkpoint = log.StoredCheckpoint(size=frontier.size, root=root, note=note, signed_at=now)
        await asyncio.to_thread(self._outside.swap, None if newest is None else newest.note, note)
        self._known = frontier.size, root
        await self._record(connection, checkpoint, newest)
        return checkpoint

    async def _record(
        self, connection: Connection, checkpoint: log.StoredCheckpoint, newest: log.StoredCheckpoint | None
    ) -> None:
        async with connection.transaction():
            if not await log.record_checkpoint(connection, checkpoint, after=newest):
                raise LogDisagrees("another checkpoint was recorded meanwhile")
            if self._witnesses is None:
                await self._publish(connection, checkpoint)
            await log.announce_checkpoint(connection, checkpoint.size)

    async def _publish(self, connection: Connection, checkpoint: log.StoredCheckpoint) -> None:
        published = await publication.newest_published(connection)
        if published is None or published < checkpoint.size:
            await publication.publish(connection, checkpoint.size, after=published, now=self._now())

    # --- what else is looked at before a signature, and said ---------------------------------------------------------

    async def _same_server(self, connection: Connection) -> None:
        """A proxy can put another server behind the same connection: then everything is examined anew."""
        found = await server.identity(connection)
        if found != self._server:
            raise LogDisagrees("another server, or another timeline of it, answers on this connection")

    async def _same_outside(self, newest: log.StoredCheckpoint | None) -> None:
        if await asyncio.to_thread(self._outside.load) != (None if newest is None else newest.note):
            raise OutsideStoreMoved("The outside store no longer holds the newest checkpoint.")

    def _tell_server(self, found: server.Identity) -> None:
        if self._server is not None and found != self._server:
            same = found.system == self._server.system
            _log.warning("database-timeline-changed" if same else "database-changed", timeline=found.timeline)
        self._server = found

    async def _say(self, connection: Connection, state: publication.State, reasons: list[str]) -> None:
        await publication.say(connection, state, reasons)
        self._said = time.monotonic()


def _word_on(error: Exception, *, leading: bool) -> tuple[publication.State, list[str]]:
    """What the workers are told of it: a full volume stops signatures, not what people record."""
    if isinstance(error, LogKeyLacking):
        return "alarmed", [error.code]
    if isinstance(error, OutsideStoreError) and leading and not isinstance(error, OutsideStoreMoved):
        return "alarmed", ["outside-store-failed"]
    if isinstance(error, HistoryRefused | HistoryUnconfirmed):
        return "checks-only", [error.code]
    return "checks-only", ["log-disagrees" if isinstance(error, LogDisagrees) else "outside-store-failed"]
