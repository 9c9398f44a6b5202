"""What the witnesses say of the history, at hand before each signature without waiting for a slow one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from isa_registry.runtime.checkpoints.publisher import Cosigned, Testimony, Witnessing

_FRESH_SECONDS = 5.0
_WAIT_SECONDS = 0.3


class Listening:
    """The newest testimony. `monotonic` gives seconds that never go back.

    A testimony older than five seconds is asked for anew and waited for, 0.3 seconds at most: what comes later counts
    before the next signature. The rounds that gather cosignatures compare as well, each witness by itself; a witness
    that claims more than we signed, or another history, is asked at once for what it can show.
    """

    def __init__(self, witnesses: Witnessing, *, monotonic: Callable[[], float]) -> None:
        self._witnesses = witnesses
        self._monotonic = monotonic
        self._asked_at = float("-inf")
        self._asking: asyncio.Task[Testimony] | None = None
        self._newest = Testimony(signed=(), satisfied=False)
        self.agreed = False
        """Whether enough witnesses agreed at the last round."""
        self.alarms: tuple[str, ...] = ()
        """Codes of what the newest testimony shows that is an alarm although nothing contradicts the database."""
        self.suspicious = False
        """Whether one claimed more than we signed, or another history, and was not asked since what it can show."""

    async def aclose(self) -> None:
        """Gives up what is still being asked."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
            self._asking = None

    def begin(self, *, agreed: bool, alarms: tuple[str, ...]) -> None:
        """Takes over what was found before anything was signed."""
        self.agreed, self.alarms = agreed, alarms

    def heard_round(self, found: Cosigned) -> None:
        """Takes what a round of cosigning brought into account."""
        self.agreed = found.satisfied
        self.suspicious = self.suspicious or found.suspect

    async def testimony(self) -> Testimony:
        """What was last heard."""
        stale = self.suspicious or self._monotonic() - self._asked_at >= _FRESH_SECONDS
        if self._asking is None and stale:
            self._asked_at, self.suspicious = self._monotonic(), False
            self._asking = asyncio.create_task(self._witnesses.testimony(), name="ask witnesses")
        if self._asking is not None:
            await asyncio.wait((self._asking,), timeout=_WAIT_SECONDS)
            if self._asking.done():
                done, self._asking = self._asking, None
                self._newest = done.result()
                self.alarms = self._newest.reasons
        return self._newest
