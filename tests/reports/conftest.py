"""The application in this process with a second version of Tier 2 published, shared by the tests of this directory."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from databases import Databases
from isa_registry.domain.agreement_entries import AgreementPublished
from isa_registry.domain.agreements import encode_schedule
from isa_registry.ledger.drafts import Draft
from next_version import AGREEMENT, NEW, next_version
from serving import Serving, serving


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared(
    databases: Databases, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    with databases.fresh(template_database) as url:
        async with serving(url, tmp_path_factory.mktemp("serving")) as running:
            await publish_next(running)
            yield running


async def publish_next(running: Serving) -> None:
    """Logs version 1.1 as published; nobody has attested it."""
    edition = next_version()
    published = AgreementPublished(
        agreement=AGREEMENT,
        version=NEW,
        text=edition.text,
        text_sha256=hashlib.sha256(edition.text.encode()).hexdigest(),
        schedule=edition.read,
        schedule_sha256=hashlib.sha256(encode_schedule(edition.read)).hexdigest(),
    )
    appended = await running.registry.sequencer.append(Draft(payloads=(published,)))
    await running.registry.follower.wait_for_size(appended.size, seconds=5)
