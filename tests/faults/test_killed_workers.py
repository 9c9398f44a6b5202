"""A worker or the whole service is killed outright while it writes: what was promised is in the log, exactly once."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable

import pytest

from faults.load import Load
from faults.witnessing import assert_nothing_was_lost, audited, eventually
from live import Demonstration


def kill_a_worker(battered: Demonstration, load: Load, chance: random.Random) -> None:
    """SIGKILL to the worker that has lived longest, at a random moment of the load."""
    eventually(lambda: len(battered.worker_pids()) == battered.workers, seconds=20)
    promised = len(load.acknowledged)
    eventually(lambda: len(load.acknowledged) > promised + 20, seconds=20)
    time.sleep(chance.uniform(0.2, 0.8))
    os.kill(battered.worker_pids()[0], signal.SIGKILL)


def kill_everything(battered: Demonstration) -> None:
    os.killpg(battered.pid, signal.SIGKILL)
    battered.stop()


def under_kills(battered: Demonstration, kills: int, *, seed: int) -> tuple[Load, int, bytes]:
    before = audited(battered)
    load = Load(battered).start()
    chance = random.Random(seed)
    for _ in range(kills):
        kill_a_worker(battered, load, chance)
    promised = len(load.acknowledged)
    eventually(lambda: len(load.acknowledged) > promised + 20, seconds=20)
    eventually(lambda: len(battered.worker_pids()) == battered.workers, seconds=20)
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
    kill_everything(battered)
    time.sleep(0.3)
    load.stop()
    record_property("shown", tell(load, "everything killed"))
    assert load.acknowledged
    assert load.cut_off
    battered.start()
    load.settle()
    summary = assert_nothing_was_lost(battered, load, base, remembered)
    assert base == summary.previous_size
