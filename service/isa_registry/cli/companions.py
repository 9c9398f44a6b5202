"""A process that runs beside the workers and is replaced when it ends, as they are."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

import structlog

_log = structlog.get_logger(__name__)

_PAUSE_SECONDS = 1.0
_STOP_SECONDS = 10.0


class Companion:
    """A command of this program, as a child process that takes `--with-parent`. `tend` is called often, and starts it
    where it does not run."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command = [sys.executable, "-m", "isa_registry", *arguments, "--with-parent", str(os.getpid())]
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._due = 0.0

    def tend(self) -> None:
        now = time.monotonic()
        if self._process is not None and self._process.poll() is not None:
            _log.error("companion-ended", status=self._process.returncode)
            self._process, self._due = None, now + _PAUSE_SECONDS
        if self._process is None and now >= self._due:
            # A group of its own: Ctrl-C is this process's to pass on, once the workers have ended.
            self._process = subprocess.Popen(  # noqa: S603 - this program itself
                self._command, env=self._environment, stdin=subprocess.DEVNULL, process_group=0
            )

    def stop(self) -> None:
        """Ends it, and waits until it has ended."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
