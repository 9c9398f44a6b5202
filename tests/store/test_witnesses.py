"""What is kept of the witnesses' standing for every worker to show, and who may change it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from growing import GrowingLog
from isa_registry.store.pool import connect
from isa_registry.store.witnesses import StoredWitness, tell_witnesses, witnesses

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
VKEY, OTHER = (str(key) for key in GrowingLog().keys)


def standing(name: str, **changes: object) -> StoredWitness:
    whole = {"vkey": VKEY, "state": "healthy", "size": 5, "cosigned_at": NOW, "error": None, "told_at": NOW}
    return StoredWitness(name=name, **{**whole, **changes})  # type: ignore[arg-type]


async def test_the_standing_is_shown_in_the_policys_order(database_url: str) -> None:
    connection = await connect(database_url, "isa_checkpoint")
    told = [standing("police"), standing("council", vkey=OTHER, state="failing", error="unreachable")]
    try:
        await tell_witnesses(connection, told)
        assert told == await witnesses(connection)
        await tell_witnesses(connection, told[::-1])
        assert told[::-1] == await witnesses(connection)
        await tell_witnesses(connection, told[:1])
        assert told[:1] == await witnesses(connection)
        await tell_witnesses(connection, [])
        assert [] == await witnesses(connection)
    finally:
        await connection.close()


async def test_a_restart_forgets_no_cosignature_and_another_key_inherits_none(database_url: str) -> None:
    connection = await connect(database_url, "isa_checkpoint")
    later = NOW + timedelta(minutes=1)
    try:
        await tell_witnesses(connection, [standing("police")])
        await tell_witnesses(connection, [standing("police", state="not-asked", size=None, cosigned_at=None)])
        assert [standing("police", state="not-asked")] == await witnesses(connection)
        await tell_witnesses(connection, [standing("police", size=9, cosigned_at=later)])
        assert [standing("police", size=9, cosigned_at=later)] == await witnesses(connection)
        anew = standing("police", vkey=OTHER, size=None, cosigned_at=None)
        await tell_witnesses(connection, [anew])
        assert [anew] == await witnesses(connection)
    finally:
        await connection.close()


@pytest.mark.parametrize("role", ["isa_sequence", "isa_read", "isa_work", "isa_erase"])
async def test_nobody_else_may_change_it(database_url: str, role: str) -> None:
    connection = await connect(database_url, role)  # type: ignore[arg-type]
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await tell_witnesses(connection, [standing("police")])
    finally:
        await connection.close()
