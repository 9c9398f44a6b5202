"""This worker's copy of what the log adds up to: the register, the tree's frontier, the newest checkpoint.

Every worker folds the same entries in the same order. It wakes when the database announces an append, and looks by
itself every second in case an announcement was lost. A request that must see a given size waits here.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import Callable, Sequence

import msgspec
import structlog

from isa_registry.domain.entries import decode_payload
from isa_registry.domain.keeping_entries import PayloadErased
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.register import Register, RegisterView
from isa_registry.domain.register.snapshots import FORMAT, read_snapshot, write_snapshot
from isa_registry.ledger.leaves import Sealed
from isa_registry.runtime.folding import PAGE, fold, fold_range
from isa_registry.runtime.local_copy.registers import LocalRegister
from isa_registry.runtime.local_copy.sealed_files import LocalCopyRefused
from isa_registry.runtime.tree import LogDisagrees, stored_frontier
from isa_registry.store import erasure, log, publication, snapshots
from isa_registry.store.pool import Connection, DatabaseError, connect
from isa_verify.merkle import Frontier

_log = structlog.get_logger(__name__)

_POLL_SECONDS = 1.0
_FRESH_SECONDS = 5.0
_ASKED_AT_ONCE = 8


class Follower:
    """Folds the log into memory. `view` and `root` are always of the same size; they change only between awaits.

    `local` gives what to start from while the database is away, or raises `LocalCopyRefused`. Until the log is read
    then, `cautions` holds codes for what an operator should know of that start.
    """

    def __init__(self, database_url: str, local: Callable[[], LocalRegister] | None = None) -> None:
        self._url = database_url
        self._local = local
        self._unproved: snapshots.StoredSnapshot | None = None
        self.cautions: tuple[str, ...] = ()
        self._register = Register()
        self._frontier = Frontier()
        self._grown = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []
        self._wake = asyncio.Event()
        self.folding = asyncio.Lock()
        self.view: RegisterView = self._register.at(0)
        self.root: bytes = self._frontier.root()
        self.standing = publication.Standing()
        self._looked_at = float("-inf")
        self._asked: list[tuple[str, int]] = []
        # The size up to which entries that erase one of the register have been taken into account.
        self._forgotten = 0
        # The size that this worker's own commit is to bring.
        self._expected = 0

    @property
    def connected(self) -> bool:
        """Whether this worker looked at the log within the last few seconds: a database that hangs does not say that
        it is away."""
        return time.monotonic() - self._looked_at < _FRESH_SECONDS

    @property
    def checkpoint(self) -> log.StoredCheckpoint | None:
        """Our newest checkpoint, whether or not it meets the policy."""
        return self.standing.newest

    @property
    def published(self) -> log.StoredCheckpoint | None:
        """The newest checkpoint that met the policy, its note with the witnesses' lines."""
        return self.standing.published

    # --- reading the log ---------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Loads the register from the newest snapshot and the entries since, or from this machine's own copy while the
        database is away, then follows. Raises one of `DatabaseError` where there is neither."""
        try:
            connection = await connect(self._url, "isa_read")
            try:
                await self._load(connection)
            finally:
                await connection.close()
        except DatabaseError as error:
            await self._load_local(error)
        self._tasks.append(asyncio.create_task(self._follow(), name="follow the log"))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _load(self, connection: Connection) -> None:
        tail = await log.tail(connection)
        work = await connect(self._url, "isa_work")
        try:
            snapshot = await snapshots.newest_snapshot(work, snapshot_format=FORMAT)
        finally:
            await work.close()
        size = 0
        register = None if snapshot is None else await self._from_snapshot(connection, snapshot, tail.size)
        if snapshot is not None and register is not None:
            self._register, size = register, snapshot.size
            self._forgotten = size
            self._tasks.append(asyncio.create_task(self._check_snapshot(snapshot), name="check the snapshot"))
        self._frontier = await stored_frontier(connection, size)
        self._publish(size)
        async with self.folding:
            await self.catch_up(connection)
        self.standing = await publication.standing(connection)

    async def _load_local(self, away: Exception) -> None:
        """Begins with the local copy. The log is held against it once it can be read, as a process that lived through
        the outage does."""
        if self._local is None:
            raise away
        try:
            found = await asyncio.to_thread(self._local)
        except LocalCopyRefused as refused:
            _log.warning("local-copy-refused", code=refused.code)
            raise away from None
        self._register, self._frontier, self.standing = found.register, found.frontier, found.standing
        self._forgotten = found.size
        self._unproved = snapshots.StoredSnapshot(
            size=found.size, leaf_hash=b"", sha256=hashlib.sha256(found.body).digest(), body=found.body
        )
        self.cautions = ("local-register", *(("local-register-behind",) if found.behind else ()))
        self._publish(found.size)
        _log.warning("started-from-local-copy", size=found.size, behind=found.behind, error=type(away).__name__)

    async def _from_snapshot(
        self, connection: Connection, snapshot: snapshots.StoredSnapshot, size: int
    ) -> Register | None:
        """The snapshot's register, if it is whole and is of this log; otherwise everything is folded anew."""
        register = None
        if snapshot.size <= size and hashlib.sha256(snapshot.body).digest() == snapshot.sha256:
            stored = await log.leaf_hashes(connection, snapshot.size - 1, snapshot.size)
            if stored == [snapshot.leaf_hash]:
                with contextlib.suppress(msgspec.DecodeError, KeyError, ValueError):
                    register = read_snapshot(snapshot.body)
        if register is None:
            _log.warning("snapshot-refused", size=snapshot.size)
        return register

    async def _check_snapshot(self, snapshot: snapshots.StoredSnapshot) -> None:
        """Folds the log anew behind the start, and puts that register in place if the snapshot was not its image.

        A snapshot is working state: whoever can write it could otherwise decide who may sign what.
        """
        while True:
            try:
                await self._compare_with_log(snapshot)
                return
            except DatabaseError as error:
                _log.warning("snapshot-unchecked", size=snapshot.size, error=type(error).__name__)
            except LogDisagrees as error:
                _log.error("log-disagrees", reason=str(error))
                return
            await asyncio.sleep(_POLL_SECONDS)

    async def _compare_with_log(self, snapshot: snapshots.StoredSnapshot) -> None:
        connection = await connect(self._url, "isa_read")
        try:
            register = await fold(connection, snapshot.size)
            if write_snapshot(register) == snapshot.body:
                return
            if not await erasure.register_erased(connection, snapshot.size, self.view.size):
                _log.error("snapshot-forged", size=snapshot.size)
            async with self.folding:
                await fold_range(connection, register, snapshot.size, self.view.size)
                self._register = register
                self._publish(self.view.size)
        finally:
            await connection.close()

    async def catch_up(self, connection: Connection) -> log.Tail:
        """Folds what others have appended, and returns the tail. The caller holds `folding`."""
        tail = await log.tail(connection)
        signed = 0 if self.checkpoint is None else self.checkpoint.size
        if tail.size < max(self.view.size, signed):
            raise LogDisagrees("the stored log is shorter than it was")
        while self.view.size < tail.size:
            start, end = self.view.size, min(tail.size, self.view.size + PAGE)
            hashes = await log.leaf_hashes(connection, start, end)
            if len(hashes) != end - start:
                raise LogDisagrees("the stored log has a gap")
            await fold_range(connection, self._register, start, end)
            self._frontier = self._frontier.extend(hashes)
            self._publish(end)
        await self._forget_erased(connection, tail.size)
        return tail

    async def _forget_erased(self, connection: Connection, size: int) -> None:
        """Folds anew where an entry of the register has been erased since: what it set stays in no memory."""
        if self._forgotten < size:
            if await erasure.register_erased(connection, self._forgotten, size):
                self._register = await fold(connection, self.view.size)
                self._publish(self.view.size)
            self._forgotten = size

    # --- the sequencer's own entries ----------------------------------------------------------------------------

    def try_on(self, sealed: Sealed) -> None:
        """Folds an entry of the register that is about to be committed, ahead of the published size: later drafts of
        the same batch are held against it, readers do not see it."""
        # As others will read it from the log: members in its order, not in the maker's.
        apply(self._register, sealed.index, sealed.at, decode_payload(sealed.payload_bytes))

    def tentative(self, size: int) -> RegisterView:
        return self._register.at(size)

    def expect(self, size: int) -> None:
        """Says that this worker itself is about to make the log this long: it need not be woken to hear so."""
        self._expected = size

    def take_back(self, size: int | None = None) -> None:
        """Forgets what was tried on, at `size` and beyond, and never committed; all of it without a size."""
        if size is None and self._expected > self.view.size:
            # Who knows what became of it.
            self._expected = 0
            self._wake.set()
        self._register.forget_from(self.view.size if size is None else size)

    def commit(self, sealed: Sequence[Sealed]) -> None:
        """Publishes entries that were tried on and are now committed."""
        self._frontier = self._frontier.extend(one.leaf_hash for one in sealed)
        if self._forgotten == self.view.size and not any(isinstance(one.payload, PayloadErased) for one in sealed):
            self._forgotten += len(sealed)
        self._publish(self.view.size + len(sealed))

    def _publish(self, size: int) -> None:
        self.view = self._register.at(size)
        self.root = self._frontier.root()

    @property
    def frontier(self) -> Frontier:
        """The tree's edge, of the size of `view`."""
        return self._frontier

    @property
    def register(self) -> Register:
        """The register itself, for snapshots."""
        return self._register

    # --- waiting -----------------------------------------------------------------------------------------------

    async def announce(self) -> None:
        """Wakes those who wait for a size or a checkpoint."""
        async with self._grown:
            self._grown.notify_all()

    async def wait_for_size(self, size: int, *, seconds: float) -> bool:
        """Whether this worker folds `size` entries within `seconds`."""
        return await self._wait(lambda: self.view.size >= size, seconds)

    async def wait_for_checkpoint(self, size: int, *, seconds: float) -> log.StoredCheckpoint | None:
        """The newest checkpoint, once it covers `size` entries; None if it does not within `seconds`."""
        if await self._wait(lambda: self.checkpoint is not None and self.checkpoint.size >= size, seconds):
            return self.checkpoint
        return None

    async def wait_for_published(self, size: int, *, seconds: float) -> log.StoredCheckpoint | None:
        """The newest published checkpoint, once it covers `size` entries; None if it does not within `seconds`."""
        if await self._wait(lambda: self.published is not None and self.published.size >= size, seconds):
            return self.published
        return None

    async def _wait(self, reached: Callable[[], bool], seconds: float) -> bool:
        if reached():
            return True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._grown:
                await self._grown.wait_for(reached)
                return True
        return False

    # --- following ---------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        while True:
            try:
                await self._follow_connected()
            except DatabaseError as error:
                _log.warning("log-away", error=type(error).__name__)
            except LogDisagrees as error:
                _log.error("log-disagrees", reason=str(error))
            except Exception:  # noqa: BLE001 - see below
                # A worker that stopped following would go on answering from the past and call it the present.
                _log.exception("follower-failed")
            self._looked_at = float("-inf")
            await asyncio.sleep(_POLL_SECONDS)

    async def _follow_connected(self) -> None:
        connection = await connect(self._url, "isa_read")
        try:
            size, root = self.view.size, self.root
            if (await stored_frontier(connection, size)).root() != root:
                raise LogDisagrees("the stored log is not the one that was folded")
            if self._unproved is not None:
                check = self._check_snapshot(self._unproved)
                self._tasks.append(asyncio.create_task(check, name="check the local copy"))
                self._unproved, self.cautions = None, ()
            for channel in ("isa_log", "isa_checkpoint"):
                await connection.add_listener(channel, self._heard)
            await connection.add_listener("isa_register", self._asked_for_register)
            while True:
                self._wake.clear()
                async with self.folding:
                    await self.catch_up(connection)
                self.standing = await publication.standing(connection)
                self._looked_at = time.monotonic()
                await self.announce()
                await self._show_register(connection)
                # Not wait_for: before Python 3.12 it can swallow the cancellation that comes with a wake.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_POLL_SECONDS):
                        await self._wake.wait()
        finally:
            with contextlib.suppress(*DatabaseError):
                await connection.close(timeout=2)

    def _asked_for_register(self, _connection: object, _pid: int, _channel: str, asked: str) -> None:
        token, _, size = asked.partition(" ")
        if size.isdecimal() and len(self._asked) < _ASKED_AT_ONCE:
            self._asked.append((token, int(size)))
            self._wake.set()

    async def _show_register(self, connection: Connection) -> None:
        """Shows whoever checks the log what this worker has in memory, as a digest."""
        while self._asked:
            token, size = self._asked.pop()
            if size <= self.view.size:
                digest = hashlib.sha256(write_snapshot(self._register, size)).hexdigest()
                await log.show_register(connection, token, digest)

    def _heard(self, _connection: object, _pid: int, channel: str, size: str) -> None:
        if channel == "isa_checkpoint" or int(size) > max(self.view.size, self._expected):
            self._wake.set()
