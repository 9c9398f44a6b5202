"""`make bench-events`: signed events, one and a hundred at a time, beside the verifying that each of them needs.

A single event is measured against an echo of the same worker that decodes the same bytes, verifies one Ed25519
signature and encodes the same answer; then at half of the rate that was reached, for its latency. A batch is measured
against bare verifications in this process: a tight loop of the same library, on signatures of the same length. Every
event is distinct. They take turns within a round, so a machine that slows down slows them together.
"""

from __future__ import annotations

import argparse
import base64
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from bench.bodies import police_keys, signed_events, write_lines
from bench.load import Run, database_pids, run_load, spread
from isa_client.documents import SigningKey
from isa_registry.identity.compact import public_key
from live import Demonstration

SINGLE, BATCH = "/api/v1/sharing-events", "/api/v1/sharing-events/batch"
EACH = 100
JOSE, JSON = "application/jose", "application/json"
WANTED_SINGLE, WANTED_BATCH, WANTED_P99_MS = 0.4, 0.6, 50.0
_MOST_A_SECOND = 3000
_VERIFICATIONS = 2000


@dataclass
class Round:
    """What one round measured."""

    echo: Run
    single: Run
    half: Run
    batch: Run
    verification_ms: float


@dataclass
class Bodies:
    """The bodies of one kind of request, each of which is sent once."""

    file: Path
    sent: int = 0
    common: dict[str, Any] = field(default_factory=dict)

    def run(self, url: str, **how: Any) -> Run:
        done = run_load(url, bodies=self.file, skip=self.sent, **self.common, **how)
        # Requests that were on their way when the clock stopped were sent too.
        self.sent += done.requests + 2 * how["connections"]
        return done


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-events", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=32)
    arguments = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="isa-bench-"))
    directory.chmod(0o711)
    try:
        environment = {"ISA_BENCH": "1", "ISA_LOG_LEVEL": "warning"}
        with Demonstration(directory / "state", workers=1, environment=environment) as running:
            rounds = list(_measure(running, directory, arguments))
    finally:
        shutil.rmtree(directory)
    _report(rounds, arguments)
    return 0


def _measure(running: Demonstration, directory: Path, arguments: argparse.Namespace) -> Iterator[Round]:
    key, subject_key = police_keys(running.state)
    origin = running.vkey.split("+")[0]
    # More than can be recorded in the time: an event is unique, and a repeat would be cheaper.
    count = arguments.rounds * arguments.seconds * _MOST_A_SECOND
    events = signed_events(3 * count, key=key, subject_key=subject_key, origin=origin)
    batches = [{"events": [{"event": jws} for jws in some]} for some in _hundreds(events[count:])]
    where = {"workers": running.worker_pids(), "database": database_pids(running.state)}
    single = Bodies(write_lines(directory / "single", events[:count]), 1, where)
    many = Bodies(write_lines(directory / "batches", batches), 1, where)
    with running.client() as client:
        answer = client.post(SINGLE, content=events[0], headers={"Content-Type": JOSE}).raise_for_status()
        results = client.post(BATCH, json=batches[0]).raise_for_status().json()["results"]
        assert {result["status"] for result in results} == {201}
        client.post("/bench/answer/signed", content=answer.content).raise_for_status()
        client.post("/bench/key", json=key.public_jwk).raise_for_status()
    token = running.token()
    for number in range(arguments.rounds):
        most: dict[str, Any] = {"seconds": arguments.seconds, "connections": arguments.connections}
        echo = run_load(
            f"{running.url}/bench/echo/signed", single.file, content_type=JOSE, token=None, skip=0, **where, **most
        )
        full = single.run(running.url + SINGLE, content_type=JOSE, token=token, **most)
        pause = 1000 * arguments.connections / (full.rate / 2)
        half = single.run(running.url + SINGLE, content_type=JOSE, token=token, pause_ms=pause, **most)
        most["connections"] = 4
        batch = many.run(running.url + BATCH, content_type=JSON, token=token, **most)
        found = Round(echo, full, half, batch, _verification_ms(key, events[:_VERIFICATIONS]))
        print(f"round {number + 1}: {full.rate:.0f}/s, {batch.rate * EACH:.0f}/s in batches", file=sys.stderr)
        yield found


def _hundreds(events: list[str]) -> Iterator[list[str]]:
    return (events[start : start + EACH] for start in range(0, len(events), EACH))


def _verification_ms(key: SigningKey, events: list[str]) -> float:
    """The processor time of one verification in a loop that does nothing else."""
    verify = public_key(dict(key.public_jwk), "Ed25519").get_op_key("verify").verify
    parts = [event.encode().rpartition(b".") for event in events]
    signed = [(base64.urlsafe_b64decode(signature + b"=="), message) for message, _, signature in parts]
    began = time.process_time()
    for signature, message in signed:
        verify(signature, message)
    return (time.process_time() - began) / len(signed) * 1000


def _report(rounds: list[Round], arguments: argparse.Namespace) -> None:
    print(
        f"\n{arguments.rounds} rounds of {arguments.seconds} s, one worker; {arguments.connections} connections, "
        f"for batches 4; median (least to most)\n"
    )
    ratio = [one.echo.worker_ms / one.single.worker_ms for one in rounds]
    p99 = [one.half.p99_ms for one in rounds]
    batch_ms = [one.batch.worker_ms / EACH for one in rounds]
    batch_ratio = [one.verification_ms / ms for one, ms in zip(rounds, batch_ms, strict=True)]
    rows = [
        ("single: events a second", spread([one.single.rate for one in rounds], 0), ""),
        ("single: worker's processor time, ms", spread([one.single.worker_ms for one in rounds], 3), ""),
        ("the verifying echo's, ms", spread([one.echo.worker_ms for one in rounds], 3), ""),
        ("single: rate per CPU second, to the echo's", spread(ratio, 2), f"{WANTED_SINGLE} or more"),
        ("single: database's processor time, ms", spread([one.single.database_ms for one in rounds], 3), ""),
        ("at half load: events a second", spread([one.half.rate for one in rounds], 0), ""),
        ("at half load: p50, ms", spread([one.half.median_ms for one in rounds], 1), ""),
        ("at half load: p99, ms", spread(p99, 1), f"under {WANTED_P99_MS:.0f}"),
        ("batch: events a second", spread([one.batch.rate * EACH for one in rounds], 0), ""),
        ("batch: worker's processor time an event, ms", spread(batch_ms, 3), ""),
        ("one bare verification, ms", spread([one.verification_ms for one in rounds], 3), ""),
        ("batch: rate per CPU second, to bare verification's", spread(batch_ratio, 2), f"{WANTED_BATCH} or more"),
        ("batch: database's processor time an event, ms", spread([one.batch.database_ms / EACH for one in rounds], 3),
         ""),
    ]  # fmt: skip
    print("| what | measured | wanted |\n|---|---|---|")
    print("\n".join(f"| {what} | {measured} | {wanted} |" for what, measured, wanted in rows))


if __name__ == "__main__":
    sys.exit(main())
