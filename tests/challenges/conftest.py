"""The application in this process: a council that also has the business unit, the police, and a third body."""

from __future__ import annotations

from collections.abc import AsyncIterator

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
    with databases.fresh(template_database) as url:
        async with serving(url, tmp_path_factory.mktemp("serving")) as running:
            await running.admit(LEAD, roles=("practitioner", "business-unit", "ig-lead", "auditor"), scopes=SCOPES)
            await running.admit(POLICE, roles=("practitioner", "ig-lead"), scopes=SCOPES)
            await running.admit(THIRD, roles=("practitioner",), scopes=SCOPES)
            yield running
