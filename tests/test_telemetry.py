"""Log lines say what happened, never what somebody sent."""

from __future__ import annotations

import json
import subprocess
import sys

_FORGOTTEN = """
import asyncio
from isa_registry.telemetry import configure_logging

async def fails():
    raise ValueError("zqx7f3marker")

async def main():
    task = asyncio.create_task(fails())
    await asyncio.sleep(0.01)

configure_logging("info")
asyncio.run(main())
"""


def test_a_librarys_complaint_is_logged_without_the_text_of_the_exception() -> None:
    done = subprocess.run([sys.executable, "-c", _FORGOTTEN], capture_output=True, text=True, check=True, timeout=30)

    assert ("", "asyncio: ERROR: ValueError\n") == (done.stdout, done.stderr)


_OUR_OWN = """
import structlog
from isa_registry.telemetry import configure_logging

configure_logging("info")
try:
    raise ValueError("zqx7f3marker")
except ValueError:
    structlog.get_logger("isa_registry").exception("follower-failed")
"""


def test_our_own_line_of_an_exception_is_its_kind_and_its_place() -> None:
    done = subprocess.run([sys.executable, "-c", _OUR_OWN], capture_output=True, text=True, check=True, timeout=30)

    line = json.loads(done.stdout)
    assert (line["event"], line["error"], line["where"]) == ("follower-failed", "ValueError", "<module>:7")
    assert "zqx7f3marker" not in done.stdout + done.stderr
