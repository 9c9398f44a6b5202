"""Invitations of bodies to join: sent, answered once by whoever has the link, and decided by the business unit."""

from __future__ import annotations

from datetime import datetime, timedelta

import asyncpg
from msgspec import Struct

from isa_registry.store.sql import statements

_SQL = statements("invitations")


class Invitation(Struct, frozen=True):
    """An invitation. `body` is the record to confirm and `answer` what came back, as canonical JSON; `address` is where
    the link goes, until it is used; people are the entries that made them known."""

    id: str
    organisation: str
    body: bytes
    state: str
    token_sha256: bytes | None
    address: str | None
    invited_by: int
    invited_at: datetime
    expires_at: datetime
    answer: bytes | None = None
    answer_sha256: bytes | None = None
    answered_at: datetime | None = None
    decided_by: int | None = None
    decided_at: datetime | None = None
    entry: int | None = None
    proposal: str | None = None


async def invite(connection: asyncpg.Connection, one: Invitation) -> bool:
    """Keeps an invitation. False: the body has one that waits."""
    done = await connection.execute(
        _SQL["invite"],
        one.id,
        one.organisation,
        one.body,
        one.token_sha256,
        one.address,
        one.invited_by,
        one.invited_at,
        one.expires_at,
    )
    return bool(done == "INSERT 0 1")


async def invitation(connection: asyncpg.Connection, identifier: str) -> Invitation | None:
    row = await connection.fetchrow(_SQL["invitation"], identifier)
    return None if row is None else Invitation(**dict(row))


async def by_token(connection: asyncpg.Connection, token_sha256: bytes, *, now: datetime) -> Invitation | None:
    """The invitation to which a link leads that is not over."""
    row = await connection.fetchrow(_SQL["by_token"], token_sha256, now)
    return None if row is None else Invitation(**dict(row))


async def listed(connection: asyncpg.Connection, *, limit: int) -> list[Invitation]:
    """Every invitation that is kept: what waits for the business unit first."""
    return [Invitation(**dict(row)) for row in await connection.fetch(_SQL["listed"], limit)]


async def send_again(
    connection: asyncpg.Connection, identifier: str, *, token_sha256: bytes, address: str | None, expires_at: datetime
) -> bool:
    """Another link in the place of the last. False where it is decided."""
    done = await connection.execute(_SQL["send_again"], identifier, token_sha256, address, expires_at)
    return bool(done == "UPDATE 1")


async def answer(
    connection: asyncpg.Connection, token_sha256: bytes, *, now: datetime, answer: bytes, answer_sha256: bytes
) -> bool:
    """Keeps what was answered. False where the link was used, or is over."""
    done = await connection.execute(_SQL["answer"], token_sha256, now, answer, answer_sha256)
    return bool(done == "UPDATE 1")


async def withdraw(connection: asyncpg.Connection, identifier: str, *, person: int, now: datetime) -> bool:
    done = await connection.execute(_SQL["withdraw"], identifier, person, now)
    return bool(done == "UPDATE 1")


async def confirm(
    connection: asyncpg.Connection,
    identifier: str,
    *,
    answer_sha256: bytes,
    person: int,
    now: datetime,
    entry: int | None,
    proposal: str | None,
) -> bool:
    """Says what came of an answer, and forgets it. False where it is another answer, or none."""
    done = await connection.execute(_SQL["confirm"], identifier, answer_sha256, person, now, entry, proposal)
    return bool(done == "UPDATE 1")


async def sweep(connection: asyncpg.Connection, *, now: datetime, kept: timedelta) -> None:
    """Forgets links and addresses that are over, and invitations `kept` so long after the last that became of them."""
    await connection.execute(_SQL["sweep_links"], now)
    await connection.execute(_SQL["sweep_rows"], now, kept)
