"""What an auditor remembers between checks: the last checkpoint it trusted of each log.

The directory holds one file per log, named by the SHA-256 of its origin in hexadecimal, whose content is the
signed checkpoint as it was fetched. Beside it stand pairs of contradicting checkpoints, should a log ever
sign such.
"""

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

from isa_verify.checkpoint import Checkpoint
from isa_verify.errors import CannotRunError, VerificationError
from isa_verify.note import MAX_NOTE_SIZE, parse_note


class State:
    """An auditor's memory in a directory, which is made (private to its owner) when first needed."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def load(self, origin: str) -> bytes | None:
        """Return the last trusted checkpoint's note, or None for a log never seen.

        Raises `CannotRunError`: `state-malformed` where the file is not such a note, `state-unreadable`.
        """
        try:
            with self._path(origin).open("rb") as file:
                data = file.read(MAX_NOTE_SIZE + 1)
        except FileNotFoundError:
            return None
        except OSError:
            raise CannotRunError("state-unreadable", "The remembered checkpoint cannot be read.") from None
        try:
            remembered = Checkpoint.parse(parse_note(data).text)
        except VerificationError:
            remembered = None
        if remembered is None or remembered.origin != origin:
            raise CannotRunError("state-malformed", "The file that remembers this log holds no checkpoint of it.")
        return data

    def save(self, note: bytes) -> None:
        """Remember a verified checkpoint's note, unless a larger one is remembered already.

        The file is replaced as a whole. Raises `CannotRunError` `state-unwritable`, and as `load` does.
        """
        checkpoint = Checkpoint.parse(parse_note(note).text)
        current = self.load(checkpoint.origin)
        if current is None or Checkpoint.parse(parse_note(current).text).size <= checkpoint.size:
            self._write(self._path(checkpoint.origin), note)

    def keep_evidence(self, trusted: bytes, observed: bytes) -> tuple[Path, Path]:
        """Keep two contradicting checkpoints for good and return where. Raises as `save` does."""
        origin = Checkpoint.parse(parse_note(trusted).text).origin
        pair = hashlib.sha256(trusted + observed).hexdigest()[:16]
        paths = (
            self._path(origin).with_suffix(f".contradiction-{pair}.trusted"),
            self._path(origin).with_suffix(f".contradiction-{pair}.observed"),
        )
        for path, data in zip(paths, (trusted, observed), strict=True):
            self._write(path, data)
        return paths

    def _path(self, origin: str) -> Path:
        return self._directory / hashlib.sha256(origin.encode()).hexdigest()

    def _write(self, path: Path, data: bytes) -> None:
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self._directory, prefix=".new-")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(path)
            except BaseException:
                with contextlib.suppress(OSError):
                    Path(name).unlink()
                raise
            _sync_directory(self._directory)
        except OSError:
            raise CannotRunError("state-unwritable", "The state directory cannot be written.") from None


def _sync_directory(directory: Path) -> None:
    # Windows cannot open directories, and needs no such step.
    if os.name == "posix":
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
