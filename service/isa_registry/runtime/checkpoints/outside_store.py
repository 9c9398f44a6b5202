"""The newest signed checkpoint, kept outside the database: what a restored older database is told by.

It lies in one file, on another volume than the database and in no backup of it. It is public, so that the service's
workers may read what only the checkpointer writes.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

_LARGEST = 1 << 20
_LOCK_SECONDS = 5.0


class OutsideStoreError(Exception):
    """The store cannot be read or written. The message names the file and is fit for an operator."""


class OutsideStoreMoved(OutsideStoreError):
    """Another checkpoint is there than the one that was to be replaced: somebody else signs as well."""


class OutsideReader(Protocol):
    """Whoever may read the newest signed checkpoint."""

    def load(self) -> bytes | None:
        """The note, or None where there is none yet. Raises `OutsideStoreError`."""


class OutsideStore(OutsideReader, Protocol):
    """The store as the checkpointer holds it."""

    def swap(self, previous: bytes | None, new: bytes) -> None:
        """Puts `new` in the place of `previous`, on disk when it returns; also where the two are the same.

        Raises `OutsideStoreMoved` where something else is there, and `OutsideStoreError`; after the latter either of
        the two may be there.
        """


class CheckpointFile:
    """The store in a file. The directory holds a lock beside it, and for a moment the file that takes its place.

    The path names the file itself: a symbolic link there would be replaced, and what it points at be forgotten.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> bytes | None:
        try:
            # Without waiting for whoever writes, should it be a pipe.
            handle = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                if not stat.S_ISREG(os.fstat(handle).st_mode):
                    raise OutsideStoreError(f"{self._path} is not a regular file.")
                return _read(handle)
            finally:
                os.close(handle)
        except FileNotFoundError:
            if not self._path.parent.is_dir():
                raise OutsideStoreError(f"{self._path.parent} is not there: is its volume mounted?") from None
            return None
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise OutsideStoreError(f"{self._path} is a symbolic link. Name the file that it leads to.") from None
            raise OutsideStoreError(f"{self._path} cannot be read ({error.strerror}).") from None

    def swap(self, previous: bytes | None, new: bytes) -> None:
        try:
            with self._locked():
                if self.load() != previous:
                    raise OutsideStoreMoved(f"{self._path} holds another checkpoint than the one expected.")
                self._replace(new)
        except OSError as error:
            raise OutsideStoreError(f"{self._path} cannot be written ({error.strerror}).") from None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = os.open(self._beside("lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            end = time.monotonic() + _LOCK_SECONDS
            while not _lock(lock):
                if time.monotonic() > end:
                    raise OutsideStoreError(f"{self._path} is held by another process, which does not let it go.")
                time.sleep(0.01)
            yield
        finally:
            os.close(lock)

    def _replace(self, content: bytes) -> None:
        fresh = self._beside("new")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        fresh.rename(self._path)
        directory = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def _beside(self, what: str) -> Path:
        return self._path.with_name(f".{self._path.name}.{what}")


def _read(handle: int) -> bytes:
    content = b""
    while len(content) <= _LARGEST and (chunk := os.read(handle, _LARGEST)):
        content += chunk
    return content


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
