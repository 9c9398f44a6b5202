"""A worker's part, running: it tells of what is logged, goes on when the database comes back, and stops."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from msgspec.structs import replace

from faults.drafts import furnish
from isa_registry.domain.agreement_entries import AgreementResumed, AgreementSuspended
from isa_registry.ledger.drafts import Draft
from isa_registry.outbound.posting import Poster
from isa_registry.runtime.notices import notices as running_notices
from isa_registry.runtime.notices.notices import Notices
from isa_registry.store import webhooks
from isa_registry.store.pool import connect
from notices.happening import TIER_2
from notices.outboxes import Kept, outbox_on
from notices.receiving import receiver
from notices.test_webhooks import SIGNER
from running import running

SUSPENDED = AgreementSuspended(agreement=TIER_2, version="1.0", on="2026-11-27", reason="law")
RESUMED = AgreementResumed(agreement=TIER_2, version="1.0", on="2026-11-28")


async def until(reached: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await reached():  # noqa: ASYNC110 - other processes decide when
            await asyncio.sleep(0.05)


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running_notices, "_SOON_SECONDS", 0.05)
    monkeypatch.setattr(running_notices, "_IDLE_SECONDS", 0.1)


@pytest.mark.usefixtures("quickly")
async def test_two_workers_tell_of_what_is_logged_once_and_go_on_when_the_database_comes_back(
    database_url: str,
) -> None:
    mailer = Kept()
    with receiver() as received:
        async with running(database_url) as registry, outbox_on(database_url) as out:
            await furnish(registry)
            await out.address("harbour", "signatory", "director@harbour.test")
            work = await connect(database_url, "isa_work")
            await webhooks.add(work, "harbour", received.url, ["agreement.*"], now=out.now.replace(year=2020), most=5)
            await work.close()
            workers = [
                Notices(
                    database_url,
                    registry,
                    mailer=mailer,
                    poster=Poster(allow_http_loopback=True),
                    signer=SIGNER,
                    public_url="https://registry.test",
                    loopback=True,
                )
                for _ in range(2)
            ]
            for one in workers:
                await one.start()
            owner = await asyncpg.connect(database_url)

            async def begun() -> bool:
                return bool(await owner.fetchval("SELECT count(*) FROM notice_cursor"))

            async def told(count: int) -> bool:
                """So often, and nobody is sending or recording any more."""
                sending = await owner.fetchval(
                    "SELECT (SELECT count(*) FROM notice_delivery WHERE state = 'sending')"
                    " + (SELECT count(*) FROM webhook WHERE busy_until IS NOT NULL)"
                )
                return sending == 0 and len(mailer.letters) == len(received.requests) == count

            await until(begun)

            async def log(payload: object) -> None:
                appended = await registry.sequencer.append(Draft(payloads=(payload,)))  # type: ignore[arg-type]
                await registry.follower.wait_for_size(appended.size, seconds=5)

            await log(SUSPENDED)
            await until(lambda: told(1))
            ended = await owner.fetchval(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'isa-registry isa_work'"
            )
            assert ended >= 2
            await log(RESUMED)
            await until(lambda: told(2))
            await log(replace(SUSPENDED, on="2026-11-29"))
            await until(lambda: told(3))
            await owner.close()
            async with asyncio.timeout(10):
                await asyncio.gather(*(one.stop() for one in workers))
    assert [one.template for one in mailer.letters] == [
        "agreement-suspended", "agreement-resumed", "agreement-suspended",
    ]  # fmt: skip
    assert len({one.reference for one in mailer.letters}) == 3
