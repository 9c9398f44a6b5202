"""`isa-registry erase` with settings of its own, and the two processes that do not start on a restored backup."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest

from cli.test_commands import founding, run, settings, signing  # noqa: F401 - fixtures


async def _fetch(url: str, query: str, *arguments: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(query, *arguments)
    finally:
        await connection.close()


def fetch(url: str, query: str, *arguments: object) -> list[asyncpg.Record]:
    return asyncio.run(_fetch(url, query, *arguments))


@pytest.fixture
def founded(settings: dict[str, str], founding: Path, tmp_path: Path) -> dict[str, str]:  # noqa: F811
    """A log that was begun, with a journal that says of its third entry that it was erased."""
    assert 0 == run("import", str(founding), **settings).returncode
    (entry,) = fetch(settings["DATABASE_URL"], "SELECT leaf_hash FROM entry WHERE index = 2")
    journal = tmp_path / "erasures.jsonl"
    leaf = entry["leaf_hash"].hex()
    journal.write_text(f'{{"at":"2032-12-07T12:00:00.000Z","by":900,"index":2,"leaf":"{leaf}"}}\n')
    return {**settings, "ISA_ERASURE_JOURNAL": str(journal)}


def test_the_service_does_not_start_on_what_was_erased(founded: dict[str, str]) -> None:
    refused = run("serve", **founded)
    assert 2 == refused.returncode
    assert "erasures-not-reapplied: 1 payloads" in refused.stderr
    assert "isa-registry erase --reapply" in refused.stderr


def test_the_checkpointer_does_not_sign_over_what_was_erased(
    founded: dict[str, str],
    signing: dict[str, str],  # noqa: F811
) -> None:
    refused = run("checkpoint", **{**signing, "ISA_ERASURE_JOURNAL": founded["ISA_ERASURE_JOURNAL"]})
    assert 2 == refused.returncode
    assert "erasures-not-reapplied" in refused.stderr


def test_a_damaged_journal_stops_the_start(founded: dict[str, str]) -> None:
    Path(founded["ISA_ERASURE_JOURNAL"]).write_text("{}\n")
    refused = run("serve", **founded)
    assert (2, True) == (refused.returncode, "line 1 of the erasure journal" in refused.stderr)


def test_nothing_is_erased_without_a_journal(founded: dict[str, str]) -> None:
    refused = run("erase", "--run", **{**founded, "ISA_ERASURE_JOURNAL": ""})
    assert (2, True) == (refused.returncode, "ISA_ERASURE_JOURNAL is not set" in refused.stderr)


def test_an_entry_that_the_register_depends_on_is_not_erased_again_and_the_run_says_so(founded: dict[str, str]) -> None:
    refused = run("erase", "--reapply", **founded)
    assert (1, "entry 2: still-in-force") == (refused.returncode, refused.stdout.splitlines()[0]), refused.stderr


@pytest.mark.parametrize("days", ["0", "-1", "a week", "1000"])
def test_days_of_notice_that_are_none_are_refused(founded: dict[str, str], days: str) -> None:
    refused = run("erase", **{**founded, "ISA_ERASURE_NOTICE_DAYS": days})
    assert (2, True) == (refused.returncode, "ISA_ERASURE_NOTICE_DAYS" in refused.stderr)
