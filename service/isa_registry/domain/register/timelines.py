"""Values over log positions: the one structure that the register is made of."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from typing import Generic, TypeVar

T = TypeVar("T")


class Timeline(Generic[T]):
    """The values that one thing has had, each from the log entry that set it.

    `at(size)` is the value after the first `size` entries, so a reader that holds a size is not disturbed by later
    appends: publishing a new register is publishing a new size. Entries must arrive in order.
    """

    __slots__ = ("_entries", "_values")

    def __init__(self) -> None:
        self._entries: list[int] = []
        self._values: list[T] = []

    def set(self, entry: int, value: T) -> None:
        """Records the value from log entry `entry` (its index) on."""
        if self._entries and entry < self._entries[-1]:
            raise ValueError("a timeline only grows forward")
        self._entries.append(entry)
        self._values.append(value)

    def at(self, size: int) -> T | None:
        """The value that the first `size` log entries give, or None where none of them set it."""
        entries = self._entries
        if not entries:
            return None
        if entries[-1] < size:
            return self._values[-1]
        position = bisect_left(entries, size)
        return self._values[position - 1] if position else None

    def since(self, size: int) -> int | None:
        """The index of the entry that set the value of `at(size)`."""
        position = bisect_left(self._entries, size)
        return self._entries[position - 1] if position else None

    def forget_from(self, size: int) -> None:
        """Drops what entries `size` and later set: a commit that did not happen."""
        position = bisect_left(self._entries, size)
        del self._entries[position:]
        del self._values[position:]

    def history(self, size: int | None = None) -> list[tuple[int, T]]:
        """Every (entry, value) in order, of the first `size` log entries where that is given: for snapshots."""
        end = len(self._entries) if size is None else bisect_left(self._entries, size)
        return list(zip(self._entries[:end], self._values[:end], strict=True))


Shelf = defaultdict[str, Timeline[T]]
"""Timelines by what they are of."""
