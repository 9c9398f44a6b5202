"""Signs the log's size and root: one process at a time, from the stored bytes, read back before each signature.

The process whose database session holds the lock leads. It keeps a frontier of its own, fed only by leaves that it read
back and hashed itself; a stored hash or tile that disagrees with them is never signed over. Each signature goes to the
outside store first, then into the database, then out: what is published is always outside already, and what was signed
once is never signed again. docs/adr/0008 says what fences a leader that does not know that it is one no longer.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import datetime

import structlog

from isa_registry.ledger.checkpoints import LogKeyLacking, LogSigner
from isa_registry.runtime.checkpoints.examination import Examined, examine, word_on
from isa_registry.runtime.checkpoints.history import (
    HistoryRefused,
    HistoryUnconfirmed,
    Signed,
    hold_against,
    hold_against_memory,
)
from isa_registry.runtime.checkpoints.listening import Listening
from isa_registry.runtime.checkpoints.outside_store import OutsideStore, OutsideStoreError, OutsideStoreMoved
from isa_registry.runtime.checkpoints.publisher import Cosigned, Publisher, Witnessing
from isa_registry.runtime.checkpoints.stored_history import DatabaseHistory
from isa_registry.runtime.log_keys.logged import keys_in
from isa_registry.runtime.tree import LogDisagrees, read_back, stored_frontier
from isa_registry.store import log, log_keys, publication, server
from isa_registry.store.pool import Connection, DatabaseError, connect
from isa_registry.store.witnesses import forget_acceptance
from isa_verify.merkle import Frontier

_log = structlog.get_logger(__name__)

_INTERVAL_SECONDS = 0.25
_CANDIDATE_SECONDS = 1.0
_WORD_SECONDS = 2.0
# Witnesses are asked each time.
_REFUSED_SECONDS = 3.0
_HELD = 256


class Checkpointer:
    """Signs a checkpoint at once after an append, and at most four a second, while this process leads.

    `witnesses` is None where the policy's quorum is none: then our newest checkpoint is also the published one.
    `adopt` lets an outside store that is empty, or older than the database, begin with the database's newest
    checkpoint; once, and by the operator's decision.
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
        self._listening = None if witnesses is None else Listening(witnesses, monotonic=time.monotonic)
        self._publisher = (
            None if witnesses is None else Publisher(database_url, witnesses, now=now, heard=self._heard_round)
        )
        self._held: set[bytes] = set()
        self._keys = signer.keys
        self._known: tuple[int, bytes] | None = None
        self._server: server.Identity | None = None
        self._wake = asyncio.Event()
        self._said = float("-inf")
        self._last_word: tuple[publication.State, list[str]] = ("normal", [])
        self._confirmed = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self.run(), name="checkpoint")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def look(self) -> None:
        """Examines the history once, without leading or changing anything: what a process that starts does first.

        Raises `HistoryRefused`, `HistoryUnconfirmed`, and what a database that is away raises.
        """
        connection = await connect(self._url, "isa_checkpoint")
        try:
            await self._examine(connection)
        finally:
            await connection.close()

    async def run(self) -> None:
        """Stands and leads for ever; ends by being cancelled."""
        while True:
            pause = _CANDIDATE_SECONDS
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
                pause = _REFUSED_SECONDS
            except Exception:  # noqa: BLE001 - a process that stopped signing would be missed only later
                _log.exception("checkpointer-failed")
            await asyncio.sleep(pause)

    async def _stand(self) -> None:
        """Waits to lead, then leads until the session ends."""
        connection = await connect(self._url, "isa_checkpoint")
        publishing: asyncio.Task[None] | None = None
        self._confirmed = False
        try:
            while not await log.checker_leads(connection):  # noqa: ASYNC110 - the lock gives no word
                await asyncio.sleep(_CANDIDATE_SECONDS)
            newest, frontier = await self._confirm(connection)
            if self._publisher is not None:
                if newest is not None:
                    self._publisher.publish(newest)
                publishing = asyncio.create_task(self._publisher.run(), name="publish")
            await self._lead(connection, newest, frontier)
        except (HistoryRefused, HistoryUnconfirmed, LogDisagrees, LogKeyLacking, OutsideStoreError) as error:
            with contextlib.suppress(*DatabaseError):
                await publication.say(connection, *word_on(error, confirmed=self._confirmed))
            raise
        finally:
            try:
                await self._fall_silent(publishing)
            finally:
                # Whatever else happens: a session that stayed would go on holding the lock.
                with contextlib.suppress(*DatabaseError):
                    await connection.close(timeout=2)

    async def _fall_silent(self, publishing: asyncio.Task[None] | None) -> None:
        if publishing is not None:
            publishing.cancel()
            await asyncio.gather(publishing, return_exceptions=True)
        if self._listening is not None:
            await self._listening.aclose()

    async def _examine(self, connection: Connection) -> Examined:
        await self._follow_keys(connection)
        examined = await examine(
            DatabaseHistory(connection),
            self._keys,
            self._outside,
            self._witnesses,
            self._known,
            adopt=self._adopt,
        )
        await self._refuse_moved_keys(connection)
        return examined

    async def _confirm(self, connection: Connection) -> tuple[log.StoredCheckpoint | None, Frontier]:
        """The newest checkpoint, in the database and outside alike, and the frontier at its size."""
        examined = await self._examine(connection)
        self._confirmed = True
        self._tell_server(examined.identity)
        for reason in examined.reasons:
            _log.warning(reason)
        if examined.failure is not None:
            raise examined.failure
        newest = await self._bring_in_line(connection, examined)
        # Before these keys sign anything: what was said of next keys that were given up is not said of others.
        await forget_acceptance(connection)
        self._adopt = False
        frontier = await stored_frontier(connection, 0 if newest is None else newest.size)
        if self._known is None or self._known[0] < frontier.size:
            self._known = frontier.size, frontier.root()
        self._held.clear()
        if self._listening is not None:
            self._listening.begin(agreed=examined.agreed, alarms=examined.alarms)
        await self._say(connection)
        return newest, frontier

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
            await hold_against(DatabaseHistory(connection), self._keys, signed)

    async def _bring_in_line(self, connection: Connection, examined: Examined) -> log.StoredCheckpoint | None:
        """Finishes what an earlier process, or a crash, left half done. Nothing is signed for it."""
        outside, newest = examined.outside, examined.newest
        if outside is not None and (newest is None or newest.size < outside.size):
            _log.warning("checkpoint-found-outside", size=outside.size)
            # Whoever wrote it may have ended before it was on disk; and what cannot be written now could not be later.
            await asyncio.to_thread(self._outside.swap, outside.note, outside.note)
            await self._record(connection, outside, newest)
            newest = outside
        elif newest is not None:
            await asyncio.to_thread(self._outside.swap, None if outside is None else outside.note, newest.note)
        if newest is not None and self._witnesses is None:
            await self._publish(connection, newest)
        return newest

    async def _lead(self, connection: Connection, newest: log.StoredCheckpoint | None, frontier: Frontier) -> None:
        await connection.add_listener("isa_log", self._heard)
        await connection.add_listener("isa_word", self._asked)
        while True:
            self._wake.clear()
            size = (await log.tail(connection)).size
            if size < frontier.size:
                raise LogDisagrees("the stored log is shorter than what was signed")
            if size > frontier.size:
                await self._compare(connection, frontier)
                await self._follow_keys(connection)
                frontier = await read_back(connection, frontier, self._keys.next_stop(frontier.size, size))
                newest = await self._sign(connection, frontier, newest)
                if self._publisher is not None:
                    self._publisher.publish(newest)
                await asyncio.sleep(_INTERVAL_SECONDS)
                if frontier.size < size:
                    self._wake.set()
            if time.monotonic() - self._said > _WORD_SECONDS:
                await self._same_server(connection)
                await self._same_outside(newest)
                if self._listening is not None and self._listening.suspicious:
                    await self._hear(connection, self._listening)
                await self._say(connection)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_CANDIDATE_SECONDS):
                    await self._wake.wait()

    def _heard(self, _connection: object, _pid: int, _channel: str, _size: str) -> None:
        self._wake.set()

    def _asked(self, *_: object) -> None:
        self._said = float("-inf")
        self._wake.set()

    async def _sign(
        self, connection: Connection, frontier: Frontier, newest: log.StoredCheckpoint | None
    ) -> log.StoredCheckpoint:
        root, now = frontier.root(), self._now()
        # From here on it counts as signed, whatever becomes of it.
        self._known = frontier.size, root
        note = self._signer.sign(frontier.size, root, int(now.timestamp()), self._keys.rotations)
        checkpoint = log.StoredCheckpoint(size=frontier.size, root=root, note=note, signed_at=now)
        # Swapping compares: where the outside store holds anything but the newest that we know, nothing is replaced.
        await asyncio.to_thread(self._outside.swap, None if newest is None else newest.note, note)
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

    async def _compare(self, connection: Connection, frontier: Frontier) -> None:
        """What comes before each signature. The outside store is compared by the swap that keeps the signature."""
        await self._same_server(connection)
        await hold_against_memory(DatabaseHistory(connection), frontier.size, frontier.root())
        if self._listening is not None:
            await self._hear(connection, self._listening)

    async def _hear(self, connection: Connection, listening: Listening) -> None:
        """Holds against the database what witnesses show that this log's own keys signed."""
        for one in (await listening.testimony()).signed:
            if one.note not in self._held:
                await hold_against(DatabaseHistory(connection), self._keys, one)
                self._held = {*self._held, one.note} if len(self._held) < _HELD else {one.note}

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

    def _heard_round(self, found: Cosigned) -> None:
        if self._listening is not None:
            before = self._listening.agreed
            self._listening.heard_round(found)
            if self._listening.agreed != before or self._listening.suspicious:
                self._asked()

    async def _say(self, connection: Connection) -> None:
        agreed = self._listening is None or self._listening.agreed
        alarms = () if self._listening is None else self._listening.alarms
        state: publication.State = "normal" if agreed and not alarms else "alarmed"
        reasons = [
            *(() if agreed else ("witnesses-lacking",)),
            *alarms,
            *await server.durability_warnings(connection),
        ]
        await publication.say(connection, state, reasons)
        if (state, reasons) != self._last_word:
            _log.info("word", state=state, reasons=reasons)
        self._last_word = state, reasons
        self._said = time.monotonic()
