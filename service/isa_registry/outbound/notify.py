"""Sending a notice by GOV.UK Notify, through its own client (the extra `notify`).

Notify has one template of ours, with ((subject)) as its subject and ((body)) as its message. Each letter carries its
own reference, by which Notify is asked before a repeat whether it took the letter already.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any
from urllib.parse import urlsplit

from isa_registry.outbound.mail import Letter, MailError

PUBLIC = "https://api.notifications.service.gov.uk"
SECONDS = 15.0
_LOOPBACK = ("127.0.0.1", "localhost")

# What a failed request was answered with could hold anything; this client writes it into the log.
logging.getLogger("notifications_python_client").setLevel(logging.CRITICAL)


class NotifyAbsentError(Exception):
    """The client is not installed. The message says how to install it."""


class NotifyMailer:
    """Letters through one Notify service. Raises `NotifyAbsentError` where its client is not installed."""

    def __init__(self, api_key: str, template: str, *, base_url: str = PUBLIC) -> None:
        try:
            from notifications_python_client.notifications import NotificationsAPIClient
        except ImportError:
            raise NotifyAbsentError(
                "ISA_MAIL=notify needs GOV.UK Notify's client, which is not installed: run deploy/install.sh --notify, "
                "or pip install notifications-python-client."
            ) from None
        self._api_key = api_key
        self._template = template
        self._base_url = base_url
        self._made: Any = NotificationsAPIClient

    async def send(self, letter: Letter) -> None:
        await asyncio.to_thread(self._send, letter)

    async def was_sent(self, reference: str) -> bool:
        return await asyncio.to_thread(self._was_sent, reference)

    def _send(self, letter: Letter) -> None:
        answer = self._asked(
            "send_email_notification",
            email_address=letter.address,
            template_id=self._template,
            personalisation={"subject": letter.subject, "body": letter.body},
            reference=letter.reference,
        )
        if answer.get("reference") != letter.reference:
            raise MailError("not-understood")

    def _was_sent(self, reference: str) -> bool:
        answer = self._asked("get_all_notifications", reference=reference)
        found = answer.get("notifications")
        if not isinstance(found, list):
            raise MailError("not-understood")
        return any(isinstance(one, dict) and one.get("reference") == reference for one in found)

    def _asked(self, what: str, **given: Any) -> dict[str, Any]:
        # The client is made for each request: it says itself that it is not for several threads.
        from notifications_python_client.errors import APIError

        client = self._made(self._api_key, base_url=self._base_url, timeout=SECONDS)
        with client.request_session as session:
            # A proxy that the environment names would carry loopback addresses off this machine.
            session.trust_env = urlsplit(self._base_url).hostname not in _LOOPBACK
            try:
                answer = getattr(client, what)(**given)
            except APIError as error:
                raise _told(error.response) from None
        return answer if isinstance(answer, dict) else {}


def _told(response: Any) -> MailError:
    """What Notify's status means for another try. Nothing of its answer is kept."""
    status = None if response is None else int(response.status_code)
    if status is None:
        return MailError("unreachable")
    if status == 400:
        return MailError("refused", permanent=True)
    if status == 403:
        return MailError("not-admitted")
    if status == 429:
        return MailError("too-many")
    return MailError("unavailable")
