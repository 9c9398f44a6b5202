"""The outbox: each thing once for ever, whatever fails, however many send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from isa_registry.outbound.mail import MailError
from isa_registry.runtime.notices.making import KEPT, WORTH_TELLING
from isa_registry.runtime.notices.pauses import MAIL, WEBHOOKS, pause_after
from isa_registry.runtime.notices.sending import HELD
from isa_registry.runtime.notices.telling import tell_address, tell_late
from isa_registry.store import notice_addresses, outbox
from notices.outboxes import NOW, Kept, Outbox, notice, outbox_on

BOX = "director@harbour.test"
OTHER = "deputy@harbour.test"


@pytest_asyncio.fixture
async def out(database_url: str) -> AsyncIterator[Outbox]:
    async with outbox_on(database_url) as found:
        yield found


async def test_the_same_thing_is_told_once_for_ever_to_each_mailbox(out: Outbox) -> None:
    await out.address("harbour", "signatory", BOX)
    await out.address("harbour", "signatory", OTHER)
    mailer = Kept()
    for _ in range(3):
        await out.tell(notice(), notice())
        await out.drain(mailer)
        out.later(days=1)
    assert sorted(one.address for one in mailer.letters) == [OTHER, BOX]
    await out.tell(notice(about="another thing"))
    assert await out.drain(mailer) == 2


async def test_once_it_is_sent_no_address_and_no_secret_is_left(out: Outbox) -> None:
    await out.address("harbour", "signatory", BOX)
    await out.tell(notice())
    invited = notice(template="body-invited", roles=("ig-lead",), parameters={"until": "2026-12-31"})
    async with out.pool.acquire() as connection:
        assert await tell_address(connection, invited, "new@body.test", now=out.now, secret="s3cret-of-the-link")
        assert not await tell_address(connection, invited, "new@body.test", now=out.now, secret="another")
    mailer = Kept()
    assert await out.drain(mailer) == 2
    assert any("/join/s3cret-of-the-link" in one.body for one in mailer.letters)
    left = str(await out.rows()) + str(await out.rows("SELECT * FROM notice"))
    assert "@" not in left
    assert "s3cret" not in left
    assert await out.states() == ["sent", "sent"]


async def test_many_who_send_at_once_send_each_letter_once(out: Outbox) -> None:
    for number in range(3):
        await out.address("harbour", "signatory", f"box{number}@harbour.test")
    await out.tell(*(notice(about=f"thing {number}") for number in range(10)))
    mailer = Kept()
    await asyncio.gather(*(out.drain(mailer) for _ in range(4)))
    assert len(mailer.letters) == 30
    assert len({(one.reference, one.address) for one in mailer.letters}) == 30


async def test_what_fails_is_tried_again_later_each_time_and_given_up_after_about_a_day(out: Outbox) -> None:
    await out.address("harbour", "signatory", BOX)
    await out.tell(notice())
    mailer, began, tries = Kept(), out.now, 0
    mailer.failures = [MailError("unreachable") for _ in range(50)]
    while "waiting" in await out.states():
        tries += await out.drain(mailer)
        (row,) = await out.rows()
        out.now = max(out.now, row["next_at"])
    assert tries == len(MAIL) + 1
    assert timedelta(hours=20) < out.now - began < timedelta(hours=30)
    (row,) = await out.rows()
    assert (row["state"], row["error"]) == ("dead", "unreachable")
    async with out.pool.acquire() as connection:
        assert (await outbox.standing(connection, untold=out.now - WORTH_TELLING)).dead == 1


async def test_what_would_never_be_taken_is_given_up_at_once_and_can_be_sent_again(out: Outbox) -> None:
    await out.address("harbour", "signatory", BOX)
    await out.tell(notice())
    mailer = Kept()
    mailer.failures = [MailError("address-refused", permanent=True)]
    assert await out.drain(mailer) == 1
    (row,) = await out.rows()
    assert row["state"] == "dead"
    async with out.pool.acquire() as connection:
        assert await outbox.redrive(connection, row["id"], now=out.now)
        assert not await outbox.redrive(connection, row["id"], now=out.now)
    await out.drain(mailer)
    assert [one.reference for one in mailer.letters] == [row["id"]]
    assert mailer.asked == [row["id"]], "it may have been taken the first time"


async def test_a_deleted_address_is_told_nothing_more(out: Outbox) -> None:
    kept = await out.address("harbour", "signatory", BOX)
    await out.tell(notice())
    async with out.pool.acquire() as connection:
        assert not await notice_addresses.remove(connection, kept, "way-through", ["signatory"], now=out.now)
        assert not await notice_addresses.remove(connection, kept, "harbour", ["business-unit"], now=out.now)
        assert await notice_addresses.remove(connection, kept, "harbour", ["signatory"], now=out.now)
        assert not await notice_addresses.remove(connection, kept, "harbour", ["signatory"], now=out.now)
    mailer = Kept()
    assert await out.drain(mailer) == 0
    assert mailer.letters == []
    assert await out.states() == ["dropped"]
    assert BOX not in str(await out.rows("SELECT * FROM notice_address"))


async def test_where_nobody_can_be_told_the_unit_is_and_the_notice_waits_for_an_address(out: Outbox) -> None:
    await out.address("durham-county-council", "business-unit", "unit@council.test")
    await out.tell(notice(), notice(about="another thing"))
    mailer = Kept()
    await out.drain(mailer)
    assert [(one.address, one.template) for one in mailer.letters] == [("unit@council.test", "nobody-told")]
    async with out.pool.acquire() as connection:
        assert (await outbox.standing(connection, untold=out.now - WORTH_TELLING)).untold == 2
        assert 0 == await tell_late(connection, now=out.now, since=NOW - WORTH_TELLING)
    await out.address("harbour", "ig-lead", "lead@harbour.test")
    async with out.pool.acquire() as connection:
        assert 2 == await tell_late(connection, now=out.now, since=NOW - WORTH_TELLING)
        assert 0 == await tell_late(connection, now=out.now, since=NOW - WORTH_TELLING)
    await out.drain(mailer)
    assert [one.address for one in mailer.letters[1:]] == ["lead@harbour.test"] * 2


async def test_what_nobody_could_be_told_for_a_month_is_nobodys_alarm_any_more(out: Outbox) -> None:
    await out.address("durham-county-council", "business-unit", "unit@council.test")
    await out.tell(notice())
    for days, untold in ((0, 1), (29, 1), (2, 0)):
        out.later(days=days)
        month, kept = out.now - WORTH_TELLING, out.now - KEPT
        async with out.pool.acquire() as connection:
            assert (await outbox.standing(connection, untold=month)).untold == untold
            for troubled, shown in ((True, untold), (False, 1)):
                found = await outbox.listed(
                    connection, before=None, troubled=troubled, limit=9, since=kept, untold=month
                )
                assert len([one for one in found if one.template == "agreement-opened"]) == shown


async def test_a_role_has_only_so_many_addresses_and_the_same_one_is_one(out: Outbox) -> None:
    first = await out.address("harbour", "signatory", "box0@harbour.test")
    assert first == await out.address("harbour", "signatory", "box0@harbour.test")
    for number in range(1, 5):
        await out.address("harbour", "signatory", f"box{number}@harbour.test")
    async with out.pool.acquire() as connection:
        assert None is await notice_addresses.add(connection, "harbour", "signatory", BOX, now=out.now, most=5)
        assert await notice_addresses.add(connection, "harbour", "ig-lead", BOX, now=out.now, most=5)


async def test_a_notice_is_there_exactly_if_what_it_tells_of_was_committed(out: Outbox) -> None:
    with pytest.raises(ZeroDivisionError):
        async with out.pool.acquire() as connection, connection.transaction():
            await tell_address(connection, notice(), BOX, now=out.now)
            raise ZeroDivisionError
    assert await out.rows("SELECT * FROM notice") == []


@pytest.mark.parametrize("pauses", [MAIL, WEBHOOKS], ids=["mail", "webhooks"])
def test_pauses_grow_and_are_never_the_same_for_all(pauses: tuple[float, ...]) -> None:
    middle = [pause_after(count, pauses, lambda: 0.5) for count in range(1, len(pauses) + 1)]
    assert middle == sorted(middle)  # type: ignore[type-var]
    assert pause_after(1, pauses, lambda: 0.0) < pause_after(1, pauses, lambda: 0.99)  # type: ignore[operator]
    assert pause_after(len(pauses) + 1, pauses, lambda: 0.5) is None


async def test_what_another_version_made_and_this_one_cannot_say_is_given_up_and_holds_nothing_back(
    out: Outbox,
) -> None:
    await out.address("harbour", "signatory", BOX)
    await out.tell(notice(about="of another version"))
    await out.rows("UPDATE notice SET template = 'of-another-version' RETURNING id")
    out.later(seconds=1)
    await out.tell(notice())
    mailer = Kept()
    assert await out.drain(mailer) == 1
    assert await out.states() == ["dead", "sent"]
    async with out.pool.acquire() as connection:
        found = await outbox.listed(
            connection, before=None, troubled=True, limit=9, since=out.now - KEPT, untold=out.now - WORTH_TELLING
        )
    assert [one.template for one in found] == ["of-another-version"]


# --- interrupted between one step and the next -----------------------------------------------------------------------


class Interrupted(Kept):
    """Ends the sender at one step, as a crash would: nothing of what follows is done."""

    def __init__(self, step: str, *, remembers: bool) -> None:
        super().__init__(remembers=remembers)
        self.step: str | None = step

    async def send(self, letter: object) -> None:
        if self.step == "before":
            self.step = None
            raise asyncio.CancelledError
        await super().send(letter)  # type: ignore[arg-type]
        if self.step == "after":
            self.step = None
            raise asyncio.CancelledError


@pytest.mark.parametrize("remembers", [True, False], ids=["that-can-be-asked", "that-cannot-be-asked"])
@pytest.mark.parametrize("step", ["before", "after"])
async def test_an_interruption_loses_nothing_and_repeats_no_more_than_is_promised(
    out: Outbox, step: str, remembers: bool
) -> None:
    await out.address("harbour", "signatory", BOX)
    await out.tell(notice())
    mailer = Interrupted(step, remembers=remembers)
    with pytest.raises(asyncio.CancelledError):
        await out.drain(mailer)
    assert await out.states() == ["sending"]
    assert await out.drain(mailer) == 0, "another may still be sending it"
    out.later(seconds=HELD.total_seconds())
    assert await out.drain(mailer) == 1
    repeated = step == "after" and not remembers
    assert len(mailer.letters) == (2 if repeated else 1)
    assert len({one.reference for one in mailer.letters}) == 1
    assert await out.states() == ["sent"]
    assert len(mailer.asked) == 1


async def test_a_letter_that_ends_whoever_sends_it_is_given_up_in_the_end(out: Outbox) -> None:
    await out.address("harbour", "signatory", BOX)
    await out.tell(notice())
    tries = 0
    while "sending" in await out.states() or "waiting" in await out.states():
        tries += 1
        try:
            await out.drain(Interrupted("before", remembers=False))
        except asyncio.CancelledError:
            out.later(seconds=HELD.total_seconds())
    assert tries < 10
    (row,) = await out.rows()
    assert (row["state"], row["error"]) == ("dead", "interrupted")


async def test_whoever_lost_its_claim_settles_nothing(out: Outbox) -> None:
    """A worker that hung past its claim finds the letter another's."""
    await out.address("harbour", "signatory", BOX)
    await out.tell(notice())
    async with out.pool.acquire() as connection:
        slow = await outbox.claim(connection, now=out.now, until=out.now + HELD)
        out.later(seconds=HELD.total_seconds())
        quick = await outbox.claim(connection, now=out.now, until=out.now + HELD)
        assert slow is not None
        assert quick is not None
        await outbox.fail(connection, slow, "too-slow", again=out.now)
        assert await out.states() == ["sending"]
        await outbox.settle(connection, quick, "sent", now=out.now)
    assert await out.states() == ["sent"]
