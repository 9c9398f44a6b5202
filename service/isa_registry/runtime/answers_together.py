"""What becomes of drafts that were handed in together: each is told by itself, and whoever waits wakes once."""

from __future__ import annotations

import asyncio

from isa_registry.domain.refusals import Refused
from isa_registry.ledger.drafts import Appended


class Together:
    """The answers to `count` drafts, in their order, and the moment when all are there."""

    def __init__(self, count: int) -> None:
        self.outcomes: list[Appended | Exception | None] = [None] * count
        """None for a draft of which nothing was told."""
        self.all: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when all are told, or nobody waits any more."""
        self._missing = count

    def places(self) -> list[Answer]:
        """Where each of them is told."""
        return [Answer(self, place) for place in range(len(self.outcomes))]

    async def wait(self, patience: float) -> None:
        """Returns when all are there, or `patience` seconds have passed. Nothing is done from then on for a draft that
        nothing was done for; whoever waits no longer cancels it."""
        patience_ends = asyncio.get_running_loop().call_later(patience, self._end)
        try:
            await self.all
        finally:
            patience_ends.cancel()

    def tell(self, place: int, outcome: Appended | Exception) -> None:
        """One more of the answers is there."""
        self.outcomes[place] = outcome
        self._missing -= 1
        if not self._missing:
            self._end()

    def _end(self) -> None:
        if not self.all.done():
            self.all.set_result(None)


class Answer:
    """What one of them is told, given as to a future."""

    __slots__ = ("_place", "_together")

    def __init__(self, together: Together, place: int) -> None:
        self._together = together
        self._place = place

    def done(self) -> bool:
        """Whether it is told already, or nobody waits any more."""
        return self._together.outcomes[self._place] is not None or self._together.all.done()

    def set_result(self, outcome: Appended) -> None:
        self._together.tell(self._place, outcome)

    def set_exception(self, outcome: Exception) -> None:
        self._together.tell(self._place, outcome)


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
