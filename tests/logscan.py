"""A plugin that reads everything that the service logs during a run of the tests, and fails the run where it finds what
must never be in a log: tokens, keys, references to people, bodies, cookies.

It reads what each test printed or logged in its own process, and what the services wrote that tests started
(`Demonstration` hands its output over when it stops). It says of a finding what it is and where it was written, never
the thing itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CANARY = "zqx7f3"
"""Begins every value that tests plant in tokens, addresses and bodies (`api.speaking.MARKER`)."""

KINDS: dict[str, re.Pattern[str]] = {
    "a token or a signed document": re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}"),
    "an Authorization header": re.compile(r"\b(bearer|basic)\s+[A-Za-z0-9._~+/-]{12,}", re.IGNORECASE),
    "a private key": re.compile(r'-----BEGIN [A-Z ]*PRIVATE KEY|"(d|k)"\s*:\s*"[\w-]{20,}'),
    "a reference to a person": re.compile(r"\bs1_[\w-]{43}"),
    "a cookie": re.compile(r"\b(set-)?cookie['\"]?\s*[:=]\s*\S*=|\bisa-(session|fallback|sign-in)=\S", re.IGNORECASE),
    "a code or token in an address": re.compile(r"[?&](code|state|\w+_token|id_token_hint)=\w"),
    "a body": re.compile(r"[\"'](categories|subjects|circumstances|case_record|decided_by|withheld)[\"']\s*:"),
    "a password": re.compile(r"\bpostgres(ql)?://[^:/@\s]+:[^@\s]+@"),
    "a mailbox": re.compile(r"\b[\w.+-]+@(?:[\w-]+\.)+test\b"),
    "a planted value": re.compile(re.escape(CANARY)),
}


def kinds_in(text: str) -> Iterator[str]:
    """What a text holds of what must never be in a log."""
    return (kind for kind, pattern in KINDS.items() if pattern.search(text))


class LogScan:
    """What was found in one process. `scanned` counts the characters that were read."""

    def __init__(self) -> None:
        self.found: set[tuple[str, str]] = set()
        self.scanned = 0

    def read(self, text: str, source: str) -> None:
        self.scanned += len(text)
        self.found.update((kind, source) for kind in kinds_in(text))


SCAN = LogScan()


def scan_file(path: Path) -> None:
    """Reads what a service that a test started has written."""
    running = _current.removesuffix(" (call)") or "the start of a service that tests share"
    SCAN.read(path.read_text(encoding="utf-8", errors="replace"), f"the output of a service, at the end of {running}")


_current = ""


def pytest_runtest_setup(item: pytest.Item) -> None:
    global _current
    _current = item.nodeid


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    for name, text in report.sections:
        if name.startswith("Captured"):
            SCAN.read(text, report.nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """What another process of the run found in the services that it started."""
    output = getattr(node, "workeroutput", {})
    SCAN.found.update((kind, source) for kind, source in output.get("logscan", ()))
    SCAN.scanned += output.get("logscanned", 0)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["logscan"] = sorted(SCAN.found)
        output["logscanned"] = SCAN.scanned
    elif SCAN.found and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if SCAN.found:
        terminalreporter.section("IN THE LOGS", sep="!", red=True, bold=True)
        for kind, source in sorted(SCAN.found):
            terminalreporter.line(f"  {kind}: {source}", red=True)
    elif SCAN.scanned:
        terminalreporter.line(f"{SCAN.scanned:,} characters of logs were read: nothing in them that must not be")
