"""What is wanting of a log, and which registers of the past may have rested on it."""

from __future__ import annotations

from msgspec import Struct


class Lacking(Struct, frozen=True):
    """A register payload that is not here, and why. Registers before the size `until` may depend on it (None: every
    later one); `unread` where no answer does, whatever the register."""

    entry: int
    why: str
    until: int | None = None
    unread: bool = False

    def stands_in_the_way(self, size: int) -> bool:
        """Whether an answer from the register of that size may have rested on it."""
        return not self.unread and self.entry < size and (self.until is None or size < self.until)


def erased_by(entry: int) -> str:
    """Why a payload is not here: entry `entry` erased it."""
    return f"was erased by entry {entry}"
