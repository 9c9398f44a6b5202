"""`make bench-deciding` and `make bench-register` still run. Their figures, of so few bodies, mean nothing and are not
looked at."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def ran(module: str, *arguments: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "service"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert 0 == ended.returncode, ended.stderr[-2000:]
    return ended.stdout


def test_the_benchmark_of_decisions_asks_registers_of_several_sizes() -> None:
    told = ran("bench.deciding", "--bodies", "40", "20", "60", "--rounds", "1", "--questions", "100")
    assert "1 rounds of 100 distinct questions, fifty agreements" in told
    assert "| decisions a second, 40 bodies |" in told
    assert "| rate on 60 bodies to that on 20 |" in told


def test_the_register_benchmark_folds_and_writes_the_matrix() -> None:
    told = ran("bench.register", "--bodies", "40", "--rounds", "1")
    assert "The attestation matrix of 40 bodies and 2 versions, 80 cells" in told
