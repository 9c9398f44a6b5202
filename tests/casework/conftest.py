"""The application in this process with events of three bodies, and who looks for them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from asking import COUNCIL, POLICE
from casework.recorded import child, recorded
from databases import Databases
from faults.case_drafts import consent_draft, withdrawal_draft
from faults.drafts import event_id
from serving import Serving, serving

HARBOUR = "harbour"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def case(
    databases: Databases, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    """Events 1 to 8: most of the police with the council; 5 of the council with the police; 6 of Harbour with the
    council, under the same case record as the police's 1. It is shared: nobody adds to it."""
    async with _events(databases, template_database, tmp_path_factory.mktemp("casework")) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def own_case(databases: Databases, template_database: str, tmp_path: Path) -> AsyncIterator[Serving]:
    """The same for one test alone, which may add to it."""
    async with _events(databases, template_database, tmp_path) as running:
        yield running


@asynccontextmanager
async def _events(databases: Databases, template_database: str, directory: Path) -> AsyncIterator[Serving]:
    with databases.fresh(template_database) as url:
        async with serving(url, directory) as running:
            for body in (POLICE, COUNCIL, HARBOUR):
                await running.admit(
                    body, roles=("practitioner", "ig-lead"), scopes=("events:read", "events:write", "checks:ask")
                )
            drafts = (
                recorded(1, subjects=[_child(1), _child(2)], request="REQ-1"),
                recorded(2, held_back=(("intelligence", "live-investigation"),), subjects=[_child(1)]),
                recorded(3, decision="not-shared", held_back=(("intelligence", "no-role"),), flags=("review-basis",)),
                recorded(4, purpose="early-help", decided_at="2026-10-01T09:00:00.000Z", recipient=HARBOUR),
                recorded(5, provider=COUNCIL, recipient=POLICE),
                recorded(6, provider=HARBOUR, case_record="CMS-1"),
                recorded(7, recipient={"kind": "voluntary"}, corrects=event_id(4)),
                recorded(8, decided_at="2026-11-23T23:59:59.000Z", case_record="CMS-80"),
                consent_draft(1),
                withdrawal_draft(1),
            )
            for draft in drafts:
                appended = await running.registry.sequencer.append(draft)
            await running.registry.follower.wait_for_size(appended.size, seconds=5)
            yield running


def _child(number: int) -> dict[str, object]:
    return {"kind": "child", "roles": [], "ref": child(number)}
