"""The way in which the settings say that notices are sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import cast
from urllib.parse import urlsplit

from isa_registry.outbound.console import ConsoleMailer
from isa_registry.outbound.mail import Mailer
from isa_registry.outbound.notify import NotifyAbsentError, NotifyMailer
from isa_registry.outbound.smtp import Security, SmtpMailer
from isa_registry.settings import Settings, SettingsError

KEPT = "notices.jsonl"
"""Where the demonstration keeps what it would have sent, below its state."""


def mailer_of(settings: Settings, *, now: Callable[[], datetime]) -> Mailer | None:
    """The mailer of `ISA_MAIL`; None where nobody is told by mail. Raises `SettingsError` where it is not installed."""
    match settings.mail:
        case "console":
            return ConsoleMailer(None if settings.demo_state is None else settings.demo_state / "demo" / KEPT)
        case "smtp":
            return SmtpMailer(
                settings.smtp_host,
                settings.smtp_port,
                security=cast("Security", settings.smtp_security),
                sender=settings.mail_from,
                domain=urlsplit(settings.public_url).hostname or "isa-registry.invalid",
                now=now,
                user=settings.smtp_user,
                password=settings.smtp_password,
            )
        case "notify":
            try:
                return NotifyMailer(settings.notify_api_key, settings.notify_template, base_url=settings.notify_url)
            except NotifyAbsentError as error:
                raise SettingsError(str(error)) from None
    return None
