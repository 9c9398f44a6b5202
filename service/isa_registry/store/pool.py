"""Connections, each held to one PostgreSQL role from its first statement."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import asyncpg

Role = Literal["isa_sequence", "isa_read", "isa_work", "isa_checkpoint", "isa_erase"]

# The names by which the other layers speak of the database; the driver itself stays in this package.
Connection = asyncpg.Connection
Pool = asyncpg.Pool
# A request that reads is told "unavailable" after this long, waiting for a connection included: a database that hangs
# must not gather requests until there is no room left for those that need none.
READING_SECONDS = 5.0

DatabaseError = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)

UnstorableText = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)
"""Of these, what is no fault of the database's: it was asked for a text with a character that none has (U+0000)."""

EVERYTHING = "*"
"""For whom an auditor or an erasure reads: all bodies."""

REGISTER = "@register"
"""For whom the service itself reads: it folds the whole register, and sees no record."""

TELLING = "@telling"
"""For whom the service itself reads to tell bodies of events and challenges: which were shared, flagged or raised,
between whom. No payload."""

NOBODY = ""
"""For whom is read what every body may see."""


async def connect(url: str, role: Role, *, reader: str = REGISTER) -> asyncpg.Connection:
    """One connection that may do only what `role` may. Times out after 10 seconds.

    `reader` is for whom row-level security shows rows to isa_read: without it the service's own reading, of the
    register and of no record.
    """
    return await asyncpg.connect(url, timeout=10, command_timeout=30, server_settings=_settings(role, reader))


async def connect_as_owner(url: str) -> asyncpg.Connection:
    """One connection as the login itself: for checking and migrating, never for serving."""
    return await asyncpg.connect(url, timeout=10, server_settings={"application_name": "isa-registry owner"})


async def open_pool(url: str, role: Role, *, size: int, reader: str = NOBODY) -> asyncpg.Pool:
    """A pool of up to `size` connections held to `role`, which read for nobody until `reading_for` says for whom;
    `reader` is there for what the service does by itself. It connects when it is first used: a worker may start while
    the database is away."""
    return await asyncpg.create_pool(
        url,
        min_size=0,
        max_size=size,
        timeout=10,
        command_timeout=30,
        reset=_nothing_to_reset if role == "isa_read" else None,
        server_settings=_settings(role, reader),
    )


async def _nothing_to_reset(_: asyncpg.Connection) -> None:
    """Whatever is set for reading holds to the end of its transaction, and reading listens to nothing and locks
    nothing: giving back such a connection takes no exchange with the database. An open transaction is rolled back
    before this.
    """


def _settings(role: Role, reader: str) -> dict[str, str]:
    return {
        "role": role,
        "application_name": f"isa-registry {role}",
        "jit": "off",
        "timezone": "UTC",
        "isa.organisation": reader,
    }


async def close_pool(pool: asyncpg.Pool) -> None:
    """Closes a pool; after three seconds without mercy, so that a database that hangs does not keep the service."""
    try:
        async with asyncio.timeout(3):
            await pool.close()
    except (TimeoutError, *DatabaseError):
        pool.terminate()


@asynccontextmanager
async def reading_for(pool: asyncpg.Pool, organisation: str) -> AsyncIterator[asyncpg.Connection]:
    """A read-only transaction in which row-level security shows what `organisation` may see; `EVERYTHING` is an
    auditor, `NOBODY` whoever has shown no token.

    Raises `TimeoutError` where it all, with waiting for a connection, takes more than five seconds.
    """
    async with (
        asyncio.timeout(READING_SECONDS),
        pool.acquire(timeout=READING_SECONDS) as connection,
        connection.transaction(readonly=True),
    ):
        await connection.execute("SELECT set_config('isa.organisation', $1, true)", organisation)
        yield connection


@asynccontextmanager
async def lent(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """A connection as it is, which reads for nobody: for statements that say themselves for whom they read. Raises
    `TimeoutError` where none is free within five seconds."""
    async with pool.acquire(timeout=READING_SECONDS) as connection:
        yield connection
