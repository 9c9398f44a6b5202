"""Sending a notice to a mail server (RFC 5321), over TLS with a certificate that is verified.

The same letter has the same Message-ID whenever it is sent, so that a mailbox shows one where a server took it twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import smtplib
import socket
import ssl
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Literal

from isa_registry.outbound.mail import Letter, MailError

Security = Literal["starttls", "tls", "none"]

STEP_SECONDS = 15.0
"""For each step of the conversation."""
DEADLINE = 60.0
"""For the whole of it: then it is cut off, so that nothing is sent by somebody who no longer holds the letter."""
_HEADER_LINE = 200
"""Characters: more than any subject has, and less than a line of mail may have."""


class SmtpMailer:
    """Letters to one server. `domain` is the right-hand side of every Message-ID."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        security: Security,
        sender: str,
        domain: str,
        now: Callable[[], datetime],
        user: str = "",
        password: str = "",
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._security = security
        self._sender = sender
        self._domain = domain
        self._now = now
        self._user = user
        self._password = password
        self._context = context or ssl.create_default_context()

    async def was_sent(self, reference: str) -> bool:
        """No server says what it took before."""
        return False

    async def send(self, letter: Letter) -> None:
        conversation = _Conversation()
        try:
            async with asyncio.timeout(DEADLINE):
                await asyncio.to_thread(self._send, letter, conversation)
        except TimeoutError:
            raise MailError("too-slow") from None
        finally:
            conversation.cut()

    def compose(self, letter: Letter) -> EmailMessage:
        """The letter as it goes. Raises `MailError` for what would not stay on its own header line."""
        message = EmailMessage(policy=SMTP)
        try:
            message["From"] = self._sender
            message["To"] = letter.address
            message["Subject"] = letter.subject
            message["Date"] = format_datetime(self._now())
            message["Message-ID"] = f"<{letter.reference}@{self._domain}>"
            message["Auto-Submitted"] = "auto-generated"
        except ValueError:
            raise MailError("not-a-header", permanent=True) from None
        message.set_content(letter.body, cte="quoted-printable")
        # Folded, a subject of one line and a half would begin with an empty one, which some readers show and others
        # take for spam.
        message.policy = SMTP.clone(max_line_length=_HEADER_LINE)
        return message

    def _send(self, letter: Letter, conversation: _Conversation) -> None:
        message = self.compose(letter)
        try:
            with contextlib.closing(self._connected()) as server:
                conversation.began(server.sock)
                if self._security == "starttls":
                    server.starttls(context=self._context)
                    conversation.began(server.sock)
                if self._user:
                    server.login(self._user, self._password)
                server.send_message(message)
                # It is the server's now, whatever becomes of the goodbye.
                with contextlib.suppress(smtplib.SMTPException, OSError):
                    server.quit()
        except (smtplib.SMTPException, OSError) as error:
            raise _told(error) from None

    def _connected(self) -> smtplib.SMTP:
        if self._security == "tls":
            return smtplib.SMTP_SSL(self._host, self._port, timeout=STEP_SECONDS, context=self._context)
        return smtplib.SMTP(self._host, self._port, timeout=STEP_SECONDS)


class _Conversation:
    """The socket of a conversation in another thread, so that it can be cut off from this one."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._over = False

    def began(self, connected: socket.socket | None) -> None:
        self._socket = connected
        if self._over:
            self.cut()
            raise OSError("cut off")

    def cut(self) -> None:
        self._over = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


def _told(error: smtplib.SMTPException | OSError) -> MailError:
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            return MailError("address-refused", permanent=all(code >= 500 for code, _ in refused.values()))
        case smtplib.SMTPAuthenticationError():
            return MailError("not-admitted")
        case smtplib.SMTPSenderRefused():
            return MailError("sender-refused")
        case smtplib.SMTPDataError(smtp_code=code):
            return MailError("letter-refused", permanent=code >= 500)
        case smtplib.SMTPNotSupportedError():
            return MailError("no-tls")
        case smtplib.SMTPServerDisconnected():
            return MailError("broken-off")
        case ssl.SSLError():
            return MailError("tls-failed")
        case TimeoutError():
            return MailError("too-slow")
        case smtplib.SMTPException():
            return MailError("refused")
        case _:
            return MailError("unreachable")
