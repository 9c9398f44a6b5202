"""What an auditor and an operator see of a running demonstration."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable

import httpx

from faults.load import ORIGIN, Load
from isa_registry.ledger.checkpoints import LogSigner
from isa_registry.runtime.demonstration import CHECKPOINTER
from isa_registry.runtime.embedded.postgres import EmbeddedPostgres
from isa_registry.runtime.fsck.check import Report, check_log
from isa_registry.runtime.log_keys.files import read_log_signer_in
from isa_registry.store import index_rows
from isa_registry.store.pool import connect_as_owner
from isa_verify.audit import AuditSummary, audit_log
from isa_verify.errors import CannotRunError
from isa_verify.fetching import HttpLog
from live import LEAD, Demonstration


def signer_of(demo: Demonstration) -> LogSigner:
    return read_log_signer_in(ORIGIN, demo.state / CHECKPOINTER)


def audited(demo: Demonstration, size: int, remembered: bytes | None = None) -> AuditSummary:
    """The whole published log verified from outside, entries too, as an extension of what is remembered.

    After an outage the first reads may be told to come again, and a worker may not have seen the newest checkpoint:
    an auditor who knows of `size` entries comes again.
    """
    log = HttpLog(demo.url, demo.token(LEAD, "audit:read"))
    keys = signer_of(demo).keys.verifiers
    end = time.monotonic() + 15
    while True:
        try:
            summary = audit_log(log.fetch, keys, remembered, entries_required=True)
            if summary.size >= size:
                return summary
            assert time.monotonic() < end, f"the checkpoint stays at {summary.size} of {size}"
        except CannotRunError:
            if time.monotonic() > end:
                raise
        time.sleep(0.5)


def audited_whole(demo: Demonstration) -> AuditSummary:
    """The log as it stands before a test writes: a checkpoint comes after its entries, and one that is not awaited
    leaves out the last of what earlier tests wrote. What a worker had taken on from a request that was given up, as
    while the database hung, may come after that: then everything is looked at again."""
    end = time.monotonic() + 30
    while True:
        report = checked(demo)
        summary = audited(demo, report.size)
        if summary.size == report.size:
            assert report.root == summary.root
            return summary
        assert time.monotonic() < end, "somebody goes on writing"


def checked(demo: Demonstration) -> Report:
    """What `fsck` finds in the database, beside the running service."""
    signer = signer_of(demo)
    with EmbeddedPostgres(demo.state / "postgres") as postgres:
        return asyncio.run(check_log(postgres.url("isa_registry"), origin=signer.origin, vkeys=signer.vkeys))


def entries_of_checks(demo: Demonstration) -> dict[str, int]:
    """Every check in the database: id and entry."""

    async def rows(url: str) -> dict[str, int]:
        connection = await connect_as_owner(url)
        try:
            return {row.id: row.index for row in await index_rows.stored(connection, index_rows.TABLES[0], 0, 2**62)}
        finally:
            await connection.close()

    with EmbeddedPostgres(demo.state / "postgres") as postgres:
        return asyncio.run(rows(postgres.url("isa_registry")))


def listed_events(demo: Demonstration) -> dict[str, int]:
    """Every event that the police provided, by the API: id and entry."""
    found: dict[str, int] = {}
    path: str | None = "/api/v1/sharing-events"
    with demo.client() as client:
        while path is not None:
            page = read(client, path)
            for line in page.json()["events"]:
                assert line["id"] not in found
                found[line["id"]] = line["entry"]
            following = page.links.get("next")
            path = None if following is None else following["url"]
    return found


def read(client: httpx.Client, path: str, *, seconds: float = 15) -> httpx.Response:
    """The answer of 200, asked for again while it is a 503 that says when to come again."""
    end = time.monotonic() + seconds
    while True:
        answer = client.get(path)
        if answer.status_code != 503 or time.monotonic() > end:
            return answer.raise_for_status()
        assert int(answer.headers["retry-after"]) > 0
        time.sleep(0.5)


def assert_nothing_was_lost(demo: Demonstration, load: Load, base: int, remembered: bytes) -> AuditSummary:
    """Each promise is kept exactly once, the log holds nothing else, and it extends what was seen of it before."""
    assert [] == load.surprises
    events, checks = load.events(), load.checks()
    assert events.items() <= listed_events(demo).items()
    assert len(checks) == len(set(checks))
    with demo.client() as client:
        for check in checks[:: max(1, len(checks) // 50)]:
            assert check == read(client, f"/api/v1/checks/{check}").json()["id"]
        for event in list(events)[:: max(1, len(events) // 50)]:
            assert events[event] == read(client, f"/api/v1/sharing-events/{event}").json()["entry"]
    report = checked(demo)
    assert () == report.findings
    stored = entries_of_checks(demo)
    kept = Counter([*events.values(), *(stored[check] for check in checks)])
    written = Counter(range(base, report.size))
    assert kept == written, f"promised and not written since {base}: {kept - written}; the reverse: {written - kept}"
    size_signed(demo, report.size)
    summary = audited(demo, report.size, remembered)
    assert (report.size, report.root) == (summary.size, summary.root)
    return summary


def size_signed(demo: Demonstration, size: int, *, seconds: float = 10) -> None:
    """Waits until whichever worker answers shows a checkpoint of `size`."""

    def reached() -> bool:
        answers = [httpx.get(f"{demo.url}/log/checkpoint", timeout=5) for _ in range(6)]
        return all(int(answer.text.split("\n")[1]) >= size for answer in answers)

    eventually(reached, seconds=seconds)


def eventually(holds: Callable[[], bool], *, seconds: float = 10) -> None:
    """Returns once `holds`; fails after some seconds. An answer that does not come counts as no."""
    end = time.monotonic() + seconds
    while True:
        try:
            if holds():
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.1)
