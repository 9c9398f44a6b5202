"""The log's witnesses in public."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from api.speaking import Database
from growing import GrowingLog

VKEY = str(GrowingLog().keys[0])


@pytest.fixture
def told(database: Database) -> Iterator[Database]:
    yield database
    database.as_owner("DELETE FROM witness RETURNING name")


def tell(
    database: Database, name: str, position: int, state: str, minutes: int | None, error: str | None
) -> str | None:
    at = None if minutes is None else datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=minutes)
    values = [
        f"'{name}', {position}, '{VKEY}', '{state}'",
        "NULL, NULL" if at is None else f"5, '{at.isoformat()}'",
        "NULL" if error is None else f"'{error}'",
    ]
    database.as_owner(
        "INSERT INTO witness (name, position, vkey, state, size, cosigned_at, error, told_at) "
        f"VALUES ({', '.join(values)}, now()) RETURNING name"
    )
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def test_without_a_policy_there_are_none(nobody: httpx.Client) -> None:
    answer = nobody.get("/log/witnesses")
    assert (200, {"witnesses": []}) == (answer.status_code, answer.json())
    assert "public, max-age=5" == answer.headers["cache-control"]


def test_anybody_sees_who_has_cosigned_what_and_when(nobody: httpx.Client, told: Database) -> None:
    recent = tell(told, "police", 0, "healthy", 10, None)
    old = tell(told, "council", 1, "healthy", 26, None)
    failed = tell(told, "health", 2, "failing", 1, "unreachable")
    tell(told, "school", 3, "not-asked", None, None)
    told.as_owner("UPDATE witness SET accepts_following = true WHERE name = 'police' RETURNING name")

    found = [tuple(one.values()) for one in nobody.get("/log/witnesses").json()["witnesses"]]

    assert [
        ("police", VKEY, True, "healthy", 5, recent, None, True),
        ("council", VKEY, False, "healthy", 5, old, None, None),
        ("health", VKEY, False, "failing", 5, failed, "unreachable", None),
        ("school", VKEY, False, "not-asked", None, None, None, None),
    ] == found
