"""What the checkpointer finds when it looks at a database: who answers, what it holds, and who agrees with it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from msgspec import Struct

from isa_registry.ledger.checkpoints import LogKeys
from isa_registry.runtime.history import (
    HistoryRefused,
    Signed,
    hold_against,
    hold_against_memory,
)
from isa_registry.runtime.outside_store import OutsideReader
from isa_registry.runtime.publisher import Witnessing
from isa_registry.store import log, server
from isa_registry.store.pool import Connection
from isa_registry.store.publication import State
from isa_verify.signed_checkpoint import SignedCheckpoint


class Examined(Struct, frozen=True):
    """A database that contradicts nothing that was signed.

    `newest` is its own newest checkpoint, `outside` that of the outside store. `witnessed` is whether enough witnesses
    agree; without witnesses it is false, and the outside store's word is enough.
    """

    identity: server.Identity
    newest: log.StoredCheckpoint | None
    outside: log.StoredCheckpoint | None
    witnessed: bool
    state: State
    warnings: tuple[str, ...]


async def examine(
    connection: Connection,
    keys: LogKeys,
    outside: OutsideReader,
    witnesses: Witnessing | None,
    known: tuple[int, bytes] | None,
) -> Examined:
    """Holds the database against its own newest checkpoint, the outside store, witnesses, and the size and root `known`
    from earlier. Reads only.

    Raises `HistoryRefused` and `OutsideStoreError`.
    """
    identity = await server.identity(connection)
    if identity.standby:
        raise HistoryRefused("database-is-standby", "The database is a standby: point DATABASE_URL at the primary.")
    note = await asyncio.to_thread(outside.load)
    newest = await log.newest_checkpoint(connection)
    if newest is not None:
        held = await hold_against(connection, keys, Signed(newest.note, "the database's own table"))
        if (newest.size, newest.root) != (held.checkpoint.size, held.checkpoint.root):
            raise HistoryRefused("database-differs", "The newest checkpoint in the database is not what its note says.")
    if known is not None:
        await hold_against_memory(connection, *known)
    kept = None
    if note is not None:
        kept = _stored(await hold_against(connection, keys, Signed(note, "the outside store")))
    witnessed = False
    alarms: tuple[str, ...] = ()
    if witnesses is not None:
        testimony = await witnesses.testimony()
        for one in testimony.signed:
            await hold_against(connection, keys, one)
        witnessed, alarms = testimony.satisfied, testimony.reasons
    return Examined(
        identity=identity,
        newest=newest,
        outside=kept,
        witnessed=witnessed,
        state="normal" if (witnesses is None or witnessed) and not alarms else "alarmed",
        warnings=(*alarms, *await server.durability_warnings(connection)),
    )


def _stored(signed: SignedCheckpoint) -> log.StoredCheckpoint:
    """A note as the database keeps it, with the time that its ML-DSA-44 signature states."""
    times = [one.timestamp for one in signed.verified if one.timestamp is not None]
    return log.StoredCheckpoint(
        size=signed.checkpoint.size,
        root=signed.checkpoint.root,
        note=signed.data,
        signed_at=datetime.fromtimestamp(max(times), UTC),
    )
