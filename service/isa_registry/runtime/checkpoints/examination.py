"""What the checkpointer finds when it looks at a database: who answers, what it holds, and who agrees with it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from msgspec import Struct

from isa_registry.ledger.checkpoints import LogKeyLacking, LogKeys
from isa_registry.runtime.checkpoints.history import (
    HistoryRefused,
    HistoryUnconfirmed,
    Signed,
    hold_against,
    hold_against_memory,
    refuse_standby,
    what_outside_lacks,
)
from isa_registry.runtime.checkpoints.outside_store import OutsideReader, OutsideStoreError, OutsideStoreMoved
from isa_registry.runtime.checkpoints.publisher import Testimony, Witnessing
from isa_registry.runtime.checkpoints.stored_history import StoredHistory
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.store import log, server
from isa_registry.store.publication import State
from isa_verify.signed_checkpoint import SignedCheckpoint


class Examined(Struct, frozen=True):
    """A database that contradicts nothing that was signed, and of which something outside it says that it is the log.

    `newest` is its own newest checkpoint, `outside` that of the outside store. With a `failure` the store could not be
    read: enough witnesses agree, so entries may be written, and nothing can be signed. `agreed` is whether they do, or
    none are asked; `alarms` are codes of what they show that contradicts nothing, and is an alarm all the same.
    """

    identity: server.Identity
    newest: log.StoredCheckpoint | None
    outside: log.StoredCheckpoint | None
    failure: OutsideStoreError | None
    state: State
    reasons: tuple[str, ...]
    agreed: bool
    alarms: tuple[str, ...]


async def examine(
    history: StoredHistory,
    keys: LogKeys,
    outside: OutsideReader,
    witnesses: Witnessing | None,
    known: tuple[int, bytes] | None,
    *,
    adopt: bool = False,
) -> Examined:
    """Holds the database against its own newest checkpoint, the outside store, witnesses, and the size and root `known`
    from earlier. Reads only. `adopt` takes the database's word where the outside store lacks what it should hold.

    Raises `HistoryRefused` where it contradicts anything that was signed, and `HistoryUnconfirmed` where neither the
    outside store nor enough witnesses agree with it.
    """
    await refuse_standby(history)
    # Before the outside store is read: what another process signs meanwhile goes there first.
    newest = await history.newest()
    note, failure = await _load(outside)
    if newest is not None:
        held = await hold_against(history, keys, Signed(newest.note, "the database's own table"))
        if (newest.size, newest.root) != (held.checkpoint.size, held.checkpoint.root):
            raise HistoryRefused("database-differs", "The newest checkpoint in the database is not what its note says.")
    if known is not None:
        await hold_against_memory(history, *known)
    kept = None
    if note is not None:
        kept = _stored(await hold_against(history, keys, Signed(note, "the outside store")))
    testimony = Testimony(signed=(), satisfied=False) if witnesses is None else await witnesses.testimony()
    for one in testimony.signed:
        await hold_against(history, keys, one)
    lacking = _lacking(newest, kept, failure, signed_before=bool(testimony.signed) or (known or (0, b""))[0] > 0)
    if lacking is not None and not testimony.satisfied and not (adopt and failure is None):
        raise lacking
    agreed = witnesses is None or testimony.satisfied
    return Examined(
        identity=await history.identity(),
        newest=newest,
        outside=kept,
        failure=failure,
        state="normal" if agreed and failure is None and not testimony.reasons else "alarmed",
        reasons=(
            *(() if agreed else ("witnesses-lacking",)),
            *(() if lacking is None else (lacking.reason,)),
            *testimony.reasons,
            *await history.warnings(),
        ),
        agreed=agreed,
        alarms=testimony.reasons,
    )


def word_on(error: Exception, *, confirmed: bool) -> tuple[State, list[str]]:
    """What the workers are told of an error. Once the history is confirmed, a full volume stops signatures, not what
    people record; nor does a key of the log that is lacking."""
    if isinstance(error, LogKeyLacking):
        return "alarmed", [error.code]
    if isinstance(error, OutsideStoreError) and confirmed and not isinstance(error, OutsideStoreMoved):
        return "alarmed", ["outside-store-failed"]
    if isinstance(error, HistoryUnconfirmed):
        return "checks-only", list(dict.fromkeys((error.code, error.reason)))
    if isinstance(error, HistoryRefused):
        return "checks-only", [error.code]
    return "checks-only", ["log-disagrees" if isinstance(error, LogDisagrees) else "outside-store-moved"]


async def _load(outside: OutsideReader) -> tuple[bytes | None, OutsideStoreError | None]:
    try:
        return await asyncio.to_thread(outside.load), None
    except OutsideStoreError as error:
        return None, error


def _lacking(
    newest: log.StoredCheckpoint | None,
    kept: log.StoredCheckpoint | None,
    failure: OutsideStoreError | None,
    *,
    signed_before: bool,
) -> HistoryUnconfirmed | None:
    """Why the outside store does not confirm the database; None where it does, and where nothing was ever signed."""
    if failure is not None:
        return HistoryUnconfirmed(str(failure), "outside-store-failed")
    if newest is None and kept is None and signed_before:
        return HistoryUnconfirmed(
            "This log has signed checkpoints before, and neither the outside store nor the database holds one.",
            "outside-store-empty",
        )
    return what_outside_lacks(newest, None if kept is None else kept.size)


def _stored(signed: SignedCheckpoint) -> log.StoredCheckpoint:
    """A note as the database keeps it, with the time that its ML-DSA-44 signature states."""
    times = [one.timestamp for one in signed.verified if one.timestamp is not None]
    return log.StoredCheckpoint(
        size=signed.checkpoint.size,
        root=signed.checkpoint.root,
        note=signed.data,
        signed_at=datetime.fromtimestamp(max(times), UTC),
    )
