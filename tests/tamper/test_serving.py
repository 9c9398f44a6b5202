"""A service that runs on an edited database: what it signs no more, what it serves, what it loads."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from faults.drafts import KID, POLICE
from faults.oracle import served
from isa_registry.runtime.checkpoints import guard
from isa_registry.runtime.fsck.check import check_log
from isa_registry.runtime.registry import Registry
from isa_verify.audit import InconsistentLogError, audit_log
from isa_verify.errors import VerificationError
from running import ORIGIN, SIGNER, Remembered, body, checkpointing, running, working
from tamper.case import InDatabase
from tamper.serving import SNAPSHOT, SNAPSHOTS, UNSIGNED, Signing
from tamper.victim import SIZE, Telling, Victim, flipped


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker does not wait for long to be told that it may append: here nobody will tell it."""
    monkeypatch.setattr(guard, "_PATIENCE_SECONDS", 0.5)


# --- what is not signed over ---------------------------------------------------------------------------------------


async def newest_size(victim: Victim) -> int:
    return int(await victim.value("SELECT max(size) FROM checkpoint"))


async def test_an_untouched_log_is_signed_after_a_restart(victim: Victim) -> None:
    async with running(victim.url) as registry:
        await registry.sequencer.append(body(1000))
        assert await registry.follower.wait_for_checkpoint(SIZE + 1, seconds=10)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("case", UNSIGNED, ids=lambda case: case.id)
async def test_the_checkpointer_signs_nothing_more_and_says_why(victim: Victim, case: Signing) -> None:
    await case.done_to(victim)
    before = await newest_size(victim)
    outside, shown = case.outside(victim), case.witness(victim)
    async with (
        checkpointing(
            victim.url,
            Remembered(outside) if outside else None,
            witnesses=Telling(shown) if shown else None,
        ),
        working(victim.url) as registry,
    ):
        await asyncio.gather(registry.sequencer.append(body(1000)), return_exceptions=True)
        async with asyncio.timeout(20):
            while case.code not in await reasons(victim):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    assert await newest_size(victim) == before


async def reasons(victim: Victim) -> list[str]:
    """Why the checkpointer lets nothing be written."""
    return await victim.value("SELECT reasons FROM checkpointer WHERE state = 'checks-only'") or []


@pytest.mark.parametrize("artefact", ["leaf", "leaf_hash"])
async def test_new_entries_are_read_back_and_not_signed_if_they_were_edited(victim: Victim, artefact: str) -> None:
    """The edit comes between the commit and the signature."""
    async with checkpointing(victim.url) as checkpointer, working(victim.url) as registry:
        await registry.sequencer.append(body(1000))
        assert await registry.follower.wait_for_checkpoint(SIZE + 1, seconds=5)
        await checkpointer.stop()
        await registry.sequencer.append(body(1001))
        await victim.edit(flipped("entry", artefact, "index = 601"))
        await checkpointer.start()
        async with asyncio.timeout(20):
            while await reasons(victim) != ["log-disagrees"]:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    assert SIZE + 1 == await newest_size(victim)


@pytest.mark.usefixtures("impatient")
async def test_nothing_is_appended_to_a_log_that_lost_what_was_signed(victim: Victim) -> None:
    await victim.edit("DELETE FROM entry WHERE index >= 590", "DELETE FROM payload WHERE index >= 590")
    async with running(victim.url) as registry:
        results = await asyncio.gather(registry.sequencer.append(body(1000)), return_exceptions=True)
        assert "Refused" == type(results[0]).__name__
    assert 590 == await victim.value("SELECT count(*) FROM entry")


# --- what the database alone cannot tell -----------------------------------------------------------------------------


async def test_a_log_cut_off_with_its_checkpoints_is_told_by_who_remembers_it(victim: Victim) -> None:
    async with running(victim.url) as registry:
        remembered = registry.follower.checkpoint
        await registry.sequencer.append(body(1000))
        assert await registry.follower.wait_for_checkpoint(SIZE + 1, seconds=5)
        grown = registry.follower.checkpoint
    assert remembered is not None
    assert grown is not None
    await victim.edit(
        "DELETE FROM entry WHERE index >= 600",
        "DELETE FROM payload WHERE index >= 600",
        "DELETE FROM checkpoint WHERE size > 600",
        "DELETE FROM publication WHERE size > 600",
    )
    assert () == (await check_log(victim.url, origin=ORIGIN, vkeys=SIGNER.vkeys)).findings
    async with running(victim.url) as registry:
        await audit(registry, remembered.note)
        with pytest.raises(InconsistentLogError) as shrunk:
            await audit(registry, grown.note)
        assert "log-shrank" == shrunk.value.code
        await registry.sequencer.append(body(2000))
        assert await registry.follower.wait_for_checkpoint(SIZE + 1, seconds=5)
        with pytest.raises(InconsistentLogError) as forked:
            await audit(registry, grown.note)
        assert "log-forked" == forked.value.code


async def test_a_worker_whose_clock_is_set_back_dates_no_entry_before_the_last(victim: Victim) -> None:
    last = await victim.value("SELECT max(at) FROM entry")
    registry = Registry(victim.url, SIGNER.keys, now=lambda: datetime(2020, 1, 1, tzinfo=UTC))
    async with checkpointing(victim.url):
        await registry.start()
        try:
            await registry.sequencer.append(body(1000))
            assert last == await victim.value(f"SELECT at FROM entry WHERE index = {SIZE}")
            assert await registry.follower.wait_for_checkpoint(SIZE + 1, seconds=10)
            await audit(registry, None)
        finally:
            await registry.stop()


async def test_an_auditor_refuses_what_is_served_of_an_edited_log(victim: Victim) -> None:
    async with running(victim.url) as registry:
        await audit(registry, None)
        for statement, code in (
            (flipped("entry", "leaf", "index = 300"), "entry-mismatch"),
            (flipped("tile", "hashes", "number = 0"), "root-mismatch"),
        ):
            await victim.edit(statement)
            with pytest.raises(VerificationError) as refused:
                await audit(registry, None)
            assert refused.value.code in (code, "entry-mismatch")
            await victim.edit(statement)
        await audit(registry, None)


async def audit(registry: Registry, remembered: bytes | None) -> None:
    loop = asyncio.get_running_loop()

    def fetch(path: str) -> bytes:
        return asyncio.run_coroutine_threadsafe(served(registry, path), loop).result(10)

    await asyncio.to_thread(audit_log, fetch, SIGNER.keys.verifiers, remembered, entries_required=True)


# --- snapshots -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", SNAPSHOTS, ids=lambda case: case.id)
async def test_a_register_is_not_loaded_from_an_edited_snapshot(
    victim: Victim, capsys: pytest.CaptureFixture[str], case: InDatabase
) -> None:
    await case.done_to(victim)
    async with running(victim.url) as registry:
        view = registry.follower.view
        found = view.organisation("body-300")
        assert found is not None
        assert "Body 300" == found.name
        assert view.key(POLICE, KID) is not None
        assert SIZE == view.size
    assert SNAPSHOT in capsys.readouterr().out
