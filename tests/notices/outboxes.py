"""An outbox in a real database, and senders on it, with a clock of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from isa_registry.domain.notices.notice import Notice
from isa_registry.outbound.mail import Letter, Mailer, MailError
from isa_registry.runtime.notices.sending import Sender
from isa_registry.runtime.notices.telling import tell
from isa_registry.store import notice_addresses
from isa_registry.store.pool import Pool, close_pool, open_pool
from notices.happening import TIER_2, Log

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
URL = "https://registry.test"
VIEW = Log().view


class Outbox:
    """One worker's connections to the outbox. `now` is the time that it is."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.now = NOW

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    async def address(self, organisation: str, role: str, address: str) -> str:
        async with self.pool.acquire() as connection:
            found = await notice_addresses.add(connection, organisation, role, address, now=self.now, most=5)
        assert found is not None
        return found

    async def tell(self, *notices: Notice) -> int:
        async with self.pool.acquire() as connection:
            return await tell(connection, notices, VIEW, now=self.now)

    def sender(self, mailer: Mailer) -> Sender:
        return Sender(self.pool, mailer, view=lambda: VIEW, public_url=URL, now=lambda: self.now, random=lambda: 0.5)

    async def drain(self, mailer: Mailer) -> int:
        """Sends until nothing is due; how many deliveries were brought forward."""
        sender, done = self.sender(mailer), 0
        while await sender.send_one():
            done += 1
        return done

    async def rows(self, statement: str = "SELECT * FROM notice_delivery ORDER BY id") -> list[asyncpg.Record]:
        async with self.pool.acquire() as connection:
            found: list[asyncpg.Record] = await connection.fetch(statement)
            return found

    async def states(self) -> list[str]:
        return sorted(row["state"] for row in await self.rows())


@asynccontextmanager
async def outbox_on(url: str) -> AsyncIterator[Outbox]:
    pool = await open_pool(url, "isa_work", size=4)
    try:
        yield Outbox(pool)
    finally:
        await close_pool(pool)


def notice(organisation: str = "harbour", about: str = "a thing", **changes: Any) -> Notice:
    given = {
        "template": "agreement-opened",
        "organisation": organisation,
        "roles": ("signatory",),
        "parameters": {"agreement": TIER_2, "version": "1.0"},
        "about": about,
    }
    return Notice(**{**given, **changes})


class Kept:
    """A mailer that keeps letters in memory, and fails as it is told to."""

    def __init__(self, *, remembers: bool = False) -> None:
        self.letters: list[Letter] = []
        self.failures: list[MailError] = []
        self.asked: list[str] = []
        self._remembers = remembers

    async def send(self, letter: Letter) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.letters.append(letter)

    async def was_sent(self, reference: str) -> bool:
        self.asked.append(reference)
        return self._remembers and any(one.reference == reference for one in self.letters)
