"""Notes the last day on which somebody made use of a role: for the leavers' report, and never for anything else.

A date per person, at most one write per person and day, never while a request waits. What was done that day, how often,
or when, is kept nowhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime

import structlog

from isa_registry.domain.dates import london_date
from isa_registry.runtime.follower import Follower
from isa_registry.store import person_use
from isa_registry.store.person_use import Used
from isa_registry.store.pool import DatabaseError, connect

_log = structlog.get_logger(__name__)

_INTERVAL_SECONDS = 60.0


class PersonUses:
    """One worker's notes. What it has not written when it ends is lost: the next use writes it again."""

    def __init__(self, database_url: str, follower: Follower, *, now: Callable[[], datetime]) -> None:
        self._url = database_url
        self._follower = follower
        self._now = now
        self._day = ""
        self._noted: set[Used] = set()
        self._waiting: set[Used] = set()
        self._forgot_on = ""
        self._task: asyncio.Task[None] | None = None

    def note(self, organisation: str, issuer: str, subject: str) -> None:
        """Says that a person was here today: on sign-in, and on each use of a token. Costs a look into a set.

        Only people who hold a granted role are noted, so there are never more of them than the register has.
        """
        today = london_date(self._now())
        if today != self._day:
            self._day, self._noted = today, set()
        used = (organisation, issuer, subject)
        if used not in self._noted and _holds_a_role(self._follower, used):
            self._noted.add(used)
            self._waiting.add(used)

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="note who made use of a role")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_INTERVAL_SECONDS)
            try:
                await self.write()
            except DatabaseError as error:
                _log.warning("uses-not-noted", error=type(error).__name__)
            except Exception:  # noqa: BLE001 - what was not noted must not end the notes
                _log.exception("uses-not-noted")

    async def write(self) -> None:
        """Writes what was noted, and once a day forgets whoever holds no role any more."""
        today = london_date(self._now())
        if not self._waiting and self._forgot_on == today:
            return
        connection = await connect(self._url, "isa_work")
        try:
            waiting, day = set(self._waiting), self._day
            if waiting:
                await person_use.note_use(connection, waiting, date.fromisoformat(day))
                self._waiting -= waiting
            if self._forgot_on != today:
                known = await person_use.everybody_used(connection)
                await person_use.forget_use(
                    connection, [one for one in known if not _holds_a_role(self._follower, one)]
                )
                self._forgot_on = today
        finally:
            await connection.close()


def _holds_a_role(follower: Follower, used: Used) -> bool:
    organisation, issuer, subject = used
    return any(role.organisation == organisation for role in follower.view.roles(issuer, subject))
