"""How far along long work is: one line on a terminal, nothing anywhere else."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

_SECONDS_BETWEEN = 0.2


class Progress:
    """Shows "checked 1,000 of 20,000 entries" on a terminal's standard error, and takes it away at the end."""

    def __init__(self, done: str, things: str) -> None:
        self._done = done
        self._things = things
        self._terminal = sys.stderr.isatty()
        self._next = 0.0
        self._width = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._width:
            self._write("")

    def shown(self, count: int, of: int) -> None:
        """Tells that `count` of `of` are done."""
        now = time.monotonic()
        if self._terminal and now >= self._next:
            self._next = now + _SECONDS_BETWEEN
            self._write(f"{self._done} {count:,} of {of:,} {self._things}")

    def _write(self, text: str) -> None:
        sys.stderr.write("\r" + text.ljust(self._width) + ("" if text else "\r"))
        sys.stderr.flush()
        self._width = len(text)
