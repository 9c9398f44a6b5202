"""Which way notices go, by the settings; and what the console says and the demonstration keeps."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from isa_registry.mailing import KEPT, mailer_of
from isa_registry.outbound.console import ConsoleMailer
from isa_registry.outbound.mail import Letter, MailError
from isa_registry.outbound.notify import NotifyMailer
from isa_registry.outbound.smtp import SmtpMailer
from isa_registry.settings import Settings, SettingsError, read_settings
from notices.notify_stand_in import API_KEY, TEMPLATE
from running import ORIGIN, SIGNER

LETTER = Letter("ntd_1", "agreement-opened", "head@school.test", "Please attest", "Read it.")
REQUIRED = {
    "DATABASE_URL": "postgresql:///x",
    "ISA_ORIGIN": ORIGIN,
    "ISA_PUBLIC_URL": "https://registry.test",
    "ISA_LOG_VKEYS": ",".join(SIGNER.vkeys),
    "ISA_ATTESTATION_KEY_FILE": "key.jwk",
}
SMTP = {"ISA_MAIL": "smtp", "ISA_SMTP_HOST": "mail.test", "ISA_MAIL_FROM": "registry@registry.test"}
NOTIFY = {"ISA_MAIL": "notify", "ISA_NOTIFY_API_KEY": API_KEY, "ISA_NOTIFY_TEMPLATE": TEMPLATE}


def settings(**given: str) -> Settings:
    return read_settings({**REQUIRED, **given})


def test_each_way_has_its_mailer() -> None:
    def now() -> datetime:
        return datetime(2026, 11, 27, tzinfo=UTC)

    assert mailer_of(settings(), now=now) is None
    assert isinstance(mailer_of(settings(ISA_MAIL="console"), now=now), ConsoleMailer)
    assert isinstance(mailer_of(settings(**SMTP), now=now), SmtpMailer)
    assert isinstance(mailer_of(settings(**NOTIFY), now=now), NotifyMailer)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"ISA_MAIL": "pigeon"}, "ISA_MAIL"),
        ({**SMTP, "ISA_SMTP_HOST": ""}, "ISA_SMTP_HOST"),
        ({**SMTP, "ISA_SMTP_PORT": "0"}, "ISA_SMTP_PORT"),
        ({**SMTP, "ISA_SMTP_PORT": "70000"}, "ISA_SMTP_PORT"),
        ({**SMTP, "ISA_SMTP_SECURITY": "perhaps"}, "ISA_SMTP_SECURITY"),
        ({**SMTP, "ISA_SMTP_SECURITY": "none"}, "ISA_SMTP_SECURITY"),
        ({**SMTP, "ISA_MAIL_FROM": "The registry <r@r.test>"}, "ISA_MAIL_FROM"),
        ({**SMTP, "ISA_SMTP_USER": "registry"}, "ISA_SMTP_PASSWORD"),
        ({**NOTIFY, "ISA_NOTIFY_API_KEY": "short"}, "ISA_NOTIFY_API_KEY"),
        ({**NOTIFY, "ISA_NOTIFY_TEMPLATE": "the-template"}, "ISA_NOTIFY_TEMPLATE"),
        ({**NOTIFY, "ISA_NOTIFY_URL": "http://elsewhere.test"}, "ISA_NOTIFY_URL"),
    ],
)
def test_what_does_not_fit_together_stops_the_start_by_name_and_without_its_value(
    given: dict[str, str], names: str
) -> None:
    with pytest.raises(SettingsError, match=names) as wrong:
        settings(**given)
    assert API_KEY not in str(wrong.value)


def test_a_server_on_this_host_may_go_without_tls_and_notify_may_be_a_stand_in_there() -> None:
    here = {**SMTP, "ISA_SMTP_HOST": "127.0.0.1", "ISA_SMTP_SECURITY": "none"}
    assert settings(**here).smtp_security == "none"
    assert settings(**NOTIFY, ISA_NOTIFY_URL="http://127.0.0.1:9").notify_url == "http://127.0.0.1:9"


async def test_the_console_says_that_a_notice_was_due_and_never_to_whom() -> None:
    with structlog.testing.capture_logs() as lines:
        await ConsoleMailer().send(LETTER)
    assert [line["template"] for line in lines] == ["agreement-opened"]
    assert "school" not in str(lines)
    assert not await ConsoleMailer().was_sent("ntd_1")


async def test_the_demonstration_keeps_what_it_would_have_sent_where_its_account_alone_reads_it(
    tmp_path: Path,
) -> None:
    kept = tmp_path / "demo" / KEPT
    mailer = ConsoleMailer(kept)
    assert not await mailer.was_sent("ntd_1")
    await mailer.send(LETTER)
    assert await mailer.was_sent("ntd_1")
    (line,) = kept.read_text().splitlines()
    assert json.loads(line)["subject"] == "Please attest"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with pytest.raises(MailError, match="not-kept"):
        await ConsoleMailer(kept / "below-a-file").send(LETTER)
