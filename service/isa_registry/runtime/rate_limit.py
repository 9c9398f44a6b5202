"""How often somebody may ask: a bucket that fills steadily, up to what may be asked at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable

_MOST_BUCKETS = 4_096


class RateLimit:
    """Allows each key `per_second` requests a second in the long run, and `burst` at once.

    `monotonic` gives seconds that never go back. Of keys that are too many to remember, the longest unseen is
    forgotten.
    """

    def __init__(self, per_second: float, burst: int, monotonic: Callable[[], float]) -> None:
        self._per_second = per_second
        self._burst = burst
        self._monotonic = monotonic
        self._buckets: dict[Hashable, tuple[float, float]] = {}

    def allows(self, key: Hashable) -> bool:
        """Whether one more request of this key is allowed now; it counts if it is."""
        now = self._monotonic()
        level, since = self._buckets.pop(key, (float(self._burst), now))
        level = min(float(self._burst), level + (now - since) * self._per_second)
        allowed = level >= 1
        self._buckets[key] = (level - 1 if allowed else level, now)
        if len(self._buckets) > _MOST_BUCKETS:
            del self._buckets[next(iter(self._buckets))]
        return allowed
