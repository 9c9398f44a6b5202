"""Log lines say what happened, never what somebody sent."""

from __future__ import annotations

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
