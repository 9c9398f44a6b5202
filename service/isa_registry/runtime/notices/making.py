"""Making the notices that are due, once each: one worker at a time, of what the log says and of what day it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from isa_registry.domain.challenging.stages import NO_STAGES, Differences
from isa_registry.domain.dates import instant, london_date
from isa_registry.domain.notices.due import due
from isa_registry.domain.notices.events import (
    CASE_KINDS,
    EVENT_KINDS,
    AcknowledgedEvent,
    Event,
    SharedEvent,
    event_of,
    event_of_case,
)
from isa_registry.domain.notices.happened import TELLING_KINDS, flagged, notices_of
from isa_registry.domain.notices.notice import Notice
from isa_registry.domain.register.register import RegisterView
from isa_registry.runtime.folding import decoded
from isa_registry.runtime.notices.of_challenges import told_of_challenges
from isa_registry.runtime.notices.telling import tell, tell_late
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.store import outbox, webhooks
from isa_registry.store.outbox import ToldOf
from isa_registry.store.pool import REGISTER, TELLING, Connection, Pool, connect

_log = structlog.get_logger("isa_registry.notices")

WORTH_TELLING = timedelta(days=30)
"""For how long a notice that nobody could be told waits for an address, and an invitation that was given up keeps its
own."""
KEPT = timedelta(days=400)
"""For how long it is shown what became of a delivery."""
OVERDUE_EVERY = timedelta(minutes=10)
_ENTRIES = 500


class Maker:
    """Turns what the log says, and what the day brings, into notices and webhooks' deliveries.

    Everything that one look finds is written in one transaction, with how far the log was read: a look that is
    interrupted never was. Without `mailing` nobody is told anything but systems.
    """

    def __init__(
        self,
        database_url: str,
        pool: Pool,
        *,
        view: Callable[[], RegisterView],
        now: Callable[[], datetime],
        mailing: bool,
        differences: Differences = NO_STAGES,
    ) -> None:
        self._url = database_url
        self._pool = pool
        self._view = view
        self._now = now
        self._mailing = mailing
        self._differences = differences
        self._overdue_looked: datetime | None = None

    async def look(self) -> bool:
        """One look. False where another worker has its turn, or knows more of the log than this one."""
        view, now = self._view(), self._now()
        today = london_date(now)
        async with self._pool.acquire() as connection, connection.transaction():
            if not await outbox.take_sweep(connection):
                return False
            await outbox.begin_at(connection, view.size)
            size, looked_on = await outbox.cursor(connection)
            if view.size < size:
                return False
            if view.size > size or looked_on != today:
                await self._make(connection, view, size, now)
                await outbox.move_cursor(connection, view.size, today)
            if self._mailing:
                await tell_late(connection, now=now, since=now - WORTH_TELLING)
            if looked_on != today:
                await outbox.give_up(connection, before=now - WORTH_TELLING, now=now)
                await outbox.sweep(connection, before=now - KEPT)
                await webhooks.sweep(connection, before=now - KEPT)
        return True

    async def _make(self, connection: Connection, view: RegisterView, size: int, now: datetime) -> None:
        notices: list[Notice] = []
        events: list[Event | None] = []
        for entry in await self._entries(size, view.size):
            try:
                payload = decoded(entry.index, entry.payload)
                events.append(event_of(entry.index, instant(entry.at), payload))
                notices += notices_of(view, entry.index, london_date(entry.at), payload)
            except (ValueError, LogDisagrees):
                # What cannot be said of one entry keeps nobody from hearing of the others.
                _log.exception("notice-not-made", entry=entry.index)
        for one in await self._cases(size, view.size, await webhooks.wanting(connection, CASE_KINDS)):
            events.append(event_of_case(one))
            if isinstance(one, SharedEvent):
                notices += flagged(one)
        of_challenges, events_of_challenges = await told_of_challenges(
            self._url, self._differences, view, size, now=now, overdue=self._looks_for_overdue(now)
        )
        notices += of_challenges
        events += events_of_challenges
        for event in sorted((one for one in events if one is not None), key=lambda one: one.entry or 0):
            await webhooks.announce(connection, event, now=now)
        if self._mailing:
            made = await tell(connection, [*notices, *due(view, london_date(now))], view, now=now)
            if made:
                _log.info("notices-made", count=made, log_size=view.size)

    def _looks_for_overdue(self, now: datetime) -> bool:
        """Whether every open challenge is looked at: not each time that anything is logged."""
        if self._overdue_looked is not None and now - self._overdue_looked < OVERDUE_EVERY:
            return False
        self._overdue_looked = now
        return True

    async def _cases(self, start: int, end: int, wanting: set[str]) -> list[SharedEvent | AcknowledgedEvent]:
        """What is told of cases: to these bodies what was shared with them and what was said of what they shared, and
        to each its own flags. What was not shared, and has no flag, is not even read."""
        found: list[SharedEvent | AcknowledgedEvent] = []
        if start >= end:
            return found
        reading = await connect(self._url, "isa_read", reader=TELLING)
        try:
            for look in (outbox.shared, outbox.acknowledged):
                low = start
                while True:
                    page = await look(reading, low, end, wanting, limit=_ENTRIES)
                    found += page
                    if len(page) < _ENTRIES:
                        break
                    low = page[-1].entry + 1
        finally:
            await reading.close()
        return found

    async def _entries(self, start: int, end: int) -> Sequence[ToldOf]:
        found: list[ToldOf] = []
        if start >= end:
            return found
        reading = await connect(self._url, "isa_read", reader=REGISTER)
        try:
            while True:
                page = await outbox.told_of(reading, start, end, TELLING_KINDS | EVENT_KINDS, limit=_ENTRIES)
                found += page
                if len(page) < _ENTRIES:
                    return found
                start = page[-1].index + 1
        finally:
            await reading.close()
