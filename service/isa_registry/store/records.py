"""Index tables over the record kinds, and the claims that keep a record from being made twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from msgspec import Struct

from isa_registry.domain.dates import instant
from isa_registry.ledger.drafts import EventClaim, IdempotencyClaim
from isa_registry.ledger.record_rows import SharingEventRow
from isa_registry.store.index_rows import row_of
from isa_registry.store.sql import statements

_SQL = statements("records")


ERASED = bytes(32)
"""The digest of content that was erased."""


class Claimed(Struct, frozen=True, gc=False):
    """Content that is there already: its digest, and the index of its first entry; of what was there and is erased,
    the digest is `ERASED`."""

    digest: bytes
    index: int


async def check_index(connection: asyncpg.Connection, check: str) -> int | None:
    found: int | None = await connection.fetchval(_SQL["check_index"], check)
    return found


async def sharing_event(connection: asyncpg.Connection, event: str, *, provider: str) -> SharingEventRow | None:
    """The event with this id that the reader may see; its own as provider before another's."""
    row = await connection.fetchrow(_SQL["sharing_event_by_id"], event, provider)
    return None if row is None else _event(row)


async def recorded_events(
    connection: asyncpg.Connection, events: Sequence[str], *, provider: str
) -> dict[str, tuple[SharingEventRow, str]]:
    """Those of a provider's own events by their id that are recorded, each with the time at which it was."""
    rows = await connection.fetch(_SQL["recorded_events"], list(events), provider)
    found = {}
    for row in rows:
        columns = dict(row)
        at = instant(columns.pop("at"))
        found[str(row["id"])] = (row_of(SharingEventRow, columns), at)
    return found


async def correctable_events(
    connection: asyncpg.Connection, events: Sequence[str], *, provider: str
) -> dict[str, str | None]:
    """Those of a provider's own events by their id that are recorded, each with the event that corrects it already."""
    rows = await connection.fetch(_SQL["correctable_events"], list(events), provider)
    return {str(row["id"]): row["corrected_by"] and str(row["corrected_by"]) for row in rows}


async def erased_events(connection: asyncpg.Connection, events: Sequence[str], *, provider: str) -> set[str]:
    """Those of a provider's own events by their id that were recorded once and are erased."""
    rows = await connection.fetch(_SQL["erased_events"], list(events), provider)
    return {row["id"] for row in rows}


async def check_payloads(connection: asyncpg.Connection, checks: Sequence[str]) -> dict[str, bytes]:
    """The payloads of the recorded checks with these ids that the reader may see."""
    return {row["id"]: row["payload"] for row in await connection.fetch(_SQL["check_payloads"], list(checks))}


async def claimed_events(
    connection: asyncpg.Connection, claims: Sequence[EventClaim]
) -> dict[tuple[str, str], Claimed]:
    rows = await connection.fetch(
        _SQL["claimed_events"],
        " ".join([claim.provider for claim in claims]),
        " ".join([claim.event for claim in claims]),
    )
    return {
        (row["provider"], str(row["id"])): Claimed(
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
