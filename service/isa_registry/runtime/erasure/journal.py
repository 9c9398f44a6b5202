"""The erasure journal: a file outside the database that remembers what was erased, so that a restored backup forgets it
again before it serves (docs/formats/erasure.md)."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from isa_registry.domain.dates import is_instant
from isa_registry.store import erasure
from isa_registry.store.pool import connect

JOURNAL = "erasures.jsonl"
"""What a demonstration calls its journal, in its directory."""

_PAGE = 10_000


class JournalLine(Struct, frozen=True, forbid_unknown_fields=True):
    """Entry `index`, whose leaf hash is `leaf` (lower-case hex), was erased by entry `by`; written `at` (RFC 3339
    UTC)."""

    at: str
    by: int
    index: int
    leaf: str


class JournalDamaged(Exception):
    """The journal cannot be read, or a line of it is not of its form. The message says which."""


class ErasuresNotReapplied(Exception):
    """The database holds payloads that were erased: it was restored from a backup."""

    code = "erasures-not-reapplied"

    def __init__(self, count: int) -> None:
        super().__init__(
            f"{self.code}: {count} payloads that were erased are here again. "
            "Run `isa-registry erase --reapply` before anything is served."
        )


_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(JournalLine)


class Journal:
    """An append-only file, a line for each erased payload. `append` returns once the lines are on the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, lines: Sequence[JournalLine]) -> None:
        """Adds lines. A line that a crash cut short is taken away first: what it named was not deleted."""
        made = not self._path.exists()
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            content = _read_whole(descriptor)
            whole = content.rfind(b"\n") + 1
            if whole != len(content):
                os.ftruncate(descriptor, whole)
            os.lseek(descriptor, whole, os.SEEK_SET)
            remaining = b"".join(_encoder.encode(line) + b"\n" for line in lines)
            while remaining:
                remaining = remaining[os.write(descriptor, remaining) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if made:
            directory = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)

    def read(self) -> list[JournalLine]:
        """Every whole line, in order; none where there is no file yet. Raises `JournalDamaged`."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise JournalDamaged(f"the erasure journal cannot be read ({type(error).__name__})") from None
        return [_line(number, text) for number, text in enumerate(content.split(b"\n")[:-1], start=1)]


def _read_whole(descriptor: int) -> bytes:
    parts = []
    while part := os.read(descriptor, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _line(number: int, text: bytes) -> JournalLine:
    try:
        line = _decoder.decode(text)
    except msgspec.DecodeError:
        line = None
    if (
        line is None
        or _encoder.encode(line) != text
        or not is_instant(line.at)
        or not 0 <= line.index < line.by
        or len(line.leaf) != 64
        or not set(line.leaf) <= set("0123456789abcdef")
    ):
        raise JournalDamaged(f"line {number} of the erasure journal is not of its form")
    return line


Looker = Literal["isa_read", "isa_checkpoint"]


async def resurrected(database_url: str, journal: Journal, *, role: Looker = "isa_read") -> list[JournalLine]:
    """What the journal says is erased, and is in the database again, on no hold. The same entry is known by its leaf
    hash: a log that was continued elsewhere has other entries under the same numbers."""
    lines = {line.index: line for line in journal.read()}
    if not lines:
        return []
    found: list[JournalLine] = []
    connection = await connect(database_url, role)
    try:
        indexes = sorted(lines)
        for start in range(0, len(indexes), _PAGE):
            present = await erasure.present(connection, indexes[start : start + _PAGE])
            found += [lines[index] for index in sorted(present) if present[index].hex() == lines[index].leaf]
    finally:
        await connection.close()
    return found


async def refuse_resurrected(database_url: str, journal: Path | None, *, role: Looker = "isa_read") -> None:
    """What must hold before anything is served or signed. Raises `ErasuresNotReapplied` or `JournalDamaged`."""
    if journal is None:
        return
    found = await resurrected(database_url, Journal(journal), role=role)
    if found:
        raise ErasuresNotReapplied(len(found))
