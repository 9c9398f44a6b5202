"""How each witness of the policy stands, as the checkpointer last told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from msgspec import Struct

from isa_registry.store.sql import statements

_SQL = statements("witnesses")

STATES = ("not-asked", "healthy", "failing", "ahead", "disagrees")
"""What docs/formats/witness.md says of each."""


class StoredWitness(Struct, frozen=True):
    """One of the policy's cosigning keys: name, state, the size and time of its last cosignature, the code of its last
    failure, when all this was told, and whether it accepts the log's next keys (None: it was not asked, or there are
    none)."""

    name: str
    vkey: str
    state: str
    size: int | None
    cosigned_at: datetime | None
    error: str | None
    told_at: datetime
    accepts_following: bool | None = None


async def tell_witnesses(connection: asyncpg.Connection, standing: Sequence[StoredWitness]) -> None:
    """Replaces what is known of the witnesses by this, in this order; those not among them are forgotten.

    Where one has not cosigned since the teller started, its earlier cosignature stays.
    """
    async with connection.transaction():
        await connection.execute(_SQL["drop_other_witnesses"], [one.name for one in standing])
        await connection.execute(
            _SQL["tell_witnesses"],
            list(range(len(standing))),
            [one.name for one in standing],
            [one.vkey for one in standing],
            [one.state for one in standing],
            [one.size for one in standing],
            [one.cosigned_at for one in standing],
            [one.error for one in standing],
            [one.told_at for one in standing],
            [one.accepts_following for one in standing],
        )


async def forget_acceptance(connection: asyncpg.Connection) -> None:
    """Has it unknown again who accepts the log's next keys: whoever signs now may have others."""
    await connection.execute(_SQL["forget_acceptance"])


async def witnesses(connection: asyncpg.Connection) -> list[StoredWitness]:
    """Every witness, in the policy's order."""
    return [StoredWitness(**dict(row)) for row in await connection.fetch(_SQL["witnesses"])]
