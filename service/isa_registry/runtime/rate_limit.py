"""How often somebody may ask: a bucket that fills steadily, up to what may be asked at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable

from msgspec import Struct

_MOST_BUCKETS = 4_096


class Taken(Struct, frozen=True):
    """What came of asking a bucket: whether it gave, what is left in it, in how many seconds it would give, and in how
    many it is full."""

    allowed: bool
    left: int
    wait: float
    full_in: float


class RateLimit:
    """Allows each key `per_second` requests a second in the long run, and `burst` at once.

    `monotonic` gives seconds that never go back. Of keys that are too many to remember, the longest unseen is
    forgotten, and would begin with a full bucket: nobody's bucket is emptied by others.
    """

    def __init__(self, per_second: float, burst: int, monotonic: Callable[[], float]) -> None:
        self._per_second = per_second
        self._burst = burst
        self._monotonic = monotonic
        self._buckets: dict[Hashable, tuple[float, float]] = {}

    def allows(self, key: Hashable) -> bool:
        """Whether one more request of this key is allowed now; it counts if it is."""
        return self.take(key).allowed

    def take(self, key: Hashable, cost: int = 1) -> Taken:
        """Takes `cost` out of the key's bucket if that much is in it; a bucket that gives nothing loses nothing."""
        level, now = self._level(key)
        allowed = level >= cost
        level = level - cost if allowed else level
        self._buckets[key] = (level, now)
        if len(self._buckets) > _MOST_BUCKETS:
            del self._buckets[next(iter(self._buckets))]
        return self._taken(level, cost, allowed)

    def look(self, key: Hashable, cost: int = 1) -> Taken:
        """What `take` would say; nothing is taken, and a key that was never seen is not remembered."""
        level = float(self._burst)
        if key in self._buckets:
            level, now = self._level(key)
            self._buckets[key] = (level, now)
        return self._taken(level, cost, level >= cost)

    def _level(self, key: Hashable) -> tuple[float, float]:
        """What is in the key's bucket now, which is taken out of the row of all, and when that is."""
        now = self._monotonic()
        found = self._buckets.pop(key, None)
        if found is None:
            return float(self._burst), now
        level = found[0] + (now - found[1]) * self._per_second
        return (level if level < self._burst else float(self._burst)), now

    def _taken(self, level: float, cost: int, allowed: bool) -> Taken:
        wait = 0.0 if allowed else (cost - level) / self._per_second
        return Taken(allowed, math.floor(level), wait, (self._burst - level) / self._per_second)
