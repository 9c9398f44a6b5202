"""Index tables over the record kinds, and the claims that keep a record from being made twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from isa_registry.ledger.drafts import EventClaim, IdempotencyClaim
from isa_registry.ledger.record_rows import SharingEventRow
from isa_registry.store.index_rows import row_of
from isa_registry.store.sql import statements

_SQL = statements("records")


ERASED = bytes(32)
"""The digest of content that was erased."""


class Claimed(Struct, frozen=True):
    """Content that is there already: its digest, and the index of its first entry; of what was there and is erased,
    the digest is `ERASED`."""

    digest: bytes
    index: int


async def check_index(connection: asyncpg.Connection, check: str) -> int | None:
    found: int | None = await connection.fetchval(_SQL["check_index"], check)
    return found


async def sharing_event(connection: asyncpg.Connection, event: UUID, *, provider: str) -> SharingEventRow | None:
    """The event with this id that the reader may see; its own as provider before another's."""
    row = await connection.fetchrow(_SQL["sharing_event_by_id"], event, provider)
    return None if row is None else _event(row)


async def sharing_events_before(
    connection: asyncpg.Connection, index: int, *, provider: str | None, recipient: str | None, limit: int
) -> list[SharingEventRow]:
    """Events logged before `index`, newest first."""
    rows = await connection.fetch(_SQL["sharing_events_before"], index, provider, recipient, limit)
    return [_event(row) for row in rows]


async def claimed_events(
    connection: asyncpg.Connection, claims: Sequence[EventClaim]
) -> dict[tuple[str, UUID], Claimed]:
    rows = await connection.fetch(
        _SQL["claimed_events"], [claim.provider for claim in claims], [claim.event for claim in claims]
    )
    return {
        (row["provider"], row["id"]): Claimed(
            digest=row["sha256"] or ERASED,
            index=row["index"],
        )
        for row in rows
    }


async def claimed_keys(
    connection: asyncpg.Connection, claims: Sequence[IdempotencyClaim], *, now: datetime
) -> dict[bytes, Claimed]:
    rows = await connection.fetch(_SQL["claimed_keys"], [claim.scope_sha256 for claim in claims], now)
    return {row["scope_sha256"]: Claimed(digest=row["request_sha256"], index=row["index"]) for row in rows}


async def claim_keys(
    connection: asyncpg.Connection, claims: Sequence[tuple[IdempotencyClaim, int]], *, now: datetime
) -> None:
    await connection.execute(
        _SQL["claim_keys"],
        [claim.scope_sha256 for claim, _ in claims],
        [claim.request_sha256 for claim, _ in claims],
        [index for _, index in claims],
        now,
    )


async def sweep_keys(connection: asyncpg.Connection, *, now: datetime) -> None:
    await connection.execute(_SQL["sweep_keys"], now)


def _event(row: asyncpg.Record) -> SharingEventRow:
    found: SharingEventRow = row_of(SharingEventRow, row)
    return found
