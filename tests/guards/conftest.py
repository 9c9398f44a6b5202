"""The application in this process, shared by the tests of this directory, and the people and systems that call it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from asking import POLICE
from databases import Databases
from isa_registry.api.limits import Limits
from isa_registry.api.watching import Watch
from serving import Serving, serving

STRANGER = "harbour"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared(
    databases: Databases, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    """The application, with the police and a stranger let in."""
    with databases.fresh(template_database) as url:
        async with serving(url, tmp_path_factory.mktemp("serving")) as running:
            scopes = ("checks:ask", "events:read", "consents:read", "consents:write")
            await running.admit(POLICE, roles=("practitioner", "ig-lead", "signatory"), scopes=scopes)
            await running.admit(STRANGER, roles=("ig-lead",), scopes=scopes)
            yield running


@pytest.fixture
def limited(shared: Serving) -> Iterator[Serving]:
    """The same with a hundredth of the limits, all unused, and nothing counted. Time stands still for them."""
    whole = shared.app.state["limits"]
    shared.app.state["limits"] = Limits(percent=1, address_header="X-Forwarded-For", monotonic=lambda: 0.0)
    shared.app.state["watch"] = shared.frame._watch = Watch()
    yield shared
    shared.app.state["limits"] = whole
