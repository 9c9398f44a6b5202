"""Whatever is edited in the database, by whoever owns it, is found, and is not signed over."""

from __future__ import annotations

import asyncio

import pytest

from faults.drafts import KID, POLICE
from faults.oracle import served
from isa_registry.runtime.fsck import check_log
from isa_registry.runtime.registry import Registry
from isa_verify.audit import InconsistentLogError, audit_log
from isa_verify.errors import VerificationError
from running import ORIGIN, SIGNER, body, checkpointing, running, working
from tamper.conftest import SIZE, Victim

FLIP = "set_byte({0}, octet_length({0}) - 3, get_byte({0}, octet_length({0}) - 3) # 1)"


def flipped(table: str, column: str, where: str) -> str:
    """One bit of one stored value."""
    return f"UPDATE {table} SET {column} = {FLIP.format(column)} WHERE {where}"


def replaced(table: str, column: str, old: str, new: str) -> str:
    """One text within stored bytes."""
    return (
        f"UPDATE {table} SET {column} = convert_to(replace(convert_from({column}, 'UTF8'), E'{old}', E'{new}'), 'UTF8')"
    )


RENAMED_IN_SNAPSHOT = replaced("register_snapshot", "body", "Body 300", "Body 999")


def swapped(first: int) -> tuple[str, str]:
    """Two neighbours trade places."""
    return (
        f"UPDATE entry SET index = index + 1000000 WHERE index IN ({first}, {first + 1})",
        f"UPDATE entry SET index = {1000000 + 2 * first + 1} - index WHERE index >= 1000000",
    )


ARTEFACTS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "leaf": ((flipped("entry", "leaf", "index = 300"),), "leaf-hash", "entry 300"),
    "leaf and its hash": (
        (
            flipped("entry", "leaf", "index = 300"),
            "UPDATE entry SET leaf_hash = sha256('\\x00'::bytea || leaf) WHERE index = 300",
        ),
        "chain",
        "entry 301",
    ),
    "leaf hash": ((flipped("entry", "leaf_hash", "index = 300"),), "leaf-hash", "entry 300"),
    "payload": ((flipped("payload", "payload", "index = 300"),), "commitment", "entry 300"),
    "salt": ((flipped("payload", "salt", "index = 300"),), "commitment", "entry 300"),
    "payload deleted": (("DELETE FROM payload WHERE index = 300",), "payload-missing", "entry 300"),
    "entry deleted": (("DELETE FROM entry WHERE index = 300",), "index-gap", "entry 301"),
    "two entries swapped": (swapped(300), "chain", "entry 300"),
    "tail cut off": (("DELETE FROM entry WHERE index >= 590",), "checkpoint", "checkpoint 600"),
    "tail cut off, payloads left": (("DELETE FROM entry WHERE index >= 590",), "payload-orphan", "entry 590"),
    "kind beside a leaf": (("UPDATE entry SET kind = 'record' WHERE index = 300",), "columns", "entry 300"),
    "time beside a leaf": (
        ("UPDATE entry SET at = at + interval '1 second' WHERE index = 300",),
        "columns",
        "entry 300",
    ),
    "readers of an event": (
        ("UPDATE payload SET readers = NULL WHERE kind = 'sharing-event.withheld'",),
        "columns",
        "entry {withheld}",
    ),
    "kind beside a payload": (("UPDATE payload SET kind = 'x' WHERE index = 300",), "columns", "entry 300"),
    "tile hashes": ((flipped("tile", "hashes", "number = 1"),), "tile", "level 0 tile 1"),
    "tile root": ((flipped("tile", "root", "number = 1"),), "tile", "level 0 tile 1"),
    "tile deleted": (("DELETE FROM tile WHERE number = 1",), "tile", "level 0 tile 1"),
    "tile made up": (("UPDATE tile SET level = 1, number = 0 WHERE number = 1",), "tile", "level 1 tile 0"),
    "checkpoint note": (
        (replaced("checkpoint", "note", r"\n600\n", r"\n601\n"),),
        "signature-invalid",
        "checkpoint 600",
    ),
    "checkpoint root": ((flipped("checkpoint", "root", "size = 600"),), "checkpoint", "checkpoint 600"),
    "checkpoint size": (("UPDATE checkpoint SET size = 599 WHERE size = 600",), "checkpoint", "checkpoint 599"),
    "check row": (("UPDATE check_record SET organisation = 'harbour'",), "index-table", "check_record, entry {check}"),
    "check row deleted": (("DELETE FROM check_record",), "index-table", "check_record, entry {check}"),
    "event row": (
        ("UPDATE sharing_event SET flags = '{review-basis}'",),
        "index-table",
        "sharing_event, entry {event}",
    ),
    "event row seen by another": (
        ("UPDATE sharing_event SET provider = 'harbour'",),
        "index-table",
        "sharing_event, entry {event}",
    ),
    "event row deleted": (("DELETE FROM sharing_event",), "index-table", "sharing_event, entry {event}"),
    "snapshot body": ((flipped("register_snapshot", "body", "size = 600"),), "snapshot", "size 600"),
    "snapshot and its hash": (
        (
            RENAMED_IN_SNAPSHOT,
            "UPDATE register_snapshot SET sha256 = sha256(body)",
        ),
        "snapshot",
        "size 600",
    ),
    "snapshot of a longer log": (("UPDATE register_snapshot SET size = 700",), "snapshot", "size 700"),
}


@pytest.mark.parametrize(("statements", "code", "where"), ARTEFACTS.values(), ids=ARTEFACTS)
async def test_an_edited_artefact_is_found(victim: Victim, statements: tuple[str, ...], code: str, where: str) -> None:
    await victim.edit(*statements)
    report = await check_log(victim.url, origin=ORIGIN, vkeys=SIGNER.vkeys)
    found = {(one.code, one.where) for one in report.findings}
    assert (code, where.format(withheld=victim.withheld, event=victim.event, check=victim.check)) in found, found


async def test_bytes_that_are_no_entry_are_reported_and_not_stumbled_over(victim: Victim) -> None:
    """Leaf, payload, salt and every hash made anew, around a payload that no action would have made."""
    forged = '{"event":"x","jws":"not.a.document","kind":"sharing-event.recorded"}'
    await victim.edit(f"UPDATE payload SET payload = '{forged}' WHERE index = {victim.event}")
    report = await check_log(victim.url, origin=ORIGIN, vkeys=SIGNER.vkeys)
    assert ("commitment", f"entry {victim.event}") in {(one.code, one.where) for one in report.findings}


# --- what is not signed over ---------------------------------------------------------------------------------------


async def newest_size(victim: Victim) -> int:
    return int(await victim.value("SELECT max(size) FROM checkpoint"))


async def refuses_to_sign(victim: Victim) -> bool:
    """A service is started on the log and something is appended, where it can be: whether no checkpoint comes."""
    before = await newest_size(victim)
    async with running(victim.url) as registry:
        await asyncio.gather(registry.sequencer.append(body(1000)), return_exceptions=True)
        await asyncio.sleep(0.4)
    return await newest_size(victim) == before


async def test_an_untouched_log_is_signed_after_a_restart(victim: Victim) -> None:
    assert not await refuses_to_sign(victim)


UNSIGNABLE = {
    "hash of an entry in no full tile": (flipped("entry", "leaf_hash", "index = 599"),),
    "entry of no full tile deleted": ("DELETE FROM entry WHERE index = 520",),
    "two entries of no full tile swapped": swapped(520),
    "tail cut off": ("DELETE FROM entry WHERE index >= 590",),
    "root of a full tile": (flipped("tile", "root", "number = 1"),),
    "full tile deleted": ("DELETE FROM tile WHERE number = 1",),
    "root of the newest checkpoint": (flipped("checkpoint", "root", "size = 600"),),
}


@pytest.mark.parametrize("statements", UNSIGNABLE.values(), ids=UNSIGNABLE)
async def test_an_edited_log_is_not_signed_again(victim: Victim, statements: tuple[str, ...]) -> None:
    await victim.edit(*statements)
    assert await refuses_to_sign(victim)


@pytest.mark.parametrize("artefact", ["leaf", "leaf_hash"])
async def test_new_entries_are_read_back_and_not_signed_if_they_were_edited(
    victim: Victim, monkeypatch: pytest.MonkeyPatch, artefact: str
) -> None:
    """The edit comes between the commit and the signature."""
    async with checkpointing(victim.url) as checkpointer, working(victim.url) as registry:
        await registry.sequencer.append(body(1000))
        assert await registry.follower.wait_for_checkpoint(SIZE + 1, seconds=5)
        await checkpointer.stop()
        await registry.sequencer.append(body(1001))
        await victim.edit(flipped("entry", artefact, "index = 601"))
        await checkpointer.start()
        await asyncio.sleep(0.4)
    assert SIZE + 1 == await newest_size(victim)


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


@pytest.mark.parametrize(
    "statement",
    [
        flipped("register_snapshot", "body", "size = 600"),
        flipped("register_snapshot", "sha256", "size = 600"),
        flipped("register_snapshot", "leaf_hash", "size = 600"),
        "UPDATE register_snapshot SET size = 700",
        "UPDATE register_snapshot SET size = 599",
        RENAMED_IN_SNAPSHOT,
    ],
)
async def test_a_register_is_not_loaded_from_an_edited_snapshot(
    victim: Victim, capsys: pytest.CaptureFixture[str], statement: str
) -> None:
    await victim.edit(statement)
    async with running(victim.url) as registry:
        view = registry.follower.view
        found = view.organisation("body-300")
        assert found is not None
        assert "Body 300" == found.name
        assert view.key(POLICE, KID) is not None
        assert SIZE == view.size
    assert "snapshot-refused" in capsys.readouterr().out
