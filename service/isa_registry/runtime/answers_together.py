"""What becomes of drafts that were handed in together: each is told by itself, and whoever waits wakes once."""

from __future__ import annotations

import asyncio

from isa_registry.domain.refusals import Refused
from isa_registry.ledger.drafts import Appended


class Together:
    """The answers to `count` drafts, in their order, and the moment when all are there."""

    def __init__(self, count: int) -> None:
        self.each = tuple([Answer(self) for _ in range(count)])
        self._missing = count
        self._all: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def wait(self, patience: float) -> None:
        """Returns when all are there, or `patience` seconds have passed. Nothing is done from then on for a draft that
        nothing was done for; whoever waits no longer cancels it."""
        patience_ends = asyncio.get_running_loop().call_later(patience, self._end)
        try:
            await self._all
        finally:
            patience_ends.cancel()

    @property
    def over(self) -> bool:
        """Whether nobody waits any more."""
        return self._all.done()

    def told(self) -> None:
        """One more of the answers is there."""
        self._missing -= 1
        if not self._missing:
            self._end()

    def _end(self) -> None:
        if not self._all.done():
            self._all.set_result(None)


class Answer:
    """What one of them is told, given as to a future."""

    __slots__ = ("_together", "outcome")

    def __init__(self, together: Together) -> None:
        self._together = together
        self.outcome: Appended | Exception | None = None

    def done(self) -> bool:
        return self.outcome is not None or self._together.over

    def set_result(self, outcome: Appended) -> None:
        self.outcome = outcome
        self._together.told()

    def set_exception(self, outcome: Exception) -> None:
        self.outcome = outcome
        self._together.told()


def unavailable() -> Refused:
    """What is told to whoever cannot be told more."""
    return Refused("unavailable", "The log cannot be written at this moment. Try again shortly.", retry_after=2)


def unconfirmed() -> Refused:
    """What is told while nothing says that the database holds the log that was signed."""
    return Refused(
        "history-unconfirmed",
        "Nothing is recorded until it is certain that the database holds the whole log. Checks are answered.",
        retry_after=30,
    )
