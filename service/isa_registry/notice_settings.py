"""The settings of notices and webhooks: part of the service's (`settings.TABLE`), and what must fit together."""

from __future__ import annotations

import re
from collections.abc import Mapping

from isa_registry.domain.notices.addresses import is_address

MAIL = ("off", "console", "smtp", "notify")
SECURITY = ("starttls", "tls", "none")
NOTIFY_URL = "https://api.notifications.service.gov.uk"

NOTICE_TABLE: dict[str, tuple[str, str, str]] = {
    "mail": (
        "ISA_MAIL",
        "How notices are sent: off (nobody is told), console (a log line says that one was due), smtp or notify.",
        "off",
    ),
    "mail_from": (
        "ISA_MAIL_FROM",
        "The address that notices come from; for smtp. Nobody reads answers to it.",
        "",
    ),
    "smtp_host": ("ISA_SMTP_HOST", "The mail server that takes notices.", ""),
    "smtp_port": ("ISA_SMTP_PORT", "Its port: 587 for starttls, 465 for tls.", "587"),
    "smtp_security": (
        "ISA_SMTP_SECURITY",
        "starttls or tls, with a certificate that is verified; none, for a server on this host alone.",
        "starttls",
    ),
    "smtp_user": ("ISA_SMTP_USER", "The account at the mail server; empty: none is given.", ""),
    "smtp_password": ("ISA_SMTP_PASSWORD", "The account's password.", ""),
    "notify_api_key": (
        "ISA_NOTIFY_API_KEY",
        "GOV.UK Notify's API key, as Notify shows it once: name, service and secret with hyphens between.",
        "",
    ),
    "notify_template": (
        "ISA_NOTIFY_TEMPLATE",
        "The id of the one e-mail template at Notify, with ((subject)) as its subject and ((body)) as its message.",
        "",
    ),
    "notify_url": (
        "ISA_NOTIFY_URL",
        "Notify's address; another one is for tests, and plain http for this host alone.",
        NOTIFY_URL,
    ),
    "webhook_key_file": (
        "ISA_WEBHOOK_KEY_FILE",
        (
            "The private Ed25519 key (JWK, or a JWK Set all of which sign) behind webhooks; its public half is at "
            "/.well-known/webhook-keys.json. Empty: nothing is sent to systems."
        ),
        "",
    ),
}

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})
_LOOPBACK_URL = re.compile(r"http://(?:127\.0\.0\.1|localhost)(?::[0-9]{1,5})?")


def wrong_in(found: Mapping[str, str]) -> str | None:
    """A sentence about the first setting that is wrong, or that is missing beside the others."""
    mail = found["mail"]
    if mail not in MAIL:
        return f"ISA_MAIL must be one of {', '.join(MAIL)}."
    if mail == "smtp":
        return _wrong_smtp(found)
    if mail == "notify":
        return _wrong_notify(found)
    return None


def _wrong_smtp(found: Mapping[str, str]) -> str | None:
    host, security = found["smtp_host"], found["smtp_security"]
    if not _HOST.fullmatch(host):
        return "ISA_MAIL=smtp needs ISA_SMTP_HOST, the name of a mail server."
    if not re.fullmatch(r"[1-9][0-9]{0,4}", found["smtp_port"]) or int(found["smtp_port"]) > 65_535:
        return "ISA_SMTP_PORT must be a port."
    if security not in SECURITY:
        return f"ISA_SMTP_SECURITY must be one of {', '.join(SECURITY)}."
    if security == "none" and host not in _LOOPBACK:
        return "ISA_SMTP_SECURITY=none is for a mail server on this host alone: use starttls or tls."
    if not is_address(found["mail_from"]):
        return "ISA_MAIL=smtp needs ISA_MAIL_FROM, an address as registry@example.org."
    if bool(found["smtp_user"]) != bool(found["smtp_password"]):
        return "ISA_SMTP_USER and ISA_SMTP_PASSWORD belong together: set both or neither."
    return None


def _wrong_notify(found: Mapping[str, str]) -> str | None:
    if not re.fullmatch(rf".+-{_UUID}-{_UUID}", found["notify_api_key"]):
        return "ISA_MAIL=notify needs ISA_NOTIFY_API_KEY, the whole API key as Notify shows it."
    if not re.fullmatch(_UUID, found["notify_template"]):
        return "ISA_MAIL=notify needs ISA_NOTIFY_TEMPLATE, the id of the template at Notify."
    url = found["notify_url"]
    if not re.fullmatch(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?", url) and not _LOOPBACK_URL.fullmatch(url):
        return "ISA_NOTIFY_URL must be an https address without a path."
    return None
