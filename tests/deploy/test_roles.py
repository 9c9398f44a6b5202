"""roles.sql and the container's passwords.sql, run on a real PostgreSQL: what each login may and may not do."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from subprocess import CompletedProcess

import asyncpg
import pytest

from databases import with_database
from deploy.hosts import DEPLOY, login_url
from isa_registry.data import data_directory
from isa_registry.store.migrate import migrate
from isa_registry.store.pool import connect

Psql = Callable[..., "CompletedProcess[str]"]
PASSWORDS = {"owner": "0" * 48, "service": "1" * 48}


class Logins:
    """The names and addresses that one run of roles.sql made."""

    def __init__(self, server: str) -> None:
        self.server = server
        mark = f"{os.getpid()}-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
        self.database = f"isa-deploy-{mark}"
        self.names = {"owner": f"isa-owner-{mark}", "service": f"isa-service-{mark}"}
        self.owner, self.service = (
            login_url(server, self.names[kind], PASSWORDS[kind], self.database) for kind in ("owner", "service")
        )

    def make(self, psql: Psql) -> None:
        variables = {"database": self.database, **self.names}
        done = psql(
            self.server,
            *(f"--set={name}={value}" for name, value in variables.items()),
            *("--file", str(DEPLOY / "roles.sql")),
        )
        assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture(scope="module")
def logins(
    postgres_server: str,
    template_database: str,  # so that no other run is making the shared roles just now
    psql: Psql,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Logins]:
    logins = Logins(postgres_server)
    logins.make(psql)
    secrets = tmp_path_factory.mktemp("secrets")
    sql = (DEPLOY / "container/passwords.sql").read_text().replace("/run/secrets", str(secrets))
    for kind, login in {"owner": "isa-registry-owner", "service": "isa-registry"}.items():
        (secrets / f"{kind}-password").write_text(PASSWORDS[kind])
        assert f'"{login}"' in sql
        sql = sql.replace(f'"{login}"', f'"{logins.names[kind]}"')
    (secrets / "passwords.sql").write_text(sql)
    done = psql(postgres_server, "--file", str(secrets / "passwords.sql"))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    yield logins
    for statement in [
        f'DROP DATABASE "{logins.database}" WITH (FORCE)',
        *(f'DROP ROLE "{name}"' for name in logins.names.values()),
    ]:
        assert psql(postgres_server, "--command", statement).returncode == 0


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


async def test_both_logins_have_the_passwords_of_the_mounted_files_and_only_as_scram(migrated: Logins) -> None:
    conn = await asyncpg.connect(with_database(migrated.server, "postgres"))
    try:
        names = list(migrated.names.values())
        kept = await conn.fetch("SELECT rolpassword FROM pg_authid WHERE rolname = ANY ($1)", names)
    finally:
        await conn.close()
    assert [row[0].split("$")[0] for row in kept] == ["SCRAM-SHA-256"] * 2
