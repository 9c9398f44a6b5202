"""Who is signed in on the pages: sessions by the hash of their id, and the logout tokens that were seen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import asyncpg
from msgspec import Struct

from isa_registry.store.sql import statements

_SQL = statements("sessions")

_SECONDS = 2.0
"""A page is told that the database is away after this long: a practitioner is waiting, and can ask all the same."""


class Session(Struct, frozen=True):
    """One person signed in at one organisation in one browser. Times are UTC; `signed_in_at` and `last_used_at` are
    whole minutes. `reaches` and `claims` are what the ID token gave (`identity.id_tokens.Person`), as are its
    SHA-256 and what it said of the kind of authentication: evidence for what the registry signs on their authority."""

    id_sha256: bytes
    issuer: str
    subject: str
    organisation: str
    provider_subject: str
    provider_session: str | None
    auth_time: datetime | None
    reaches: tuple[str, ...]
    claims: tuple[str, ...]
    browser: str
    signed_in_at: datetime
    last_used_at: datetime
    expires_at: datetime
    refresh_token: str | None = None
    refresh_due_at: datetime | None = None
    id_token_sha256: bytes | None = None
    acr: str | None = None
    amr: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        """What a session is called in log lines and forms: no one can come back to it by that."""
        return self.id_sha256.hex()[:8]


class Ended(Struct, frozen=True):
    """A session that was ended."""

    id_sha256: bytes
    organisation: str


@asynccontextmanager
async def working_for_a_page(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """A connection for as long as a page may wait for it. Raises `TimeoutError` after two seconds in all."""
    async with asyncio.timeout(_SECONDS), pool.acquire(timeout=_SECONDS) as connection:
        yield connection


async def open_session(connection: asyncpg.Connection, session: Session) -> None:
    await connection.execute(
        _SQL["open_session"],
        session.id_sha256,
        session.issuer,
        session.subject,
        session.organisation,
        session.provider_subject,
        session.provider_session,
        session.auth_time,
        list(session.reaches),
        list(session.claims),
        session.browser,
        session.signed_in_at,
        session.expires_at,
        session.refresh_token,
        session.refresh_due_at,
        session.id_token_sha256,
        session.acr,
        list(session.amr),
    )


async def live_session(
    connection: asyncpg.Connection, id_sha256: bytes, *, now: datetime, idle: timedelta
) -> Session | None:
    """The session, if it is live at `now` and was used within `idle`."""
    row = await connection.fetchrow(_SQL["live_session"], id_sha256, now, now - idle)
    return None if row is None else _session(row)


async def sessions_of_person(
    connection: asyncpg.Connection, issuer: str, subject: str, *, now: datetime, idle: timedelta
) -> list[Session]:
    """A person's live sessions, the last used first."""
    return [
        _session(row) for row in await connection.fetch(_SQL["sessions_of_person"], issuer, subject, now, now - idle)
    ]


async def touch_session(connection: asyncpg.Connection, id_sha256: bytes, *, now: datetime) -> None:
    await connection.execute(_SQL["touch_session"], id_sha256, now)


async def revoke_session(connection: asyncpg.Connection, id_sha256: bytes, *, now: datetime) -> list[Ended]:
    return _ended(await connection.fetch(_SQL["revoke_session"], id_sha256, now))


async def revoke_oldest_of_person(
    connection: asyncpg.Connection, session: Session, *, keep: int, now: datetime
) -> list[Ended]:
    """Ends all but the `keep` newest of the person's sessions; `session` is the newest."""
    return _ended(
        await connection.fetch(
            _SQL["revoke_oldest_of_person"], session.issuer, session.subject, now, keep, session.id_sha256
        )
    )


async def revoke_others_of_person(connection: asyncpg.Connection, session: Session, *, now: datetime) -> list[Ended]:
    return _ended(
        await connection.fetch(_SQL["revoke_others_of_person"], session.issuer, session.subject, session.id_sha256, now)
    )


async def revoke_by_provider(
    connection: asyncpg.Connection, issuer: str, *, subject: str | None, session: str | None, now: datetime
) -> list[Ended]:
    """Ends the sessions that a provider names by its own session, its own subject, or both."""
    return _ended(await connection.fetch(_SQL["revoke_by_provider"], issuer, subject, session, now))


async def revoke_of_organisation(connection: asyncpg.Connection, organisation: str, *, now: datetime) -> list[Ended]:
    return _ended(await connection.fetch(_SQL["revoke_of_organisation"], organisation, now))


async def revoked_since(connection: asyncpg.Connection, moment: datetime) -> list[tuple[bytes, datetime]]:
    """Sessions that were revoked after a moment, with when."""
    return [(row["id_sha256"], row["revoked_at"]) for row in await connection.fetch(_SQL["revoked_since"], moment)]


async def claim_refresh(
    connection: asyncpg.Connection, id_sha256: bytes, *, now: datetime, until: datetime
) -> str | None:
    """The refresh token, to whoever asks first; nobody else gets it before `until`. None: it is not due."""
    token: str | None = await connection.fetchval(_SQL["claim_refresh"], id_sha256, now, until)
    return token


async def refreshed(
    connection: asyncpg.Connection,
    id_sha256: bytes,
    *,
    token: str,
    due: datetime,
    claims: tuple[str, ...] | None,
    reaches: tuple[str, ...] | None,
) -> None:
    """Keeps the next refresh token, and the role claims and the organisations where the provider gave them anew."""
    anew = [None if one is None else list(one) for one in (claims, reaches)]
    await connection.execute(_SQL["refreshed"], id_sha256, token, due, *anew)


async def see_logout_token(connection: asyncpg.Connection, token_sha256: bytes, *, forget_at: datetime) -> bool:
    """Whether the token was seen for the first time."""
    done = await connection.execute(_SQL["see_logout_token"], token_sha256, forget_at)
    return bool(done == "INSERT 0 1")


async def sweep(connection: asyncpg.Connection, *, ended_before: datetime, idle_since: datetime) -> None:
    """Deletes sessions that ended before a moment or were last used before another, and tokens to be forgotten."""
    await connection.execute(_SQL["sweep_sessions"], ended_before, idle_since)
    await connection.execute(_SQL["sweep_logout_tokens"], ended_before)


def _session(row: asyncpg.Record) -> Session:
    return Session(**{**dict(row), **{name: tuple(row[name]) for name in ("reaches", "claims", "amr")}})


def _ended(rows: list[asyncpg.Record]) -> list[Ended]:
    return [Ended(id_sha256=row["id_sha256"], organisation=row["organisation"]) for row in rows]
