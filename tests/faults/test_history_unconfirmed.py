"""The running service while nothing confirms its history: it answers, records nothing, and says so."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import httpx
import pytest

from api.speaking import Database
from cli.test_restored_database import Place
from databases import Databases
from faults.load import QUESTION, Signer
from faults.witnessing import audited_whole, eventually
from isa_registry.runtime.erasure.journal import JOURNAL, Journal, JournalLine
from live import Demonstration


def shown(demo: Demonstration) -> list[dict[str, object]]:
    """What several answers say, of whichever worker."""
    return [httpx.get(f"{demo.url}/readyz", timeout=5).json() for _ in range(16)]


def test_a_damaged_outside_file_stops_what_is_recorded_until_it_is_whole_again(battered: Demonstration) -> None:
    eventually(lambda: all(one["status"] == "ok" for one in shown(battered)), seconds=30)
    before = audited_whole(battered)
    file = battered.state / "outside" / "checkpoint"
    note = file.read_bytes()
    file.write_bytes(note[: len(note) // 2])
    try:
        eventually(lambda: all("not-signed-by-us" in str(one["warnings"]) for one in shown(battered)), seconds=30)
        assert {("degraded", False)} == {(one["status"], one["writes"]) for one in shown(battered)}
        signer = Signer(battered.state)
        with battered.client() as client:
            for _ in range(4):
                check = client.post("/api/v1/checks", json=QUESTION)
                assert 200 == check.status_code
                assert (False, None) == (check.json()["recorded"], check.json()["receipt"])
                event = client.post(
                    "/api/v1/sharing-events", content=signer.event()[1], headers={"Content-Type": "application/jose"}
                )
                assert (503, "application/problem+json") == (event.status_code, event.headers["content-type"])
                assert event.json()["type"].endswith("/problems/history-unconfirmed")
                assert 0 < int(event.headers["retry-after"])
            assert 200 == client.get("/log/checkpoint").status_code
            assert 200 == client.get("/api/v1/sharing-events").status_code
    finally:
        file.write_bytes(note)
    eventually(lambda: all(one["status"] == "ok" for one in shown(battered)), seconds=30)
    with battered.client() as client:
        assert client.post("/api/v1/checks", json=QUESTION).json()["recorded"]
    after = audited_whole(battered)
    assert before.size + 1 == after.size


def test_while_what_was_erased_is_back_no_record_is_shown_and_questions_are_answered(battered: Demonstration) -> None:
    """As after a backup that was put under the running service: the journal names an entry that is there."""
    eventually(lambda: all(one["status"] == "ok" for one in shown(battered)), seconds=30)
    journal = Journal(battered.state / JOURNAL)
    database = Database(battered.state)

    def connected_anew(*, told: bool) -> None:
        database.as_owner(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%isa_sequence'"
        )
        eventually(
            lambda: all(("erasures-not-reapplied" in one["warnings"]) == told for one in shown(battered)), seconds=30
        )

    try:
        with battered.client() as client:
            check = client.post("/api/v1/checks", json=QUESTION).json()
            ((index, leaf),) = database.as_owner("SELECT index, leaf_hash FROM entry ORDER BY index DESC LIMIT 1")
            journal.append([JournalLine(at="2026-11-27T04:00:00.000Z", by=index + 1, index=index, leaf=leaf.hex())])
            connected_anew(told=True)
            for path in (f"/api/v1/checks/{check['id']}", check["receipt"], "/api/v1/sharing-events"):
                answer = client.get(path)
                assert (503, "60") == (answer.status_code, answer.headers["retry-after"])
                assert check["id"] not in answer.text
            asked = client.post("/api/v1/checks", json=QUESTION)
            assert (200, False) == (asked.status_code, asked.json()["recorded"])
            (battered.state / JOURNAL).unlink()
            connected_anew(told=False)
            # Every worker says that it records again; each shows records once it has looked at the journal itself.
            eventually(lambda: client.get(f"/api/v1/checks/{check['id']}").status_code == 200, seconds=30)
    finally:
        (battered.state / JOURNAL).unlink(missing_ok=True)
        database.close()


def test_the_workers_are_never_told_where_the_logs_private_keys_are(battered: Demonstration) -> None:
    workers = battered.worker_pids()
    assert workers
    children = Path(f"/proc/{battered.pid}/task/{battered.pid}/children").read_text().split()
    (signing,) = (child for child in children if b"checkpoint" in Path(f"/proc/{child}/cmdline").read_bytes())
    assert b"ISA_LOG_KEY_FILE=" in Path(f"/proc/{signing}/environ").read_bytes()
    for worker in workers:
        environment = Path(f"/proc/{worker}/environ").read_bytes()
        assert b"ISA_LOG_KEY" not in environment
        opened = [str(file.readlink()) for file in Path(f"/proc/{worker}/fd").iterdir() if file.is_symlink()]
        assert not [one for one in opened if "log-key" in one]
    for key in (battered.state / "checkpointer").glob("*.pem"):
        assert 0o600 == key.stat().st_mode & 0o777


@pytest.mark.parametrize("kills", [2, pytest.param(40, marks=pytest.mark.long)])
async def test_a_checkpointer_killed_outright_at_random_moments_never_signs_two_histories(
    databases: Databases, template_database: str, tmp_path: Path, kills: int
) -> None:
    chance = random.Random(kills)
    place = await asyncio.to_thread(Place, databases, template_database, tmp_path)
    url = place.url(place.newer)
    kept: dict[int, tuple[bytes, bytes]] = {}
    connection = await asyncpg.connect(url)
    try:
        for number in range(kills + 1):
            process = _checkpointer(url, place)
            try:
                size = await place.append(chance.randint(1, 300))
                if number < kills:
                    await asyncio.sleep(chance.uniform(0, 2.5))
                    process.send_signal(signal.SIGKILL)
                else:
                    await _signed(connection, size)
            finally:
                process.kill()
                process.wait()
            rows = await connection.fetch("SELECT size, root, note FROM checkpoint ORDER BY size")
            stored = {row["size"]: (row["root"], row["note"]) for row in rows}
            assert kept.items() <= stored.items()
            kept = stored
            outside = place.signer.keys.open(place.file.read_bytes()).checkpoint
            assert outside.size >= max(stored)
            if outside.size in stored:
                assert stored[outside.size] == (outside.root, place.file.read_bytes())
            assert await connection.fetchval("SELECT max(size) FROM publication") <= max(stored)
        assert size == max(kept)
    finally:
        await connection.close()
        databases.drop(place.newer)
        databases.drop(place.older)


def _checkpointer(url: str, place: Place) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "isa_registry", "checkpoint"],
        env={"PATH": "/usr/bin:/bin", "DATABASE_URL": url, **place.signing},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


async def _signed(connection: asyncpg.Connection, size: int) -> None:
    end = time.monotonic() + 40
    while size != await connection.fetchval("SELECT max(size) FROM checkpoint"):
        assert time.monotonic() < end
        await asyncio.sleep(0.05)
