"""What has been worked out from one state of the register, so that thousands of questions need not do it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

T = TypeVar("T")

_KEPT = 4096  # then it starts anew: questions about ever new dates must not fill the memory
_EACH = 65_536  # the same for what there is one of for each body


class Memory:
    """Values by what they were worked out from. It belongs to a state of the register and goes with it."""

    __slots__ = ("_each", "_values")

    def __init__(self) -> None:
        self._values: dict[tuple[str | None, ...], object] = {}
        self._each: dict[tuple[str, ...], object] = {}

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

    def recall_each(self, key: tuple[str, ...], work_out: Callable[[], T]) -> T:
        """The same for small values of which there is one for each body: many bodies do not push out what is shared.
        Keys of different kinds of value must differ by themselves."""
        try:
            return cast("T", self._each[key])
        except KeyError:
            value = work_out()
        if len(self._each) >= _EACH:
            self._each.clear()
        self._each[key] = value
        return value
