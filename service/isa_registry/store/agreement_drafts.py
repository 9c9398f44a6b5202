"""Drafts of agreement versions: words that are not published yet, and what became of them."""

from __future__ import annotations

from datetime import datetime

import asyncpg
from msgspec import Struct

from isa_registry.store.sql import statements

_SQL = statements("agreement_drafts")


class AgreementDraft(Struct, frozen=True):
    """A draft. `words` and `schedule` (canonical JSON) are None once it is published or discarded, and in lists. People
    are the entries that made them known; `reason` is the code with which it was last returned; `entry` is where it is
    published."""

    id: str
    organisation: str
    partnership: str | None
    agreement: str
    version: str
    words: bytes | None
    schedule: bytes | None
    text_sha256: bytes
    schedule_sha256: bytes
    state: str
    event: str
    reason: str | None
    begun_at: datetime
    changed_at: datetime
    written_by: int
    submitted_by: int | None = None
    passed_by: int | None = None
    entry: int | None = None


async def begin(connection: asyncpg.Connection, draft: AgreementDraft) -> bool:
    """Keeps a new draft. False: there is one of this version already."""
    done = await connection.execute(
        _SQL["begin"],
        draft.id,
        draft.organisation,
        draft.partnership,
        draft.agreement,
        draft.version,
        draft.words,
        draft.schedule,
        draft.text_sha256,
        draft.schedule_sha256,
        draft.state,
        draft.begun_at,
        draft.written_by,
    )
    return bool(done == "INSERT 0 1")


async def draft(
    connection: asyncpg.Connection, identifier: str, organisation: str, *, to_change: bool = False
) -> AgreementDraft | None:
    """A draft of this organisation's; `to_change` keeps it from others until the transaction ends."""
    statement = _SQL["draft_to_change"] if to_change else _SQL["draft"]
    row = await connection.fetchrow(statement, identifier, organisation)
    return None if row is None else AgreementDraft(**dict(row))


async def draft_of(connection: asyncpg.Connection, organisation: str, agreement: str, version: str) -> str | None:
    """The id of the draft of a version that is neither published nor discarded."""
    found: str | None = await connection.fetchval(_SQL["draft_of"], organisation, agreement, version)
    return found


async def drafts(connection: asyncpg.Connection, organisation: str, *, limit: int) -> list[AgreementDraft]:
    """An organisation's drafts without words and schedules, the last changed first."""
    return [AgreementDraft(**dict(row)) for row in await connection.fetch(_SQL["drafts"], organisation, limit)]


async def change(connection: asyncpg.Connection, changed: AgreementDraft) -> None:
    """Keeps a draft as it is after an event. Raises `asyncpg.RaiseError` for one that its life does not take."""
    await connection.execute(
        _SQL["change"],
        changed.id,
        changed.words,
        changed.schedule,
        changed.text_sha256,
        changed.schedule_sha256,
        changed.state,
        changed.event,
        changed.reason,
        changed.changed_at,
        changed.written_by,
        changed.submitted_by,
        changed.passed_by,
        changed.entry,
    )


async def sweep(connection: asyncpg.Connection, *, now: datetime) -> None:
    """Deletes what was published or discarded some while ago."""
    await connection.execute(_SQL["sweep"], now)
