"""Two workers on one database, and the operator's commands beside them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from databases import Databases
from isa_registry.__main__ import main
from live import LEAD, POLICE
from running import ORIGIN, SIGNER
from serving import URL, Serving, serving


class Worked(NamedTuple):
    """Two workers and what a command is told of their registry."""

    first: Serving
    second: Serving
    settings: dict[str, str]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def worked(
    databases: Databases, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Worked]:
    place = tmp_path_factory.mktemp("law-watch")
    with databases.fresh(template_database) as url:
        async with serving(url, place) as first:
            await first.admit(POLICE, scopes=("checks:ask",))
            await first.admit(LEAD, roles=("business-unit", "ig-lead", "practitioner", "auditor"))
            (place / "second").mkdir()
            async with serving(url, place / "second", beside=True) as second:
                second._keys = first._keys
                settings = {
                    "DATABASE_URL": url,
                    "ISA_ORIGIN": ORIGIN,
                    "ISA_PUBLIC_URL": URL,
                    "ISA_LOG_VKEYS": ",".join(SIGNER.vkeys),
                    "ISA_ATTESTATION_KEY_FILE": str(place / "attestation-key.jwk"),
                }
                yield Worked(first, second, settings)


class Ran(NamedTuple):
    status: int
    out: str
    err: str


class Operator:
    """Runs commands in this process, with these settings and nothing else of the registry in the environment."""

    def __init__(
        self, settings: dict[str, str], patch: pytest.MonkeyPatch, captured: pytest.CaptureFixture[str]
    ) -> None:
        for name, value in settings.items():
            patch.setenv(name, value)
        self._captured = captured

    async def runs(self, *arguments: str | Path) -> Ran:
        self._captured.readouterr()
        status = await asyncio.to_thread(main, [str(one) for one in arguments])
        return Ran(status, *self._captured.readouterr())


@pytest.fixture
def operator(worked: Worked, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Operator:
    return Operator(worked.settings, monkeypatch, capsys)
