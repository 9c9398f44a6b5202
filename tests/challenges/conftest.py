"""The application in this process: a council that also has the business unit, the police, and a third body."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from databases import Databases
from live import LEAD, POLICE
from serving import Serving, serving

THIRD = "harbour"
SCOPES = ("checks:ask", "events:write", "events:read", "audit:read")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def served(
    databases: Databases, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    name = databases.create(template_database)
    place: Path = tmp_path_factory.mktemp("serving")
    try:
        async with serving(databases.url(name), place) as running:
            await running.admit(LEAD, roles=("practitioner", "business-unit", "ig-lead", "auditor"), scopes=SCOPES)
            await running.admit(POLICE, roles=("practitioner", "ig-lead"), scopes=SCOPES)
            await running.admit(THIRD, roles=("practitioner",), scopes=SCOPES)
            yield running
    finally:
        databases.drop(name)
