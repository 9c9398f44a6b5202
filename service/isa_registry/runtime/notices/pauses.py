"""How long to wait before another try, and when to give up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

Pauses = tuple[float, ...]

MINUTE, HOUR = 60.0, 3_600.0
MAIL: Pauses = (30, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 8 * HOUR)
"""About a day."""
WEBHOOKS: Pauses = (5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
"""About three days."""


def pause_after(failures: int, pauses: Pauses, random: Callable[[], float]) -> timedelta | None:
    """The pause after so many failures, this one among them: longer or shorter at random by up to a tenth, so that
    what failed together is not tried again together. None: no try is left."""
    if failures > len(pauses):
        return None
    return timedelta(seconds=pauses[failures - 1] * (0.9 + 0.2 * random()))
