"""Letters to a real mail server: over verified TLS, with headers that stay headers, and told apart when they fail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from isa_registry.outbound import smtp
from isa_registry.outbound.mail import Letter, MailError
from isa_registry.outbound.smtp import SmtpMailer
from notices.mailboxes import Mailboxes, certificate, mail_server

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
LETTER = Letter("ntd_1", "agreement-opened", "head@school.test", "Please attest – now", "Dear head\n\nRead it.\n.\nEnd")


def mailer(port: int, **changes: Any) -> SmtpMailer:
    given = {"security": "none", "sender": "registry@test.example", "domain": "registry.test", "now": lambda: NOW}
    return SmtpMailer("127.0.0.1", port, **{**given, **changes})


@pytest.fixture
def boxes() -> Iterator[Mailboxes]:
    with mail_server() as found:
        yield found


async def test_a_letter_arrives_as_it_was_written(boxes: Mailboxes) -> None:
    await mailer(boxes.port).send(LETTER)
    (found,) = boxes.taken
    assert found["From"] == "registry@test.example"
    assert found["Subject"] == LETTER.subject
    assert found["Message-ID"] == "<ntd_1@registry.test>"
    assert found["Auto-Submitted"] == "auto-generated"
    assert found.get_content().replace("\r\n", "\n").rstrip("\n") == LETTER.body


async def test_a_subject_of_any_length_stands_on_its_own_header_line(boxes: Mailboxes) -> None:
    subject = "Please attest Harm outside the home in County Durham: Tier 2, version 1.1, and read it first"
    letter = Letter("ntd_1", "agreement-opened", "head@school.test", subject, "A long line. " * 20)
    await mailer(boxes.port).send(letter)
    (found,) = boxes.taken
    assert str(found["Subject"]) == subject
    sent = mailer(boxes.port).compose(letter).as_bytes().split(b"\r\n")
    assert f"Subject: {subject}".encode() in sent
    assert max(len(line) for line in sent[sent.index(b"") :]) <= 78


async def test_a_letter_has_the_same_message_id_however_often_it_is_sent(boxes: Mailboxes) -> None:
    for _ in range(2):
        await mailer(boxes.port).send(LETTER)
    assert len({one["Message-ID"] for one in boxes.taken}) == 1
    assert not await mailer(boxes.port).was_sent("ntd_1")


@pytest.mark.parametrize("field", ["address", "subject"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
async def test_no_header_can_be_added_from_inside_another(boxes: Mailboxes, field: str, end: str) -> None:
    values = {**LETTER.__class__.__annotations__, **{name: getattr(LETTER, name) for name in LETTER.__struct_fields__}}
    letter = Letter(**{**values, field: f"a@b.test{end}Bcc: all@b.test"})
    with pytest.raises(MailError) as refused:
        await mailer(boxes.port).send(letter)
    assert (refused.value.code, refused.value.permanent) == ("not-a-header", True)
    assert boxes.taken == []


@pytest.mark.parametrize(
    ("answer", "code", "permanent"),
    [("451 4.3.0 later", "letter-refused", False), ("554 5.7.1 never", "letter-refused", True)],
)
async def test_a_server_that_refuses_for_now_is_told_from_one_that_refuses_for_good(
    boxes: Mailboxes, answer: str, code: str, permanent: bool
) -> None:
    boxes.answers.append(answer)
    with pytest.raises(MailError) as refused:
        await mailer(boxes.port).send(LETTER)
    assert (refused.value.code, refused.value.permanent) == (code, permanent)


async def test_an_address_that_the_server_does_not_know_is_refused_for_good(boxes: Mailboxes) -> None:
    boxes.refused.add(LETTER.address)
    with pytest.raises(MailError) as refused:
        await mailer(boxes.port).send(LETTER)
    assert (refused.value.code, refused.value.permanent) == ("address-refused", True)
    assert LETTER.address not in str(refused.value)


async def test_no_server_and_one_that_says_nothing_are_tried_again(
    boxes: Mailboxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = boxes.port
    with mail_server() as other:
        gone = other.port
    for target, code in ((gone, "unreachable"), (port, "too-slow")):
        monkeypatch.setattr(smtp, "DEADLINE", 0.0 if target == port else 30.0)
        with pytest.raises(MailError) as failed:
            await mailer(target).send(LETTER)
        assert (failed.value.code, failed.value.permanent) == (code, False)


async def test_starttls_is_asked_for_and_its_certificate_is_verified(tmp_path: Path) -> None:
    server, client = certificate(tmp_path)
    with mail_server(tls_context=server, require_starttls=True) as boxes:
        await mailer(boxes.port, security="starttls", context=client).send(LETTER)
        assert boxes.receivers == [LETTER.address]
        with pytest.raises(MailError, match="tls-failed"):
            await mailer(boxes.port, security="starttls").send(LETTER)
        assert len(boxes.taken) == 1


async def test_a_server_without_starttls_is_told_nothing(boxes: Mailboxes) -> None:
    with pytest.raises(MailError, match="no-tls"):
        await mailer(boxes.port, security="starttls").send(LETTER)
    assert boxes.taken == []


async def test_a_certificate_of_another_name_is_refused(tmp_path: Path) -> None:
    server, client = certificate(tmp_path, "mail.elsewhere.test")
    with mail_server(tls_context=server, require_starttls=True) as boxes:
        with pytest.raises(MailError, match="tls-failed"):
            await mailer(boxes.port, security="starttls", context=client).send(LETTER)
        assert boxes.taken == []


async def test_tls_from_the_first_byte_is_verified_too(tmp_path: Path) -> None:
    server, client = certificate(tmp_path)
    with mail_server(ssl_context=server) as boxes:
        await mailer(boxes.port, security="tls", context=client).send(LETTER)
        with pytest.raises(MailError, match="tls-failed"):
            await mailer(boxes.port, security="tls").send(LETTER)
        assert boxes.receivers == [LETTER.address]


async def test_a_server_without_tls_is_told_nothing(boxes: Mailboxes) -> None:
    with pytest.raises(MailError, match="tls-failed"):
        await mailer(boxes.port, security="tls").send(LETTER)
    assert boxes.taken == []


async def test_a_server_that_wants_a_password_is_given_it_over_tls(tmp_path: Path) -> None:
    server, client = certificate(tmp_path)

    def known(_server: object, _session: object, _envelope: object, _mechanism: object, given: LoginPassword) -> Any:
        return AuthResult(success=(given.login, given.password) == (b"registry", b"right"), handled=False)

    options = {"tls_context": server, "require_starttls": True, "auth_required": True, "authenticator": known}
    with mail_server(**options) as boxes:
        for password, taken in (("wrong", 0), ("right", 1)):
            sending = mailer(boxes.port, security="starttls", context=client, user="registry", password=password)
            if taken:
                await sending.send(LETTER)
            else:
                with pytest.raises(MailError, match="not-admitted"):
                    await sending.send(LETTER)
            assert len(boxes.taken) == taken
