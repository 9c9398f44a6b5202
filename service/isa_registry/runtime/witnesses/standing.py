"""How the log's witnesses stand, as anybody may see it."""

from __future__ import annotations

from datetime import datetime, timedelta

from isa_registry.runtime.registry import Registry
from isa_registry.store.pool import reading_for
from isa_registry.store.witnesses import StoredWitness, witnesses

STALE = timedelta(minutes=25)
"""Twice the time after which a cosignature is refreshed, and something for the asking."""


async def known_witnesses(registry: Registry) -> list[StoredWitness]:
    """Every cosigning key of the witness policy, in its order; none where there is no policy."""
    async with reading_for(registry.reading, "") as connection:
        return await witnesses(connection)


def is_healthy(one: StoredWitness, now: datetime) -> bool:
    """Whether it cosigned when it was last asked, and lately."""
    return one.state == "healthy" and one.cosigned_at is not None and abs(now - one.cosigned_at) <= STALE
