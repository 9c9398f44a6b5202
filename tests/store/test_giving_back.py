"""A connection that reads is given back without an exchange, and whoever has it next reads for nobody all the same."""

from __future__ import annotations

import pytest

from isa_registry.store.pool import NOBODY, close_pool, lent, open_pool, reading_for


async def test_whoever_comes_next_reads_for_nobody_however_the_one_before_ended(database_url: str) -> None:
    pool = await open_pool(database_url, "isa_read", size=1)
    asked = "SELECT current_setting('isa.organisation') AS organisation, pg_backend_pid() AS pid"
    try:
        async with reading_for(pool, "durham-constabulary") as connection:
            first = await connection.fetchrow(asked)
        with pytest.raises(ZeroDivisionError):
            async with reading_for(pool, "harbour") as connection:
                await connection.execute("SELECT 1")
                raise ZeroDivisionError
        async with lent(pool) as connection:
            after = await connection.fetchrow(asked)
            await connection.execute("BEGIN")
            await connection.execute("SELECT set_config('isa.organisation', 'harbour', true)")
            # Left open: it is rolled back when the connection is given back.
        async with lent(pool) as connection:
            last = await connection.fetchrow(asked)
            assert not connection.is_in_transaction()
    finally:
        await close_pool(pool)
    assert first is not None and after is not None and last is not None
    assert ("durham-constabulary", NOBODY, NOBODY) == tuple(one["organisation"] for one in (first, after, last))
    assert 1 == len({one["pid"] for one in (first, after, last)}), "it was one connection"
