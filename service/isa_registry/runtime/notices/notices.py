"""Everything about notices that one worker runs: making them, sending them, and delivering to systems."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any

import structlog

from isa_registry.domain.challenging.stages import NO_STAGES, Differences
from isa_registry.domain.dates import london_date
from isa_registry.domain.notices.notice import Notice
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.event_signing import EventSigner
from isa_registry.outbound.mail import Mailer
from isa_registry.outbound.posting import Poster
from isa_registry.runtime.notices.delivering import Deliverer
from isa_registry.runtime.notices.making import WORTH_TELLING, Maker
from isa_registry.runtime.notices.sending import Sender
from isa_registry.runtime.notices.telling import tell, tell_address
from isa_registry.runtime.registry import Registry
from isa_registry.store import outbox
from isa_registry.store.outbox import Standing
from isa_registry.store.pool import REGISTER, Connection, DatabaseError, Pool, close_pool, open_pool

_log = structlog.get_logger("isa_registry.notices")

LOOK_SECONDS = 60.0
"""A look is taken so often, and soon after the log has grown."""
_SOON_SECONDS = 2.0
_IDLE_SECONDS = 5.0
_STANDING_SECONDS = 15.0
_AT_ONCE = 2


def warnings_of(standing: Standing) -> tuple[str, ...]:
    """Codes of what an operator or the business unit is to look at."""
    found = (
        ("notices-dead", standing.dead),
        ("notices-untold", standing.untold),
        ("webhooks-dead", standing.webhooks_dead),
    )
    return tuple(code for code, count in found if count)


class Notices:
    """One worker's part. Without a `mailer` nobody is told by mail; without a `signer` no system by webhook."""

    def __init__(
        self,
        database_url: str,
        registry: Registry,
        *,
        mailer: Mailer | None,
        poster: Poster,
        signer: EventSigner | None,
        public_url: str,
        loopback: bool = False,
        differences: Differences = NO_STAGES,
    ) -> None:
        self._url = database_url
        self._registry = registry
        self._mailer = mailer
        self._poster = poster
        self.signer = signer
        self._public_url = public_url
        self.loopback = loopback
        self._differences = differences
        self._tasks: list[asyncio.Task[None]] = []
        self._woken = asyncio.Event()
        self._standing = (float("-inf"), Standing())
        self.pool: Pool

    @property
    def mailing(self) -> bool:
        return self._mailer is not None

    @property
    def now(self) -> Callable[[], datetime]:
        return self._registry.now

    @property
    def view(self) -> RegisterView:
        return self._registry.follower.view

    async def tell(self, connection: Connection, notices: Sequence[Notice]) -> None:
        """Tells something in the transaction of whoever does it; nothing where there is no mail."""
        if self.mailing:
            await tell(connection, notices, self.view, now=self.now())

    async def tell_address(self, notice: Notice, address: str, secret: str) -> None:
        """Tells one address that no body has registered, with a secret that nobody else is told."""
        async with self.pool.acquire(timeout=5) as connection, connection.transaction():
            await tell_address(connection, notice, address, now=self.now(), secret=secret)

    async def start(self) -> None:
        self.pool = await open_pool(self._url, "isa_work", size=4, reader=REGISTER)
        await self._poster.__aenter__()
        maker = Maker(
            self._url,
            self.pool,
            view=lambda: self.view,
            now=self.now,
            mailing=self.mailing,
            differences=self._differences,
        )
        self._run(self._looking(maker), "make notices")
        if self._mailer is not None:
            sender = Sender(
                self.pool,
                self._mailer,
                view=lambda: self.view,
                public_url=self._public_url,
                now=self.now,
                random=self._random,
            )
            for _ in range(_AT_ONCE):
                self._run(self._working(sender.send_one), "send notices")
        if self.signer is not None:
            deliverer = Deliverer(
                self.pool,
                self._poster,
                self.signer,
                view=lambda: self.view,
                now=self.now,
                random=self._random,
                mailing=self.mailing,
            )
            for _ in range(_AT_ONCE):
                self._run(self._working(deliverer.deliver_one), "deliver to systems")

    async def stop(self) -> None:
        """Stops at once: what was under way is found again by its state."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._poster.aclose()
        if hasattr(self, "pool"):
            await close_pool(self.pool)

    def wake(self) -> None:
        """Says that there may be something to send."""
        self._woken.set()

    async def standing(self) -> Standing:
        """How the outbox stands, at most some seconds old; as it last was while the database is away."""
        taken_at, found = self._standing
        moment = asyncio.get_running_loop().time()
        if moment - taken_at >= _STANDING_SECONDS:
            with contextlib.suppress(*DatabaseError):
                async with asyncio.timeout(1), self.pool.acquire() as connection:
                    found = await outbox.standing(connection, untold=self.now() - WORTH_TELLING)
            self._standing = (moment, found)
        return found

    def _random(self) -> float:
        return int.from_bytes(self._registry.randomness(4), "big") / 2**32

    def _run(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.append(asyncio.create_task(work, name=name))

    async def _looking(self, maker: Maker) -> None:
        """Looks when the register has changed, when the day has, and from time to time."""
        loop = asyncio.get_running_loop()
        seen: tuple[object, str] | None = None
        looked_at = float("-inf")
        while True:
            state = (self.view.memory, london_date(self.now()))
            changed = seen is None or state[0] is not seen[0] or state[1] != seen[1]
            if changed or loop.time() - looked_at >= LOOK_SECONDS:
                looked_at = loop.time()
                try:
                    if await maker.look():
                        seen = state
                        self.wake()
                except DatabaseError as error:
                    _log.warning("notices-not-made", error=type(error).__name__)
                    await asyncio.sleep(_IDLE_SECONDS)
                except Exception:  # noqa: BLE001 - one look that failed must not end the looking
                    _log.exception("notices-not-made")
                    await asyncio.sleep(_IDLE_SECONDS)
            await asyncio.sleep(_SOON_SECONDS)

    async def _working(self, work_one: Callable[[], Awaitable[bool]]) -> None:
        while True:
            self._woken.clear()
            try:
                while await work_one():
                    pass
            except DatabaseError as error:
                _log.warning("outbox-away", error=type(error).__name__)
            except Exception:  # noqa: BLE001 - one delivery that failed must not end the deliveries
                _log.exception("delivery-failed")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_IDLE_SECONDS):
                    await self._woken.wait()
