"""The application in this process, and those who ask it by AuthZEN."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from asking import COUNCIL, POLICE
from authzen.sample_policy import SamplePolicy
from databases import Databases
from serving import Serving, serving


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running(
    databases: Databases, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    """The application, with the police's system and people, and an auditor of the council, let in."""
    with databases.fresh(template_database) as url:
        async with serving(url, tmp_path_factory.mktemp("authzen"), rate_limit_percent=100_000) as found:
            await found.admit(POLICE, roles=("practitioner", "signatory"), scopes=("checks:ask", "events:read"))
            await found.admit(COUNCIL, roles=("auditor",), scopes=("checks:ask", "audit:read"))
            yield found


@pytest_asyncio.fixture(loop_scope="session")
async def police(running: Serving) -> AsyncIterator[httpx.AsyncClient]:
    async with running.client(running.machine(POLICE, "checks:ask")) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def auditor(running: Serving) -> AsyncIterator[httpx.AsyncClient]:
    async with running.client(running.person(COUNCIL, "auditor")) as client:
        yield client


@pytest.fixture
def sample(running: Serving) -> Iterator[None]:
    """The sample policy of the certification decides, in the place of ours."""

    async def wired(_request: Any, _wish: Any) -> SamplePolicy:
        return SamplePolicy()

    ours = running.app.state["authzen"]
    running.app.state["authzen"] = wired
    yield
    running.app.state["authzen"] = ours
