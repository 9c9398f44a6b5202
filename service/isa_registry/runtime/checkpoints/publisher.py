"""Publishes our newest checkpoint once it meets the witness policy, and renews its cosignatures while the log is idle.

It blocks nothing: appending and signing go on, whatever the witnesses do.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

import structlog
from msgspec import Struct

from isa_registry.ledger.log_keys import LogKeys
from isa_registry.runtime.checkpoints.history import Signed
from isa_registry.runtime.tree import LogDisagrees, consistency_proof
from isa_registry.store import log, publication
from isa_registry.store.pool import Connection, DatabaseError, connect
from isa_registry.store.publication import Cosignature
from isa_registry.store.witnesses import StoredWitness, tell_witnesses

_log = structlog.get_logger(__name__)

_RENEW_SECONDS = 600.0
_AGAIN_SECONDS = 5.0

ProofFrom = Callable[[int], Awaitable[list[bytes]]]
"""The consistency proof from an older size of the log to the one that is being cosigned."""


class Cosigned(Struct, frozen=True):
    """What a round brought: verified lines of the policy's witnesses, and whether they meet the quorum. `suspect`:
    somebody claims a larger size, or another history; what it shows, signed by our own key, would prove it."""

    lines: tuple[Cosignature, ...]
    satisfied: bool
    suspect: bool = False


class Testimony(Struct, frozen=True):
    """What witnesses say of the history: checkpoints that this log signed, as they hold them, whether those that
    answered are enough for the quorum, and codes of what is an alarm all the same."""

    signed: Sequence[Signed]
    satisfied: bool
    reasons: tuple[str, ...] = ()


class Witnessing(Protocol):
    """The witnesses of a policy. Neither call raises for a witness that is away; each ends within some seconds."""

    async def gather(self, note: bytes, size: int, root: bytes, proof_from: ProofFrom) -> Cosigned:
        """Asks for cosignatures on a checkpoint that this log signed."""

    async def testimony(self) -> Testimony:
        """Asks for the newest checkpoint of this log that each witness knows."""

    def follow(self, keys: LogKeys) -> None:
        """Tells which keys are this log's from now on, and which are to follow."""

    def standing(self, now: datetime) -> list[StoredWitness]:
        """How each of them stands."""


class Publisher:
    """While this process leads: newest checkpoint in, publication out. `newest` is told by `publish`, and `heard` is
    called with what each round brought."""

    def __init__(
        self,
        database_url: str,
        witnesses: Witnessing,
        *,
        now: Callable[[], datetime],
        heard: Callable[[Cosigned], None],
    ) -> None:
        self._url = database_url
        self._witnesses = witnesses
        self._now = now
        self._heard = heard
        self._newest: log.StoredCheckpoint | None = None
        self._told = asyncio.Event()

    def publish(self, newest: log.StoredCheckpoint) -> None:
        """Has a checkpoint, recorded and outside, published as soon as the policy lets it."""
        self._newest = newest
        self._told.set()

    async def run(self) -> None:
        """Never returns; ends by being cancelled."""
        while True:
            try:
                connection = await connect(self._url, "isa_checkpoint")
                try:
                    await self._rounds(connection)
                finally:
                    with contextlib.suppress(*DatabaseError):
                        await connection.close(timeout=2)
            except (*DatabaseError, LogDisagrees) as error:
                _log.warning("publisher-away", error=type(error).__name__)
            except Exception:  # noqa: BLE001 - a head that is never published again would be missed only later
                _log.exception("publisher-failed")
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _rounds(self, connection: Connection) -> None:
        published = await publication.newest_published(connection)
        while True:
            self._told.clear()
            newest = self._newest
            satisfied = True
            if newest is not None:
                satisfied = await self._round(connection, newest, published)
                if satisfied:
                    published = newest.size
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_RENEW_SECONDS if satisfied else _AGAIN_SECONDS):
                    await self._told.wait()

    async def _round(self, connection: Connection, newest: log.StoredCheckpoint, published: int | None) -> bool:
        async def proof_from(old: int) -> list[bytes]:
            return await consistency_proof(connection, old, newest.size)

        found = await self._witnesses.gather(newest.note, newest.size, newest.root, proof_from)
        self._heard(found)
        async with connection.transaction():
            await publication.insert_cosignatures(connection, newest.size, found.lines)
            due = found.satisfied and (published is None or published < newest.size)
            if due and not await publication.publish(connection, newest.size, after=published, now=self._now()):
                raise LogDisagrees("another checkpoint was published meanwhile")
            await log.announce_checkpoint(connection, newest.size)
        await tell_witnesses(connection, self._witnesses.standing(self._now()))
        return found.satisfied
