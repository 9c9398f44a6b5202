"""Notices come of what is logged and of what day it is: made by one worker at a time, once, however often it looks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest_asyncio
from msgspec.structs import replace

from faults.drafts import furnish
from isa_registry.domain.agreement_entries import AgreementReviewed, AgreementSuspended
from isa_registry.ledger.drafts import Draft
from isa_registry.outbound.mail import MailError
from isa_registry.runtime.notices.making import Maker
from isa_registry.runtime.notices.telling import tell_address
from isa_registry.runtime.registry import Registry
from isa_registry.store import notice_addresses, webhooks
from isa_registry.store.pool import connect
from notices.happening import TIER_2, next_version, opened
from notices.outboxes import Kept, Outbox, notice, outbox_on
from running import running

SUSPENDED = AgreementSuspended(agreement=TIER_2, version="1.0", on="2026-11-27", reason="law")


class Making:
    def __init__(self, url: str, out: Outbox, registry: Registry) -> None:
        self.url, self.out, self.registry = url, out, registry

    def maker(self, *, mailing: bool = True) -> Maker:
        return Maker(
            self.url,
            self.out.pool,
            view=lambda: self.registry.follower.view,
            now=lambda: self.out.now,
            mailing=mailing,
        )

    async def log(self, *payloads: object) -> int:
        for payload in payloads:
            appended = await self.registry.sequencer.append(Draft(payloads=(payload,)))  # type: ignore[arg-type]
        await self.registry.follower.wait_for_size(appended.size, seconds=5)
        return appended.index

    async def made(self) -> list[tuple[str, str]]:
        rows = await self.out.rows("SELECT template, organisation FROM notice ORDER BY template, organisation")
        return [(row["template"], row["organisation"]) for row in rows]


@pytest_asyncio.fixture
async def making(database_url: str) -> AsyncIterator[Making]:
    async with running(database_url) as registry, outbox_on(database_url) as out:
        await furnish(registry)
        yield Making(database_url, out, registry)


async def test_of_what_was_logged_before_the_first_look_nobody_is_told(making: Making) -> None:
    assert await making.maker().look()
    assert await making.made() == []


async def test_what_is_logged_is_told_once_however_many_look(making: Making) -> None:
    await making.maker().look()
    await making.out.address("harbour", "signatory", "director@harbour.test")
    await making.log(SUSPENDED)
    await asyncio.gather(*(making.maker().look() for _ in range(3)))
    await making.maker().look()
    told = [body for template, body in await making.made() if template == "agreement-suspended"]
    assert len(told) == len(set(told)) == 9
    mailer = Kept()
    await making.out.drain(mailer)
    assert [one.template for one in mailer.letters] == ["agreement-suspended"]


async def test_a_worker_that_knows_less_of_the_log_than_was_looked_at_waits(making: Making) -> None:
    await making.maker().look()
    old = making.registry.follower.view
    await making.log(SUSPENDED)
    await making.maker().look()
    behind = Maker(making.url, making.out.pool, view=lambda: old, now=lambda: making.out.now, mailing=True)
    assert not await behind.look()


async def test_days_go_by_and_each_step_is_told_on_its_own_and_once(making: Making) -> None:
    """The service is down from February until the middle of April."""
    await making.out.address("durham-county-council", "business-unit", "unit@council.test")
    mailer = Kept()
    for day in ("2027-01-31", "2027-04-15", "2027-04-16", "2027-05-02", "2027-05-31", "2027-06-01", "2027-06-02"):
        making.out.now = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)
        await making.maker().look()
        await making.out.drain(mailer)
    subjects = [one.subject for one in mailer.letters if one.template.startswith("review")]
    assert [subject.partition(": review due in ")[2] or "overdue" for subject in subjects] == [
        "47 days", "30 days", "overdue",
    ]  # fmt: skip


async def test_midnight_is_londons(making: Making) -> None:
    making.out.now = datetime(2027, 3, 2, 23, 59, tzinfo=UTC)
    await making.maker().look()
    assert await making.made() == []
    making.out.later(minutes=1)
    await making.maker().look()
    assert {template for template, _ in await making.made()} == {"nobody-told", "review-due"}


async def test_a_look_that_is_interrupted_never_was(making: Making) -> None:
    await making.maker().look()
    await making.log(SUSPENDED)
    looking = making.maker()
    real = looking._make

    async def half(*given: object) -> None:
        await real(*given)  # type: ignore[arg-type]
        raise asyncio.CancelledError

    looking._make = half  # type: ignore[method-assign, assignment]
    with contextlib.suppress(asyncio.CancelledError):
        await looking.look()
    assert await making.made() == []
    await making.maker().look()
    assert ("agreement-suspended", "harbour") in await making.made()


async def test_without_mail_nobody_is_told_and_nothing_is_caught_up_with_later(making: Making) -> None:
    await making.maker(mailing=False).look()
    await making.log(SUSPENDED)
    await making.maker(mailing=False).look()
    await making.maker().look()
    assert await making.made() == []


async def test_what_nobody_could_be_told_is_told_once_there_is_an_address(making: Making) -> None:
    await making.maker().look()
    await making.log(SUSPENDED)
    await making.maker().look()
    await making.out.address("harbour", "signatory", "director@harbour.test")
    making.out.later(minutes=1)
    await making.maker().look()
    mailer = Kept()
    await making.out.drain(mailer)
    assert [one.address for one in mailer.letters] == ["director@harbour.test"]
    await making.out.address("way-through", "signatory", "box@way-through.test")
    making.out.later(days=31)
    await making.maker().look()
    await making.out.drain(mailer)
    assert "agreement-suspended" not in [one.template for one in mailer.letters[1:]]


async def test_systems_are_told_of_agreements_and_attestations_and_of_nothing_else(making: Making) -> None:
    work = await connect(making.url, "isa_work")
    before = making.out.now = datetime.now(UTC) - timedelta(seconds=5)
    one, _ = await webhooks.add(work, "harbour", "https://a.test/", ["agreement.*"], now=before, most=5)
    two, _ = await webhooks.add(work, "harbour", "https://b.test/", ["agreement.opened"], now=before, most=5)
    await webhooks.add(work, "harbour", "https://c.test/", ["attestation.made"], now=before, most=5)
    assert await notice_addresses.addresses_of(work, ["harbour"]) == []
    await work.close()
    await making.maker().look()
    made = await making.log(next_version())
    await making.log(opened("harbour"), replace(SUSPENDED, on="2026-11-28"))
    await making.log(AgreementReviewed(agreement=TIER_2, version="1.0", on="2026-11-28", outcome="no-change"))
    for _ in range(2):
        await making.maker().look()
    rows = await making.out.rows("SELECT webhook, entry, kind FROM webhook_delivery ORDER BY position")
    assert [(row["entry"], row["kind"]) for row in rows if row["webhook"] == one] == [
        (made, "agreement.published"), (made + 1, "agreement.opened"), (made + 2, "agreement.suspended"),
        (made + 3, "agreement.reviewed"),
    ]  # fmt: skip
    assert [(row["entry"], row["kind"]) for row in rows if row["webhook"] == two] == [(made + 1, "agreement.opened")]
    assert len(rows) == 5


async def test_an_invitation_that_was_given_up_is_forgotten_after_a_month_with_its_secret(making: Making) -> None:
    invited = notice(template="body-invited", roles=("ig-lead",), parameters={"until": "2026-12-31"})
    async with making.out.pool.acquire() as connection:
        await tell_address(connection, invited, "new@body.test", now=making.out.now, secret="s3cret")
    mailer = Kept()
    mailer.failures = [MailError("address-refused", permanent=True)]
    await making.out.drain(mailer)
    for days, left in ((29, True), (2, False)):
        making.out.later(days=days)
        await making.maker().look()
        assert ("new@body.test" in str(await making.out.rows())) is left
        assert ("s3cret" in str(await making.out.rows())) is left
