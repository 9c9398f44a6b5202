"""Callers of a running demonstration, and a view of its database from outside."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from api.speaking import ALL_SCOPES, MARKER, Database, Signer, bearer, person_token
from live import LEAD, POLICE, Demonstration


@pytest.fixture(scope="session")
def database(demonstration: Demonstration) -> Iterator[Database]:
    database = Database(demonstration.state)
    yield database
    database.close()


@pytest.fixture(scope="module")
def police(demonstration: Demonstration) -> Iterator[httpx.Client]:
    with demonstration.client(POLICE, ALL_SCOPES) as client:
        yield client


@pytest.fixture(scope="module")
def council(demonstration: Demonstration) -> Iterator[httpx.Client]:
    """The council's system, which here may not read as an auditor."""
    with demonstration.client(LEAD, ALL_SCOPES) as client:
        yield client


@pytest.fixture(scope="module")
def stranger(demonstration: Demonstration) -> Iterator[httpx.Client]:
    """An organisation that is no party to what the others do."""
    with demonstration.client("harbour", ALL_SCOPES) as client:
        yield client


@pytest.fixture(scope="module")
def auditor(demonstration: Demonstration) -> Iterator[httpx.Client]:
    token = person_token(demonstration, LEAD, "auditor")
    with httpx.Client(base_url=demonstration.url, headers=bearer(token), timeout=20) as client:
        yield client


@pytest.fixture(scope="module")
def lead(demonstration: Demonstration) -> Iterator[httpx.Client]:
    """The constabulary's information-governance lead, signed in just now."""
    token = person_token(demonstration, POLICE, "ig-lead")
    with httpx.Client(base_url=demonstration.url, headers=bearer(token), timeout=20) as client:
        yield client


@pytest.fixture(scope="module")
def nobody(demonstration: Demonstration) -> Iterator[httpx.Client]:
    # A server may end a connection on which it refused a request before its body had come (RFC 9112 section 9.6):
    # whoever is refused thousands of times takes a new one each time.
    limits = httpx.Limits(max_keepalive_connections=0)
    with httpx.Client(base_url=demonstration.url, timeout=20, limits=limits) as client:
        yield client


@pytest.fixture(scope="module")
def signer(demonstration: Demonstration) -> Signer:
    """The constabulary's keys."""
    return Signer(demonstration.state, POLICE)


@pytest.fixture
def unchanged(database: Database, demonstration: Demonstration) -> Iterator[None]:
    """Whatever the test does, nothing is stored, and nothing of a marked value reaches the log lines."""
    before = database.size()
    yield
    assert database.size() == before
    assert MARKER not in demonstration.output
