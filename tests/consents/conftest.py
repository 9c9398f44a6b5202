"""The application in this process, and the systems and people of two bodies that keep consents."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from asking import POLICE
from databases import Databases
from serving import Serving, serving

OWN = "harbour"
SCOPES = ("checks:ask", "consents:write", "consents:read", "audit:read")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def worker(
    databases: Databases, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    with databases.fresh(template_database) as url:
        async with serving(url, tmp_path_factory.mktemp("consents")) as running:
            await running.admit(OWN, roles=("practitioner", "ig-lead", "signatory"), scopes=SCOPES)
            await running.admit(POLICE, roles=("practitioner",), scopes=SCOPES)
            yield running
