"""Bring a database's schema to what this code expects: numbered SQL files, forward only.

A migration is a file `NNNN_name.sql`, numbered from 0001 without gaps. It runs once, in one transaction of
its own, and its SHA-256 is pinned in `public.schema_migrations`: an applied file never changes again, a
mistake is put right by the next file. A file holds no BEGIN or COMMIT, since the runner owns the
transaction.
"""

import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from importlib.abc import Traversable
from importlib.resources import files
from pathlib import Path
from typing import Final

import asyncpg

_LOCK: Final = int.from_bytes(sha256(b"isa-registry migrations").digest()[:8], "big", signed=True)
_NAME: Final = re.compile(r"([0-9]{4})_[a-z0-9]+(?:_[a-z0-9]+)*\.sql", re.ASCII)
_TRANSACTION_CONTROL: Final = re.compile(
    rb"^[ \t]*(?:BEGIN|START[ \t]+TRANSACTION|COMMIT|ROLLBACK)(?:[ \t]+(?:WORK|TRANSACTION))?[ \t]*;",
    re.I | re.M,
)


class MigrationError(Exception):
    """The database and the migration files do not fit; nothing was changed by the file that is named."""


class MigrationFileError(MigrationError):
    """A file is misnamed, numbered with a gap or twice, or takes the transaction into its own hands."""


class MigrationChangedError(MigrationError):
    """A file that this database has applied is not the file that this code carries."""


class DatabaseAheadError(MigrationError):
    """The database has applied migrations that this code does not carry: it is run by a newer version."""


@dataclass(frozen=True)
class Migration:
    """One numbered file, with the exact bytes that run and are pinned."""

    version: int
    name: str
    sql: bytes

    @property
    def sha256(self) -> bytes:
        return sha256(self.sql).digest()


async def migrate(conn: asyncpg.Connection, directory: Traversable | Path) -> list[str]:
    """Apply every migration of `directory` that this database lacks, and return their names in order.

    Safe to repeat, and safe when several processes call it at once: they take turns by an advisory lock,
    and the later ones find nothing to do. Files before one that fails stay applied. `conn` must be outside
    a transaction, and its role must own the schema.

    Raises MigrationFileError, MigrationChangedError or DatabaseAheadError before anything is applied. A
    file that waits more than five seconds for a lock fails with asyncpg.LockNotAvailableError; other errors
    of PostgreSQL pass through too.
    """
    carried = _carried(directory)
    async with _turn(conn):
        await conn.execute(files("isa_registry.store").joinpath("schema_migrations.sql").read_text("utf-8"))
        lacking = await _lacking(conn, carried)
        for migration in lacking:
            await _apply(conn, migration)
    return [migration.name for migration in lacking]


async def pending(conn: asyncpg.Connection, directory: Traversable | Path) -> list[str]:
    """The names of the migrations that `migrate` would apply now, in order; changes nothing.

    Raises MigrationFileError, MigrationChangedError or DatabaseAheadError as `migrate` would.
    """
    return [migration.name for migration in await _lacking(conn, _carried(directory))]


def _carried(directory: Traversable | Path) -> Sequence[Migration]:
    found = sorted(entry.name for entry in directory.iterdir() if entry.name.endswith(".sql"))
    migrations = [_read(directory, name) for name in found]
    for expected, migration in enumerate(migrations, start=1):
        if migration.version != expected:
            raise MigrationFileError(f"{migration.name}: expected number {expected:04d} here; numbers have no gaps")
    return migrations


def _read(directory: Traversable | Path, name: str) -> Migration:
    matched = _NAME.fullmatch(name)
    if matched is None:
        raise MigrationFileError(f"{name}: a migration is named NNNN_name.sql, in lower case")
    sql = directory.joinpath(name).read_bytes()
    if _TRANSACTION_CONTROL.search(sql):
        raise MigrationFileError(f"{name}: a migration runs inside the runner's transaction and must not end it")
    return Migration(int(matched[1]), name, sql)


async def _lacking(conn: asyncpg.Connection, carried: Sequence[Migration]) -> Sequence[Migration]:
    if await conn.fetchval("SELECT to_regclass('public.schema_migrations') IS NULL"):
        return carried
    applied = await conn.fetch("SELECT version, name, sha256 FROM public.schema_migrations ORDER BY version")
    if len(applied) > len(carried):
        raise DatabaseAheadError(
            f"the database has {len(applied)} migrations, this code carries {len(carried)}: "
            "run the version of the registry that migrated it, or a later one"
        )
    for row, migration in zip(applied, carried, strict=False):
        if (row["version"], row["name"], row["sha256"]) != (
            migration.version,
            migration.name,
            migration.sha256,
        ):
            raise MigrationChangedError(
                f"{migration.name} is not the file that this database applied: "
                "restore it, and make the change in a new migration"
            )
    return carried[len(applied) :]


async def _apply(conn: asyncpg.Connection, migration: Migration) -> None:
    async with conn.transaction():
        await conn.execute("SET LOCAL lock_timeout = '5s'")
        started = time.monotonic()
        await conn.execute(migration.sql.decode("utf-8"))
        await conn.execute(
            "INSERT INTO public.schema_migrations (version, name, sha256, took) VALUES ($1, $2, $3, $4)",
            migration.version,
            migration.name,
            migration.sha256,
            timedelta(seconds=time.monotonic() - started),
        )


@asynccontextmanager
async def _turn(conn: asyncpg.Connection) -> AsyncIterator[None]:
    if conn.is_in_transaction():
        raise RuntimeError("migrations open their own transactions")
    await conn.execute("SELECT pg_advisory_lock($1)", _LOCK)
    try:
        yield
    finally:
        if not conn.is_closed():
            await conn.execute("SELECT pg_advisory_unlock($1)", _LOCK)
