"""What every way of sending a notice has in common: a letter, what can go wrong, and the two things that are asked."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct


class Letter(Struct, frozen=True):
    """One notice to one mailbox. `reference` is the same whenever this letter is sent again, and is no other's."""

    reference: str
    template: str
    address: str
    subject: str
    body: str


class MailError(Exception):
    """A letter was not sent, or nobody said that it was. `code` is a stable kebab-case name; `permanent` says that
    another try would end alike. The text holds no address and nothing received."""

    def __init__(self, code: str, *, permanent: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent


class Mailer(Protocol):
    """A way of sending letters."""

    async def send(self, letter: Letter) -> None:
        """Sends a letter. Raises `MailError`."""

    async def was_sent(self, reference: str) -> bool:
        """Whether the letter of that reference was taken before; False too where that cannot be known. Raises
        `MailError` where it could be known and the question was not answered."""
