"""Reading the log's tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import asyncpg

from isa_registry.store import log

BEGUN = datetime(2026, 11, 1, tzinfo=UTC)


async def test_the_size_at_a_moment_is_that_of_the_last_entry_not_later(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        assert 0 == await log.size_at(connection, BEGUN)
        for size in range(1, 20):
            index = size - 1
            await connection.execute(
                "INSERT INTO entry VALUES ($1, 'record', $2, 'x', sha256('x'))",
                index,
                BEGUN + timedelta(seconds=index // 3),
            )
            for tenths in range(-10, 80, 5):
                moment = BEGUN + timedelta(seconds=tenths / 10)
                expected = sum(BEGUN + timedelta(seconds=one // 3) <= moment for one in range(size))
                assert expected == await log.size_at(connection, moment)
    finally:
        await connection.close()


async def test_the_size_at_a_moment_long_ago_is_found_without_reading_all_entries_since(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "INSERT INTO entry SELECT n, 'record', $1::timestamptz + n * interval '1 second', 'x', sha256('x')"
            " FROM generate_series(0, 19999) AS n",
            BEGUN,
        )
        moment = BEGUN + timedelta(seconds=4)
        assert 5 == await log.size_at(connection, moment)
        plan = await connection.fetch(
            "EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF, BUFFERS) " + log._SQL["size_at"], moment
        )
        buffers = next(line["QUERY PLAN"] for line in plan if "Buffers: shared" in line["QUERY PLAN"])
        assert 100 > sum(int(part.partition("=")[2]) for part in buffers.split() if "=" in part)
    finally:
        await connection.close()
