"""The addresses to which notices go, by body and role."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import asyncpg

from isa_registry.domain.notices.receivers import Address
from isa_registry.store.sql import statements

_SQL = statements("notice_addresses")


async def addresses_of(connection: asyncpg.Connection, organisations: Iterable[str]) -> list[Address]:
    """Every address of these bodies, by body and role, oldest first."""
    rows = await connection.fetch(_SQL["addresses_of"], list(organisations))
    return [Address(**dict(row)) for row in rows]


async def add(
    connection: asyncpg.Connection, organisation: str, role: str, address: str, *, now: datetime, most: int
) -> str | None:
    """Adds an address; its id, also where it is there already. None where the role has as many as it may."""
    found: str | None = await connection.fetchval(_SQL["add"], organisation, role, address, now, most)
    if found is None:
        found = await connection.fetchval(_SQL["the_same"], organisation, role, address)
    return found


async def remove(
    connection: asyncpg.Connection, identifier: str, organisation: str, roles: Iterable[str], *, now: datetime
) -> bool:
    """Deletes a body's address at once, and what was on its way there. False where the body has no such address for
    one of these roles."""
    async with connection.transaction():
        held = await connection.fetchval(_SQL["hold"], identifier, organisation, list(roles))
        if held is None:
            return False
        await connection.execute(_SQL["drop_deliveries"], identifier, now)
        await connection.execute(_SQL["remove"], identifier)
        return True
