"""A log that continues another, as its operator and its auditors live it (docs/operating.md, 'After a restore')."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import asyncpg
import httpx
import pytest
from msgspec import structs

import isa_verify.cli
from cli.continued import COUNCIL, NEW, OLD, POLICE, Story, audit, current, published, refused
from cli.logs import Log, run
from faults.witnessing import eventually
from isa_registry.actions import clients
from isa_registry.domain.access_entries import ClientGranted
from isa_verify.receipt import Receipt
from isa_verify.state import State
from live import free_port

pytestmark = pytest.mark.xdist_group("continuation")

# --- the database that was restored ---------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["serve", "checkpoint"])
def test_an_older_copy_is_refused_and_the_way_out_is_named_also_once_it_was_taken(story: Story, command: str) -> None:
    environment = story.old.settings if command == "serve" else story.old.signing
    ended = subprocess.run(
        [sys.executable, "-m", "isa_registry", command], env=environment, capture_output=True, text=True, timeout=60
    )

    assert ended.returncode == 2
    assert f"holds {story.backed_up} entries" in ended.stderr
    assert "`isa-registry continue`" in ended.stderr
    assert "## After a restore" in (Path(__file__).parents[2] / "docs/operating.md").read_text()


# --- the log that continues it --------------------------------------------------------------------------------------


def test_it_says_what_was_lost_and_what_the_new_log_begins_with(story: Story) -> None:
    assert (0, "") == (story.began.status, story.began.err)
    assert story.began.out.splitlines()[:2] == [
        f"{OLD} signed {story.whole} entries; {story.backed_up} are here",
        "2 entries that it signed are lost; receipts for them verify with the old keys",
    ]


def test_the_new_register_is_the_old_one(story: Story) -> None:
    before, after = current(story.old), current(story.new)
    assert before == after
    shelves = {place.split(" ")[0] for place in after}
    named = {shelf for shelf in story.new.register().shelves() if not shelf.startswith("log_key")}
    assert {*named, "catalogue"} == shelves, "every shelf is filled, so every one was compared"


def test_the_new_log_is_begun_under_its_own_name_for_the_same_partnership(story: Story) -> None:
    old, new = (log.register().at(2).opened() for log in (story.old, story.new))
    assert old is not None
    assert new is not None
    assert structs.replace(old, origin=NEW, attestation_key=new.attestation_key) == new
    assert "d" not in new.attestation_key
    assert new.attestation_key != old.attestation_key


def test_it_grows_is_signed_and_whole_and_its_evidence_replays(story: Story, tmp_path: Path) -> None:
    story.new.grow(lambda view: [clients.grant(ClientGranted(POLICE, f"c{view.size}", ("checks:ask",)))])
    bundle = tmp_path / "new.isa-evidence.jsonl"

    looked_at = story.new.run("fsck", "--signatures").out
    assert ", 3 attestations of an earlier log not verified, 0 findings, " in looked_at
    assert (exported := story.new.run("export", bundle, "--reason", "audit")).status == 0, exported.err
    verified = run("export", bundle, "--vkeys", story.new.keys_file, program=isa_verify.cli.main)
    assert verified.status == 0, verified.err
    assert (replayed := run("replay", bundle)).status == 0, replayed.err


# --- auditors -------------------------------------------------------------------------------------------------------


def test_an_auditor_follows_from_the_old_log_to_the_new(story: Story, tmp_path: Path) -> None:
    story.new.grow()
    copy = published(story.new, tmp_path / "new")
    state = shutil.copytree(story.remembered, tmp_path / "state")

    followed = audit(copy, story.new.keys_file, state, "--continued-from", story.old.keys_file)

    assert followed.status == 0, followed.err
    assert f"{OLD}" in followed.out
    assert "database-restored" in followed.out
    assert audit(copy, story.new.keys_file, state).status == 0


def test_an_auditor_who_saw_less_is_told_how_many_entries_were_not_compared(story: Story, tmp_path: Path) -> None:
    story.new.grow()
    copy = published(story.new, tmp_path / "new")
    State(tmp_path / "state").save(story.before)

    followed = audit(copy, story.new.keys_file, tmp_path / "state", "--continued-from", story.old.keys_file)

    assert followed.status == 0, followed.err
    assert "its last 2 entries were not compared" in followed.out


def test_an_end_before_what_an_auditor_saw_is_found(story: Story, fresh: Log, tmp_path: Path) -> None:
    """An operator who keeps quiet about what was signed after the backup."""
    earlier = tmp_path / "earlier"
    earlier.write_bytes(story.before)
    begun = fresh.run(
        "continue", "--old-keys", story.old.keys_file, "--old-checkpoint", earlier, "--reason", "operator-changed",
        ISA_OLD_DATABASE_URL=story.old.url,
    )  # fmt: skip
    assert begun.status == 0, begun.err
    fresh.grow()
    copy = published(fresh, tmp_path / "new")
    state = shutil.copytree(story.remembered, tmp_path / "state")

    refused = audit(copy, fresh.keys_file, state, "--continued-from", story.old.keys_file)

    assert refused.status == 1
    assert "continuation-lost-entries" in refused.err + refused.out


def test_a_receipt_for_a_lost_entry_still_verifies_with_the_old_keys(story: Story) -> None:
    kept = run("receipt", story.lost, "--vkeys", story.old.keys_file, program=isa_verify.cli.main)
    assert (0, True) == (kept.status, f"index {story.backed_up}" in kept.out), kept.err
    other = run("receipt", story.lost, "--vkeys", story.new.keys_file, program=isa_verify.cli.main)
    assert other.status == 1


def test_the_service_shows_what_it_continues(story: Story, tmp_path: Path) -> None:
    story.new.grow()
    with served(story.new) as url:
        shown = httpx.get(f"{url}/log/continuation")
        followed = audit(f"{url}/log", story.new.keys_file, tmp_path / "state", "--continued-from", story.old.keys_file)
    receipt = tmp_path / "continuation.isa-receipt.json"
    receipt.write_bytes(shown.content)

    assert followed.status == 0, followed.err
    assert shown.headers["Content-Type"] == "application/json"
    assert run("receipt", receipt, "--vkeys", story.new.keys_file, program=isa_verify.cli.main).status == 0
    payload = json.loads(Receipt.parse(shown.content).payload)
    assert payload == {
        "kind": "log.continued",
        "old_origin": OLD,
        "old_checkpoint": story.old.outside.read_text(),
        "reason": "database-restored",
    }


@contextmanager
def served(log: Log) -> Iterator[str]:
    """The service and what signs beside it, as processes of their own."""
    port = free_port()
    command = [sys.executable, "-m", "isa_registry"]
    environment = {**log.settings, "ISA_PORT": str(port), "ISA_WORKERS": "1", "ISA_ALLOWED_HOSTS": f"127.0.0.1:{port}"}
    with (
        subprocess.Popen([*command, "checkpoint"], env=log.signing, stdout=subprocess.DEVNULL) as signing,
        subprocess.Popen([*command, "serve"], env=environment, stdout=subprocess.DEVNULL) as serving,
    ):
        try:
            url = f"http://127.0.0.1:{port}"
            eventually(lambda: httpx.get(f"{url}/readyz").json()["checkpoint_size"] == log.size(), seconds=60)
            yield url
        finally:
            for process in (serving, signing):
                process.terminate()


# --- carried out twice, or half -------------------------------------------------------------------------------------


def test_running_it_again_does_nothing_and_says_so(story: Story) -> None:
    size = story.new.size()
    again = story.continuing()
    assert (0, f"{NEW} continues {OLD} already: nothing is left to do\n") == (again.status, again.out)
    assert size == story.new.size()


def test_killed_before_its_commit_it_has_left_nothing_and_is_run_again(story: Story, fresh: Log) -> None:
    elsewhere = replace(story, new=fresh)
    with turn_taken(fresh.url) as awaited:
        command = [
            *(sys.executable, "-m", "isa_registry", "continue", "--old-keys", str(story.old.keys_file)),
            *("--old-checkpoint", str(story.old.outside), "--reason", "database-restored"),
        ]
        environment = {**fresh.settings, "PATH": "/usr/bin:/bin", "ISA_OLD_DATABASE_URL": story.old.url}
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
            eventually(awaited, seconds=30)
            process.kill()
    assert fresh.size() == 0

    again = elsewhere.continuing()

    assert again.status == 0, again.err
    assert again.out.endswith(f"the log now has {fresh.size()} entries\n")


@contextmanager
def turn_taken(url: str) -> Iterator[Callable[[], bool]]:
    """Nobody can append meanwhile; what is yielded says whether somebody waits to."""
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(url))
        runner.run(connection.execute("SELECT pg_advisory_lock(7302)"))

        def awaited() -> bool:
            waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"
            return bool(runner.run(connection.fetchval(waiting)))

        try:
            yield awaited
        finally:
            runner.run(connection.close())


def test_a_dry_run_says_line_by_line_what_would_be_done_and_does_nothing(story: Story, fresh: Log) -> None:
    said = replace(story, new=fresh).continuing("--dry-run")

    assert said.status == 0, said.err
    assert fresh.size() == 0
    lines = said.out.splitlines()
    assert "entry 1 becomes entry 2: catalogue.changed" in lines
    assert "entry 0 stays behind: registry.opened (of-the-old-log)" in lines
    assert sum(line.endswith(f"organisation.changed of {POLICE}") for line in lines) == 1
    assert sum(line.endswith(f"organisation.changed of {POLICE} (no-longer-matters)") for line in lines) == 1
    assert "someone" not in said.out, "people are not named"
    told = [int(line.split(" ")[1]) for line in lines if line.startswith("entry ")]
    kinds = asyncio.run(kinds_of(story.old.url))
    assert sorted(told) == [index for index, kind in enumerate(kinds) if kind != "record"]


# --- what is left of the old log ------------------------------------------------------------------------------------


def test_the_archive_gives_evidence_that_verifies_with_the_old_keys(story: Story, archived: Path) -> None:
    kept = run("export", archived, "--vkeys", story.old.keys_file, program=isa_verify.cli.main)
    assert (kept.status, f"{story.backed_up} entries" in kept.out) == (0, True), kept.err
    assert story.old.size() == story.backed_up, "nothing was noted in it, since nothing can be"


def test_records_of_cases_stay_in_the_archive_and_each_body_is_given_its_own(story: Story, tmp_path: Path) -> None:
    told = {}
    for body in (POLICE, COUNCIL):
        bundle = tmp_path / f"{body}.isa-evidence.jsonl"
        exported = story.old.run("export", bundle, "--ended", "--organisation", body, "--reason", "incident")
        assert exported.status == 0, exported.err
        assert run("export", bundle, "--vkeys", story.old.keys_file, program=isa_verify.cli.main).status == 0
        told[body] = b"record" in {leaf_kind(line) for line in bundle.read_bytes().splitlines()}

    assert told == {POLICE: True, COUNCIL: False}
    begun = asyncio.run(kinds_of(story.new.url))[: int(story.began.out.split(" ")[-2])]
    assert begun[:2] == ["registry.opened", "log.continued"]
    assert "record" not in begun


def leaf_kind(line: bytes) -> bytes:
    found = re.search(rb'"leaf":"([^"]+)"', line)
    return b"" if found is None else json.loads(base64.b64decode(found[1]))["kind"].encode()


async def kinds_of(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        return [row["kind"] for row in await connection.fetch("SELECT kind FROM entry ORDER BY index")]
    finally:
        await connection.close()


def test_a_log_that_goes_on_notes_who_reads_it(story: Story, tmp_path: Path) -> None:
    story.new.grow()
    ran = story.new.run("export", tmp_path / "x.jsonl", "--ended", "--reason", "audit")
    assert refused(ran, 2, "This log has not ended")
    unknown = story.new.run("export", tmp_path / "x.jsonl", "--ended", ISA_CHECKPOINT_FILE=str(story.old.outside))
    assert refused(unknown, 2, "holds no checkpoint of this log")
    assert refused(story.new.run("export", tmp_path / "x.jsonl", "--ended", ISA_CHECKPOINT_FILE=""), 2, "--ended needs")


def test_where_no_database_is_left_a_whole_bundle_is_continued(story: Story, archived: Path, fresh: Log) -> None:
    told = replace(story, new=fresh)
    begun = told.continuing("--old-evidence", archived, "--reason", "database-lost", ISA_OLD_DATABASE_URL="")

    assert (begun.status, begun.err) == (0, "")
    assert current(story.old) == current(fresh)


def test_a_bundle_of_another_log_or_of_a_part_is_not_continued(
    story: Story, archived: Path, fresh: Log, tmp_path: Path
) -> None:
    told = replace(story, new=fresh)
    nowhere = {"ISA_OLD_DATABASE_URL": ""}
    part = tmp_path / "part.isa-evidence.jsonl"
    exported = story.old.run("export", part, "--ended", "--kind", "organisation.registered", "--reason", "audit")
    assert exported.status == 0, exported.err
    assert refused(told.continuing("--old-evidence", part, **nowhere), 1, "old-log-in-part")
    damaged = tmp_path / "damaged.isa-evidence.jsonl"
    damaged.write_bytes(archived.read_bytes().replace(b"present", b"absent!", 1))
    assert refused(told.continuing("--old-evidence", damaged, **nowhere), 1, "evidence")
    first = tmp_path / "first"
    first.write_bytes(story.old.signed(3))
    older = told.continuing("--old-evidence", archived, "--old-checkpoint", first, **nowhere)
    assert refused(older, 1, "checkpoint-older")
    assert fresh.size() == 0
