"""The PostgreSQL server itself: which one it is, and what it promises of a commit."""

from __future__ import annotations

import asyncpg
from msgspec import Struct

from isa_registry.store.sql import statements

_SQL = statements("server")


class Identity(Struct, frozen=True):
    """Which server answers. `system` is None where the login may not know it; `timeline` is None on a standby."""

    system: str | None
    timeline: str | None
    standby: bool


async def identity(connection: asyncpg.Connection) -> Identity:
    row = await connection.fetchrow(_SQL["identity"])
    try:
        system: str | None = await connection.fetchval(_SQL["system_identifier"])
    except asyncpg.InsufficientPrivilegeError:
        system = None
    return Identity(system=system, timeline=row["timeline"], standby=row["standby"])


async def durability_warnings(connection: asyncpg.Connection) -> tuple[str, ...]:
    """Codes for what could lose a commit that was answered.

    `commit-not-durable`: this server does not wait for its own disk. `standby-not-synchronous`: others follow this
    server, and none of them is waited for, so that a failover could lose entries.
    """
    row = await connection.fetchrow(_SQL["durability"])
    found = []
    if not row["writes_through"] or row["synchronous_commit"] == "off":
        found.append("commit-not-durable")
    if row["followers"] and (not row["waits_for_standby"] or row["synchronous_commit"] in ("off", "local")):
        found.append("standby-not-synchronous")
    return tuple(found)
