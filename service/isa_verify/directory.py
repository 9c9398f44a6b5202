"""Read a log from a static copy: the files that its server serves, under the same paths."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from isa_verify.errors import AccessDeniedError, CannotRunError, NotFoundError
from isa_verify.tiles import FULL_WIDTH, MAX_ENTRY_SIZE

_MAX_FILE_SIZE: Final = FULL_WIDTH * (MAX_ENTRY_SIZE + 2)
# Without waiting for whoever writes, should a file be a pipe.
_READ: Final = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)


class DirectoryLog:
    """A log in a directory, which holds `checkpoint` and `tile/`, or a directory `log` that does.

    Raises `CannotRunError` `directory-unreadable`.
    """

    def __init__(self, directory: Path) -> None:
        below = directory / "log"
        self._directory = below if (below / "checkpoint").is_file() else directory
        self._prefix = f"{self._directory}{os.sep}"
        if not self._directory.is_dir():
            raise CannotRunError("directory-unreadable", "There is no directory of this name that can be read.")

    def fetch(self, path: str) -> bytes:
        """Return the file under a path such as `tile/0/000`.

        Raises `NotFoundError`, `AccessDeniedError` for a bundle where the copy was made without any, or another
        `CannotRunError`.
        """
        if path.startswith("tile/entries/") and not (self._directory / "tile/entries").is_dir():
            raise AccessDeniedError("access-denied", "The copy of the log was made without its entries.")
        try:
            # Thousands of small files: nothing is wrapped around them.
            descriptor = os.open(f"{self._prefix}{path}", _READ)
            try:
                # Its size comes first: to ask for the most that there may be would make room for that much.
                found = os.fstat(descriptor)
                if not stat.S_ISREG(found.st_mode):
                    raise CannotRunError("directory-unreadable", "What the copy of the log holds is not a file.")
                size = found.st_size
                data = os.read(descriptor, min(size, _MAX_FILE_SIZE) + 1)
            finally:
                os.close(descriptor)
        except (FileNotFoundError, NotADirectoryError):
            raise NotFoundError(
                "not-found", "The copy of the log has nothing under a path that was looked for."
            ) from None
        except OSError:
            raise CannotRunError("directory-unreadable", "A file of the copy of the log cannot be read.") from None
        if len(data) != size:
            raise CannotRunError(
                "response-unusable", "A file is larger than any part of a log can be, or is still being written."
            )
        return data

    def fetch_many(self, paths: Sequence[str]) -> Iterator[bytes]:
        """Return the files under several paths, in their order."""
        return map(self.fetch, paths)
