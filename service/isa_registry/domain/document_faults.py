"""What is wrong with a document that somebody sent, gathered by where it is."""

from __future__ import annotations

from collections.abc import Container

from isa_registry.domain.references import own_reference_fault
from isa_registry.domain.refusals import Fault

_MOST = 50


class Faults:
    """Collects what is wrong with a document, by pointer: the first 50 things, since nobody mends more at a time and a
    document can hold thousands."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, pointer: str, code: str, detail: str) -> None:
        if len(self.found) < _MOST:
            self.found.append(Fault(pointer=pointer, code=code, detail=detail))

    def code(self, pointer: str, value: str | None, known: Container[str]) -> bool:
        """Whether a code is known; none at all is."""
        if value is None or value in known:
            return True
        self.add(pointer, "unknown-code", "This code is not one the registry knows. See the list in the schema.")
        return False

    def codes(self, pointer: str, values: tuple[str, ...], known: Container[str]) -> None:
        for position, value in enumerate(values):
            if value not in known:
                self.code(f"{pointer}/{position}", value, known)

    def reference(self, pointer: str, value: str | None) -> None:
        fault = None if value is None else own_reference_fault(value)
        if fault is not None:
            self.add(pointer, "not-a-reference", fault)
