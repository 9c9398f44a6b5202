"""Proposals: what one person proposed, and another approves, declines, or lets expire."""

from __future__ import annotations

from datetime import datetime

import asyncpg
from msgspec import Struct

from isa_registry.store.sql import statements

_SQL = statements("proposals")


class Proposal(Struct, frozen=True):
    """A proposal. `change` is the canonical JSON of the payloads that would be logged, None once it is decided; people
    are the entries that made them known; `approved_size` is the log's size at the approval, `entry` where it stands.
    The marks are over what was said; whoever keeps proposals makes and knows them, and nothing here does."""

    id: str
    organisation: str
    change: bytes | None
    sha256: bytes | None
    state: str
    proposed_by: int
    proposed_at: datetime
    expires_at: datetime
    approved_by: int | None = None
    approved_at: datetime | None = None
    approved_size: int | None = None
    entry: int | None = None
    proposed_mark: str | None = None
    approved_mark: str | None = None


async def propose(connection: asyncpg.Connection, proposal: Proposal, *, most: int) -> bool:
    """Keeps an open proposal. False: the same is there already, or `most` of this person's wait."""
    done = await connection.execute(
        _SQL["propose"],
        proposal.id,
        proposal.organisation,
        proposal.change,
        proposal.sha256,
        proposal.proposed_by,
        proposal.proposed_at,
        proposal.expires_at,
        most,
        proposal.proposed_mark,
    )
    return bool(done == "INSERT 0 1")


async def same_wish(connection: asyncpg.Connection, person: int, sha256: bytes, *, now: datetime) -> str | None:
    """The id of the open proposal of the same content by the same person."""
    found: str | None = await connection.fetchval(_SQL["same_wish"], person, sha256, now)
    return found


async def proposal(connection: asyncpg.Connection, identifier: str) -> Proposal | None:
    row = await connection.fetchrow(_SQL["proposal"], identifier)
    return None if row is None else Proposal(**dict(row))


async def undecided(connection: asyncpg.Connection, *, now: datetime, limit: int, prefix: str) -> list[Proposal]:
    """What waits for somebody, oldest first, of those whose id begins so; what was approved and is no entry yet is
    among it."""
    return [Proposal(**dict(row)) for row in await connection.fetch(_SQL["undecided"], now, limit, prefix)]


async def approve(
    connection: asyncpg.Connection,
    identifier: str,
    *,
    person: int,
    sha256: bytes,
    now: datetime,
    size: int,
    mark: str | None,
) -> bool:
    """The second person's word. False where it is not open for this person and this content."""
    done = await connection.execute(_SQL["approve"], identifier, person, sha256, now, size, mark)
    return bool(done == "UPDATE 1")


async def reopen(connection: asyncpg.Connection, approved: Proposal) -> None:
    """Takes back an approval that did not become an entry."""
    await connection.execute(_SQL["reopen"], approved.id, approved.approved_by, approved.approved_at)


async def logged(connection: asyncpg.Connection, identifier: str, *, entry: int, person: int, now: datetime) -> None:
    """Says where a proposal stands in the log, and forgets what it said."""
    await connection.execute(_SQL["logged"], identifier, entry, person, now)


async def close(connection: asyncpg.Connection, identifier: str, state: str) -> bool:
    """Ends an open proposal as `withdrawn` or `declined`, and forgets what it said. False where it is not open."""
    done = await connection.execute(_SQL["close"], identifier, state)
    return bool(done == "UPDATE 1")


async def logged_as(connection: asyncpg.Connection, payload: bytes, *, kind: str, start: int) -> int | None:
    """The first entry from `start` on whose payload is exactly these bytes."""
    found: int | None = await connection.fetchval(_SQL["logged_as"], start, kind, payload)
    return found


async def sweep(connection: asyncpg.Connection, *, now: datetime) -> None:
    """Deletes what nobody approved in time, and what was decided some while ago."""
    await connection.execute(_SQL["sweep"], now)
