"""Sending nothing: a log line says that a notice was due, and the demonstration keeps its words in a file."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import msgspec
import structlog

from isa_registry.outbound.mail import Letter, MailError

_log = structlog.get_logger("isa_registry.notices")


class ConsoleMailer:
    """Says that a notice was due, never to which address. `kept` is a file to which each letter is added as a line of
    JSON; for a demonstration, where every address is invented."""

    def __init__(self, kept: Path | None = None) -> None:
        self._kept = kept

    async def send(self, letter: Letter) -> None:
        if self._kept is not None:
            await asyncio.to_thread(self._keep, self._kept, letter)
        _log.info("notice-due", template=letter.template, reference=letter.reference)

    async def was_sent(self, reference: str) -> bool:
        return self._kept is not None and await asyncio.to_thread(_holds, self._kept, reference)

    def _keep(self, path: Path, letter: Letter) -> None:
        line = msgspec.json.encode(letter, order="sorted") + b"\n"
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(line)
        except OSError:
            raise MailError("not-kept") from None


def _holds(path: Path, reference: str) -> bool:
    try:
        with path.open("rb") as lines:
            return any(msgspec.json.decode(line, type=Letter).reference == reference for line in lines)
    except OSError:
        return False
