"""What is wrong with the files of a catalogue: each fault by file and place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Fault(NamedTuple):
    """One thing wrong: the file, the JSON pointer (RFC 6901) within it, and what."""

    file: str
    pointer: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}#{self.pointer}: {self.what}"


class CatalogueError(ValueError):
    """The files are not a catalogue. `faults` names everything found wrong."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))
