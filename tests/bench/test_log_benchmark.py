"""`make bench-log` still runs, and builds a log. Its figures, of so small a one, mean nothing and are not looked at."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.long
def test_the_log_benchmark_builds_checks_and_verifies_a_small_log() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "bench.million", "--entries", "6000"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "service"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert 0 == ended.returncode, ended.stderr[-2000:]
    assert " 0 findings" in ended.stdout
    assert '"entries_ratio"' in ended.stdout
