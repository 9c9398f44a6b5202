"""Browsers at a running demonstration, and a view of its database from outside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.speaking import Database
from live import Demonstration
from people.visiting import Browser


@pytest.fixture(autouse=True)
def nobody_signed_in(request: pytest.FixtureRequest) -> None:
    """Each test that asks for a demonstration begins with nobody signed in there: a person has ten sessions at most."""
    if "demonstration" in request.fixturenames or "browser" in request.fixturenames:
        database: Database = request.getfixturevalue("database")
        database.as_owner(
            "UPDATE person_session SET revoked_at = now(), refresh_token = NULL, refresh_due_at = NULL"
            " WHERE revoked_at IS NULL"
        )


@pytest.fixture
def browser(demonstration: Demonstration) -> Iterator[Browser]:
    with Browser(demonstration) as browser:
        yield browser


@pytest.fixture
def other(demonstration: Demonstration) -> Iterator[Browser]:
    """Another browser, of somebody else or on another machine."""
    with Browser(demonstration) as browser:
        yield browser


@pytest.fixture(scope="session")
def database(demonstration: Demonstration) -> Iterator[Database]:
    database = Database(demonstration.state)
    yield database
    database.close()
