"""What has been worked out from one state of the register, so that thousands of questions need not do it again."""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar, cast

T = TypeVar("T")

_KEPT = 4096  # then it starts anew: questions about ever new dates must not fill the memory
_EACH = 65_536  # the same for what there is one of for each body

_PASTS = 4  # a batch of questions about one past state, and a few auditors at a time


class Memory:
    """Values by what they were worked out from. It belongs to a state of the register and goes with it.

    `state` is that state's own mark: whoever keeps it knows the state again, and keeps nothing of it.
    """

    __slots__ = ("_each", "_values", "state")

    def __init__(self) -> None:
        self.state = object()
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


class Memories:
    """The memories of a register's states. A state lasts from one change to the next: that of the newest is always
    kept, and those of the few past ones that were asked about last."""

    __slots__ = ("_changes", "_newest", "_pasts")

    def __init__(self) -> None:
        self._changes: list[int] = []
        self._newest = Memory()
        self._pasts: OrderedDict[int, Memory] = OrderedDict()  # by the last change before

    def changed(self, entry: int) -> None:
        """Says that the entry at this index is about to change the register. Entries must arrive in order."""
        self._changes.append(entry)
        self._newest = Memory()

    def forget_from(self, size: int) -> None:
        """Drops what was worked out from entries `size` and later: others may yet stand in their places."""
        del self._changes[bisect_left(self._changes, size) :]
        self._newest = Memory()
        for last in [last for last in self._pasts if last >= size]:
            del self._pasts[last]

    def at(self, size: int) -> Memory:
        """The memory of the state after the first `size` entries."""
        before = bisect_left(self._changes, size)
        if before == len(self._changes):
            return self._newest
        last = self._changes[before - 1] if before else -1
        memory = self._pasts.setdefault(last, Memory())
        self._pasts.move_to_end(last)
        if len(self._pasts) > _PASTS:
            self._pasts.popitem(last=False)
        return memory
