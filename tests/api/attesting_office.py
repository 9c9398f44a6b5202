"""The application with bodies that have signed nothing yet, and their signatories and systems let in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from attesting import Signatory, logged
from databases import Databases
from isa_registry.domain.party_entries import DelegationGiven, OrganisationRegistered
from live import LEAD, POLICE
from serving import Serving, serving

BODIES = tuple(f"club-{number}" for number in range(1, 30))


class Office:
    """Each test takes bodies of its own, so that none has signed before."""

    def __init__(self, serving: Serving, database_url: str) -> None:
        self.serving = serving
        self.database_url = database_url
        self.registry = serving.registry
        self._fresh = iter(BODIES)

    async def body(self, **record: Any) -> str:
        """A sports club with a system and people: its chief officer or chair may sign."""
        organisation = next(self._fresh)
        await logged(
            self.registry,
            OrganisationRegistered(
                organisation=organisation, name=organisation, organisation_kind="sports-club", **record
            ),
        )
        await self.serving.admit(
            organisation, roles=("signatory", "ig-lead", "practitioner"), scopes=("events:write", "events:read")
        )
        return organisation

    async def signatory(self, role: str = "chief-officer", **record: Any) -> Signatory:
        return await Signatory(self.registry, await self.body(**record), role).register()

    def system(self, organisation: str, scope: str = "events:write") -> httpx.AsyncClient:
        return self.serving.client(self.serving.machine(organisation, scope))

    def person(self, organisation: str, role: str = "signatory", **claims: Any) -> httpx.AsyncClient:
        return self.serving.client(self.serving.person(organisation, role, **claims))

    async def delegates(self, organisation: str, **given: Any) -> None:
        await logged(
            self.registry,
            DelegationGiven(
                delegation=f"dlg_{organisation}",
                organisation=organisation,
                starts="2026-01-01",
                until="2099-12-31",
                **given,
            ),
        )

    @property
    def size(self) -> int:
        return self.registry.follower.view.size


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(
    databases: Databases, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Office]:
    with databases.fresh(template_database) as url:
        async with serving(url, tmp_path_factory.mktemp("attesting")) as running:
            await running.admit(LEAD, roles=("business-unit",))
            await running.admit(POLICE, roles=("signatory", "ig-lead"), scopes=("events:write", "events:read"))
            yield Office(running, url)
