"""roles.sql and the container's passwords.sql, run on a real PostgreSQL: what each login may and may not do."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from databases import with_database
from deploy.logins import Logins, Psql, login_url
from isa_registry.data import data_directory
from isa_registry.store.migrate import migrate
from isa_registry.store.pool import connect


@pytest.fixture
async def migrated(logins: Logins) -> Logins:
    """The database, migrated by its owner."""
    conn = await asyncpg.connect(logins.owner)
    try:
        await migrate(conn, data_directory("migrations"))
    finally:
        await conn.close()
    return logins


@pytest.fixture
async def service(migrated: Logins) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the service's login that has taken no role."""
    conn = await asyncpg.connect(migrated.service)
    yield conn
    await conn.close()


async def test_the_owner_migrates_an_empty_database(migrated: Logins) -> None:
    conn = await asyncpg.connect(migrated.owner)
    try:
        assert await conn.fetchval("SELECT count(*) FROM entry") == 0
        assert await conn.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    finally:
        await conn.close()


async def test_running_it_again_is_harmless(migrated: Logins, psql: Psql) -> None:
    migrated.make(psql)


async def test_the_service_does_nothing_before_it_takes_a_role(service: asyncpg.Connection) -> None:
    for table in ("entry", "payload", "checkpoint", "tile"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await service.fetch(f"SELECT FROM {table}")


@pytest.mark.parametrize("role", ["isa_sequence", "isa_read", "isa_work"])
async def test_the_service_takes_the_roles_it_is_a_member_of(migrated: Logins, role: str) -> None:
    conn = await connect(migrated.service, role)
    try:
        assert await conn.fetchval("SELECT current_user") == role
    finally:
        await conn.close()


async def test_the_service_cannot_record_what_was_signed(migrated: Logins) -> None:
    conn = await connect(migrated.service, "isa_sequence")
    try:
        for table in ("checkpoint", "cosignature", "publication", "checkpointer"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.execute(f"INSERT INTO {table} DEFAULT VALUES")
    finally:
        await conn.close()


async def test_the_checkpointer_reads_entries_and_no_payload_and_appends_none(migrated: Logins) -> None:
    conn = await connect(migrated.checkpointer, "isa_checkpoint")
    try:
        assert await conn.fetch("SELECT leaf FROM entry") == []
        for statement in ("SELECT payload FROM payload", "SELECT id FROM check_record", "INSERT INTO entry VALUES (0)"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.execute(statement)
        for role in ("isa_sequence", "isa_read", "isa_work", "isa_erase"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.execute(f"SET ROLE {role}")
    finally:
        await conn.close()


async def test_the_service_reads_the_log_and_cannot_rewrite_it(migrated: Logins) -> None:
    conn = await connect(migrated.service, "isa_sequence")
    try:
        assert await conn.fetch("SELECT index FROM entry") == []
        for statement in ("UPDATE entry SET kind = 'x'", "DELETE FROM entry", "TRUNCATE entry", "DROP TABLE entry"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.execute(statement)
    finally:
        await conn.close()


@pytest.mark.parametrize("role", ["isa_erase", "owner"])
async def test_the_service_cannot_become_the_eraser_or_the_owner(
    service: asyncpg.Connection, migrated: Logins, role: str
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await service.execute(f'SET ROLE "{migrated.names.get(role, role)}"')


async def test_the_service_creates_nothing(service: asyncpg.Connection) -> None:
    for statement in ("CREATE TABLE mine ()", "CREATE SCHEMA mine", "CREATE TEMP TABLE mine ()", "CREATE ROLE mine"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await service.execute(statement)


async def test_nobody_else_may_connect(migrated: Logins, psql: Psql) -> None:
    other = migrated.names["service"].replace("service", "other")
    assert psql(migrated.server, "--command", f"CREATE ROLE \"{other}\" LOGIN PASSWORD 'other'").returncode == 0
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(login_url(migrated.server, other, "other", migrated.database))
    finally:
        assert psql(migrated.server, "--command", f'DROP ROLE "{other}"').returncode == 0


async def test_all_logins_have_the_passwords_of_the_mounted_files_and_only_as_scram(migrated: Logins) -> None:
    conn = await asyncpg.connect(with_database(migrated.server, "postgres"))
    try:
        names = list(migrated.names.values())
        kept = await conn.fetch("SELECT rolpassword FROM pg_authid WHERE rolname = ANY ($1)", names)
    finally:
        await conn.close()
    assert [row[0].split("$")[0] for row in kept] == ["SCRAM-SHA-256"] * 3
