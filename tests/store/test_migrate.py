"""Migrations run once each, in order, under a lock, and never change after the fact."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from isa_registry.data import data_directory
from isa_registry.store.migrate import (
    DatabaseAheadError,
    MigrationChangedError,
    MigrationFileError,
    migrate,
    pending,
)

BODY = "CREATE TABLE body (id text PRIMARY KEY);\n"
KEYS = "ALTER TABLE body ADD COLUMN kind text;\nCREATE TABLE key (id text);\n"


@pytest.fixture
async def conn(empty_database_url: str) -> AsyncIterator[asyncpg.Connection]:
    conn = await asyncpg.connect(empty_database_url)
    yield conn
    await conn.close()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "0001_body.sql").write_text(BODY)
    (tmp_path / "0002_keys.sql").write_text(KEYS)
    (tmp_path / "README.md").write_text("Not a migration.\n")
    return tmp_path


async def tables(conn: asyncpg.Connection) -> set[str]:
    rows = await conn.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {row["tablename"] for row in rows}


async def test_files_are_applied_in_order_and_named(conn: asyncpg.Connection, directory: Path) -> None:
    assert await migrate(conn, directory) == ["0001_body.sql", "0002_keys.sql"]
    assert await tables(conn) == {"schema_migrations", "body", "key"}


async def test_a_second_run_finds_nothing_to_do(conn: asyncpg.Connection, directory: Path) -> None:
    await migrate(conn, directory)
    assert await migrate(conn, directory) == []


async def test_pending_names_what_is_lacking_and_changes_nothing(conn: asyncpg.Connection, directory: Path) -> None:
    assert await pending(conn, directory) == ["0001_body.sql", "0002_keys.sql"]
    assert await tables(conn) == set()
    await migrate(conn, directory)
    (directory / "0003_more.sql").write_text("SELECT 1;\n")
    assert await pending(conn, directory) == ["0003_more.sql"]


async def test_two_at_once_apply_each_file_once(empty_database_url: str, directory: Path) -> None:
    (directory / "0003_slow.sql").write_text("SELECT pg_sleep(0.1);\n")
    connections = [await asyncpg.connect(empty_database_url) for _ in range(3)]
    try:
        applied = await asyncio.gather(*(migrate(conn, directory) for conn in connections))
    finally:
        for conn in connections:
            await conn.close()
    assert sorted(map(len, applied)) == [0, 0, 3]


async def test_an_applied_file_that_changed_is_refused(conn: asyncpg.Connection, directory: Path) -> None:
    await migrate(conn, directory)
    (directory / "0001_body.sql").write_text(BODY + "-- a word more\n")
    (directory / "0003_more.sql").write_text("CREATE TABLE more ();\n")
    with pytest.raises(MigrationChangedError, match=r"0001_body\.sql"):
        await migrate(conn, directory)
    with pytest.raises(MigrationChangedError, match=r"0001_body\.sql"):
        await pending(conn, directory)
    assert "more" not in await tables(conn)


async def test_an_applied_file_that_was_renamed_is_refused(conn: asyncpg.Connection, directory: Path) -> None:
    await migrate(conn, directory)
    (directory / "0001_body.sql").rename(directory / "0001_bodies.sql")
    with pytest.raises(MigrationChangedError, match=r"0001_bodies\.sql"):
        await migrate(conn, directory)


async def test_a_database_ahead_of_the_code_is_refused(conn: asyncpg.Connection, directory: Path) -> None:
    await migrate(conn, directory)
    (directory / "0002_keys.sql").unlink()
    with pytest.raises(DatabaseAheadError, match="has 2 migrations, this code carries 1"):
        await migrate(conn, directory)


async def test_a_file_that_fails_leaves_nothing_and_those_before_it_stay(
    conn: asyncpg.Connection, directory: Path
) -> None:
    broken = directory / "0003_broken.sql"
    broken.write_text("CREATE TABLE half ();\nSELECT 1 / 0;\n")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(conn, directory)
    assert await tables(conn) == {"schema_migrations", "body", "key"}
    broken.write_text("CREATE TABLE whole ();\n")
    assert await migrate(conn, directory) == ["0003_broken.sql"]


async def test_the_lock_is_let_go_after_a_failure(
    conn: asyncpg.Connection, empty_database_url: str, directory: Path
) -> None:
    (directory / "0003_broken.sql").write_text("SELECT 1 / 0;\n")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(conn, directory)
    (directory / "0003_broken.sql").unlink()
    other = await asyncpg.connect(empty_database_url)
    try:
        assert await asyncio.wait_for(migrate(other, directory), timeout=5) == []
    finally:
        await other.close()


async def test_a_file_waits_five_seconds_at_most_for_a_lock(conn: asyncpg.Connection, directory: Path) -> None:
    (directory / "0003_timeout.sql").write_text("CREATE TABLE seen AS SELECT current_setting('lock_timeout') AS it;\n")
    await migrate(conn, directory)
    assert await conn.fetchval("SELECT it FROM seen") == "5s"
    assert await conn.fetchval("SELECT current_setting('lock_timeout')") == "0"


@pytest.mark.parametrize("name", ["3_short.sql", "0003-dash.sql", "0003_Upper.sql", "0003_.sql", "three.sql"])
async def test_a_misnamed_file_is_refused(conn: asyncpg.Connection, directory: Path, name: str) -> None:
    (directory / name).write_text("SELECT 1;\n")
    with pytest.raises(MigrationFileError, match="NNNN_name"):
        await migrate(conn, directory)


@pytest.mark.parametrize("name", ["0002_twice.sql", "0004_gap.sql", "0000_zero.sql"])
async def test_a_number_twice_or_after_a_gap_is_refused(conn: asyncpg.Connection, directory: Path, name: str) -> None:
    (directory / name).write_text("SELECT 1;\n")
    with pytest.raises(MigrationFileError, match="expected number"):
        await migrate(conn, directory)


@pytest.mark.parametrize("statement", ["COMMIT;", "begin;", "  ROLLBACK ;", "START TRANSACTION;", "commit work;"])
async def test_a_file_that_controls_the_transaction_is_refused(
    conn: asyncpg.Connection, directory: Path, statement: str
) -> None:
    (directory / "0003_own.sql").write_text(f"SELECT 1;\n{statement}\n")
    with pytest.raises(MigrationFileError, match="must not end it"):
        await migrate(conn, directory)


async def test_the_repository_is_migrated_in_the_database_of_a_test(database_url: str) -> None:
    conn = await asyncpg.connect(database_url)
    try:
        assert await pending(conn, data_directory("migrations")) == []
    finally:
        await conn.close()


def test_an_unknown_shipped_directory_is_refused() -> None:
    with pytest.raises(ValueError, match="no such"):
        data_directory("../etc")
