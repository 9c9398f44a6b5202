"""The database is killed outright under load: an outage never blocks an answer, and nothing promised is lost."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from databases import with_database
from faults.killing import SECONDS, cluster_of, postmaster_of
from faults.load import QUESTION, Load, Signer
from faults.oracle import assert_whole
from faults.witnessing import assert_nothing_was_lost, audited_whole, eventually
from isa_registry.data import data_directory
from isa_registry.domain.refusals import Refused
from isa_registry.ledger.drafts import Appended
from isa_registry.runtime.demonstration import LOCAL_COPY
from isa_registry.runtime.embedded.postgres import EmbeddedPostgres
from isa_registry.runtime.fsck.check import check_log
from isa_registry.runtime.local_copy.key_sets import KEY_SETS
from isa_registry.runtime.local_copy.registers import REGISTER
from isa_registry.store.databases import fresh_database, migrated
from live import Demonstration
from running import ORIGIN, SIGNER, body, running

DATABASE = "isa_registry"
EARLY_HELP_BY_REFERENCE = {
    "recipient": "durham-county-council",
    "purpose": "early-help",
    "categories": ["identity"],
    "subjects": [{"kind": "child", "ref": "s1_" + "A" * 43}],
    "circumstances": {"informing_increases_risk": False},
}


def kill_database(state: Path) -> None:
    """SIGKILL to the postmaster; its other processes end by themselves when they notice."""
    postmaster = postmaster_of(state)
    assert postmaster is not None
    os.kill(postmaster.pid, signal.SIGKILL)


@contextmanager
def hanging(state: Path) -> Iterator[None]:
    """The database accepts what is sent and says nothing more, as on a disk that does not answer."""
    data = cluster_of(state)
    stopped = [int(one.name) for one in Path("/proc").iterdir() if one.name.isdecimal() and _works_in(one, data)]
    assert stopped
    for process in stopped:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in stopped:
            os.kill(process, signal.SIGCONT)


def _works_in(process: Path, directory: Path) -> bool:
    try:
        return (process / "cwd").readlink() == directory
    except OSError:
        return False


@pytest.fixture
def state() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="isa-durable-"))
    directory.chmod(0o711)
    yield directory
    shutil.rmtree(directory)


@pytest.mark.usefixtures("hasty")
async def test_a_registry_reconnects_by_itself_and_keeps_what_it_promised(state: Path) -> None:
    with EmbeddedPostgres(state, durable=True) as postgres:
        await fresh_database(postgres.url(), DATABASE)
        url = with_database(postgres.url(), DATABASE)
        await migrated(url, data_directory("migrations"))
        async with running(url) as registry:
            promised: dict[int, Appended] = {}
            refused: list[Refused] = []
            stopping = False

            async def client(first: int) -> None:
                number = first
                while not stopping:
                    try:
                        promised[number] = await registry.sequencer.append(body(number))
                    except Refused as one:
                        refused.append(one)
                        await asyncio.sleep(0.02)
                    number += 8
                    await asyncio.sleep(0.001)

            clients = [asyncio.create_task(client(number)) for number in range(8)]
            await asyncio.sleep(0.4)
            before = len(promised)
            kill_database(state)
            await asyncio.sleep(0.4)
            with EmbeddedPostgres(state, durable=True):
                known = len(promised)
                end = time.monotonic() + 15
                while len(promised) < known + 50 and time.monotonic() < end:  # noqa: ASYNC110 - clients grow it
                    await asyncio.sleep(0.05)
                stopping = True
                await asyncio.gather(*clients)
                print(f"\n{before} promised before, {len(promised)} in all, {len(refused)} refused meanwhile")
                assert before
                assert len(promised) >= known + 50
                assert refused
                assert {("unavailable", True)} == {(one.code, bool(one.retry_after)) for one in refused}
                indexes = [one.index for one in promised.values()]
                assert len(indexes) == len(set(indexes))
                for number in promised:
                    assert registry.follower.view.organisation(f"body-{number}") is not None
                end = time.monotonic() + 15
                while registry.follower.checkpoint is None or not registry.follower.connected:
                    assert time.monotonic() < end
                    await asyncio.sleep(0.05)
                await assert_whole(url, registry)
                assert () == (await check_log(url, origin=ORIGIN, vkeys=SIGNER.vkeys)).findings


def test_while_the_database_is_away_checks_are_answered_and_writes_say_when_to_try_again(
    battered: Demonstration,
) -> None:
    before = audited_whole(battered)
    load = Load(battered, clients=4).start()
    eventually(lambda: len(load.acknowledged) > 40, seconds=20)
    kill_database(battered.state / "postgres")
    signer = Signer(battered.state)
    with battered.client() as client:
        slowest = 0.0
        for _ in range(8):
            started = time.monotonic()
            answer = client.post("/api/v1/checks", json=QUESTION)
            slowest = max(slowest, time.monotonic() - started)
            assert 200 == answer.status_code
            told = answer.json()
            assert "duty-to-share" == told["outcome"]
            assert (False, True, None) == (told["recorded"], told["stale"], told["receipt"])
            event = client.post(
                "/api/v1/sharing-events",
                content=signer.event()[1],
                headers={"Content-Type": "application/jose"},
            )
            _assert_unavailable(event)
        _assert_unavailable(client.get("/api/v1/sharing-events"))
        _assert_unavailable(client.get("/log/tile/0/000"))
        eventually(lambda: client.get("/readyz").json()["status"] == "degraded")
        assert 200 == client.get("/log/checkpoint").status_code
        assert 200 == client.get("/api/v1/agreements").status_code
        for page in ("/immediate-danger", "/agreements", "/accessibility-statement"):
            assert 200 == client.get(page).status_code
    with EmbeddedPostgres(battered.state / "postgres"):
        eventually(lambda: _all_well(battered), seconds=20)
        promised = len(load.acknowledged)
        eventually(lambda: len(load.acknowledged) > promised + 20, seconds=20)
        load.stop()
        print(
            f"\ndatabase killed: {len(load.acknowledged)} acknowledged, {load.refused} refused with 503, "
            f"{load.unrecorded} checks answered without being recorded, the slowest within {slowest:.2f} s"
        )
        assert load.refused
        assert load.unrecorded
        load.settle()
        summary = assert_nothing_was_lost(battered, load, before.size, before.data)
        assert before.size == summary.previous_size


def test_workers_that_start_while_the_database_is_away_answer_from_their_own_copy_and_go_on_when_it_is_back(
    battered: Demonstration,
) -> None:
    before = audited_whole(battered)
    copy = battered.state / LOCAL_COPY
    eventually(lambda: (copy / REGISTER).exists() and (copy / KEY_SETS).exists(), seconds=SECONDS)
    signer = Signer(battered.state)
    kill_database(battered.state / "postgres")
    for worker in battered.worker_pids():
        os.kill(worker, signal.SIGKILL)
    eventually(lambda: battered.serving() == battered.workers and _degraded(battered), seconds=SECONDS)
    restarted = battered.worker_pids()
    with battered.client() as client:
        for _ in range(4):
            answer = client.post("/api/v1/checks", json=QUESTION)
            assert 200 == answer.status_code
            told = answer.json()
            assert ("duty-to-share", False, True) == (told["outcome"], told["recorded"], told["stale"])
            assert "late-entry" == told["conditions"][-1]["code"]
            event = client.post(
                "/api/v1/sharing-events", content=signer.event()[1], headers={"Content-Type": "application/jose"}
            )
            _assert_unavailable(event)
        with battered.client("harbour") as charity:
            referenced = charity.post("/api/v1/checks", json=EARLY_HELP_BY_REFERENCE).json()
            reasons = [one["code"] for one in referenced["reasons"]]
            assert ("seek-advice", "consent-register-unavailable") == (referenced["outcome"], reasons[0])
            danger = {**EARLY_HELP_BY_REFERENCE, "urgency": "immediate-danger"}
            assert "share-now" == charity.post("/api/v1/checks", json=danger).json()["outcome"]
        ready = client.get("/readyz")
        assert (200, "degraded", False) == (ready.status_code, ready.json()["status"], ready.json()["writes"])
        assert "local-register" in ready.json()["warnings"]
        # Of the register, and as many records as there were when it was copied.
        assert 0 < ready.json()["log_size"] <= before.size
        assert 200 == client.get("/log/checkpoint").status_code
        assert 200 == client.get("/immediate-danger").status_code
    with EmbeddedPostgres(battered.state / "postgres"):
        eventually(lambda: _all_well(battered), seconds=SECONDS)
        assert restarted == battered.worker_pids()
        with battered.client() as client:
            recorded = client.post("/api/v1/checks", json=QUESTION).json()
            assert (True, False) == (recorded["recorded"], recorded["stale"])
            assert "late-entry" not in [one["code"] for one in recorded["conditions"]]
            event = client.post(
                "/api/v1/sharing-events", content=signer.event()[1], headers={"Content-Type": "application/jose"}
            )
            assert 201 == event.status_code
        assert "local-register" not in httpx.get(f"{battered.url}/readyz").json()["warnings"]
        assert before.size < audited_whole(battered).size
    assert "snapshot-forged" not in battered.output


def test_a_worker_that_cannot_start_while_the_database_is_away_comes_back_with_it(battered: Demonstration) -> None:
    told = battered.output.count('"worker-ended"')
    eventually(lambda: battered.serving() == battered.workers, seconds=20)
    victim, other = battered.worker_pids()
    kill_database(battered.state / "postgres")
    _until_no_worker_reaches_it(battered)
    shutil.rmtree(battered.state / LOCAL_COPY)
    os.kill(victim, signal.SIGKILL)
    eventually(lambda: battered.output.count('"worker-ended"') >= told + 3, seconds=30)
    with battered.client() as client:
        assert 200 == client.post("/api/v1/checks", json=QUESTION).status_code
    with EmbeddedPostgres(battered.state / "postgres"):
        eventually(lambda: battered.serving() == battered.workers and _all_well(battered), seconds=40)
        assert other in battered.worker_pids()


def test_while_the_database_hangs_checks_are_answered_and_nothing_waits_for_long(battered: Demonstration) -> None:
    about_the_past = {**QUESTION, "as_of": 80}
    many = {"checks": [QUESTION, about_the_past, QUESTION]}
    with battered.client() as client, ThreadPoolExecutor(2) as others:
        with hanging(battered.state / "postgres"):
            started = time.monotonic()
            batch = others.submit(client.post, "/api/v1/checks/batch", json=many)
            events = others.submit(client.get, "/api/v1/sharing-events")
            answer = client.post("/api/v1/checks", json=QUESTION)
            assert (200, False, True) == (answer.status_code, answer.json()["recorded"], answer.json()["stale"])
            assert 5 > time.monotonic() - started
            _assert_unavailable(events.result())
            assert 15 > time.monotonic() - started
            assert 200 == batch.result().status_code
            results = batch.result().json()["results"]
            assert ["duty-to-share", None, "duty-to-share"] == [one.get("outcome") for one in results]
            assert results[1]["type"].endswith("/problems/unavailable")
            unrecorded = client.post("/api/v1/checks", json={**QUESTION, "record": False})
            assert (200, True) == (unrecorded.status_code, unrecorded.json()["stale"])
            assert "degraded" == client.get("/readyz").json()["status"]
        eventually(lambda: _all_well(battered), seconds=20)
        eventually(lambda: client.post("/api/v1/checks", json=QUESTION).json()["recorded"], seconds=20)


def _assert_unavailable(answer: httpx.Response) -> None:
    assert (503, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["type"].endswith("/problems/unavailable")


def _degraded(demo: Demonstration) -> bool:
    return all(httpx.get(f"{demo.url}/readyz").json()["status"] == "degraded" for _ in range(6))


def _until_no_worker_reaches_it(demo: Demonstration) -> None:
    """One that still held itself connected could write its copy once more."""
    eventually(lambda: _degraded(demo), seconds=SECONDS)


def _all_well(demo: Demonstration) -> bool:
    return all(httpx.get(f"{demo.url}/readyz").json()["status"] == "ok" for _ in range(6))
