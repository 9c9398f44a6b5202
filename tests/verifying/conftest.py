"""The application in this process, with two information-governance leads of its lead body and one of another body."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from databases import Databases
from isa_registry.domain.access_entries import RoleGranted
from isa_registry.ledger.drafts import Draft
from live import LEAD, POLICE
from serving import Serving, issuer_of, serving

SECOND = "ig-lead-2"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def served(
    databases: Databases, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    with databases.fresh(template_database) as url:
        async with serving(url, tmp_path_factory.mktemp("serving")) as running:
            await running.admit(LEAD, roles=("ig-lead", "business-unit", "practitioner"), scopes=("checks:ask",))
            await running.admit(POLICE, roles=("ig-lead",))
            second = RoleGranted(organisation=LEAD, issuer=issuer_of(LEAD), subject=SECOND, role="ig-lead")
            appended = await running.registry.sequencer.append(Draft(payloads=(second,)))
            await running.registry.follower.wait_for_size(appended.size, seconds=5)
            yield running
