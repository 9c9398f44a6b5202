"""What every reading of the register rests on: a register, a size, and what was worked out for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

from isa_registry.domain.register.memory import Memory
from isa_registry.domain.register.timelines import Shelf

if TYPE_CHECKING:
    from isa_registry.domain.register.register import Register

T = TypeVar("T")


class Looking:
    """A register as the first `size` log entries gave it, and the `memory` of what was asked of it."""

    __slots__ = ("_register", "memory", "size")

    def __init__(self, register: Register, size: int, memory: Memory) -> None:
        self._register = register
        self.size = size
        self.memory = memory

    def _look(self, shelf: Shelf[T], key: str) -> T | None:
        timeline = shelf.get(key)
        return timeline.at(self.size) if timeline is not None else None

    def _all(self, shelf: Shelf[T]) -> Iterator[T]:
        for timeline in list(shelf.values()):
            value = timeline.at(self.size)
            if value is not None:
                yield value
