"""`make bench`: checks unrecorded, recorded and in batches, each interleaved with its echo.

Five rounds; medians and spread. The ratio is to the echo of the same round, so a machine that slows down slows both.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from bench.bodies import questions, write_lines
from bench.load import Run, database_pids, run_load, spread
from live import Demonstration

_BATCH = 100
_JSON = "application/json"


@dataclass(frozen=True)
class Case:
    """One hot path: its route, the echo of the same bytes, and the requests."""

    name: str
    route: str
    echo: str
    bodies: Path
    per_request: int = 1
    target: float | None = None


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--connections", type=int, default=32)
    arguments = parser.parse_args()
    if shutil.which("wrk") is None:
        print("The load comes from wrk: apt-get install wrk, then try again.", file=sys.stderr)
        return 2
    directory = Path(tempfile.mkdtemp(prefix="isa-bench-"))
    directory.chmod(0o711)
    try:
        environment = {"ISA_BENCH": "1", "ISA_LOG_LEVEL": "warning"}
        with Demonstration(directory / "state", workers=1, environment=environment) as running:
            cases = _prepare(running, directory)
            _report(_measure(running, cases, arguments), {case.name: case.target for case in cases}, arguments)
    finally:
        shutil.rmtree(directory)
    return 0


def _prepare(running: Demonstration, directory: Path) -> list[Case]:
    batch = [{"checks": questions(_BATCH, record=False)} for _ in range(60)]
    cases = [
        Case("check, unrecorded", "/api/v1/checks", "check",
             write_lines(directory / "unrecorded", questions(9000, record=False, referring=False)), target=0.8),
        Case("check, recorded", "/api/v1/checks", "check",
             write_lines(directory / "recorded", questions(9000, record=True, referring=False)), target=0.5),
        Case("check by reference, unrecorded", "/api/v1/checks", "check",
             write_lines(directory / "referring", questions(9000, record=False)), target=0.8),
        Case("check by reference, recorded", "/api/v1/checks", "check",
             write_lines(directory / "referring-recorded", questions(9000, record=True)), target=0.5),
        Case(f"batch of {_BATCH}, unrecorded", "/api/v1/checks/batch", "batch",
             write_lines(directory / "batch", batch), per_request=_BATCH),
    ]  # fmt: skip
    with running.client() as client:
        for case in cases:
            *_, last = case.bodies.read_text(encoding="ascii").splitlines()
            answer = client.post(case.route, content=last, headers={"Content-Type": _JSON})
            answer.raise_for_status()
            client.post(f"/bench/answer/{case.echo}", content=answer.content).raise_for_status()
    return cases


def _measure(
    running: Demonstration, cases: list[Case], arguments: argparse.Namespace
) -> dict[str, list[tuple[Run, Run]]]:
    token, workers, database = running.token(), running.worker_pids(), database_pids(running.state)
    results: dict[str, list[tuple[Run, Run]]] = {case.name: [] for case in cases}
    for number in range(arguments.rounds):
        for case in cases:
            common = {
                "bodies": case.bodies, "content_type": _JSON, "skip": 0, "seconds": arguments.seconds,
                "connections": 8 if case.per_request > 1 else arguments.connections,
                "workers": workers, "database": database,
            }  # fmt: skip
            echo = run_load(f"{running.url}/bench/echo/{case.echo}", token=None, **common)
            done = run_load(running.url + case.route, token=token, **common)
            results[case.name].append((echo, done))
            print(f"round {number + 1}: {case.name}: {done.rate:.0f}/s, echo {echo.rate:.0f}/s", file=sys.stderr)
    return results


def _report(
    results: dict[str, list[tuple[Run, Run]]], targets: dict[str, float | None], arguments: argparse.Namespace
) -> None:
    print(
        f"\n{arguments.rounds} rounds of {arguments.seconds} s, {arguments.connections} connections (batch: 8), "
        "one worker; median (least to most)\n"
    )
    print(
        "| path | requests/s | echo/s | worker CPU ms/request | echo's | rate per CPU second, to the echo's | target "
        "| database CPU ms | p50 ms | p99 ms |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, pairs in results.items():
        done, echo = [run for _, run in pairs], [run for run, _ in pairs]
        cells = [
            spread([run.rate for run in done], 0),
            spread([run.rate for run in echo], 0),
            spread([run.worker_ms for run in done], 3),
            spread([run.worker_ms for run in echo], 3),
            spread([bare.worker_ms / run.worker_ms for bare, run in pairs], 2),
            "" if targets[name] is None else f"{targets[name]} or more",
            spread([run.database_ms for run in done], 3),
            spread([run.median_ms for run in done], 1),
            spread([run.p99_ms for run in done], 1),
        ]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    sys.exit(main())
