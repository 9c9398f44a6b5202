"""Finding entries in a long log."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from isa_registry.store import audit

SIZE = 20_000


@pytest.fixture
async def long_log(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Two register entries among records, and nothing that anybody could read of them."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "INSERT INTO entry SELECT n, CASE WHEN n IN (7, 9000) THEN 'role.granted' ELSE 'record' END,"
        " '2026-11-01'::timestamptz + n * interval '1 second', 'x', sha256('x') FROM generate_series(0, $1 - 1) AS n",
        SIZE,
    )
    await connection.execute("ANALYZE entry")
    yield connection
    await connection.close()


async def found(connection: asyncpg.Connection, *kinds: str) -> list[int]:
    rows = await audit.entries_down(connection, 0, SIZE, kinds=kinds, readers=(), limit=200, auditor=True)
    return [row.index for row in rows]


async def test_entries_of_the_register_are_found_among_records(long_log: asyncpg.Connection) -> None:
    assert [9000, 7] == await found(long_log, "role.granted")
    assert [9000, 7] == await found(long_log, "role.granted", "key.revoked")
    assert [] == await found(long_log, "key.revoked")
    # A kind of record beside it: then every entry may be meant, and those that are erased are not told apart by kind.
    assert [9000, 7] == await found(long_log, "role.granted", "check.answered")


async def test_a_rare_kind_of_the_register_is_found_without_reading_the_records_between(
    long_log: asyncpg.Connection,
) -> None:
    plan = await long_log.fetch(
        "EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF, BUFFERS) " + audit._SQL["entries_down"],
        0, SIZE, ["role.granted"], None, 200, True, True,
    )  # fmt: skip
    buffers = next(line["QUERY PLAN"] for line in plan if "Buffers: shared" in line["QUERY PLAN"])
    assert 100 > sum(int(part.partition("=")[2]) for part in buffers.split() if "=" in part)
