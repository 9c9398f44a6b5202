"""When to try again somebody who did not answer: later each time, and never all at one moment."""

from __future__ import annotations

from collections.abc import Callable

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 60.0


class BackOff:
    """The pause after failures in a row: 1 second, doubling up to 60, each shortened at random by up to half.

    `random` gives numbers from 0 up to 1. Moments are seconds of any clock that never goes back.
    """

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._failures = 0
        self._until = float("-inf")

    def ready_at(self, moment: float) -> bool:
        """Whether it is time to try."""
        return moment >= self._until

    def failed(self, moment: float) -> None:
        """A try at this moment failed."""
        longest = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(self._failures, 32))
        self._failures += 1
        self._until = moment + longest * (1 - self._random() / 2)

    def succeeded(self) -> None:
        """A try succeeded: the next failure counts as the first."""
        self._failures = 0
        self._until = float("-inf")
