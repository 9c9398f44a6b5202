"""How many different things somebody may ask about: whoever tries references one after another is stopped."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence

_MOST_CALLERS = 4_096


class DistinctLimit:
    """Allows each caller `most` different references within any `seconds`; asking again about the same ones is free.

    Exact, for one process. What is remembered of a reference is eight bytes of a hash under `key`, which is to be
    random and this process's own: nothing that is kept could be compared with anything elsewhere. A caller costs at
    most `most` such hashes; of callers that are too many to remember, the longest unseen is forgotten.
    """

    def __init__(self, most: int, seconds: float, monotonic: Callable[[], float], *, key: bytes) -> None:
        self._most = most
        self._seconds = seconds
        self._monotonic = monotonic
        self._key = key
        self._callers: OrderedDict[Hashable, OrderedDict[bytes, float]] = OrderedDict()

    def allows(self, caller: Hashable, references: Sequence[str]) -> bool:
        """Whether the caller may ask about all of these now. They count if so; if not, none does."""
        now = self._monotonic()
        seen = self._callers.pop(caller, OrderedDict())
        while seen and now - next(iter(seen.values())) >= self._seconds:
            seen.popitem(last=False)
        new = [one for one in dict.fromkeys(map(self._digest, references)) if one not in seen]
        allowed = len(seen) + len(new) <= self._most
        if allowed:
            # A reference that is asked about again keeps its first time: it leaves when it came.
            seen.update(dict.fromkeys(new, now))
        if seen:
            self._callers[caller] = seen
        while len(self._callers) > _MOST_CALLERS:
            self._callers.popitem(last=False)
        return allowed

    def _digest(self, reference: str) -> bytes:
        return hashlib.blake2b(reference.encode("utf-8", "surrogatepass"), digest_size=8, key=self._key).digest()
