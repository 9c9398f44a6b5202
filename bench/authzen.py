"""`make bench-authzen`: what 1,000 AuthZEN evaluations in one request cost the process that answers them, unrecorded.

The processor time is the worker's own, over many requests of distinct questions. Beside it, on this process: what
`decide()` takes for the same questions, and encoding the answers once. What is left is the protocol: reading the
request, admitting the questions, ids, and the response around the answers. Every round measures all of them, so a
machine that slows down slows them together.
"""

from __future__ import annotations

import argparse
import gc
import json
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import httpx
import msgspec

from bench.bodies import questions
from bench.load import cpu_seconds
from demonstration import catalogue, demonstration_view
from isa_registry.actions import checks
from isa_registry.domain.decisions import decide
from isa_registry.domain.questions import Evidence, Question
from live import POLICE, Demonstration

EVALUATIONS = 1_000
WANTED_MS = 100.0
_PATH = "/access/v1/evaluations"
_encode = msgspec.json.Encoder().encode


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-authzen", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=20, help="in each round, one after the other")
    arguments = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="isa-bench-"))
    directory.chmod(0o711)
    try:
        with Demonstration(directory / "state", workers=1, environment={"ISA_LOG_LEVEL": "warning"}) as running:
            _report(_measure(running, arguments))
    finally:
        shutil.rmtree(directory)
    return 0


def evaluation(question: dict[str, Any]) -> dict[str, Any]:
    """A check's question as an evaluation, with nobody's reference."""
    return {
        "resource": {
            "type": "information",
            "id": "label",
            "properties": {"recipient": question["recipient"], "categories": question["categories"]},
        },
        "context": {
            "purpose": question["purpose"],
            "urgency": question["urgency"],
            "subjects": [{"kind": subject["kind"]} for subject in question["subjects"]],
            "circumstances": question["circumstances"],
            "record": False,
        },
    }


def request(asked: list[dict[str, Any]]) -> bytes:
    """One request, whose evaluations share who asks and what for alone."""
    return json.dumps(
        {
            "subject": {"type": "organisation", "id": POLICE},
            "action": {"name": "share"},
            "evaluations": [evaluation(question) for question in asked],
        }
    ).encode()


def _measure(running: Demonstration, arguments: argparse.Namespace) -> dict[str, list[float]]:
    workers = running.worker_pids()
    asked = questions(EVALUATIONS * 9, record=False)
    turns = [asked[start : start + EVALUATIONS] for start in range(0, len(asked), EVALUATIONS)]
    bodies = [request(turn) for turn in turns]
    decided = [[_question(question) for question in turn] for turn in turns]
    figures: dict[str, list[float]] = {"worker": [], "decide": [], "encoding": [], "bytes": []}
    headers = {"Authorization": f"Bearer {running.token()}", "Content-Type": "application/json"}
    with httpx.Client(base_url=running.url, headers=headers, timeout=60) as client:
        _ask(client, bodies[0])
        for number in range(arguments.rounds):
            before = cpu_seconds(workers)
            for place in range(arguments.requests):
                size = _ask(client, bodies[(number + place) % len(bodies)])
            figures["worker"].append((cpu_seconds(workers) - before) / arguments.requests * 1_000)
            figures["bytes"].append(size)
            deciding, encoding = _here(decided[number % len(decided)])
            figures["decide"].append(deciding)
            figures["encoding"].append(encoding)
            print(f"round {number + 1}: {figures['worker'][-1]:.1f} ms", file=sys.stderr)
    return figures


def _ask(client: httpx.Client, body: bytes) -> int:
    answer = client.post(_PATH, content=body)
    answer.raise_for_status()
    found = answer.json()["evaluations"]
    if len(found) != EVALUATIONS or any("isa" not in one["context"] for one in found):
        raise RuntimeError("not every evaluation was answered")
    return len(answer.content)


def _question(asked: dict[str, Any]) -> Question:
    plain = {**asked, "provider": POLICE, "subjects": [{"kind": subject["kind"]} for subject in asked["subjects"]]}
    return msgspec.convert(plain, Question)


def _here(asked: list[Question]) -> tuple[float, float]:
    """Milliseconds of deciding these questions, and of encoding the answers as checks have them, on this process."""
    view, law = demonstration_view(), catalogue()
    seen = checks.seen_of(view, bytes(32))
    gc.collect()
    gc.disable()
    try:
        started = time.process_time()
        answers = [decide(view, law, question, Evidence(), today="2026-11-27") for question in asked]
        decided = time.process_time()
        rendered = [
            checks.render(checks.Answered("chk_0", "now", question, Evidence(), seen, answer), recorded=False)
            for question, answer in zip(asked, answers, strict=True)
        ]
        before = time.process_time()
        for one in rendered:
            _encode(one)
        ended = time.process_time()
    finally:
        gc.enable()
    return (decided - started) * 1_000, (ended - before) * 1_000


def _report(figures: dict[str, list[float]]) -> None:
    rest = [
        worker - decided - encoding
        for worker, decided, encoding in zip(figures["worker"], figures["decide"], figures["encoding"], strict=True)
    ]
    print(f"\n{EVALUATIONS:,} AuthZEN evaluations in one request, unrecorded, one worker; median (least to most)\n")
    print("| of that | CPU ms |\n|---|---|")
    print(f"| the worker, all of it (wanted: under {WANTED_MS:.0f}) | {_spread(figures['worker'])} |")
    print(f"| `decide()` | {_spread(figures['decide'])} |")
    print(f"| encoding the answers | {_spread(figures['encoding'])} |")
    print(f"| the protocol, and the rest | {_spread(rest)} |")
    print(f"\nA response has {statistics.median(figures['bytes']) / 1e6:.1f} MB.")


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"


if __name__ == "__main__":
    sys.exit(main())
