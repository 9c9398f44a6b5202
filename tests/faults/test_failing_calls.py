"""Each call to the database that a turn makes fails once, in two ways: it did nothing, or it was done and reported
failed. Whoever was answered was told the truth, and whoever was not may send again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from faults.drafts import check_draft, event_draft, furnish
from faults.oracle import assert_whole
from isa_registry.domain.refusals import Refused
from isa_registry.ledger.drafts import Appended, Draft
from isa_registry.runtime.registry import Registry
from isa_registry.store import index_rows, log, records
from running import body, running

TRANSACTION = asyncpg.transaction.Transaction
CALLS: list[tuple[Any, str]] = [
    (TRANSACTION, "start"),
    (log, "take_turn"),
    (log, "tail"),
    (log, "leaf_hashes"),
    (log, "register_entries"),
    (records, "claimed_events"),
    (records, "claimed_keys"),
    (log, "insert_entries"),
    (index_rows, "insert"),
    (records, "claim_keys"),
    (log, "tile_hashes"),
    (log, "insert_tiles"),
    (log, "announce"),
    (TRANSACTION, "commit"),
]
ERRORS = [ConnectionResetError, asyncpg.ConnectionDoesNotExistError, TimeoutError]

pytestmark = pytest.mark.usefixtures("hasty")


@asynccontextmanager
async def one_behind(database_url: str) -> AsyncIterator[tuple[Registry, Registry]]:
    """A registry that no longer follows by itself, an entry behind, whose next turn fills a tile; and another."""
    async with running(database_url) as one, running(database_url) as other:
        size = await furnish(one)
        await asyncio.gather(*(one.sequencer.append(body(number)) for number in range(size, 254)))
        for task in one.follower._tasks:
            task.cancel()
        await asyncio.gather(*one.follower._tasks, return_exceptions=True)
        await other.sequencer.append(body(254))
        yield one, other


def fails_once(
    monkeypatch: pytest.MonkeyPatch, registry: Registry, call: tuple[Any, str], error: type[Exception], *, done: bool
) -> Callable[[], int]:
    """Breaks one call of the registry's sequencer. Returns how often it was broken."""
    owner, name = call
    original = getattr(owner, name)
    broken = 0

    async def breaking(first: Any, *rest: Any, **named: Any) -> Any:
        nonlocal broken
        connection = first._connection if isinstance(first, TRANSACTION) else first
        if broken or _raw(connection) is not _raw(registry.sequencer._connection):
            return await original(first, *rest, **named)
        broken += 1
        if done:
            await original(first, *rest, **named)
        raise error("broken by the test")

    monkeypatch.setattr(owner, name, breaking)
    return lambda: broken


def _raw(connection: Any) -> Any:
    return getattr(connection, "_con", connection)


async def append_all(registry: Registry, drafts: list[Draft]) -> list[Appended | BaseException]:
    return await asyncio.gather(*(registry.sequencer.append(one) for one in drafts), return_exceptions=True)


@pytest.mark.parametrize("done", [False, True], ids=["not-done", "done-but-reported-failed"])
@pytest.mark.parametrize("call", CALLS, ids=[name for _, name in CALLS])
async def test_a_failing_call_loses_nothing_and_doubles_nothing(
    database_url: str, monkeypatch: pytest.MonkeyPatch, call: tuple[Any, str], done: bool
) -> None:
    error = ERRORS[CALLS.index(call) % len(ERRORS)]
    async with one_behind(database_url) as (registry, other):
        view = registry.follower.view
        drafts = [
            event_draft(1, view),
            event_draft(2, view, part=True),
            check_draft(1),
            event_draft(3, view),
            check_draft(2),
        ]
        count = fails_once(monkeypatch, registry, call, error, done=done)
        first = await append_all(registry, drafts)
        assert 1 == count()
        if call[1] == "commit" and done:
            assert all(isinstance(one, Appended) for one in first)
        else:
            assert all(isinstance(one, Refused) and one.code == "unavailable" and one.retry_after for one in first)

        second = await append_all(registry, drafts)
        third = await append_all(registry, drafts)
        promised = [one.index for one in second if isinstance(one, Appended)]
        assert [255, 256, 258, 259, 260] == promised
        assert [one.index for one in third if isinstance(one, Appended) and one.repeated] == promised
        assert [promised[n] == one.index for n, one in enumerate(first) if isinstance(one, Appended)] == (
            [True] * 5 if call[1] == "commit" and done else []
        )
        assert 261 == registry.follower.view.size
        assert await other.follower.wait_for_size(261, seconds=5)
        report = await assert_whole(database_url, other)
        assert report.root == registry.follower.root


async def test_what_was_tried_on_is_gone_before_another_workers_entry_takes_its_place(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(database_url) as one, running(database_url) as other:
        await one.sequencer.append(body(0))
        assert await other.follower.wait_for_size(1, seconds=5)
        original = log.insert_entries

        async def fails_while_a_follower_waits(connection: Any, sealed: Any) -> None:
            if connection is not one.sequencer._connection:
                await original(connection, sealed)
                return
            # Whoever waits for the lock is next: the follower folds before the failed turn is dealt with.
            one.follower._wake.set()
            await asyncio.sleep(0.05)
            connection.terminate()
            await other.sequencer.append(body(2))
            raise ConnectionResetError

        monkeypatch.setattr(log, "insert_entries", fails_while_a_follower_waits)
        with pytest.raises(Refused, match="cannot be written"):
            await one.sequencer.append(body(1))
        assert await one.follower.wait_for_size(2, seconds=5)
        assert [True, False, True] == [one.follower.view.organisation(f"body-{n}") is not None for n in range(3)]
        await assert_whole(database_url, one)


async def test_a_batch_is_settled_before_anything_else_is_appended(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to a commit is lost, and so is the first look at what became of it."""
    async with running(database_url) as registry:
        await registry.sequencer.append(body(0))
        commit, look = TRANSACTION.commit, log.leaf_hashes_at
        broken = {"commit": 0, "look": 0}

        async def unanswered(self: Any) -> None:
            await commit(self)
            if _raw(self._connection) is _raw(registry.sequencer._connection) and not broken["commit"]:
                broken["commit"] += 1
                raise ConnectionResetError

        async def blind(connection: Any, indexes: Any) -> dict[int, bytes]:
            broken["look"] += 1
            if broken["look"] == 1:
                raise ConnectionResetError
            return await look(connection, indexes)

        monkeypatch.setattr(TRANSACTION, "commit", unanswered)
        monkeypatch.setattr(log, "leaf_hashes_at", blind)
        assert 1 == (await registry.sequencer.append(body(1))).index
        assert {"commit": 1, "look": 2} == broken
        assert 2 == (await registry.sequencer.append(body(2))).index
        await assert_whole(database_url, registry)
