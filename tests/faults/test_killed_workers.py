"""A worker or the whole service is killed outright while it writes: what was promised is in the log, exactly once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from faults.killing import postmaster_of
from faults.load import ORIGIN, Load
from faults.witnessing import assert_nothing_was_lost, audited_whole, eventually
from isa_registry.cli.workers import pause_after
from isa_registry.settings import Settings
from live import Demonstration, free_port
from running import vkeys_of


def kill_a_worker(battered: Demonstration, load: Load, chance: random.Random) -> None:
    """SIGKILL to the worker that has lived longest, at a random moment of the load."""
    eventually(lambda: len(battered.worker_pids()) == battered.workers, seconds=20)
    promised = len(load.acknowledged)
    eventually(lambda: len(load.acknowledged) > promised + 20, seconds=20)
    time.sleep(chance.uniform(0.2, 0.8))
    os.kill(battered.worker_pids()[0], signal.SIGKILL)


def under_kills(battered: Demonstration, kills: int, *, seed: int) -> tuple[Load, int, bytes]:
    before = audited_whole(battered)
    load = Load(battered).start()
    chance = random.Random(seed)
    for _ in range(kills):
        kill_a_worker(battered, load, chance)
    promised = len(load.acknowledged)
    eventually(lambda: len(load.acknowledged) > promised + 20, seconds=20)
    eventually(lambda: battered.serving() == battered.workers, seconds=20)
    return load, before.size, before.data


def tell(load: Load, how: str) -> str:
    return (
        f"{how}: {len(load.acknowledged)} acknowledged, {load.cut_off} in flight when it happened, "
        f"{load.refused} refused with 503, {load.unrecorded} checks answered without being recorded"
    )


@pytest.mark.parametrize("kills", [4, pytest.param(30, marks=pytest.mark.long)])
def test_a_worker_killed_under_load_loses_nothing_that_was_acknowledged(
    battered: Demonstration, kills: int, record_property: Callable[[str, object], None]
) -> None:
    load, base, remembered = under_kills(battered, kills, seed=kills)
    load.stop()
    record_property("shown", tell(load, f"{kills} workers killed"))
    assert load.acknowledged
    assert load.cut_off
    load.settle()
    summary = assert_nothing_was_lost(battered, load, base, remembered)
    assert base == summary.previous_size


def test_everything_killed_under_load_and_started_again_loses_nothing(
    battered: Demonstration, record_property: Callable[[str, object], None]
) -> None:
    load, base, remembered = under_kills(battered, 0, seed=1)
    database = postmaster_of(battered.state / "postgres")
    battered.kill()
    assert database == postmaster_of(battered.state / "postgres") is not None, "it was to be left as it is"
    time.sleep(0.3)
    load.stop()
    record_property("shown", tell(load, "everything killed"))
    assert load.acknowledged
    assert load.cut_off
    battered.start()
    load.settle()
    summary = assert_nothing_was_lost(battered, load, base, remembered)
    assert base == summary.previous_size


def test_a_worker_killed_again_and_again_is_replaced_and_the_others_go_on(battered: Demonstration) -> None:
    eventually(lambda: battered.serving() == battered.workers, seconds=20)
    victim, second = battered.worker_pids()
    for _ in range(3):
        os.kill(victim, signal.SIGKILL)
        eventually(lambda gone=victim: gone not in battered.worker_pids(), seconds=5)
        eventually(lambda: httpx.get(f"{battered.url}/livez", timeout=5).status_code == 200, seconds=5)
        eventually(lambda: battered.serving() == battered.workers, seconds=20)
        (victim,) = set(battered.worker_pids()) - {second}
    assert second in battered.worker_pids()
    assert battered.running


def test_a_worker_that_keeps_ending_young_is_replaced_after_longer_and_longer_pauses() -> None:
    assert [0, 0.25, 0.5, 1, 2, 4, 8, 10, 10] == [pause_after(deaths) for deaths in range(9)]


def test_a_service_whose_workers_never_start_ends_and_says_so(tmp_path: Path) -> None:
    """The supervisor of the service, alone: what runs it can then tell that it is set up wrongly."""
    settings = Settings(
        database_url="postgresql://nobody@127.0.0.1:9/nothing",
        origin=ORIGIN,
        public_url="http://127.0.0.1",
        log_vkeys=vkeys_of(ORIGIN),
        attestation_key_file=tmp_path / "missing.jwk",
        port=free_port(),
    )
    start = "import isa_registry.bootstrap; from isa_registry.cli.serve import *; serve(read_settings())"
    ended = subprocess.run(
        [sys.executable, "-c", start],
        env={**os.environ, **settings.environment()},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert 1 == ended.returncode
    assert '"event":"workers-cannot-start"' in ended.stdout


@pytest.mark.long
def test_a_service_whose_workers_are_all_killed_young_goes_on(tmp_path: Path) -> None:
    tmp_path.chmod(0o711)
    with Demonstration(tmp_path / "state", workers=1) as young:
        for _ in range(6):
            eventually(lambda: young.serving() == 1, seconds=20)
            os.kill(young.worker_pids()[0], signal.SIGKILL)
            eventually(lambda: young.serving() == 0, seconds=5)
        eventually(lambda: young.serving() == 1, seconds=20)
        assert young.running
