"""The engines that can still answer, by version.

A check names the version that answered it. As long as that one stands in this table the check comes out again as it
was, byte for byte; once it is dropped, what another engine says instead is told as a difference. To keep an engine when
another takes its place: leave its rules as they are under a name of their own, and add its line.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from isa_registry.domain.answers import Answer
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.decisions import ENGINE_VERSION, decide
from isa_registry.domain.questions import Evidence, Question
from isa_registry.domain.register.register import RegisterView


class Engine(Protocol):
    """Pure: the same view, catalogue, question, evidence and day give the same answer."""

    def __call__(
        self, view: RegisterView, catalogue: Catalogue, question: Question, evidence: Evidence, *, today: str
    ) -> Answer: ...


class Engines:
    """Which engines are kept, and which of them answers questions now."""

    def __init__(self, current: str, kept: Mapping[str, Engine]) -> None:
        self.current = current
        self.kept = MappingProxyType(dict(kept))

    def chosen(self, version: str) -> tuple[str, Engine]:
        """The engine of that version where it is kept, otherwise the one that answers now; with its version."""
        version = version if version in self.kept else self.current
        return version, self.kept[version]


ENGINES = Engines(ENGINE_VERSION, {ENGINE_VERSION: decide})
