"""Never a second history: what the database holds is held against everything that was signed.

A log that went back, because an older copy of its database was restored or a failover lost its last commits, must not
go on: it would sign other entries for sizes that it has signed already. What was signed is known from the outside
store, from witnesses, and from memory; the database's own word counts for nothing here.

`normal`: write and publish. `alarmed`: write, but publish no new head, since too few witnesses agree. `checks-only`:
answer from memory, refuse writes, sign nothing, since nothing outside the database says that this is the log.
"""

from __future__ import annotations

import asyncio

from msgspec import Struct

from isa_registry.ledger.checkpoints import LogKeys
from isa_registry.runtime.checkpoints.outside_store import OutsideReader
from isa_registry.runtime.checkpoints.stored_history import StoredHistory
from isa_registry.store.log import StoredCheckpoint
from isa_verify.errors import VerificationError
from isa_verify.signed_checkpoint import SignedCheckpoint

_WAY_OUT = (
    "Nothing is appended to it and nothing is signed. Bring the newer database back; if it is lost, begin a log that "
    "continues this one with `isa-registry continue`. See docs/operating.md, 'After a restore'."
)

BEHIND = "database-behind"
DIFFERS = "database-differs"
BEYOND_RANGE = "key-beyond-range"
RETIRED_KEY_SIGNED = "retired-key-signed"


class HistoryRefused(Exception):
    """The database is behind, or differs from, what was signed. `code` is stable; the sentence says what to do."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class HistoryUnconfirmed(Exception):
    """Nothing outside the database says that this is the log: it is not refused, and not written to either.

    `reason` is the code of what is lacking.
    """

    code = "history-unconfirmed"

    def __init__(self, sentence: str, reason: str = code) -> None:
        super().__init__(sentence)
        self.reason = reason


class Signed(Struct, frozen=True):
    """A checkpoint that this log signed, and where it was found, as `the outside store` or `the witness NAME`.

    `by_witness`: a witness keeps the lines of those of the log's keys that it knows, which are not all of them.
    """

    note: bytes
    found: str
    by_witness: bool = False


async def hold_against(history: StoredHistory, keys: LogKeys, signed: Signed) -> SignedCheckpoint:
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
    checkpoint, size = opened.checkpoint, await history.size()
    if size < checkpoint.size:
        raise HistoryRefused(
            BEHIND,
            f"The database holds {size} entries, and {signed.found} has a checkpoint that this log signed over "
            f"{checkpoint.size}: an older copy was restored, or a failover lost what came last. {_WAY_OUT}",
        )
    await _same_root(history, checkpoint.size, checkpoint.root, signed.found)
    return opened


async def hold_against_memory(history: StoredHistory, size: int, root: bytes) -> None:
    """Compares the database with a size and root that this process has read or written. Raises `HistoryRefused`."""
    if await history.size() < size:
        raise HistoryRefused(
            BEHIND,
            f"The database holds fewer entries than the {size} that this process has seen in it: an older copy was "
            f"restored, or a failover lost what came last. {_WAY_OUT}",
        )
    await _same_root(history, size, root, "this process's memory")


async def _same_root(history: StoredHistory, size: int, root: bytes, found: str) -> None:
    if await history.root(size) != root:
        raise HistoryRefused(
            DIFFERS,
            f"The first {size} entries in the database are not those that {found} has: this is another history of "
            f"the log, or its stored hashes were edited. {_WAY_OUT}",
        )


async def refuse_standby(history: StoredHistory) -> None:
    """Raises `HistoryRefused` where the server only follows another: nothing can be written to it."""
    if (await history.identity()).standby:
        raise HistoryRefused("database-is-standby", "The database is a standby: point DATABASE_URL at the primary.")


async def look(history: StoredHistory, keys: LogKeys, outside: OutsideReader) -> bytes | None:
    """What a worker, or a command that starts, asks first: the database held against the outside store alone.

    Returns the note that is outside. Raises `HistoryRefused`, `HistoryUnconfirmed` and `OutsideStoreError`.
    """
    # In this order: a checkpoint goes outside before it goes into the database.
    newest = await history.newest()
    note = await asyncio.to_thread(outside.load)
    kept = None if note is None else await hold_against(history, keys, Signed(note=note, found="the outside store"))
    lacking = what_outside_lacks(newest, None if kept is None else kept.checkpoint.size)
    if lacking is not None:
        raise lacking
    return note


def what_outside_lacks(newest: StoredCheckpoint | None, size: int | None) -> HistoryUnconfirmed | None:
    """None where the outside store, with a checkpoint over `size` entries or none, confirms a database that does not
    contradict it.

    Since a checkpoint goes outside first, the store is never older than the database by itself: it was restored with
    it perhaps, or another one took its place, and what it says of the newest entries is nothing.
    """
    if newest is None or (size is not None and size >= newest.size):
        return None
    if size is None:
        return HistoryUnconfirmed(
            "The outside store holds no checkpoint, and the database does. Put the newest one back, or, where it was "
            "lost and the database was not, start `isa-registry checkpoint --adopt` once.",
            "outside-store-empty",
        )
    return HistoryUnconfirmed(
        f"The outside store holds a checkpoint over {size} entries, and the database one over {newest.size}: it is an "
        "older copy, or another one. Put the newest back, or, where it was lost and the database was not, start "
        "`isa-registry checkpoint --adopt` once.",
        "outside-store-behind",
    )
