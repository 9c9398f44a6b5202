"""Reading which challenges somebody is told of: for nobody's eyes, from the index alone, and no payload."""

from __future__ import annotations

from datetime import datetime

from isa_registry.domain.challenging.life import every
from isa_registry.domain.challenging.stages import Differences
from isa_registry.domain.notices.events import Event
from isa_registry.domain.notices.notice import Notice
from isa_registry.domain.notices.of_challenges import events_of_challenge, notices_of_challenge, overdue_challenges
from isa_registry.domain.register.register import RegisterView
from isa_registry.store import challenges
from isa_registry.store.pool import TELLING, connect


async def told_of_challenges(
    database_url: str, differences: Differences, view: RegisterView, start: int, *, now: datetime, overdue: bool
) -> tuple[list[Notice], list[Event]]:
    """What is told of the challenges' entries from a log size up to the register's; with `overdue` also of those whose
    time is over."""
    reading = await connect(database_url, "isa_read", reader=TELLING)
    try:
        logged = await challenges.logged_between(reading, start, view.size)
        still_open = every(await challenges.entries_of_open(reading)) if overdue else []
    finally:
        await reading.close()
    notices = [one for mark, _ in logged for one in notices_of_challenge(mark)]
    events = [one for mark, at in logged for one in events_of_challenge(mark, at)]
    return [*notices, *overdue_challenges(still_open, differences, view, now)], events
