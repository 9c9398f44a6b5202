"""The application in this process, with two partnerships and everybody who decides who belongs."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from asking import POLICE
from databases import Databases
from isa_registry.domain.access_entries import RoleGranted
from isa_registry.domain.party_entries import PartnershipRegistered
from isa_registry.ledger.drafts import Draft
from live import LEAD
from parties.calling import GROUP
from serving import Serving, issuer_of, serving


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def partners(
    databases: Databases, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    """The demonstration's register with the police leading a second partnership, whose unit has one person."""
    with databases.fresh(template_database) as url:
        async with serving(url, tmp_path_factory.mktemp("partners")) as running:
            await running.admit(LEAD, roles=("business-unit", "ig-lead", "auditor"), scopes=("audit:read",))
            await running.admit(POLICE, roles=("ig-lead", "signatory", "practitioner"), scopes=("checks:ask",))
            await running.admit("harbour", roles=("ig-lead",), scopes=("agreements:read",))
            for payload in (
                PartnershipRegistered(GROUP, "Darlington's child exploitation group", POLICE),
                RoleGranted(POLICE, issuer_of(POLICE), "unit", "business-unit", "2099-12-31"),
            ):
                appended = await running.registry.sequencer.append(Draft(payloads=(payload,)))
            await running.registry.follower.wait_for_size(appended.size, seconds=5)
            yield running
