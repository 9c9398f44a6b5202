"""The write path: drafts in, entries out, on a real PostgreSQL."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from isa_registry.actions import organisations
from isa_registry.domain.agreement_entries import AttestationMade
from isa_registry.domain.party_entries import OrganisationRegistered
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Appended, Draft, IdempotencyClaim
from isa_registry.runtime.tree import LogDisagrees
from isa_verify.checkpoint import Checkpoint
from isa_verify.leaf import Leaf, commitment
from isa_verify.merkle import leaf_hash, root_of
from isa_verify.note import open_note
from running import ORIGIN, SIGNER, body, opening, running


async def stored(database_url: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(database_url)
    try:
        return await connection.fetch(
            "SELECT e.*, p.payload, p.salt FROM entry e JOIN payload p USING (index) ORDER BY index"
        )
    finally:
        await connection.close()


async def test_entries_are_numbered_chained_and_committed(database_url: str) -> None:
    async with running(database_url) as registry:
        await registry.sequencer.append(opening())
        await asyncio.gather(*(registry.sequencer.append(body(number)) for number in range(600)))
        root = registry.follower.root
        size = registry.follower.view.size
    rows = await stored(database_url)

    assert 601 == size == len(rows)
    previous = bytes(32)
    for index, row in enumerate(rows):
        leaf = Leaf.parse(row["leaf"])
        assert (index, ORIGIN, previous.hex()) == (leaf.seq, leaf.origin, leaf.prev)
        assert leaf.commitment == commitment(leaf.kind, row["payload"], row["salt"])
        previous = leaf_hash(row["leaf"])
        assert previous == row["leaf_hash"]
    assert root == root_of([row["leaf_hash"] for row in rows])


async def test_full_tiles_are_stored_as_they_fill(database_url: str) -> None:
    async with running(database_url) as registry:
        for start in range(0, 1200, 300):
            await asyncio.gather(*(registry.sequencer.append(body(start + n)) for n in range(300)))
    connection = await asyncpg.connect(database_url)
    tiles = await connection.fetch("SELECT level, number, hashes, root FROM tile ORDER BY level, number")
    hashes = [row["leaf_hash"] for row in await connection.fetch("SELECT leaf_hash FROM entry ORDER BY index")]
    await connection.close()

    assert [(0, 0), (0, 1), (0, 2), (0, 3)] == [(tile["level"], tile["number"]) for tile in tiles]
    for tile in tiles:
        part = hashes[tile["number"] * 256 : (tile["number"] + 1) * 256]
        assert (b"".join(part), root_of(part)) == (tile["hashes"], tile["root"])


async def test_two_workers_append_to_one_history(database_url: str) -> None:
    async with running(database_url) as one, running(database_url) as other:
        drafts = [(one if number % 2 else other).sequencer.append(body(number)) for number in range(400)]
        appended = await asyncio.gather(*drafts)
        assert await one.follower.wait_for_size(400, seconds=5)
        assert await other.follower.wait_for_size(400, seconds=5)

        assert list(range(400)) == sorted(done.index for done in appended)
        assert one.follower.root == other.follower.root
        assert 400 == len(one.follower.view.organisations()) == len(other.follower.view.organisations())


async def test_a_worker_is_woken_by_what_others_append_and_not_by_its_own(database_url: str) -> None:
    async with running(database_url) as registry:
        await registry.sequencer.append(opening())
        follower = registry.follower
        size = follower.view.size

        def woken_by(announced: int) -> bool:
            follower._wake.clear()
            follower._heard(None, 0, "isa_log", str(announced))
            return follower._wake.is_set()

        assert [False, True] == [woken_by(size), woken_by(size + 1)]
        follower.expect(size + 1)
        assert [False, True] == [woken_by(size + 1), woken_by(size + 2)]
        follower._wake.clear()
        follower.take_back()
        assert follower._wake.is_set(), "whose commit failed looks what became of it"
        assert woken_by(size + 1)


async def test_a_commit_that_fails_has_the_worker_look_for_itself(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(database_url) as registry:
        await registry.sequencer.append(opening())
        commit = asyncpg.transaction.Transaction.commit
        lost: list[int] = []

        async def reported_failed(self: asyncpg.transaction.Transaction) -> None:
            await commit(self)
            if not lost:
                lost.append(1)
                raise ConnectionResetError("broken by the test")

        monkeypatch.setattr(asyncpg.transaction.Transaction, "commit", reported_failed)
        appended = await registry.sequencer.append(body(1))
        assert [1] == lost
        assert await registry.follower.wait_for_size(appended.size, seconds=10)
        assert registry.follower._expected <= registry.follower.view.size


async def test_a_precondition_is_held_against_the_tail_and_harms_no_other_draft(database_url: str) -> None:
    def only_without_body_7(view: RegisterView, at: str) -> None:
        if view.organisation("body-7") is not None:
            raise Refused("conflict", "It is there.")

    guarded = Draft(payloads=body(8).payloads, preconditions=(only_without_body_7,))
    async with running(database_url) as registry:
        results = await asyncio.gather(
            registry.sequencer.append(body(7)),
            registry.sequencer.append(guarded),
            registry.sequencer.append(body(9)),
            return_exceptions=True,
        )
        view = registry.follower.view

    assert isinstance(results[1], Refused)
    assert "conflict" == results[1].code
    assert [True, False, True] == [view.organisation(f"body-{n}") is not None for n in (7, 8, 9)]
    assert 2 == view.size


async def test_a_checkpoint_follows_an_append_and_is_signed_over_the_stored_bytes(database_url: str) -> None:
    async with running(database_url) as registry:
        done = await registry.sequencer.append(opening())
        checkpoint = await registry.follower.wait_for_checkpoint(done.size, seconds=5)
        root = registry.follower.root

    assert checkpoint is not None
    opened = open_note(checkpoint.note, SIGNER.keys.verifiers)
    assert Checkpoint(origin=ORIGIN, size=1, root=root) == Checkpoint.parse(opened.text)


async def test_a_restart_finds_everything_again_from_a_snapshot(database_url: str) -> None:
    async with running(database_url) as registry:
        await asyncio.gather(*(registry.sequencer.append(body(number)) for number in range(300)))
        assert 300 == await registry.snapshotter.keep(least=1)
        await registry.sequencer.append(body(300))
        before = registry.follower.root
    async with running(database_url) as registry:
        assert (301, before) == (registry.follower.view.size, registry.follower.root)
        assert 301 == len(registry.follower.view.organisations())


async def test_a_snapshot_of_another_log_is_not_used(database_url: str) -> None:
    async with running(database_url) as registry:
        await asyncio.gather(*(registry.sequencer.append(body(number)) for number in range(10)))
        await registry.snapshotter.keep(least=1)
    connection = await asyncpg.connect(database_url)
    await connection.execute("UPDATE register_snapshot SET leaf_hash = sha256('another'::bytea)")
    await connection.close()
    async with running(database_url) as registry:
        assert 10 == len(registry.follower.view.organisations())


async def test_a_commit_whose_answer_was_lost_is_told_as_it_was(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(database_url) as registry:
        await registry.sequencer.append(body(0))
        original = asyncpg.transaction.Transaction.commit

        async def persisted_but_unanswered(self: asyncpg.transaction.Transaction) -> None:
            await original(self)
            monkeypatch.undo()
            raise ConnectionResetError

        monkeypatch.setattr(asyncpg.transaction.Transaction, "commit", persisted_but_unanswered)
        done = await registry.sequencer.append(body(1))
        assert 1 == done.index

        async def never_persisted(self: asyncpg.transaction.Transaction) -> None:
            monkeypatch.undo()
            raise ConnectionResetError

        monkeypatch.setattr(asyncpg.transaction.Transaction, "commit", never_persisted)
        with pytest.raises(Refused, match="cannot be written"):
            await registry.sequencer.append(body(2))
        again = await registry.sequencer.append(body(3))
        assert 2 == again.index
    assert 3 == len(await stored(database_url))


@pytest.mark.parametrize("role", ["isa_sequence", "isa_read", "isa_work", "isa_erase"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET kind = 'x'",
        "DELETE FROM entry",
        "TRUNCATE entry",
        "UPDATE payload SET kind = 'x'",
        "TRUNCATE payload",
        "UPDATE tile SET number = 9",
        "DELETE FROM checkpoint",
    ],
)
async def test_no_role_of_the_service_changes_what_was_logged(database_url: str, role: str, statement: str) -> None:
    connection = await asyncpg.connect(database_url, server_settings={"role": role})
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.mark.parametrize("role", ["isa_read", "isa_work", "isa_erase"])
async def test_only_the_sequencing_role_appends(database_url: str, role: str) -> None:
    connection = await asyncpg.connect(database_url, server_settings={"role": role})
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("INSERT INTO entry VALUES (0, 'record', now(), 'x', sha256('x'::bytea))")
    finally:
        await connection.close()


async def test_a_forged_snapshot_is_put_right_from_the_log(database_url: str) -> None:
    async with running(database_url) as registry:
        await asyncio.gather(*(registry.sequencer.append(body(number)) for number in range(10)))
        await registry.snapshotter.keep(least=1)
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        """UPDATE register_snapshot SET body = forged, sha256 = sha256(forged)
        FROM (SELECT convert_to(replace(convert_from(body, 'UTF8'), 'Body 3', 'Nobody'), 'UTF8') AS forged
              FROM register_snapshot) AS f"""
    )
    await connection.close()
    async with running(database_url) as registry:
        await registry.sequencer.append(body(10))
        for _ in range(100):
            found = registry.follower.view.organisation("body-3")
            if found is not None and found.name == "Body 3":
                break
            await asyncio.sleep(0.05)

        assert found is not None
        assert "Body 3" == found.name
        assert 11 == len(registry.follower.view.organisations())


async def test_a_changed_register_payload_is_never_folded(database_url: str) -> None:
    async with running(database_url) as registry:
        await registry.sequencer.append(body(0))
    connection = await asyncpg.connect(database_url)
    await connection.execute("SET session_replication_role = replica")
    await connection.execute("UPDATE payload SET payload = replace(encode(payload, 'escape'), '0', '1')::bytea")
    await connection.close()
    with pytest.raises(LogDisagrees, match="entry 0"):
        async with running(database_url):
            pass


async def test_one_draft_that_cannot_be_sealed_harms_no_other(database_url: str) -> None:
    broken = Draft(payloads=(AttestationMade(attestation="a", jws="not a document"),))
    async with running(database_url) as registry:
        results = await asyncio.gather(
            registry.sequencer.append(body(1)),
            registry.sequencer.append(broken),
            registry.sequencer.append(body(2)),
            return_exceptions=True,
        )
        assert [0, 1] == [done.index for done in (results[0], results[2]) if isinstance(done, Appended)]
        assert isinstance(results[1], Exception)
    assert 2 == len(await stored(database_url))


async def test_an_idempotency_key_may_be_used_again_after_a_day(database_url: str) -> None:
    claim = IdempotencyClaim(scope_sha256=bytes(32), request_sha256=b"\x01" * 32)
    async with running(database_url) as registry:
        first = await registry.sequencer.append(Draft(payloads=body(1).payloads, idempotency=claim))
        again = await registry.sequencer.append(Draft(payloads=body(1).payloads, idempotency=claim))
        connection = await asyncpg.connect(database_url)
        await connection.execute("UPDATE idempotency SET claimed_at = claimed_at - interval '25 hours'")
        await connection.close()
        later = await registry.sequencer.append(Draft(payloads=body(2).payloads, idempotency=claim))

    assert (0, 0, 1) == (first.index, again.index, later.index)
    assert (False, True, False) == (first.repeated, again.repeated, later.repeated)


async def test_a_draft_whose_precondition_fails_outright_harms_no_other(database_url: str) -> None:
    def broken(view: RegisterView, at: str) -> None:
        raise ZeroDivisionError

    async with running(database_url) as registry:
        results = await asyncio.gather(
            registry.sequencer.append(body(1)),
            registry.sequencer.append(Draft(payloads=body(2).payloads, preconditions=(broken,))),
            registry.sequencer.append(body(3)),
            return_exceptions=True,
        )
        bodies = [one.organisation for one in registry.follower.view.organisations()]

    assert [Appended, ZeroDivisionError, Appended] == [type(one) for one in results]
    assert ["body-1", "body-3"] == bodies


async def test_a_snapshot_that_cannot_be_read_does_not_stop_a_start(database_url: str) -> None:
    async with running(database_url) as registry:
        await asyncio.gather(*(registry.sequencer.append(body(number)) for number in range(3)))
        await registry.snapshotter.keep(least=1)
    connection = await asyncpg.connect(database_url)
    await connection.execute("UPDATE register_snapshot SET body = '{}', sha256 = sha256('{}'::bytea)")
    await connection.close()
    async with running(database_url) as registry:
        assert 3 == len(registry.follower.view.organisations())


@pytest.mark.parametrize("identifier", ["*", "a,b", "", "A-Council", "a council", "-", "x" * 129])
def test_an_organisations_id_is_nothing_but_a_name(identifier: str) -> None:
    with pytest.raises(Refused, match="lower-case"):
        organisations.register(OrganisationRegistered(organisation=identifier, name="", organisation_kind="voluntary"))
