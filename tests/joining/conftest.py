"""The application in this process, with a lead body that has a business unit, for the tests of joining."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from databases import Databases
from isa_registry.domain.access_entries import RoleGranted
from isa_registry.ledger.drafts import Draft
from live import LEAD, POLICE
from serving import Serving, issuer_of, serving

SECOND = "business-unit-2"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def served(
    databases: Databases, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    """The application: two people of the business unit, and the police's lead and practitioner."""
    with databases.fresh(template_database) as url:
        async with serving(url, tmp_path_factory.mktemp("joining")) as running:
            await running.admit(LEAD, roles=("business-unit", "ig-lead"))
            await running.admit(POLICE, roles=("practitioner", "ig-lead", "signatory"))
            second = RoleGranted(organisation=LEAD, issuer=issuer_of(LEAD), subject=SECOND, role="business-unit")
            await running.registry.sequencer.append(Draft(payloads=(second,)))
            yield running
