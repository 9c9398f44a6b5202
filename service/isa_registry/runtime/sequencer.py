"""The only thing that appends to the log.

Requests hand in drafts and wait. One task collects those that are waiting, takes the turn (a lock in the database),
folds what other workers appended, holds each draft's preconditions against the register at that very tail, refuses
those that no longer hold without harming the rest, commits the others in one transaction, and only then answers.

When the answer to a commit is lost, the next turn looks whether the entries are there: a waiting request is then told
the truth, and never both stored and refused.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from msgspec import Struct

from isa_registry.domain.dates import instant, parse_instant
from isa_registry.domain.happenings import happening
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.lives import refuse_untimely
from isa_registry.ledger.drafts import Appended, Draft
from isa_registry.ledger.leaves import Sealed, seal
from isa_registry.ledger.rows import Rows
from isa_registry.runtime.answers_together import Answer, Together, unavailable, unconfirmed
from isa_registry.runtime.checkpoints.guard import Guard
from isa_registry.runtime.checkpoints.history import HistoryRefused, HistoryUnconfirmed
from isa_registry.runtime.claims import Claims
from isa_registry.runtime.filled_tiles import completed_tiles
from isa_registry.runtime.follower import Follower
from isa_registry.runtime.holding import HeldHere
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.store import erasure, index_rows, lifecycles, log, records
from isa_registry.store.pool import Connection, DatabaseError, connect

_log = structlog.get_logger(__name__)

_BATCH = 512
_QUEUE = 4096
_PATIENCE_SECONDS = 10.0
_IDLE_SECONDS = 2.0


class _Waiting(Struct, frozen=True):
    draft: Draft
    answer: asyncio.Future[Appended] | Answer


class _Accepted(Struct, frozen=True):
    waiting: _Waiting
    sealed: tuple[Sealed, ...]


_Told = list[tuple[_Waiting, Appended | Exception]]


class Sequencer:
    """Turns drafts into log entries, one turn at a time. `now` and `fresh_salt` are the clock and the randomness."""

    def __init__(
        self,
        database_url: str,
        follower: Follower,
        *,
        now: Callable[[], datetime],
        fresh_salt: Callable[[], bytes],
        origin: str,
        guard: Guard,
    ) -> None:
        self._url = database_url
        self._follower = follower
        self._now = now
        self._fresh_salt = fresh_salt
        self._origin = origin
        self._guard = guard
        self._queue: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._connection: Connection | None = None
        self._unsettled: list[_Accepted] = []
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="sequence")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._connection is not None:
            with contextlib.suppress(*DatabaseError):
                await self._connection.close(timeout=2)

    async def append(self, draft: Draft, *, patience: float = _PATIENCE_SECONDS) -> Appended:
        """Appends a draft and returns where it stands, once it is committed; `patience` is in seconds.

        Raises `Refused`: a precondition's own; `event-conflict` or `idempotency-conflict` where another content has
        the same name; `unavailable` where the log cannot be written now; `history-unconfirmed` where nothing says
        that the database holds the log that was signed.
        """
        answer = self.hand_in(draft)
        # A third of what `asyncio.timeout` costs, for every answer that is recorded.
        patience_ends = asyncio.get_running_loop().call_later(patience, _give_up, answer)
        try:
            return await answer
        finally:
            patience_ends.cancel()

    def hand_in(self, draft: Draft) -> asyncio.Future[Appended]:
        """Has a draft wait for its turn; what is handed in before anything is awaited shares one, as far as there is
        room in it. Raises `Refused` as `append` does, and so does the answer. Whoever waits no longer cancels it."""
        if self._guard.refuses:
            raise unconfirmed()
        if len(self._queue) >= _QUEUE:
            raise unavailable()
        answer = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(draft, answer))
        self._arrived.set()
        return answer

    def hand_in_all(self, drafts: Sequence[Draft]) -> Together:
        """`hand_in` for drafts that are told together; each is appended or refused by itself. For those that there is
        no room for the answer is there at once."""
        if self._guard.refuses:
            raise unconfirmed()
        together = Together(len(drafts))
        answers = together.places()
        room = max(0, _QUEUE - len(self._queue))
        self._queue.extend(map(_Waiting, drafts[:room], answers))
        for answer in answers[room:]:
            answer.set_exception(unavailable())
        self._arrived.set()
        return together

    # --- the loop ------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        await self._tend()
        while True:
            if not self._queue:
                self._arrived.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_IDLE_SECONDS):
                        await self._arrived.wait()
            if not self._queue:
                await self._tend()
                continue
            batch = [self._queue.popleft() for _ in range(min(_BATCH, len(self._queue)))]
            try:
                await self._turn(batch)
            except (*DatabaseError, LogDisagrees) as error:
                _log.warning("append-failed", error=type(error).__name__)
                await self._after_failure(batch)
            except (HistoryRefused, HistoryUnconfirmed) as error:
                _log.warning("append-failed", error=type(error).__name__)
                await self._after_failure(batch, unconfirmed)
            except Exception:  # noqa: BLE001 - every waiting request must be told
                _log.exception("append-failed")
                await self._after_failure(batch)

    async def _tend(self) -> None:
        """While nothing is to be appended: has a connection, so that it is known before the next request whether it can
        be recorded."""
        try:
            await self._guard.confirm_still(await self._connect())
        except (*DatabaseError, LogDisagrees, HistoryRefused, HistoryUnconfirmed):
            await self._after_failure([])
        except Exception:  # noqa: BLE001 - the next request is told what it is
            _log.exception("sequencer-idle-failed")

    async def _after_failure(self, batch: list[_Waiting], refusal: Callable[[], Refused] | None = None) -> None:
        """Nothing of the batch is known to be stored. Those that may have been are settled by the next connection;
        the others are told now."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
        unsettled = {id(one.waiting) for one in self._unsettled}
        for waiting in batch:
            if id(waiting) not in unsettled and not waiting.answer.done():
                waiting.answer.set_exception((refusal or unavailable)())
        for _ in range(3):
            if not self._unsettled:
                return
            try:
                await self._connect()
                return
            except (*DatabaseError, LogDisagrees, HistoryRefused, HistoryUnconfirmed):
                await asyncio.sleep(0.3)
        for one in self._unsettled:
            if not one.waiting.answer.done():
                one.waiting.answer.set_exception(unavailable())
        self._unsettled = []

    async def _connect(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            connection = await connect(self._url, "isa_sequence")
            try:
                await self._guard.confirm(connection, self._follower.view.size, self._follower.root)
                await self._settle(connection)
            except BaseException:
                # Nothing is appended before it is known whose history this is, and what became of the last batch.
                connection.terminate()
                raise
            self._connection = connection
        return self._connection

    async def _settle(self, connection: Connection) -> None:
        """Tells the requests whose commit was never answered whether their entries are in the log."""
        if not self._unsettled:
            return
        # The turn is over only when the lost session's lock is gone; until then its commit may still happen.
        async with connection.transaction():
            await log.take_turn(connection)
            stored = await log.leaf_hashes_at(connection, [s.index for one in self._unsettled for s in one.sealed])
        for one in self._unsettled:
            if one.waiting.answer.done():
                continue
            if all(stored.get(sealed.index) == sealed.leaf_hash for sealed in one.sealed):
                one.waiting.answer.set_result(_appended(one.sealed))
            else:
                one.waiting.answer.set_exception(unavailable())
        self._unsettled = []

    # --- one turn ------------------------------------------------------------------------------------------------

    async def _turn(self, batch: list[_Waiting]) -> None:
        connection = await self._connect()
        await self._guard.confirm_still(connection)
        self._guard.admit()
        async with self._follower.folding:
            try:
                accepted, told = await self._commit(connection, batch)
            except BaseException:
                # Before the follower may fold again: what was tried on lies where other workers' entries may come.
                self._follower.take_back()
                raise
        for group in accepted:
            if not group.waiting.answer.done():
                group.waiting.answer.set_result(_appended(group.sealed))
        for waiting, answer in told:
            if waiting.answer.done():
                continue
            if isinstance(answer, Appended):
                waiting.answer.set_result(answer)
            else:
                waiting.answer.set_exception(answer)
        await self._follower.announce()

    async def _commit(self, connection: Connection, batch: list[_Waiting]) -> tuple[list[_Accepted], _Told]:
        transaction = connection.transaction()
        await transaction.start()
        await log.take_turn(connection)
        tail = await self._follower.catch_up(connection)
        at = max(instant(self._now()), tail.at)
        accepted, told = await self._accept(connection, batch, tail, at)
        sealed = [one for group in accepted for one in group.sealed]
        if sealed:
            await self._store(connection, accepted, sealed, tail, at)
            self._follower.expect(tail.size + len(sealed))
        self._unsettled = accepted
        await transaction.commit()
        self._unsettled = []
        self._follower.commit(sealed)
        return accepted, told

    async def _accept(
        self, connection: Connection, batch: list[_Waiting], tail: log.Tail, at: str
    ) -> tuple[list[_Accepted], _Told]:
        """Seals the drafts that hold at the tail; what the others are to be told waits for the commit: whoever is
        refused for what another draft of the same turn does must find it there."""
        claims = await Claims.load(connection, [waiting.draft for waiting in batch], at)
        accepted: list[_Accepted] = []
        told: _Told = []
        index, previous = tail.size, tail.leaf_hash
        held = HeldHere(at)
        for waiting in batch:
            if waiting.answer.done():  # the request went away before anything was done for it
                continue
            draft = waiting.draft
            try:
                earlier = claims.find(draft)
                if earlier is not None:
                    size = max(tail.size, earlier.index + 1)
                    told.append((waiting, Appended(index=earlier.index, size=size, at=at, repeated=True)))
                    continue
                claims.hold(draft)
                held.hold(draft.preconditions, self._follower.tentative, index)
                group = self._seal(draft, index, previous, at)
            except Refused as refused:
                told.append((waiting, refused))
                continue
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one draft harms no other
                _log.exception("draft-failed")
                self._follower.take_back(index)
                told.append((waiting, error))
                continue
            accepted.append(_Accepted(waiting=waiting, sealed=group))
            index, previous = index + len(group), group[-1].leaf_hash
            for one in group:
                if one.leaf_kind != "record":
                    held.forget()
            claims.take(draft, group[0].index)
        return accepted, told

    def _seal(self, draft: Draft, index: int, previous: bytes, at: str) -> tuple[Sealed, ...]:
        """The draft's entries from `index` on, tried on the register so that later drafts are held against them.

        What a life does not take (`domain/lifecycles.py`) is refused here whatever the draft's own preconditions are:
        the database would refuse the whole batch with it.
        """
        group: list[Sealed] = []
        for position, payload in enumerate(draft.payloads):
            if happening(payload) is not None:
                try:
                    refuse_untimely(self._follower.tentative(index + position), payload)
                except Refused:
                    if group:
                        self._follower.take_back(index)
                    raise
            one = seal(
                origin=self._origin,
                index=index + position,
                previous=group[-1].leaf_hash if group else previous,
                at=at,
                payload=payload,
                salt=self._fresh_salt(),
            )
            if one.leaf_kind != "record":
                self._follower.try_on(one)
            group.append(one)
        return tuple(group)

    async def _store(
        self,
        connection: Connection,
        accepted: list[_Accepted],
        sealed: list[Sealed],
        tail: log.Tail,
        at: str,
    ) -> None:
        await log.insert_entries(connection, sealed)
        rows = Rows()
        for one in sealed:
            rows.add(one.index, one.payload)
        rows.end()
        await index_rows.insert(connection, rows)
        await erasure.insert_rows(connection, rows)
        if rows.lives:
            await lifecycles.insert_events(connection, rows.lives)
        keys = [(group.waiting.draft.idempotency, group.sealed[0].index) for group in accepted]
        claimed = [(claim, index) for claim, index in keys if claim is not None]
        if claimed:
            await records.claim_keys(connection, claimed, now=parse_instant(at))
        tiles = await completed_tiles(connection, tail.size, tail.size + len(sealed))
        if tiles:
            await log.insert_tiles(connection, tiles)
        await log.announce(connection, tail.size + len(sealed))


def _appended(sealed: tuple[Sealed, ...]) -> Appended:
    return Appended(index=sealed[0].index, size=sealed[-1].index + 1, at=sealed[0].at)


def _give_up(answer: asyncio.Future[Appended]) -> None:
    if not answer.done():
        answer.set_exception(unavailable())
