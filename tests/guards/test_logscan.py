"""The reader of logs catches each thing that it is for, in each way that something can be logged."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from api.speaking import MARKER
from logscan import CANARY, KINDS, kinds_in

TESTS = Path(__file__).parents[1]
REFERENCE = "s1_" + "A" * 43
SAMPLES = {
    "a token or a signed document": "refused eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJhIn0.c2lnbmF0dXJl",
    "an Authorization header": "headers: Bearer demonstration-metrics",
    "a private key": '{"kty":"OKP","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}',
    "a reference to a person": f"ref={REFERENCE}",
    "a cookie": "Set-Cookie: __Host-isa-session=abc",
    "a code or token in an address": "GET /auth/police/callback?code=SplxlOBeZQQYbYS6WxSbIA",
    "a body": '{"recipient":"a","categories":["identity"]}',
    "a password": "postgresql://isa:hunter2@db/registry",
    "a mailbox": '{"event":"notice-sent","to":"dsl@school.test"}',
    "a planted value": f"path=/api/v1/checks/{MARKER}",
}
LINES = (
    '{"route":"/api/v1/checks/{check}","status":404,"milliseconds":1.2,"request_id":"ab12","event":"answered"}',
    '{"error":"PayloadMissing","where":"Follower._load:88","event":"follower-failed"}',
    "DATABASE_URL is not set. postgresql:///isa_registry?host=/var/run/postgresql",
    "isa-client token --url http://127.0.0.1 --organisation durham-constabulary",
)
"""What is logged in earnest, in which nothing is found."""


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_found(kind: str) -> None:
    assert kind in list(kinds_in(SAMPLES[kind]))


@pytest.mark.parametrize("line", LINES)
def test_what_is_logged_in_earnest_is_none_of_it(line: str) -> None:
    assert [] == list(kinds_in(line))


def test_the_tests_plant_what_is_looked_for() -> None:
    assert MARKER.startswith(CANARY)


WAYS = {
    "stdout": "print(LINE)",
    "stderr": "import sys; print(LINE, file=sys.stderr)",
    "logging": "import logging; logging.getLogger('library').error('%s', LINE)",
    "structlog": "import structlog; structlog.get_logger().warning('refused', what=LINE)",
    "service": "from pathlib import Path; import logscan; Path('log').write_text(LINE); logscan.scan_file(Path('log'))",
}


@pytest.mark.parametrize("workers", [0, 1])
def test_a_run_that_logs_one_fails_and_does_not_repeat_it(tmp_path: Path, workers: int) -> None:
    """However it is logged, in one process and in several."""
    tests = "".join(f"\n\ndef test_{way}():\n    {logs}\n" for way, logs in WAYS.items())
    (tmp_path / "test_it.py").write_text(f"LINE = {SAMPLES['a reference to a person']!r}\n{tests}")
    done = _run(tmp_path, workers)
    assert done.returncode == 1, done.stdout
    assert f"{len(WAYS)} passed" in done.stdout
    for way in WAYS:
        assert re.search(rf"a reference to a person: .*test_it\.py::test_{way}", done.stdout), way
    assert REFERENCE not in done.stdout


def test_a_run_that_logs_none_passes_and_says_that_it_looked(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(f"def test_it():\n    print({LINES[0]!r})\n")
    done = _run(tmp_path, 0)
    assert done.returncode == 0, done.stdout
    assert "characters of logs were read" in done.stdout


def _run(directory: Path, workers: int) -> subprocess.CompletedProcess[str]:
    """A run of its own, with nothing of the environment of this one."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        "PYTHONPATH": str(TESTS),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "logscan", "-p", "xdist.plugin", "-n", str(workers)),
            *("-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", str(directory), str(directory)),
        ],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
