"""A process that sends one letter and kills itself at a step: run by a test as `sending_process.py URL PORT STEP`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime

from isa_registry.outbound.mail import Letter
from isa_registry.outbound.smtp import SmtpMailer
from notices.outboxes import outbox_on


class Killed(SmtpMailer):
    """Its process ends by SIGKILL before the letter goes, or after the server took it."""

    step = ""

    async def send(self, letter: Letter) -> None:
        if self.step == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        await super().send(letter)
        if self.step == "after":
            os.kill(os.getpid(), signal.SIGKILL)


async def main(url: str, port: int, step: str) -> None:
    mailer = Killed(
        "127.0.0.1",
        port,
        security="none",
        sender="registry@test.example",
        domain="registry.test",
        now=lambda: datetime.now(UTC),
    )
    mailer.step = step
    async with outbox_on(url) as out:
        await out.drain(mailer)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
