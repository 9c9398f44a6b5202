"""Files that are whole or absent, and on the disk once a call returns: what must survive a power cut."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

_UNFINISHED = ".unfinished-"


def write_new(path: Path, content: bytes) -> None:
    """Writes a file, mode 0600, where there is none. Raises `FileExistsError` where there is one, and `OSError`."""
    unfinished = _write_beside(path, content)
    try:
        path.hardlink_to(unfinished)
    finally:
        unfinished.unlink()
    _sync_directory(path.parent)


def replace(path: Path, content: bytes) -> None:
    """Writes a file, mode 0600, in place of the one that may be there.

    Raises `OSError`; the old content or the new is there then, whole.
    """
    unfinished = _write_beside(path, content)
    try:
        unfinished.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise
    _sync_directory(path.parent)


def clear_unfinished(directory: Path) -> None:
    """Removes what a process left that was killed while it wrote here. Nobody else may be writing. Raises `OSError`."""
    for path in directory.glob(f"{_UNFINISHED}*"):
        path.unlink()


def _write_beside(path: Path, content: bytes) -> Path:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=_UNFINISHED)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    return Path(name)


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
