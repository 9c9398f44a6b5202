"""Failover between two real servers: with a synchronous standby nothing is lost; with a lagging one the log is refused
rather than continued, and a primary that was replaced can neither write nor sign."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from faults.failover import DATABASE, Pair, ask, until
from isa_registry.data import data_directory
from isa_registry.domain.refusals import Refused
from isa_registry.runtime.checkpoints import checkpointer as checkpointer_module
from isa_registry.runtime.checkpoints.checkpointer import Checkpointer
from isa_registry.runtime.checkpoints.history import HistoryRefused
from isa_registry.runtime.registry import Registry
from isa_registry.store.databases import fresh_database, migrated
from isa_registry.store.pool import connect
from isa_registry.store.server import durability_warnings
from running import SIGNER, Remembered, body, checkpointing, opening, wall_clock, working

pytestmark = pytest.mark.usefixtures("hasty")


@pytest.fixture(autouse=True)
def _prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpointer_module, "_REFUSED_SECONDS", 0.1)


@pytest.fixture
def pair() -> Iterator[Pair]:
    directory = Path(tempfile.mkdtemp(prefix="isa-pair-"))
    directory.chmod(0o711)
    pair = Pair(directory)
    pair.start()
    try:
        yield pair
    finally:
        pair.stop()
        shutil.rmtree(directory)


async def founded(pair: Pair, follower: str, *, synchronous: str = "") -> None:
    await fresh_database(pair.primary_url("postgres"), DATABASE)
    await migrated(pair.primary_url(), data_directory("migrations"))
    await asyncio.to_thread(pair.follow, follower)
    if synchronous:
        await asyncio.to_thread(pair.wait_for_standby, synchronous)
    await until(lambda: streams(pair, "sync" if synchronous else "async"))


async def streams(pair: Pair, how: str) -> bool:
    return how == await ask(pair.primary_url(), "SELECT sync_state FROM pg_stat_replication")


def signed(store: Remembered) -> int:
    return 0 if store.note is None else SIGNER.keys.open(store.note).checkpoint.size


async def has_signed(store: Remembered, size: int) -> bool:
    return signed(store) >= size


def reasons(registry: Registry) -> tuple[str, ...]:
    word = registry.follower.standing.word
    return () if word is None else word.reasons


def shows(registry: Registry, reason: str, *, there: bool = True) -> Callable[[], object]:
    async def look() -> bool:
        return (reason in reasons(registry)) == there

    return look


async def refused_as(registry: Registry, code: str) -> bool:
    try:
        await registry.sequencer.append(body(99))
    except Refused as refused:
        return refused.code == code
    return False


async def test_with_a_synchronous_standby_nothing_is_lost_and_the_replaced_primary_neither_writes_nor_signs(
    pair: Pair,
) -> None:
    await founded(pair, "two", synchronous="two")
    store = Remembered()
    async with checkpointing(pair.primary_url(), store), working(pair.primary_url(), store) as registry:
        await registry.sequencer.append(opening())
        await registry.sequencer.append(body(1))
        await until(lambda: has_signed(store, 2))
        await until(shows(registry, "standby-absent", there=False))
        assert "standby-not-synchronous" not in reasons(registry)
        # A setting for one database is as good as one for all, and would go unseen until the failover.
        await ask(pair.primary_url(), f"ALTER DATABASE {DATABASE} SET synchronous_commit = 'local'")
        await until(shows(registry, "standby-not-synchronous"))
        await ask(pair.primary_url(), f"ALTER DATABASE {DATABASE} RESET synchronous_commit")
        await until(shows(registry, "standby-not-synchronous", there=False))
        with pytest.raises(HistoryRefused, match="standby"):
            await Checkpointer(pair.standby_url(), SIGNER, store, now=wall_clock).look()
    before = store.note

    await asyncio.to_thread(pair.kill_primary)
    await asyncio.to_thread(pair.promote)
    with capture_logs() as logs:
        async with checkpointing(pair.standby_url(), store), working(pair.standby_url(), store) as registry:
            assert 2 == registry.follower.view.size
            assert "normal" == registry.guard.state or await until(lambda: confirmed(registry)) is None
            await registry.sequencer.append(body(2))
            await until(lambda: has_signed(store, 3))
    assert not [one for one in logs if one["event"] in ("database-behind", "database-differs")]

    # It comes back where it was, and its own standby is gone: what it is told to commit hangs.
    await asyncio.to_thread(pair.restart_primary)
    assert before != store.note
    newest = store.note
    with pytest.raises(HistoryRefused, match="holds 2 entries, and the outside store has a checkpoint"):
        await Checkpointer(pair.primary_url(), SIGNER, store, now=wall_clock).look()
    async with checkpointing(pair.primary_url(), store), working(pair.primary_url(), store) as registry:
        assert await refused_as(registry, "history-unconfirmed")
        assert ("database-behind",) == registry.guard.reasons[:1]
    assert newest == store.note
    connection = await connect(pair.primary_url(), "isa_read")
    assert ("standby-absent",) == await durability_warnings(connection)
    await connection.close()
    assert 2 == await ask(pair.primary_url(), "SELECT count(*) FROM entry")


async def is_closed(registry: Registry) -> bool:
    return registry.guard.state == "checks-only"


async def confirmed(registry: Registry) -> bool:
    return registry.guard.state != "checks-only"


@pytest.mark.long
async def test_one_process_that_goes_on_over_a_failover_notices_the_timeline_and_whoever_stays_behind_is_fenced(
    pair: Pair, tmp_path: Path
) -> None:
    """The address that services know leads to whoever is the primary: a link, here, to its socket's directory."""
    await founded(pair, "two", synchronous="two")
    address = tmp_path / "db"
    address.symlink_to(pair.place.sockets)
    moving = f"postgresql://postgres@/{DATABASE}?host={address}&port=5432"
    store = Remembered()
    with capture_logs() as logs:
        async with (
            checkpointing(moving, store),
            working(moving, store) as registry,
            working(pair.primary_url(), store) as behind,
        ):
            await registry.sequencer.append(opening())
            await behind.sequencer.append(body(1))
            await until(lambda: has_signed(store, 2))
            # Promoted although the primary lives: the standby is cut off from it, and services are sent to it.
            await asyncio.to_thread(pair.promote)
            address.unlink()
            address.symlink_to(pair.place.sockets / "s")
            # The old primary waits for a standby that follows no longer: nothing that it is given is answered for.
            with pytest.raises(Refused) as refused:
                await behind.sequencer.append(body(2), patience=0.5)
            assert "unavailable" == refused.value.code
            await ask(
                pair.primary_url("postgres"),
                f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{DATABASE}'",
            )
            await until(lambda: appended(registry, 3))
            await until(lambda: has_signed(store, 3))
            # What it had been given is in it after all, and was never answered for: it is another history now.
            await until(lambda: is_closed(behind))
            assert await refused_as(behind, "history-unconfirmed")
            assert behind.guard.reasons[0] in ("database-behind", "database-differs")
    assert [one for one in logs if one["event"] == "database-timeline-changed"]
    assert signed(store) >= 3
    with pytest.raises(HistoryRefused) as history:
        await Checkpointer(pair.primary_url(), SIGNER, store, now=wall_clock).look()
    assert history.value.code in ("database-behind", "database-differs")


async def appended(registry: Registry, number: int) -> bool:
    try:
        await registry.sequencer.append(body(number), patience=2)
    except Refused:
        return False
    return True


async def test_after_a_failover_that_lost_entries_nothing_is_written_or_signed_and_questions_are_answered(
    pair: Pair,
) -> None:
    await founded(pair, "two")
    store = Remembered()
    async with checkpointing(pair.primary_url(), store), working(pair.primary_url(), store) as registry:
        await registry.sequencer.append(opening())
        await until(lambda: has_signed(store, 1))
        await until(shows(registry, "standby-not-synchronous"))
        await until(lambda: replayed(pair, 1))
        await ask(pair.standby_url(), "SELECT pg_wal_replay_pause()")
        await pair.cut_off()
        await registry.sequencer.append(body(1))
        await registry.sequencer.append(body(2))
        await until(lambda: has_signed(store, 3))
    newest = store.note

    await asyncio.to_thread(pair.kill_primary)
    await ask(pair.standby_url(), "SELECT pg_wal_replay_resume()")
    await asyncio.to_thread(pair.promote)
    async with checkpointing(pair.standby_url(), store), working(pair.standby_url(), store) as registry:
        assert 1 == registry.follower.view.size
        assert await refused_as(registry, "history-unconfirmed")
        assert "database-behind" in registry.guard.reasons
        await until(shows(registry, "database-behind"))
        assert "checks-only" == registry.guard.state
        assert registry.follower.view.size == 1
    async with working(pair.standby_url()) as blind:
        assert await refused_as(blind, "history-unconfirmed")
    assert newest == store.note
    assert 1 == await ask(pair.standby_url(), "SELECT count(*) FROM entry")


async def replayed(pair: Pair, entries: int) -> bool:
    return entries == await ask(pair.standby_url(), "SELECT count(*) FROM entry")
