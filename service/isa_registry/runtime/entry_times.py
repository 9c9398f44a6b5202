"""When entries were logged, kept once they were asked for: that never changes."""

from __future__ import annotations

from collections.abc import Collection

from isa_registry.domain.dates import instant
from isa_registry.runtime.registry import Registry
from isa_registry.store.entry_times import times_of
from isa_registry.store.pool import NOBODY, reading_for

_KEPT = 10_000  # then it starts anew


class EntryTimes:
    """The times of entries that everybody may know of."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._kept: dict[int, str] = {}

    async def of(self, indexes: Collection[int]) -> dict[int, str]:
        """The time of each entry, RFC 3339 UTC. Raises `DatabaseError` where one is not known and the database is
        away."""
        wanted = [one for one in indexes if one not in self._kept]
        if wanted:
            async with reading_for(self._registry.reading, NOBODY) as connection:
                found = await times_of(connection, wanted)
            if len(self._kept) + len(found) > _KEPT:
                self._kept.clear()
            self._kept |= {index: instant(at) for index, at in found.items()}
        return {one: self._kept[one] for one in indexes if one in self._kept}
