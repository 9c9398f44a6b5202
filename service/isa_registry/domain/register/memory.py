"""What has been worked out from one state of the register, so that thousands of questions need not do it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

T = TypeVar("T")

_KEPT = 4096  # then it starts anew: questions about ever new dates must not fill the memory


class Memory:
    """Values by what they were worked out from. It belongs to a state of the register and goes with it."""

    __slots__ = ("_values",)

    def __init__(self) -> None:
        self._values: dict[tuple[str | None, ...], object] = {}

    def recall(self, key: tuple[str | None, ...], work_out: Callable[[], T]) -> T:
        """The value for a key, worked out the first time. `key` begins with what kind of value it is."""
        try:
            return cast("T", self._values[key])
        except KeyError:
            value = work_out()
        if len(self._values) >= _KEPT:
            self._values.clear()
        self._values[key] = value
        return value
