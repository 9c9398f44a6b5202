"""Where the servers of tests keep their data: in memory, where there is room for it."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = Path("/dev/shm")
_ROOM = 4 * 2**30
"""Bytes. A server of tests takes some hundred megabytes; several may run at once, and so may other things."""


@contextmanager
def server_directory(prefix: str) -> Iterator[Path]:
    """A directory that other accounts can reach, and that is gone afterwards with all that is in it. A thousand
    databases are made in a run: on a disk each is some three hundred files to write, and every commit of a
    demonstration is waited for."""
    # Not pytest's own directory: that is private, and run by root the server is another account.
    directory = Path(tempfile.mkdtemp(prefix=prefix, dir=MEMORY if _room() >= _ROOM else None))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


def _room() -> int:
    """How many bytes of memory files may have."""
    if not os.access(MEMORY, os.W_OK):
        return 0
    available = re.search(r"MemAvailable:\s+([0-9]+) kB", Path("/proc/meminfo").read_text(encoding="ascii"))
    free = shutil.disk_usage(MEMORY).free
    return min(free, int(available[1]) * 1024) if available is not None else 0
