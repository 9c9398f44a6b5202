"""Letters by GOV.UK Notify, through its own client, to a stand-in that holds it to Notify's contract."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from typing import Any

import pytest

from isa_registry.outbound.mail import Letter, MailError
from isa_registry.outbound.notify import NotifyAbsentError, NotifyMailer
from isa_registry.runtime.notices.sending import HELD
from notices.notify_stand_in import API_KEY, TEMPLATE, NotifyStandIn, notify_stand_in
from notices.outboxes import notice, outbox_on

LETTER = Letter("ntd_1", "agreement-opened", "head@school.test", "Please attest", "Read it.")


@pytest.fixture
def notify() -> Iterator[NotifyStandIn]:
    with notify_stand_in() as found:
        yield found


def mailer(notify: NotifyStandIn, **changes: Any) -> NotifyMailer:
    given = {"api_key": API_KEY, "template": TEMPLATE, **changes}
    return NotifyMailer(given["api_key"], given["template"], base_url=notify.url)


async def test_a_letter_is_taken_with_its_reference_and_its_words(notify: NotifyStandIn) -> None:
    await mailer(notify).send(LETTER)
    (found,) = notify.taken
    assert found["email_address"] == LETTER.address
    assert found["reference"] == "ntd_1"
    assert found["personalisation"] == {"subject": LETTER.subject, "body": LETTER.body}


async def test_notify_is_asked_by_reference_what_it_took(notify: NotifyStandIn) -> None:
    assert not await mailer(notify).was_sent("ntd_1")
    await mailer(notify).send(LETTER)
    assert await mailer(notify).was_sent("ntd_1")
    assert not await mailer(notify).was_sent("ntd_2")


WRONG = {
    "another-secret": ({"api_key": API_KEY[:-1] + "1"}, "not-admitted", False),
    "another-service": ({"api_key": API_KEY.replace("5a7", "5a8")}, "not-admitted", False),
    "another-template": ({"template": TEMPLATE[:-1] + "0"}, "refused", True),
}


@pytest.mark.parametrize(("changes", "code", "permanent"), WRONG.values(), ids=list(WRONG))
async def test_what_is_set_up_wrongly_is_refused_as_notify_refuses_it(
    notify: NotifyStandIn, changes: dict[str, str], code: str, permanent: bool
) -> None:
    with pytest.raises(MailError) as refused:
        await mailer(notify, **changes).send(LETTER)
    assert (refused.value.code, refused.value.permanent) == (code, permanent)
    assert notify.taken == []


async def test_an_address_that_notify_does_not_take_is_refused_for_good_and_not_repeated(
    notify: NotifyStandIn,
) -> None:
    with pytest.raises(MailError) as refused:
        await mailer(notify).send(Letter("ntd_1", "agreement-opened", "no address", "s", "b"))
    assert (refused.value.code, refused.value.permanent) == ("refused", True)
    assert "no address" not in repr(refused.value)


@pytest.mark.parametrize(
    ("status", "code"), [(429, "too-many"), (500, "unavailable"), (503, "unavailable"), (0, "unreachable")]
)
async def test_what_may_be_better_later_is_tried_again(notify: NotifyStandIn, status: int, code: str) -> None:
    notify.fails.append(status)
    with pytest.raises(MailError) as failed:
        await mailer(notify).send(LETTER)
    assert (failed.value.code, failed.value.permanent) == (code, False)


async def test_a_letter_that_notify_took_without_our_hearing_of_it_is_not_repeated(
    notify: NotifyStandIn, database_url: str
) -> None:
    async with outbox_on(database_url) as out:
        await out.address("harbour", "signatory", "director@harbour.test")
        await out.tell(notice())
        notify.silent_after.append(True)
        assert await out.drain(mailer(notify)) == 1
        assert await out.states() == ["waiting"]
        out.later(seconds=HELD.total_seconds())
        assert await out.drain(mailer(notify)) == 1
        assert await out.states() == ["sent"]
    assert len(notify.taken) == 1


async def test_while_notify_cannot_say_whether_it_took_a_letter_it_is_not_repeated(
    notify: NotifyStandIn, database_url: str
) -> None:
    async with outbox_on(database_url) as out:
        await out.address("harbour", "signatory", "director@harbour.test")
        await out.tell(notice())
        notify.silent_after.append(True)
        await out.drain(mailer(notify))
        out.later(minutes=5)
        notify.fails += [503]
        await out.drain(mailer(notify))
        assert len(notify.taken) == 1
        out.later(minutes=15)
        await out.drain(mailer(notify))
        assert await out.states() == ["sent"]
    assert len(notify.taken) == 1


async def test_without_the_client_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("notifications_python_client"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(NotifyAbsentError, match=r"install\.sh --notify"):
        NotifyMailer(API_KEY, TEMPLATE)
