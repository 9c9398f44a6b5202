"""What a partnership registers while its service runs: entries appended by a worker of the test's own, beside those
that answer."""

from __future__ import annotations

import asyncio
import time

import httpx

from isa_registry.domain.entries import Payload
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.demonstration import read_vkeys
from isa_registry.runtime.embedded.postgres import EmbeddedPostgres
from live import Demonstration
from running import working

_SECONDS = 20


def register(demonstration: Demonstration, *payloads: Payload) -> int:
    """Appends the payloads to a running demonstration's log, one draft each, without anybody's leave; returns the
    log's size once every worker has folded so far."""
    with EmbeddedPostgres(demonstration.state / "postgres") as server:
        size = asyncio.run(_append(server.url("isa_registry"), demonstration, payloads))
    _wait_until_folded(demonstration, size)
    return size


async def _append(url: str, demonstration: Demonstration, payloads: tuple[Payload, ...]) -> int:
    async with working(url, keys=read_vkeys(demonstration.state)) as registry:
        end = time.monotonic() + _SECONDS
        while not registry.writes and time.monotonic() < end:  # noqa: ASYNC110 - told by the guard's word alone
            await asyncio.sleep(0.02)
        size = registry.follower.view.size
        for payload in payloads:
            size = (await registry.sequencer.append(Draft(payloads=(payload,)))).size
        return size


def _wait_until_folded(demonstration: Demonstration, size: int) -> None:
    """The kernel spreads new connections over the workers, so that many in a row meet every one."""
    end, met = time.monotonic() + _SECONDS, 0
    while met < 8 * demonstration.workers:
        answer = httpx.get(f"{demonstration.url}/livez", trust_env=False)
        met = met + 1 if int(answer.headers["isa-log-size"]) >= size else 0
        if time.monotonic() > end:
            raise RuntimeError("a worker does not follow the log")
