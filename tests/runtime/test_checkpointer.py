"""The process that signs: when it signs, when it only says what is wrong, and what the workers make of its word."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import asyncpg
import pytest

from isa_registry.domain.refusals import Refused
from isa_registry.ledger.checkpoints import LogKeys
from isa_registry.runtime import sequencer
from isa_registry.runtime.checkpoints import checkpointer as checkpointer_module
from isa_registry.runtime.checkpoints import guard as guard_module
from isa_registry.runtime.checkpoints import publisher
from isa_registry.runtime.checkpoints.checkpointer import Checkpointer
from isa_registry.runtime.checkpoints.history import HistoryUnconfirmed, Signed
from isa_registry.runtime.checkpoints.outside_store import OutsideStoreError
from isa_registry.runtime.checkpoints.publisher import Cosigned, ProofFrom
from isa_registry.runtime.registry import Registry
from isa_registry.store import publication
from isa_registry.store.publication import Cosignature
from isa_registry.store.witnesses import StoredWitness
from isa_verify.merkle import leaf_hash, root_of
from running import SIGNER, Remembered, body, checkpointing, opening, running, wall_clock, working


@pytest.fixture(autouse=True)
def _prompt(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody waits longer than a test must; what follows from what stays the same."""
    monkeypatch.setattr(checkpointer_module, "_INTERVAL_SECONDS", 0.01)
    monkeypatch.setattr(checkpointer_module, "_CANDIDATE_SECONDS", 0.02)
    monkeypatch.setattr(checkpointer_module, "_REFUSED_SECONDS", 0.05)
    monkeypatch.setattr(checkpointer_module, "_WORD_SECONDS", 0.05)
    monkeypatch.setattr(publisher, "_AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(sequencer, "_IDLE_SECONDS", 0.05)
    monkeypatch.setattr(guard_module, "_LOOK_SECONDS", 0.05)
    monkeypatch.setattr(guard_module, "_PATIENCE_SECONDS", 0.5)
    return


class Partners:
    """Witnesses whose behaviour a test sets. `asked` holds every note that they were asked to cosign."""

    def __init__(self) -> None:
        self.agreeing = True
        self.suspect = False
        self.shown: tuple[Signed, ...] = ()
        self.asked: list[bytes] = []
        self.now = 1_780_000_000

    async def gather(self, note: bytes, size: int, root: bytes, proof_from: ProofFrom) -> Cosigned:
        self.asked.append(note)
        if not self.agreeing:
            return Cosigned(lines=(), satisfied=False, suspect=self.suspect)
        line = Cosignature(
            name="w", key_id=b"0123", at=datetime.fromtimestamp(self.now, UTC), line=f"— w cosigned-{size}-{self.now}"
        )
        return Cosigned(lines=(line,), satisfied=True, suspect=self.suspect)

    async def testimony(self) -> publisher.Testimony:
        return publisher.Testimony(signed=self.shown, satisfied=self.agreeing)

    def follow(self, keys: LogKeys) -> None:
        """They take every key at its word."""

    def standing(self, now: datetime) -> list[StoredWitness]:
        return []


class Failing(Remembered):
    """A store that can be read, and written only while it is well."""

    well = True
    refused = 0

    def swap(self, previous: bytes | None, new: bytes) -> None:
        if not self.well:
            self.refused += 1
            raise OutsideStoreError("The store cannot be written (by the test).")
        super().swap(previous, new)


async def until(holds: Callable[[], object] | Callable[[], Awaitable[object]]) -> None:
    end = time.monotonic() + 20
    while True:
        found = holds()
        if await found if isinstance(found, Awaitable) else found:
            return
        assert time.monotonic() < end, "it did not come about"
        await asyncio.sleep(0.02)


def signed(registry: Registry, size: int) -> Callable[[], bool]:
    return lambda: registry.follower.checkpoint is not None and registry.follower.checkpoint.size >= size


def published(registry: Registry, size: int) -> Callable[[], bool]:
    return lambda: registry.follower.published is not None and registry.follower.published.size >= size


def word(registry: Registry) -> tuple[str, tuple[str, ...]]:
    found = registry.follower.standing.word
    return ("", ()) if found is None else (found.state, found.reasons)


def says(registry: Registry, state: str, reason: str | None = None) -> Callable[[], bool]:
    return lambda: word(registry)[0] == state and (reason is None or reason in word(registry)[1])


async def is_refused(registry: Registry) -> bool:
    try:
        await registry.sequencer.append(body(int(time.monotonic() * 1_000_000)))
    except Refused as refused:
        return refused.code == "history-unconfirmed" and bool(refused.retry_after)
    return False


async def test_too_few_witnesses_are_an_alarm_that_holds_back_the_head_and_nothing_else(database_url: str) -> None:
    partners, store = Partners(), Remembered()
    async with checkpointing(database_url, store, witnesses=partners), working(database_url, store) as registry:
        await registry.sequencer.append(opening())
        await until(published(registry, 1))
        await until(says(registry, "normal"))
        partners.agreeing = False
        await registry.sequencer.append(body(1))
        await until(says(registry, "alarmed", "witnesses-lacking"))
        await registry.sequencer.append(body(2))
        await until(signed(registry, 3))
        assert not published(registry, 2)()
        assert "alarmed" == registry.guard.state
        partners.agreeing = True
        await until(published(registry, 3))
        await until(says(registry, "normal"))
        assert "witnesses-lacking" not in registry.guard.reasons


async def test_at_its_start_too_few_witnesses_are_an_alarm_as_long_as_the_outside_store_agrees(
    database_url: str,
) -> None:
    store = Remembered()
    async with checkpointing(database_url, store), working(database_url, store) as registry:
        await registry.sequencer.append(opening())
        await until(signed(registry, 1))
    lacking = Partners()
    lacking.agreeing = False
    async with checkpointing(database_url, store, witnesses=lacking), working(database_url, store) as registry:
        await until(says(registry, "alarmed", "witnesses-lacking"))
        await registry.sequencer.append(body(1))
        await until(signed(registry, 2))
        assert not published(registry, 2)()
    async with (
        checkpointing(database_url, Remembered(b""), witnesses=lacking),
        working(database_url, Remembered()) as registry,
    ):
        await until(says(registry, "checks-only", "not-signed-by-us"))
        assert await is_refused(registry)


def forged(size: int) -> bytes:
    return SIGNER.sign(size, root_of([leaf_hash(b"other %d" % index) for index in range(size)]), 1_780_000_000)


@pytest.mark.parametrize(("size", "code"), [(9, "database-behind"), (1, "database-differs")])
async def test_a_witness_that_shows_what_our_key_signed_elsewhere_stops_signatures_and_writes(
    database_url: str, size: int, code: str
) -> None:
    partners, store = Partners(), Remembered()
    async with checkpointing(database_url, store, witnesses=partners), working(database_url, store) as registry:
        await registry.sequencer.append(opening())
        await until(published(registry, 1))
        # A round says that somebody is ahead; what it can show is asked for, and held against the database.
        partners.suspect = True
        partners.shown = (Signed(forged(size), "the witness w"),)
        await registry.sequencer.append(body(1))
        await until(says(registry, "checks-only", code))
        newest = store.note
        assert await is_refused(registry)
        assert newest == store.note


async def test_a_witness_that_only_claims_a_larger_size_stops_nothing(database_url: str) -> None:
    partners, store = Partners(), Remembered()
    partners.suspect = True
    async with checkpointing(database_url, store, witnesses=partners), working(database_url, store) as registry:
        await registry.sequencer.append(opening())
        for number in range(3):
            await registry.sequencer.append(body(number))
        await until(published(registry, 4))
        assert "normal" == registry.guard.state


async def test_a_store_that_cannot_be_written_stops_signatures_and_not_what_people_record(database_url: str) -> None:
    store = Failing()
    async with checkpointing(database_url, store), working(database_url, store) as registry:
        await registry.sequencer.append(opening())
        await until(signed(registry, 1))
        store.well = False
        await registry.sequencer.append(body(1))
        await until(says(registry, "alarmed", "outside-store-failed"))
        await registry.sequencer.append(body(2))
        refused = store.refused
        await until(lambda: store.refused > refused + 1)
        assert says(registry, "alarmed", "outside-store-failed")()
        assert not signed(registry, 2)()
        store.well = True
        await until(signed(registry, 3))
        await until(says(registry, "normal"))


async def test_another_checkpoint_outside_than_the_one_expected_stops_writes(database_url: str) -> None:
    store = Remembered()
    async with checkpointing(database_url, store), working(database_url, store) as registry:
        await registry.sequencer.append(opening())
        await until(signed(registry, 1))
        store.note = forged(5)
        await until(says(registry, "checks-only", "database-behind"))
        assert await is_refused(registry)
        assert forged(5)[:60] == (store.note or b"")[:60]


async def test_a_worker_that_is_connected_all_along_sees_what_another_primary_has_signed(database_url: str) -> None:
    """A primary that was cut off: nobody closes its sessions, and the outside store goes on without it."""
    store = Remembered()
    async with working(database_url, store) as registry:
        await registry.sequencer.append(opening())
        session = registry.sequencer._connection
        store.note = forged(5)
        await until(lambda: registry.guard.state == "checks-only")
        assert "database-behind" in registry.guard.reasons
        assert await is_refused(registry)
        assert session is not registry.sequencer._connection


async def test_entries_that_were_edited_below_what_was_signed_are_not_signed_over(database_url: str) -> None:
    store = Remembered()
    # A worker that sees the store would look as well, and take nothing more.
    async with checkpointing(database_url, store), working(database_url) as registry:
        await registry.sequencer.append(opening())
        await registry.sequencer.append(body(1))
        await until(signed(registry, 2))
        newest = store.note
        owner = await asyncpg.connect(database_url)
        await owner.execute("ALTER TABLE entry DISABLE TRIGGER append_only")
        await owner.execute("UPDATE entry SET leaf_hash = sha256('x') WHERE index = 0")
        await owner.close()
        await registry.sequencer.append(body(2))
        await until(says(registry, "checks-only", "database-differs"))
        assert newest == store.note


async def test_two_on_two_stores_do_not_take_turns(database_url: str) -> None:
    """Each would vouch for what the other has not seen: a store that lags confirms nothing."""
    first, second = Remembered(), Remembered()
    async with working(database_url, first) as registry:
        await registry.sequencer.append(opening())
        async with checkpointing(database_url, first):
            await until(signed(registry, 1))
        async with checkpointing(database_url, second):
            await until(says(registry, "checks-only", "outside-store-empty"))
        second.note = first.note
        async with checkpointing(database_url, first):
            await until(says(registry, "normal"))
            await registry.sequencer.append(body(1))
            await until(signed(registry, 2))
        async with checkpointing(database_url, second):
            await until(says(registry, "checks-only", "outside-store-behind"))
        assert second.note != first.note


async def test_of_two_on_one_database_one_leads_and_the_other_goes_on_from_its_last(database_url: str) -> None:
    store = Remembered()
    async with working(database_url, store) as registry, checkpointing(database_url, store):
        async with checkpointing(database_url, store):
            for number in range(4):
                await registry.sequencer.append(body(number))
            await until(signed(registry, 4))
        await registry.sequencer.append(body(5))
        await until(signed(registry, 5))
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch("SELECT size, root FROM checkpoint")
    await connection.close()
    assert len(rows) == len({row["size"] for row in rows})


async def test_an_operators_word_is_taken_once(database_url: str) -> None:
    store = Remembered()
    async with working(database_url, store) as registry:
        await registry.sequencer.append(opening())
        async with checkpointing(database_url, store):
            await until(signed(registry, 1))
        lost = Remembered()
        adopting = Checkpointer(database_url, SIGNER, lost, now=wall_clock, adopt=True)
        await adopting.start()
        try:
            await until(lambda: lost.note == store.note)
            await until(says(registry, "normal"))
            lost.note = None
            await until(says(registry, "checks-only", "outside-store-empty"))
        finally:
            await adopting.stop()


async def test_while_the_log_is_idle_cosignatures_are_renewed_and_the_note_is_never_signed_again(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 600 == publisher._RENEW_SECONDS
    monkeypatch.setattr(publisher, "_RENEW_SECONDS", 0.05)
    partners, store = Partners(), Remembered()
    async with checkpointing(database_url, store, witnesses=partners), working(database_url, store) as registry:
        await registry.sequencer.append(opening())
        await until(published(registry, 1))
        note = registry.follower.checkpoint
        for _ in range(2):
            partners.now += 600
            await until(lambda: f"cosigned-1-{partners.now}" in _head(registry))
        assert note == registry.follower.checkpoint
    assert {store.note} == set(partners.asked)
    assert len(partners.asked) >= 3
    connection = await asyncpg.connect(database_url)
    assert [(1, store.note)] == [tuple(row) for row in await connection.fetch("SELECT size, note FROM checkpoint")]
    await connection.close()


def _head(registry: Registry) -> str:
    assert registry.follower.published is not None
    return registry.follower.published.note.decode()


async def test_a_worker_without_the_store_waits_for_a_word_given_since_it_connected(database_url: str) -> None:
    store = Remembered()
    async with checkpointing(database_url, store), working(database_url) as registry:
        await registry.sequencer.append(opening())
        await until(signed(registry, 1))
    # The last word is `normal`, and may be a restored copy's.
    async with working(database_url) as registry:
        assert "normal" == word(registry)[0]
        assert "checks-only" == registry.guard.state
        assert await is_refused(registry)
        assert (HistoryUnconfirmed.code,) == registry.guard.reasons[:1]
        async with checkpointing(database_url, store):
            await until(lambda: registry.guard.state == "normal")
            await registry.sequencer.append(body(1))


async def test_a_worker_that_has_not_looked_yet_says_so(database_url: str) -> None:
    registry = Registry(database_url, SIGNER.keys)
    assert ("checks-only", ("history-not-looked-at",)) == (registry.guard.state, registry.guard.reasons)


async def test_the_database_is_exchanged_under_a_running_service_and_put_back(
    database_url: str, postgres_server: str
) -> None:
    """An older copy takes the database's place while everybody works, and later the newer one comes back."""
    name = urlsplit(database_url).path.removeprefix("/")
    store = Remembered()
    async with running(database_url) as first:
        await first.sequencer.append(opening())
        await until(signed(first, 1))
    owner = await asyncpg.connect(postgres_server)
    try:
        await _alone(owner, name, f'CREATE DATABASE "{name}_old" TEMPLATE "{name}"')
        store.note = await _newest(database_url)
        async with checkpointing(database_url, store), working(database_url, store) as registry:
            await registry.sequencer.append(body(1))
            await until(signed(registry, 2))
            newest = store.note

            await _alone(owner, name, f'ALTER DATABASE "{name}" RENAME TO "{name}_new"')
            await _alone(owner, f"{name}_old", f'ALTER DATABASE "{name}_old" RENAME TO "{name}"')
            await until(lambda: "database-behind" in registry.guard.reasons)
            assert await is_refused(registry)
            assert 2 == registry.follower.view.size
            async with working(database_url, store) as restarted:
                assert await is_refused(restarted)
                await until(says(restarted, "checks-only", "database-behind"))
            assert newest == store.note

            await _alone(owner, name, f'ALTER DATABASE "{name}" RENAME TO "{name}_old"')
            await _alone(owner, f"{name}_new", f'ALTER DATABASE "{name}_new" RENAME TO "{name}"')
            await until(lambda: registry.guard.state == "normal")
            await registry.sequencer.append(body(3))
            await until(signed(registry, 3))
        await owner.execute(f'DROP DATABASE "{name}_old" WITH (FORCE)')
    finally:
        await owner.close()


async def _alone(owner: asyncpg.Connection, name: str, statement: str) -> None:
    """Whoever is connected to the database is thrown out, as often as it takes."""
    for _ in range(200):
        await owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        try:
            await owner.execute(statement)
        except asyncpg.ObjectInUseError:
            continue
        return
    raise AssertionError(statement)


async def _newest(url: str) -> bytes:
    connection = await asyncpg.connect(url)
    try:
        return bytes(await connection.fetchval("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1"))
    finally:
        await connection.close()


async def test_the_word_holds_what_could_lose_a_commit(database_url: str) -> None:
    """The tests' own server does not wait for its disk, and says so; a role's own setting is found as well."""
    async with running(database_url) as registry:
        await until(says(registry, "normal", "commit-not-durable"))
        assert (
            publication.Word(state="normal", reasons=("commit-not-durable",), before=0.0).reasons == word(registry)[1]
        )
