"""Bodies that come in time, or are given up: whoever sends one drop by drop holds a place that others need."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from litestar.types import Receive

from isa_registry.domain.refusals import Refused

LOOKS_EVERY = 0.5
"""Seconds between two looks at what has not come yet: a body is given up so much late at most."""


class Timely:
    """Reads bodies, each of which must have come whole within `seconds()`. One timer looks after all of them: every
    request comes by here, and a timer for each would cost a part of what an answer costs."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self.seconds = seconds
        # Until when each task waits; None where it was told that this is over.
        self._waiting: dict[asyncio.Task[Any], float | None] = {}
        self._looking: asyncio.TimerHandle | None = None

    def of(self, receive: Receive) -> Body:
        """The parts of one request's body."""
        return Body(self, receive)

    async def by(self, until: float, receive: Receive) -> Any:
        """What `asyncio.timeout_at` does, without a timer of its own."""
        task = asyncio.current_task()
        assert task is not None
        before = task.cancelling()
        self._waiting[task] = until
        if self._looking is None:
            self._look_again()
        try:
            return await receive()
        except asyncio.CancelledError:
            if self._waiting[task] is None and task.cancelling() <= before + 1:
                raise Refused("too-slow", "The request's body did not come in time.") from None
            raise
        finally:
            if self._waiting.pop(task) is None:
                task.uncancel()

    def _look_again(self) -> None:
        pause = min(LOOKS_EVERY, self.seconds())
        self._looking = asyncio.get_running_loop().call_later(pause, self._look)

    def _look(self) -> None:
        """Gives up what is late. While nothing is waited for, nobody looks."""
        self._looking = None
        if not self._waiting:
            return
        now = time.monotonic()
        for task, until in self._waiting.items():
            if until is not None and until <= now:
                self._waiting[task] = None
                task.cancel()
        self._look_again()


class Body:
    """A body, part by part. `whole` says whether all of it has come."""

    __slots__ = ("_receive", "_timely", "_until", "whole")

    def __init__(self, timely: Timely, receive: Receive) -> None:
        self._timely = timely
        self._receive = receive
        self._until: float | None = None
        self.whole = False

    async def __call__(self) -> Any:
        """The next part. Raises `Refused` (`too-slow`)."""
        if self.whole:
            return await self._receive()
        if self._until is None:
            self._until = time.monotonic() + self._timely.seconds()
        message = await self._timely.by(self._until, self._receive)
        self.whole = not message.get("more_body", False)
        return message
