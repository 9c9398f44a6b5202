"""Files that one registry wrote for itself: each carries a mark that nobody makes without the registry's own secret.

The mark (HMAC-SHA-256 under a key derived for this use alone) covers the file's name, the log's origin and every byte.
So a file that somebody else wrote, another registry's, or one put in the place of another, is refused before any of it
is read for what it means.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from isa_registry.identity.sealing import SessionKeys
from isa_registry.runtime import durable_files

LARGEST = 256 << 20
"""Bytes. The register of 10,000 bodies takes a third of it."""

_USE = "local-copy"
_FIRST_LINE = b"isa-registry local copy v1 "
_LONGEST_FIRST_LINE = 128


class LocalCopyRefused(Exception):
    """What lies there is not to be started from. `code` says why; the message names the file."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code


class SealedFiles:
    """The files of one directory, which is this account's alone. `secrets` make and know the mark."""

    def __init__(self, directory: Path, secrets: SessionKeys, origin: str) -> None:
        self._directory = directory
        self._secrets = secrets
        self._origin = origin

    def write(self, name: str, content: bytes) -> None:
        """Puts a file in the place of the one that may be there: whole, on the disk, mode 0600. Raises `OSError`, and
        `LocalCopyRefused` for content that is too large to be read again."""
        if len(content) > LARGEST:
            raise LocalCopyRefused("too-large", f"{self._directory / name} would be larger than {LARGEST} bytes.")
        self._directory.mkdir(mode=0o700, exist_ok=True)
        mark = self._secrets.mark(_USE, self._marked(name, content))
        durable_files.replace(self._directory / name, _FIRST_LINE + mark.encode() + b"\n" + content)

    def read(self, name: str) -> bytes:
        """What this registry wrote under that name. Raises `LocalCopyRefused`."""
        path = self._directory / name
        line, found, content = _read(path).partition(b"\n")
        if not found or len(line) > _LONGEST_FIRST_LINE or not line.startswith(_FIRST_LINE):
            raise LocalCopyRefused("not-of-its-form", f"{path} is no local copy.")
        mark = line.removeprefix(_FIRST_LINE).decode("ascii", "replace")
        if not self._secrets.is_mark(_USE, self._marked(name, content), mark):
            raise LocalCopyRefused("not-ours", f"{path} was not written by this registry, or was changed since.")
        return content

    def _marked(self, name: str, content: bytes) -> bytes:
        return f"{name}\n{self._origin}\n".encode() + content


def _read(path: Path) -> bytes:
    try:
        # Without waiting for whoever writes, should it be a pipe.
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise LocalCopyRefused("none", f"{path} is not there.") from None
    except OSError as error:
        raise LocalCopyRefused("unreadable", f"{path} cannot be read ({error.strerror}).") from None
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise LocalCopyRefused("unreadable", f"{path} is not a regular file.")
        if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
            raise LocalCopyRefused("open-to-others", f"{path} is another account's, or open to others.")
        if found.st_size > LARGEST + _LONGEST_FIRST_LINE:
            raise LocalCopyRefused("too-large", f"{path} is larger than {LARGEST} bytes.")
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(found.st_size + 1)
    except OSError as error:
        raise LocalCopyRefused("unreadable", f"{path} cannot be read ({error.strerror}).") from None
    finally:
        os.close(handle)
