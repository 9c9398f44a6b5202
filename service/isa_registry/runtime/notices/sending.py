"""Sending what is in the outbox, by any number of workers.

A delivery is claimed, and the claim committed, before anything is sent. So whatever is interrupted is found again by
its state: where the receiver's system can say whether it took a letter, it is asked before the letter is repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from isa_registry.domain.notices.words import words_of
from isa_registry.domain.register.register import RegisterView
from isa_registry.outbound.mail import Letter, Mailer, MailError
from isa_registry.runtime.notices.pauses import MAIL, pause_after
from isa_registry.store import outbox
from isa_registry.store.outbox import Claimed
from isa_registry.store.pool import Pool

_log = structlog.get_logger("isa_registry.notices")

HELD = timedelta(minutes=3)
"""How long a claim holds: longer than any letter takes to be sent or refused."""
_MOST_INTERRUPTED = 5


class Sender:
    """Sends letters with one mailer. `random` gives numbers from 0 up to 1."""

    def __init__(
        self,
        pool: Pool,
        mailer: Mailer,
        *,
        view: Callable[[], RegisterView],
        public_url: str,
        now: Callable[[], datetime],
        random: Callable[[], float],
    ) -> None:
        self._pool = pool
        self._mailer = mailer
        self._view = view
        self._public_url = public_url
        self._now = now
        self._random = random

    async def send_one(self) -> bool:
        """Claims one delivery that is due and brings it as far as it goes now. False where none is due.

        Raises one of `DatabaseError` where the database is away: the delivery is found again when its claim is over.
        """
        now = self._now()
        async with self._pool.acquire() as connection:
            held = await outbox.claim(connection, now=now, until=now + HELD)
        if held is None:
            return False
        if held.address is None:
            async with self._pool.acquire() as connection:
                await outbox.settle(connection, held, "dropped", now=self._now(), error="address-deleted")
            return True
        if held.tries - 1 - held.failures > _MOST_INTERRUPTED:
            # Sending this one ends the process that does it.
            await self._failed(held, MailError("interrupted", permanent=True))
            return True
        try:
            await self._carry(held, held.address)
        except MailError as error:
            await self._failed(held, error)
            return True
        async with self._pool.acquire() as connection:
            await outbox.settle(connection, held, "sent", now=self._now())
        _log.info("notice-sent", template=held.notice.template, reference=held.id, tries=held.tries)
        return True

    async def _carry(self, held: Claimed, address: str) -> None:
        if held.tries > 1 and await self._mailer.was_sent(held.id):
            return
        words = words_of(held.notice, self._view(), self._public_url, secret=held.secret or "")
        await self._mailer.send(Letter(held.id, held.notice.template, address, words.subject, words.body))

    async def _failed(self, held: Claimed, error: MailError) -> None:
        now = self._now()
        pause = None if error.permanent else pause_after(held.failures + 1, MAIL, self._random)
        async with self._pool.acquire() as connection:
            if pause is None:
                await outbox.bury(connection, held, error.code, now=now)
            else:
                await outbox.fail(connection, held, error.code, again=now + pause)
        _log.warning(
            "notice-dead" if pause is None else "notice-failed",
            template=held.notice.template,
            reference=held.id,
            error=error.code,
            tries=held.tries,
        )
