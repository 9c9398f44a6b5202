"""`isa-registry report` prints what the interface gives to the business unit."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import NamedTuple

import httpx
import pytest
import pytest_asyncio

from databases import Databases
from isa_registry.__main__ import main
from isa_registry.api.quarterly import QUARTERLY
from isa_registry.api.reports import MATRIX, REVIEWS
from live import LEAD
from running import ORIGIN, SIGNER
from serving import URL, Serving, serving

pytestmark = pytest.mark.asyncio(loop_scope="session")
THE_SAME = pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (("quarterly",), QUARTERLY),
        (("quarterly", "--quarter", "2026-Q2"), f"{QUARTERLY}?quarter=2026-Q2"),
        (("attestation-matrix", "--partnership", "durham"), f"{MATRIX}?partnership=durham"),
        (("reviews-due", "--within", "800"), f"{REVIEWS}?within=800"),
    ],
)


class Run(NamedTuple):
    serving: Serving
    settings: dict[str, str]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(
    databases: Databases, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Run]:
    """A service at work, and what a command beside it is told."""
    name, place = databases.create(template_database), tmp_path_factory.mktemp("reporting")
    settings = {
        "DATABASE_URL": databases.url(name),
        "ISA_ORIGIN": ORIGIN,
        "ISA_PUBLIC_URL": URL,
        "ISA_LOG_VKEYS": ",".join(SIGNER.vkeys),
        "ISA_ATTESTATION_KEY_FILE": str(place / "attestation-key.jwk"),
    }
    try:
        async with serving(databases.url(name), place) as found:
            await found.admit(LEAD, roles=("business-unit",))
            yield Run(found, settings)
    finally:
        databases.drop(name)


@pytest.fixture
def at_work(running: Run, monkeypatch: pytest.MonkeyPatch) -> Serving:
    for name, value in running.settings.items():
        monkeypatch.setenv(name, value)
    return running.serving


async def told(found: Serving, path: str, **headers: str) -> httpx.Response:
    async with found.client(found.person(LEAD, "business-unit"), **headers) as client:
        return (await client.get(path)).raise_for_status()


@THE_SAME
async def test_as_csv_it_is_the_very_bytes(
    at_work: Serving, capfdbinary: pytest.CaptureFixture[bytes], arguments: tuple[str, ...], path: str
) -> None:
    assert await asyncio.to_thread(main, ["report", *arguments, "--format", "csv"]) == 0
    printed, errors = capfdbinary.readouterr()

    assert (printed, errors) == ((await told(at_work, path, Accept="text/csv")).content, b"")


@THE_SAME
async def test_as_json_it_is_the_same_without_pages(
    at_work: Serving, capfdbinary: pytest.CaptureFixture[bytes], arguments: tuple[str, ...], path: str
) -> None:
    assert await asyncio.to_thread(main, ["report", *arguments]) == 0
    printed = json.loads(capfdbinary.readouterr().out)
    whole = path if path.startswith(QUARTERLY) else f"{path}{'&' if '?' in path else '?'}limit=200"
    given = (await told(at_work, whole)).json()

    assert printed == {name: value for name, value in given.items() if name != "next"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("quarterly", "--quarter", "2026"), "--quarter takes a year"),
        (("quarterly", "--quarter", "2099-Q1"), "has begun"),
        (("attestation-matrix", "--partnership", "elsewhere"), "--partnership is none"),
        (("reviews-due", "--within", "-1"), "--within takes"),
    ],
)
async def test_what_cannot_be_printed_says_why(
    at_work: Serving, capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...], says: str
) -> None:
    assert await asyncio.to_thread(main, ["report", *arguments]) == 2
    printed, errors = capfd.readouterr()

    assert (printed, says in errors) == ("", True)
