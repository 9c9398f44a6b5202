"""Files that only their owner can read, and that are there whole or not at all, through a crash at any moment."""

import os
import secrets
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, content: bytes, *, replace: bool) -> None:
    """Write a file and sync it to the disk. Raises `FileExistsError` where there is one already, unless it is to be
    replaced, and `OSError` where it cannot be written; then what was there is there still."""
    beside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            beside.replace(path)
        else:
            # Unlike a renaming, this never puts one file in the place of another.
            os.link(beside, path)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
    _sync(path.parent)


def _sync(directory: Path) -> None:
    """Keep a new name through a loss of power, where the system can do that to a directory."""
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
