"""What an auditor remembers between checks, in a directory: above all the last checkpoint it trusted of each log.

The directory holds one file per log, named by the SHA-256 of its origin in hexadecimal, whose content is the
signed checkpoint as it was fetched. Beside it stand, with the same name, `.prefix` (how far the log has been read),
`.times` (when witnesses saw which sizes) and `.keys` (the log's keys as rotations changed them); and pairs of
contradicting checkpoints, should a log ever sign such.
"""

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

from isa_verify.checkpoint import Checkpoint
from isa_verify.errors import CannotRunError, VerificationError
from isa_verify.log_keys import format_keys, parse_keys
from isa_verify.memory import Memory, Prefix, encode_sightings, parse_sightings
from isa_verify.note import MAX_NOTE_SIZE, parse_note

_MAX_FILE_SIZE = 1 << 26


class State:
    """An auditor's memory in a directory, which is made (private to its owner) when first needed."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def load(self, origin: str) -> bytes | None:
        """Return the last trusted checkpoint's note, or None for a log never seen.

        Raises `CannotRunError`: `state-malformed` where the file is not such a note, `state-unreadable`.
        """
        data = self._read(self._path(origin), MAX_NOTE_SIZE + 1)
        if data is None:
            return None
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

    def load_memory(self, origin: str) -> Memory:
        """Return all that is remembered of a log. Raises as `load` does."""
        prefix = self._read(self._path(origin).with_suffix(".prefix"), _MAX_FILE_SIZE)
        times = self._read(self._path(origin).with_suffix(".times"), _MAX_FILE_SIZE)
        keys = self._read(self._path(origin).with_suffix(".keys"), _MAX_FILE_SIZE)
        try:
            return Memory(
                note=self.load(origin),
                prefix=None if prefix is None else Prefix.parse(prefix),
                sightings=() if times is None else parse_sightings(times),
                keys=() if keys is None else parse_keys(keys),
            )
        except VerificationError:
            raise CannotRunError("state-malformed", "A file that remembers this log is not in its form.") from None

    def save_memory(self, origin: str, memory: Memory) -> None:
        """Remember all of it, the checkpoint last and as `save` does. Raises as that."""
        if memory.keys:
            self._write(self._path(origin).with_suffix(".keys"), format_keys(memory.keys))
        if memory.sightings:
            self._write(self._path(origin).with_suffix(".times"), encode_sightings(memory.sightings))
        if memory.prefix is not None and memory.prefix.size:
            self.keep_prefix(origin, memory.prefix)
        if memory.note is not None:
            self.save(memory.note)

    def keep_prefix(self, origin: str, prefix: Prefix) -> None:
        """Remember how far a log has been read. Raises `CannotRunError` `state-unwritable`."""
        self._write(self._path(origin).with_suffix(".prefix"), prefix.encode())

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

    def _read(self, path: Path, limit: int) -> bytes | None:
        try:
            with path.open("rb") as file:
                return file.read(limit)
        except FileNotFoundError:
            return None
        except OSError:
            raise CannotRunError("state-unreadable", "The remembered checkpoint cannot be read.") from None

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
