"""A witness killed at random moments while an honest log and a forked one press it at once."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

import httpx
import pytest

from growing import WITNESS, GrowingLog, cosignatures
from isa_registry.ledger.witness import request_body
from isa_verify.checkpoint import Checkpoint
from isa_verify.note import parse_note
from witnesses import WitnessProcess

LENGTH = 400
LOG = GrowingLog(length=LENGTH)
FORK = GrowingLog(length=LENGTH, fork=1)
TREES = (LOG, FORK)


class Pressing:
    """A client that proves from what it was told last, and collects each checkpoint that it got cosigned."""

    def __init__(self, witness: WitnessProcess, log: GrowingLog, seed: int) -> None:
        self._witness = witness
        self._log = log
        self._random = random.Random(seed)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._press)
        self.cosigned: list[Checkpoint] = []
        self.faults: list[str] = []
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def _press(self) -> None:
        told = 0
        with httpx.Client(base_url=self._witness.url, timeout=5) as client:
            while not self._over.wait(0.005):
                size = min(LENGTH, told + self._random.choice((0, 1, 1, 2)))
                note = self._log.note(size)
                try:
                    answer = client.post(
                        "/add-checkpoint", content=request_body(told, self._log.proof(told, size), note)
                    )
                except httpx.TransportError:
                    continue
                if answer.status_code == 200:
                    signed = cosignatures(answer.content, note, self._witness.keys)
                    if len(signed) != 2:
                        self.faults.append("a cosignature is missing")
                    self.cosigned.append(Checkpoint.parse(parse_note(note).text))
                    told = size
                elif answer.status_code == 409:
                    told = int(answer.text)
                elif answer.status_code not in (422, 429):
                    self.faults.append(f"{answer.status_code}")


@pytest.mark.parametrize("kills", [4, pytest.param(60, marks=pytest.mark.long)])
def test_whatever_it_ever_cosigned_is_one_tree(tmp_path: Path, kills: int) -> None:
    chance = random.Random(kills)
    witness = WitnessProcess(tmp_path / "witness", WITNESS, LOG)
    witness.start()
    pressing = [Pressing(witness, log, seed) for seed, log in enumerate((*TREES, LOG))]
    try:
        for _ in range(kills):
            time.sleep(chance.uniform(0, 0.6))
            witness.kill()
            witness.start()
        time.sleep(0.5)
    finally:
        for one in pressing:
            one.end()
        witness.stop()
    assert [] == [fault for one in pressing for fault in one.faults]
    cosigned = [checkpoint for one in pressing for checkpoint in one.cosigned]
    print(f"{kills} kills, {len(cosigned)} checkpoints cosigned up to {max(one.size for one in cosigned)} entries")
    assert len(cosigned) > 2 * kills
    beyond = [one for one in cosigned if one.size > 1]
    assert any(all(log.checkpoint(one.size) == one for one in beyond) for log in TREES)
