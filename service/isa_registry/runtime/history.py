"""Never a second history: what the database holds is held against everything that was signed.

A log that went back, because an older copy of its database was restored or a failover lost its last commits, must not
go on: it would sign other entries for sizes that it has signed already. What was signed is known from the outside
store, from witnesses, and from memory; the database's own word counts for nothing here.

`normal`: write and publish. `alarmed`: write, but publish no new head, since too few witnesses agree. `checks-only`:
answer from memory, refuse writes, sign nothing, since nothing outside the database says that this is the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from msgspec import Struct

from isa_registry.ledger.checkpoints import LogKeys
from isa_registry.runtime.log_keys import keys_in
from isa_registry.runtime.outside_store import OutsideReader, OutsideStoreError
from isa_registry.runtime.tree import stored_frontier
from isa_registry.store import log, publication
from isa_registry.store.pool import Connection
from isa_registry.store.publication import State
from isa_verify.errors import VerificationError
from isa_verify.signed_checkpoint import SignedCheckpoint

_log = structlog.get_logger(__name__)

_WAY_OUT = (
    "Nothing is appended to it and nothing is signed. Bring the newer database back; if it is lost, begin a log that "
    "continues this one with `isa-registry continue`. See docs/operating.md, 'After a restore'."
)

BEYOND_RANGE = "key-beyond-range"
RETIRED_KEY_SIGNED = "retired-key-signed"

_PATIENCE_SECONDS = 3.0
_ASK_SECONDS = 0.01
_LONGEST_PAUSE_SECONDS = 0.2


class HistoryRefused(Exception):
    """The database is behind, or differs from, what was signed. `code` is stable; the sentence says what to do."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class HistoryUnconfirmed(Exception):
    """Nothing outside the database says that this is the log: it is not refused, and not written to either."""

    code = "history-unconfirmed"


class Signed(Struct, frozen=True):
    """A checkpoint that this log signed, and where it was found, as `the outside store` or `the witness NAME`.

    `by_witness`: a witness keeps the lines of those of the log's keys that it knows, which are not all of them.
    """

    note: bytes
    found: str
    by_witness: bool = False


async def hold_against(connection: Connection, keys: LogKeys, signed: Signed) -> SignedCheckpoint:
    """The checkpoint, if the database holds its entries and they give its root.

    Raises `HistoryRefused`: `not-signed-by-us` where the note is not this log's, `retired-key-signed`,
    `database-behind`, `database-differs`.
    """
    try:
        opened = keys.open_shown(signed.note) if signed.by_witness else keys.open(signed.note)
    except VerificationError as error:
        if error.code == BEYOND_RANGE:
            raise HistoryRefused(
                RETIRED_KEY_SIGNED,
                f"What {signed.found} holds carries the signature of a key of this log that had been retired at that "
                "size. Somebody has that key: keep the checkpoint, tell every auditor and witness, and find out who "
                "can write there.",
            ) from None
        raise HistoryRefused(
            "not-signed-by-us",
            f"What {signed.found} holds is not a checkpoint that this log's keys signed ({error.code}). "
            "Put the right file and keys in place: it is what a restored older database would be told by.",
        ) from None
    checkpoint, size = opened.checkpoint, (await log.tail(connection)).size
    if size < checkpoint.size:
        raise HistoryRefused(
            "database-behind",
            f"The database holds {size} entries, and {signed.found} has a checkpoint that this log signed over "
            f"{checkpoint.size}: an older copy was restored, or a failover lost what came last. {_WAY_OUT}",
        )
    await _same_root(connection, checkpoint.size, checkpoint.root, signed.found)
    return opened


async def hold_against_memory(connection: Connection, size: int, root: bytes) -> None:
    """Compares the database with a size and root that this process has read or written. Raises `HistoryRefused`."""
    if (await log.tail(connection)).size < size:
        raise HistoryRefused(
            "database-behind",
            f"The database holds fewer entries than the {size} that this process has seen in it: an older copy was "
            f"restored, or a failover lost what came last. {_WAY_OUT}",
        )
    await _same_root(connection, size, root, "this process's memory")


async def _same_root(connection: Connection, size: int, root: bytes, found: str) -> None:
    if (await stored_frontier(connection, size)).root() != root:
        raise HistoryRefused(
            "database-differs",
            f"The first {size} entries in the database are not those that {found} has: this is another history of "
            f"the log, or its stored hashes were edited. {_WAY_OUT}",
        )


async def look(connection: Connection, keys: LogKeys, outside: OutsideReader) -> None:
    """What a command that starts asks first: the database held against the outside store alone.

    Raises `HistoryRefused`, `HistoryUnconfirmed` and `OutsideStoreError`.
    """
    note = await asyncio.to_thread(outside.load)
    if note is not None:
        await hold_against(connection, keys, Signed(note=note, found="the outside store"))
    elif await log.newest_checkpoint(connection) is not None:
        raise HistoryUnconfirmed("the outside store holds no checkpoint, and the database does")


class Guard:
    """A worker's own look at the history, on every connection that appends, and the checkpointer's word on it.

    `outside` is None where the worker cannot see the store: it then waits for the checkpointer, which can. `word` gives
    the checkpointer's last word, as this worker read it.
    """

    def __init__(
        self, keys: LogKeys, outside: OutsideReader | None, word: Callable[[], publication.Word | None]
    ) -> None:
        self._keys = keys
        self._outside = outside
        self._word = word
        self._found: tuple[State, tuple[str, ...]] = ("normal", ())

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

    def admit(self) -> None:
        """Raises `HistoryUnconfirmed` while nothing may be appended."""
        if self.state == "checks-only":
            raise HistoryUnconfirmed("the log's history is not confirmed")

    async def confirm(self, connection: Connection, size: int, root: bytes) -> None:
        """Looks at a new connection's database; `size` and `root` are what this process knows of the log.

        Raises `HistoryRefused` and `HistoryUnconfirmed`; until another connection is confirmed, `state` says so.
        """
        try:
            await hold_against_memory(connection, size, root)
            if self._outside is None:
                await self._await_word(connection)
            else:
                await look(connection, await keys_in(connection, self._keys), self._outside)
        except HistoryRefused as refused:
            self._found = "checks-only", (refused.code,)
            _log.error("history-refused", code=refused.code, reason=str(refused))
            raise
        except (HistoryUnconfirmed, OutsideStoreError) as error:
            self._found = "checks-only", (HistoryUnconfirmed.code,)
            _log.error("history-unconfirmed", reason=str(error))
            raise HistoryUnconfirmed(str(error)) from None
        self._found = "normal", ()

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
                raise HistoryUnconfirmed("the checkpointer has not said that this is the log")
            await publication.ask(connection)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        if word.state == "checks-only":
            raise HistoryUnconfirmed("the checkpointer does not confirm that this is the log")
