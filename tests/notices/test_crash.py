"""A real process, killed between sending to a real mail server and recording it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from isa_registry.runtime.notices.sending import HELD
from notices.mailboxes import mail_server
from notices.outboxes import notice, outbox_on
from notices.test_smtp import mailer

SCRIPT = Path(__file__).with_name("sending_process.py")
TESTS = SCRIPT.parents[1]


async def run(url: str, port: int, step: str) -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(SCRIPT), url, str(port), step,
        env={**os.environ, "PYTHONPATH": f"{TESTS}:{TESTS.parent / 'service'}"},
    )  # fmt: skip
    return await process.wait()


@pytest.mark.parametrize(("step", "taken"), [("before", 0), ("after", 1)])
async def test_a_process_killed_at_a_step_loses_no_letter_and_repeats_it_at_most_once(
    database_url: str, step: str, taken: int
) -> None:
    with mail_server() as boxes:
        async with outbox_on(database_url) as out:
            await out.address("harbour", "signatory", "director@harbour.test")
            await out.tell(notice())
            assert await run(database_url, boxes.port, step) == -signal.SIGKILL
            assert len(boxes.taken) == taken
            assert await out.states() == ["sending"], "what was about to be done was written before it was done"
            out.later(seconds=HELD.total_seconds())
            assert await out.drain(mailer(boxes.port)) == 1
            assert await out.states() == ["sent"]
            out.later(days=365)
            assert await out.drain(mailer(boxes.port)) == 0
    assert len(boxes.taken) == taken + 1
    assert len({one["Message-ID"] for one in boxes.taken}) == 1
