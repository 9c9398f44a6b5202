"""The log that is tampered with, made once and copied for each case."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from databases import Databases
from isa_registry.runtime.checkpoints import checkpointer
from tamper.victim import Made, Victim, make


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checkpoints follow appends at once."""
    monkeypatch.setattr(checkpointer, "_INTERVAL_SECONDS", 0.01)
    monkeypatch.setattr(checkpointer, "_CANDIDATE_SECONDS", 0.02)


@pytest.fixture(scope="session")
def whole_log(databases: Databases, template_database: str) -> Iterator[Made]:
    name = databases.create(template_database)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpointer, "_INTERVAL_SECONDS", 0.01)
        made = asyncio.run(make(databases.url(name), name))
    yield made
    databases.drop(name)


@pytest.fixture
def victim(databases: Databases, whole_log: Made, hasty: None) -> Iterator[Victim]:
    name = databases.create(whole_log.name)
    yield Victim(url=databases.url(name), places=whole_log.places, notes=whole_log.notes)
    databases.drop(name)
