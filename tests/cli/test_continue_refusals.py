"""What `isa-registry continue` refuses, and what it does with entries that nobody signed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from cli.continued import OLD, TRUST, Story, after_the_backup, clients, current, refused
from cli.logs import Log, founding_document
from isa_registry.runtime.erasure.journal import Journal, JournalLine
from isa_registry.runtime.log_keys.files import read_log_signer_in
from isa_registry.store import log
from isa_registry.store.pool import connect

pytestmark = pytest.mark.xdist_group("continuation")

# --- refusals -------------------------------------------------------------------------------------------------------


def test_the_wrong_keys_are_refused(story: Story, fresh: Log, tmp_path: Path) -> None:
    mixed = tmp_path / "mixed.vkeys"
    mixed.write_text("\n".join(Log(tmp_path / "imposter", "", OLD).keys_file.read_text().splitlines()))
    elsewhere = replace(story, new=fresh)
    assert refused(elsewhere.continuing("--old-keys", mixed), 1, "signature-missing")
    assert refused(elsewhere.continuing("--old-keys", story.new.keys_file), 1, "signature-missing")
    assert fresh.size() == 0


def test_a_checkpoint_of_another_log_is_refused(story: Story, fresh: Log) -> None:
    story.new.grow()
    ran = replace(story, new=fresh).continuing("--old-checkpoint", story.new.outside)
    assert refused(ran, 1, "signature-missing")


def test_another_database_than_the_checkpoints_is_refused(story: Story, fresh: Log) -> None:
    ran = replace(story, new=fresh).continuing(ISA_OLD_DATABASE_URL=story.new.url)
    assert refused(ran, 1, "old-log-differs")


def test_a_checkpoint_before_the_databases_own_is_refused(story: Story, fresh: Log, tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.write_bytes(story.old.signed(3))
    ran = replace(story, new=fresh).continuing("--old-checkpoint", first, "--reason", "keys-lost")
    assert refused(ran, 1, "checkpoint-older")


def test_a_log_that_signed_two_histories_is_refused(story: Story, copied: Log, fresh: Log, tmp_path: Path) -> None:
    fork = tmp_path / "fork"
    fork.write_bytes(copied.signer.sign(story.backed_up, bytes(32), 1_780_000_000))
    told = replace(story, old=copied, new=fresh)
    assert refused(told.continuing("--old-checkpoint", fork, "--reason", "keys-lost"), 1, "old-log-forked")


def test_an_empty_database_has_nothing_to_continue(story: Story, fresh: Log) -> None:
    assert refused(replace(story, new=fresh).continuing(ISA_OLD_DATABASE_URL=fresh.url), 1, "old-log-empty")


def test_the_old_origin_is_refused(story: Story, database_url: str, tmp_path: Path) -> None:
    same = Log(tmp_path, database_url, OLD)
    assert refused(replace(story, new=same).continuing(), 1, "an origin of its own")


def test_the_old_keys_are_refused_under_another_name(story: Story, fresh: Log) -> None:
    signer = read_log_signer_in(fresh.origin, story.old.directory / "keys")
    ran = replace(story, new=fresh).continuing(ISA_LOG_VKEYS="\n".join(signer.vkeys))
    assert refused(ran, 1, "Make new keys")


def test_a_database_that_holds_another_log_is_refused(story: Story, fresh: Log, tmp_path: Path) -> None:
    assert fresh.run("import", founding_document(tmp_path / "founding.json")).status == 0
    assert refused(replace(story, new=fresh).continuing(), 1, "begun already")


def test_the_old_logs_files_are_not_taken_for_the_new(story: Story, fresh: Log, tmp_path: Path) -> None:
    elsewhere = replace(story, new=fresh)
    assert refused(elsewhere.continuing(ISA_CHECKPOINT_FILE=str(story.old.outside)), 1, "ISA_CHECKPOINT_FILE")
    journal = tmp_path / "erasures.jsonl"
    journal.touch()
    ran = elsewhere.continuing("--old-journal", journal, ISA_ERASURE_JOURNAL=str(journal))
    assert refused(ran, 1, "a file of its own")
    assert story.old.outside.read_bytes() != story.before
    assert fresh.size() == 0


def test_nothing_lost_is_no_restore_to_get_out_of(story: Story, fresh: Log, tmp_path: Path) -> None:
    before = tmp_path / "before"
    before.write_bytes(story.before)
    ran = replace(story, new=fresh).continuing("--old-checkpoint", before)
    assert refused(ran, 1, "Nothing is lost")


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        ((), {"ISA_OLD_DATABASE_URL": ""}, "give one of ISA_OLD_DATABASE_URL"),
        (
            (),
            {"ISA_OLD_DATABASE_URL": "postgresql://someone:secret@127.0.0.1:1/x"},
            "the old database cannot be reached",
        ),
        (("--old-checkpoint", "/nowhere"), {}, "/nowhere cannot be read"),
        (("--old-journal", "/nowhere"), {}, "/nowhere is not there"),
    ],
)
def test_what_cannot_be_read_is_said(
    story: Story, fresh: Log, arguments: tuple[str, ...], environment: dict[str, str], words: str
) -> None:
    ran = replace(story, new=fresh).continuing(*arguments, **environment)
    assert refused(ran, 2, words)
    assert "secret" not in ran.err


# --- what no signature vouches for ----------------------------------------------------------------------------------


def test_entries_that_nobody_signed_are_carried_only_if_the_operator_says_so(
    story: Story, unsigned: Log, fresh: Log
) -> None:
    told = replace(story, old=unsigned, new=fresh)
    lost_keys = ("--reason", "keys-lost")
    assert refused(told.continuing(*lost_keys), 1, f"from entry {story.backed_up} on")
    carried = told.continuing(*lost_keys, "--unsigned", "carry", "--dry-run")
    assert f"entry {story.backed_up} becomes entry" in carried.out

    left = told.continuing(*lost_keys, "--unsigned", "leave")

    assert (left.status, left.err) == (0, "")
    assert f"entry {story.backed_up} stays behind: client.granted of {TRUST} (unsigned)" in left.out
    assert clients(unsigned) - clients(fresh) == {f"clients {TRUST} unsigned"}


def test_entries_that_are_others_than_those_signed_are_never_carried(story: Story, unsigned: Log, fresh: Log) -> None:
    """A failover lost what had been signed, and other entries came in its place."""
    unsigned.grow(after_the_backup, sign=False)
    told = replace(story, old=unsigned, new=fresh)
    unsigned.outside.write_bytes(story.old.outside.read_bytes())

    assert refused(told.continuing("--unsigned", "carry"), 1, "other entries than those that were signed")
    left = told.continuing("--unsigned", "leave")

    assert (left.status, left.err) == (0, "")
    assert f"after entry {story.backed_up - 1} they are not those that were signed" in left.out
    assert clients(fresh) == clients(story.old)


REHASHED = """
UPDATE entry e SET leaf = x.leaf, leaf_hash = sha256('\\x00'::bytea || x.leaf)
FROM (
    SELECT index, convert_to(overlay(
        text PLACING CASE WHEN substr(text, place, 1) = '0' THEN '1' ELSE '0' END FROM place FOR 1), 'UTF8') AS leaf
    FROM (
        SELECT index, text, position('"commitment":"' IN text) + length('"commitment":"') AS place
        FROM (SELECT index, convert_from(leaf, 'UTF8') AS text FROM entry ORDER BY index DESC LIMIT 1) newest
    ) placed
) x WHERE e.index = x.index
"""
EDITS = {
    "a payload": (
        "UPDATE payload SET payload = convert_to(replace(convert_from(payload, 'UTF8'), 'Durham', 'Dorset'), 'UTF8')",
        "not what its leaf commits to",
    ),
    "a leaf": ("UPDATE entry SET leaf = leaf || ' '::bytea WHERE index = 4", "entry 4 of the old log"),
    "a leaf and its hash": (REHASHED, "its own newest checkpoint was signed over"),
    "a revocation hidden among the records": (
        "UPDATE entry SET kind = 'record' WHERE kind = 'key.revoked'",
        "does not call every entry of the register",
    ),
    "a payload missing": ("DELETE FROM payload WHERE index = 5", "payload of entry 5 is missing"),
    "its checkpoints missing": ("DELETE FROM checkpoint", "old-log-unsigned"),
    "a payload called erased": (
        "INSERT INTO erasure VALUES (6, 7, 'superseded', 'a-rule', 7); DELETE FROM payload WHERE index = 6",
        "payload of entry 6 is missing",
    ),
}


@pytest.mark.parametrize(("edit", "words"), EDITS.values(), ids=EDITS)
def test_a_database_that_was_edited_is_refused(story: Story, copied: Log, fresh: Log, edit: str, words: str) -> None:
    asyncio.run(edited(copied.url, edit))
    copied.outside.write_bytes(story.old.outside.read_bytes())
    assert refused(replace(story, old=copied, new=fresh).continuing(), 1, words)
    assert fresh.size() == 0


async def edited(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"SET session_replication_role = replica; {statement}")
    finally:
        await connection.close()


def test_what_was_erased_after_the_backup_and_is_in_force_again_is_told(
    story: Story, fresh: Log, tmp_path: Path
) -> None:
    """A revocation that is left out would bring back what it revoked."""
    hashes = asyncio.run(leaf_hashes(story.old.url))
    journal = tmp_path / "old-erasures.jsonl"
    told = replace(story, new=fresh)
    lines = told.continuing("--dry-run").out.splitlines()
    (index,) = (int(line.split(" ")[1]) for line in lines if "client.revoked" in line)
    Journal(journal).append(
        [
            JournalLine(at="2026-11-01T00:00:00.000Z", by=index + 1, index=index, leaf=hashes[index].hex()),
            JournalLine(at="2026-11-01T00:00:00.000Z", by=index + 2, index=index + 1, leaf="0" * 64),
        ]
    )

    begun = told.continuing("--old-journal", journal)

    assert begun.status == 0, begun.err
    (said,) = (line for line in begun.out.splitlines() if "was erased after the backup" in line)
    assert said.startswith(f"entry {index} ")
    assert current(story.old) == current(fresh)


async def leaf_hashes(url: str) -> list[bytes]:
    connection = await connect(url, "isa_read")
    try:
        return await log.leaf_hashes(connection, 0, 10_000)
    finally:
        await connection.close()
