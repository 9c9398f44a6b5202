"""Delivering events to agencies' systems, by any number of workers: in order, and never two at once to one address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from isa_registry.domain.dates import london_date
from isa_registry.domain.notices.notice import Notice
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.event_signing import EventSigner
from isa_registry.outbound.fetching import OutboundError
from isa_registry.outbound.posting import Poster
from isa_registry.runtime.notices.pauses import WEBHOOKS, pause_after
from isa_registry.runtime.notices.telling import tell
from isa_registry.store import webhooks
from isa_registry.store.pool import Pool
from isa_registry.store.webhooks import Held

_log = structlog.get_logger("isa_registry.notices")

HELD = timedelta(seconds=60)
"""How long a webhook is one worker's: longer than any delivery takes."""
HOLDS_BACK = 4
"""An event that failed so often, over some two and a half hours, no longer holds back those after it."""
GONE = 410


class Deliverer:
    """Delivers events that are due. `random` gives numbers from 0 up to 1. `mailing`: a body is told by mail too when
    its webhook was switched off."""

    def __init__(
        self,
        pool: Pool,
        poster: Poster,
        signer: EventSigner,
        *,
        view: Callable[[], RegisterView],
        now: Callable[[], datetime],
        random: Callable[[], float],
        mailing: bool = False,
    ) -> None:
        self._pool = pool
        self._poster = poster
        self._signer = signer
        self._view = view
        self._now = now
        self._random = random
        self._mailing = mailing

    async def deliver_one(self) -> bool:
        """Claims one delivery that is due and tries it. False where none is due.

        Raises one of `DatabaseError` where the database is away: then the delivery is found again.
        """
        now = self._now()
        async with self._pool.acquire() as connection:
            held = await webhooks.claim(connection, now=now, until=now + HELD, holds_back=HOLDS_BACK)
        if held is None:
            return False
        body = held.event.body()
        headers = self._signer.headers(held.id, int(self._now().timestamp()), body)
        try:
            status = await self._poster.post(held.url, body, {"Content-Type": "application/json", **headers})
        except OutboundError as error:
            await self._failed(held, error.code)
            return True
        if 200 <= status < 300:
            async with self._pool.acquire() as connection:
                await webhooks.sent(connection, held, now=self._now())
        elif status == GONE:
            await self._switched_off(held)
        else:
            await self._failed(held, f"status-{status}")
        return True

    async def _failed(self, held: Held, error: str) -> None:
        now = self._now()
        pause = pause_after(held.failures + 1, WEBHOOKS, self._random)
        if held.event.entry is None:
            # Whoever asked for a test is waiting for it: another is asked for as easily.
            pause = None
        async with self._pool.acquire() as connection:
            if pause is None:
                await webhooks.bury(connection, held, error, now=now)
            else:
                await webhooks.failed(connection, held, error, again=now + pause)
        _log.warning("webhook-dead" if pause is None else "webhook-failed", webhook=held.webhook, error=error)

    async def _switched_off(self, held: Held) -> None:
        now = self._now()
        async with self._pool.acquire() as connection, connection.transaction():
            await webhooks.switch_off(connection, held, f"status-{GONE}", now=now)
            if self._mailing:
                told = Notice(
                    template="webhook-off",
                    organisation=held.organisation,
                    roles=("ig-lead",),
                    parameters={"webhook": held.webhook},
                    about=f"{held.webhook} {london_date(now)}",
                )
                await tell(connection, [told], self._view(), now=now)
        _log.warning("webhook-off", webhook=held.webhook)
