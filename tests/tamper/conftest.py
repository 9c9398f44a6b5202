"""A log with every sort of stored artefact, and a superuser who edits it with all triggers off."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from databases import Databases
from faults.drafts import check_draft, event_draft, furnish
from faults.oracle import assert_whole
from isa_registry.runtime import checkpointer
from running import body, running

SIZE = 600


@dataclass(frozen=True)
class Victim:
    """A whole log of 600 entries, nobody running on it; `event`, `withheld` and `check` are entries of those kinds."""

    url: str
    event: int
    withheld: int
    check: int

    async def edit(self, *statements: str) -> None:
        """Runs statements as the database's superuser, whom neither triggers nor roles bind."""
        connection = await asyncpg.connect(self.url)
        try:
            await connection.execute("SET session_replication_role = replica")
            for statement in statements:
                done = await connection.execute(statement)
                assert not done.endswith(" 0"), f"nothing was changed by {statement}"
        finally:
            await connection.close()

    async def value(self, query: str) -> Any:
        connection = await asyncpg.connect(self.url)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checkpoints follow appends at once."""
    monkeypatch.setattr(checkpointer, "_INTERVAL_SECONDS", 0.01)
    monkeypatch.setattr(checkpointer, "_CANDIDATE_SECONDS", 0.02)


@dataclass(frozen=True)
class Made:
    """A database to copy, and where in its log the interesting entries are."""

    name: str
    event: int
    check: int


@pytest.fixture(scope="session")
def whole_log(databases: Databases, template_database: str) -> Iterator[Made]:
    name = databases.create(template_database)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpointer, "_INTERVAL_SECONDS", 0.01)
        made = asyncio.run(_make(databases.url(name), name))
    yield made
    databases.drop(name)


async def _make(url: str, name: str) -> Made:
    async with running(url) as registry:
        await furnish(registry)
        event = await registry.sequencer.append(event_draft(1, registry.follower.view, part=True))
        check = await registry.sequencer.append(check_draft(1))
        first = registry.follower.view.size
        await asyncio.gather(*(registry.sequencer.append(body(number)) for number in range(first, SIZE)))
        assert SIZE == await registry.snapshotter.keep(least=1)
        await assert_whole(url, registry)
    return Made(name=name, event=event.index, check=check.index)


@pytest.fixture
def victim(databases: Databases, whole_log: Made, hasty: None) -> Iterator[Victim]:
    name = databases.create(whole_log.name)
    yield Victim(url=databases.url(name), event=whole_log.event, withheld=whole_log.event + 1, check=whole_log.check)
    databases.drop(name)
