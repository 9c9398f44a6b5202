"""What an auditor and an operator see of a running demonstration."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import httpx

from faults.load import ORIGIN, Load
from isa_registry.ledger.checkpoints import LogSigner
from isa_registry.runtime.embedded_postgres import EmbeddedPostgres
from isa_registry.runtime.fsck import Report, check_log
from isa_registry.runtime.key_files import LOG_KEY, read_log_key
from isa_verify.audit import AuditSummary, audit_log
from isa_verify.errors import CannotRunError
from isa_verify.fetching import HttpLog
from isa_verify.note import VerifierKey
from live import LEAD, Demonstration


def signer_of(demo: Demonstration) -> LogSigner:
    return LogSigner(origin=ORIGIN, key=read_log_key(demo.state / "keys" / LOG_KEY))


def audited(demo: Demonstration, remembered: bytes | None = None) -> AuditSummary:
    """The whole published log verified from outside, entries too, as an extension of what is remembered.

    After an outage the first reads may be told to come again; an auditor does.
    """
    log = HttpLog(demo.url, demo.token(LEAD, "audit:read"))
    keys = [VerifierKey.parse(signer_of(demo).vkey)]
    end = time.monotonic() + 15
    while True:
        try:
            return audit_log(log.fetch, keys, remembered, entries_required=True)
        except CannotRunError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)


def checked(demo: Demonstration) -> Report:
    """What `fsck` finds in the database, beside the running service."""
    signer = signer_of(demo)
    with EmbeddedPostgres(demo.state / "postgres") as postgres:
        return asyncio.run(check_log(postgres.url("isa_registry"), origin=signer.origin, vkey=signer.vkey))


def listed_events(demo: Demonstration) -> dict[str, int]:
    """Every event that the police provided, by the API: id and entry."""
    found: dict[str, int] = {}
    path: str | None = "/api/v1/sharing-events"
    with demo.client() as client:
        while path is not None:
            page = client.get(path)
            page.raise_for_status()
            for line in page.json()["events"]:
                assert line["id"] not in found
                found[line["id"]] = line["entry"]
            following = page.links.get("next")
            path = None if following is None else following["url"]
    return found


def assert_nothing_was_lost(demo: Demonstration, load: Load, base: int, remembered: bytes) -> AuditSummary:
    """Each promise is kept exactly once, the log holds nothing else, and it extends what was seen of it before."""
    assert [] == load.surprises
    events, checks = load.events(), load.checks()
    assert events.items() <= listed_events(demo).items()
    assert len(checks) == len(set(checks))
    with demo.client() as client:
        for check in checks[:: max(1, len(checks) // 50)]:
            assert check == client.get(f"/api/v1/checks/{check}").json()["id"]
        for event in list(events)[:: max(1, len(events) // 50)]:
            assert events[event] == client.get(f"/api/v1/sharing-events/{event}").json()["entry"]
    report = checked(demo)
    assert () == report.findings
    assert base + len(events) + len(checks) == report.size
    size_signed(demo, report.size)
    summary = audited(demo, remembered)
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
