"""`make bench-register` still runs. Its figures, of so few bodies, mean nothing and are not looked at."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_register_benchmark_folds_asks_and_writes_the_matrix() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "bench.register", "--bodies", "40", "--rounds", "1", "--questions", "100"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "service"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert 0 == ended.returncode, ended.stderr[-2000:]
    assert "| a decision among | 20 bodies, µs | 40 bodies, µs | ratio of rates |" in ended.stdout
    assert "The attestation matrix of 40 bodies and 2 versions, 80 cells" in ended.stdout
