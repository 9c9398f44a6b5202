"""The PostgreSQL server itself: which one it is, and what it promises of a commit."""

from __future__ import annotations

import asyncpg
from msgspec import Struct

from isa_registry.store.sql import statements

_SQL = statements("server")
_OFF = {"off", "false", "no", "0"}


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
    """Codes for what could lose a commit that was answered, or keep one from being answered.

    `commit-not-durable`: this server does not wait for its own disk, for every session or for some role or database.
    `standby-not-synchronous`: others follow this server, and none of them is waited for, so that a failover could lose
    entries. `standby-absent`: a standby is waited for, and none of those that follow is it: every commit hangs.
    """
    row = await connection.fetchrow(_SQL["durability"])
    commits = {row["synchronous_commit"], *row["set_otherwise"]}
    found = []
    if not row["writes_through"] or _OFF & commits:
        found.append("commit-not-durable")
    if row["followers"] and (not row["waits_for_standby"] or (_OFF | {"local"}) & commits):
        found.append("standby-not-synchronous")
    if row["waits_for_standby"] and row["synchronous"] == 0 and row["unseen"] == 0:
        found.append("standby-absent")
    return tuple(found)


async def session_warnings(connection: asyncpg.Connection) -> tuple[str, ...]:
    """The same of this one session's commits."""
    commit = await connection.fetchval(_SQL["session_commit"])
    return ("commit-not-durable",) if commit in _OFF else ()
