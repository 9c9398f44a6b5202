"""A worker's own look at the history, before it appends anything and while it does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from isa_registry.ledger.checkpoints import LogKeys
from isa_registry.runtime.checkpoints.history import (
    BEHIND,
    DIFFERS,
    HistoryRefused,
    HistoryUnconfirmed,
    hold_against_memory,
    look,
    refuse_standby,
)
from isa_registry.runtime.checkpoints.outside_store import OutsideReader, OutsideStoreError
from isa_registry.runtime.checkpoints.stored_history import DatabaseHistory
from isa_registry.runtime.erasure.journal import ErasuresNotReapplied, JournalDamaged
from isa_registry.runtime.log_keys.logged import keys_in
from isa_registry.store import log, publication, server
from isa_registry.store.pool import Connection
from isa_registry.store.publication import State

_log = structlog.get_logger(__name__)

_PATIENCE_SECONDS = 3.0
_ASK_SECONDS = 0.01
_LONGEST_PAUSE_SECONDS = 0.2
_LOOK_SECONDS = 2.0
_NOT_YET = ("history-not-looked-at",)
_DOUBTFUL = frozenset({BEHIND, DIFFERS, ErasuresNotReapplied.code})


class Guard:
    """Whether this worker may append: what it sees itself on every connection, and the checkpointer's word on it.

    `outside` is None where the worker cannot see the store: it then waits for the checkpointer, which can. `word` gives
    the checkpointer's last word, as this worker read it. `forgotten` raises as `refuse_resurrected` where the database
    holds what was erased. Until a connection is confirmed, nothing may be appended.
    """

    def __init__(
        self,
        keys: LogKeys,
        outside: OutsideReader | None,
        word: Callable[[], publication.Word | None],
        forgotten: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._keys = keys
        self._outside = outside
        self._word = word
        self._forgotten = forgotten
        self._found: tuple[State, tuple[str, ...]] = ("checks-only", _NOT_YET)
        self._looked_at = float("-inf")
        self._seen: bytes | None = None

    @property
    def state(self) -> State:
        word = self._word()
        said = "normal" if word is None else word.state
        return "checks-only" if self._found[0] == "checks-only" else said

    @property
    def reasons(self) -> tuple[str, ...]:
        """Codes for what is not as it should be."""
        word = self._word()
        return tuple(dict.fromkeys((*self._found[1], *(() if word is None else word.reasons))))

    @property
    def refuses(self) -> bool:
        """Whether it is known that nothing may be appended now: who asks need not wait to hear it."""
        return self.state == "checks-only" and self._found[1] != _NOT_YET

    @property
    def doubts_records(self) -> bool:
        """Whether it is known that the database holds less than was signed, or something else, or what was erased: what
        it says of a case may lack a withdrawal, a correction, or an erasure."""
        return not _DOUBTFUL.isdisjoint(self.reasons)

    def admit(self) -> None:
        """Raises `HistoryUnconfirmed` while nothing may be appended."""
        if self.state == "checks-only":
            raise HistoryUnconfirmed("the log's history is not confirmed")

    async def confirm(self, connection: Connection, size: int, root: bytes) -> None:
        """Looks at a new connection's database; `size` and `root` are what this process knows of the log.

        Raises `HistoryRefused` and `HistoryUnconfirmed`; until another connection is confirmed, `state` says so.
        """
        history = DatabaseHistory(connection)
        self._seen = None
        try:
            await refuse_standby(history)
            await hold_against_memory(history, size, root)
            await self._confirm_outside(connection)
            await self._refuse_resurrected()
            warnings = await server.session_warnings(connection)
        except (HistoryRefused, HistoryUnconfirmed) as error:
            self._refuse(error)
            raise
        self._found = "normal", warnings

    async def confirm_still(self, connection: Connection) -> None:
        """Looks again, every two seconds at most, whether the outside store has gone where this database has not: a
        primary that was cut off from its standby is told so by what the new one has signed. Raises as `confirm`."""
        if self._outside is None or time.monotonic() - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        try:
            note = await asyncio.to_thread(self._outside.load)
            if note != self._seen:
                self._seen = await self._look_outside(connection, self._outside)
        except OutsideStoreError:
            return  # It was confirmed before, and says nothing else now.
        except (HistoryRefused, HistoryUnconfirmed) as error:
            self._refuse(error)
            raise

    async def _confirm_outside(self, connection: Connection) -> None:
        if self._outside is not None:
            try:
                self._seen = await self._look_outside(connection, self._outside)
            except (HistoryUnconfirmed, OutsideStoreError) as error:
                _log.warning("outside-store-does-not-confirm", reason=str(error))
            else:
                self._looked_at = time.monotonic()
                return
        await self._await_word(connection)

    async def _look_outside(self, connection: Connection, outside: OutsideReader) -> bytes | None:
        known = await keys_in(connection, self._keys)
        try:
            return await look(DatabaseHistory(connection), known, outside)
        except HistoryRefused:
            # The log's keys may have been changed after they were read, and before the store was.
            again = await keys_in(connection, self._keys)
            if again == known:
                raise
            return await look(DatabaseHistory(connection), again, outside)

    async def _refuse_resurrected(self) -> None:
        if self._forgotten is None:
            return
        try:
            await self._forgotten()
        except ErasuresNotReapplied as error:
            raise HistoryRefused(error.code, str(error)) from None
        except JournalDamaged as error:
            raise HistoryUnconfirmed(str(error)) from None

    def _refuse(self, error: HistoryRefused | HistoryUnconfirmed) -> None:
        found: tuple[State, tuple[str, ...]] = ("checks-only", (error.code,))
        if found != self._found:
            refused = "history-refused" if isinstance(error, HistoryRefused) else "history-unconfirmed"
            _log.error(refused, code=error.code, reason=str(error))
        self._found = found

    async def _await_word(self, connection: Connection) -> None:
        """Waits for a word that the checkpointer gave after this connection was made, to this very database.

        An empty log needs none: there is nothing that could have been lost.
        """
        if (await log.tail(connection)).size == 0:
            return
        since = await publication.server_time(connection)
        end = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        pause = _ASK_SECONDS
        while (word := await publication.said_since(connection, since)) is None:
            if asyncio.get_running_loop().time() > end:
                raise HistoryUnconfirmed("The checkpointer has not said that this is the log.")
            await publication.ask(connection)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        if word.state == "checks-only":
            raise HistoryUnconfirmed("The checkpointer does not confirm that this is the log.")
