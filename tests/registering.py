"""What a partnership registers while its service runs: entries appended by a worker of the test's own, beside those
that answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from isa_registry.domain.entries import Payload
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.demonstration import read_vkeys
from isa_registry.runtime.embedded.postgres import EmbeddedPostgres
from isa_registry.runtime.registry import Registry
from live import Demonstration
from running import working

Register = Callable[..., int]

_SECONDS = 30


def register(demonstration: Demonstration, *payloads: Payload) -> int:
    """Appends the payloads to a running demonstration's log, one draft each, without anybody's leave; returns the
    log's size once every worker has folded so far."""
    with registering(demonstration) as append:
        return append(*payloads)


@contextmanager
def registering(demonstration: Demonstration) -> Iterator[Register]:
    """The same for several rounds, by one worker that stays."""
    with EmbeddedPostgres(demonstration.state / "postgres") as server, asyncio.Runner() as runner:
        worker = working(server.url("isa_registry"), keys=read_vkeys(demonstration.state))
        registry = runner.run(worker.__aenter__())
        try:
            runner.run(_until_writes(registry))

            def append(*payloads: Payload) -> int:
                size = runner.run(_append(registry, payloads))
                _wait_until_folded(demonstration, size)
                return size

            yield append
        finally:
            runner.run(worker.__aexit__(None, None, None))


async def _until_writes(registry: Registry) -> None:
    end = time.monotonic() + _SECONDS
    while not registry.writes and time.monotonic() < end:  # noqa: ASYNC110 - told by the guard's word alone
        await asyncio.sleep(0.02)


async def _append(registry: Registry, payloads: tuple[Payload, ...]) -> int:
    drafts = [Draft(payloads=(payload,)) for payload in payloads]
    return max([(await registry.sequencer.append(draft)).size for draft in drafts])


def _wait_until_folded(demonstration: Demonstration, size: int) -> None:
    """The kernel spreads new connections over the workers, so that many in a row meet every one."""
    end, met = time.monotonic() + _SECONDS, 0
    with connecting_anew(demonstration) as client:
        while met < 8 * demonstration.workers:
            met = met + 1 if int(client.get("/livez").headers["isa-log-size"]) >= size else 0
            if time.monotonic() > end:
                raise RuntimeError("a worker does not follow the log")


def connecting_anew(demonstration: Demonstration) -> httpx.Client:
    """A client that opens a connection for each request, so that any worker may be the one that answers."""
    fleeting = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(base_url=demonstration.url, limits=fleeting, timeout=20, trust_env=False)
