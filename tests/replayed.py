"""Every check that a test recorded is answered again at the end of its database, by the core that the interface and the
offline command use. None may come out otherwise; a test that forges one says so (`Databases.forged`).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from dumped import search_dump
from isa_registry.domain.dates import instant
from isa_registry.domain.register.register import Register
from isa_registry.runtime.embedded.postgres import EmbeddedPostgres
from isa_registry.runtime.folding import fold
from isa_registry.runtime.past import Past, past
from isa_registry.runtime.replaying import recorded_check, replay_from
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.store import log
from isa_registry.store.pool import EVERYTHING, DatabaseError, connect
from isa_verify.errors import VerificationError
from isa_verify.merkle import Frontier


class Replays:
    """What came out in one process."""

    def __init__(self) -> None:
        self.verdicts: Counter[str] = Counter()
        self.databases = 0
        self.touched = 0
        self.seconds = 0.0
        self.cpu = 0.0
        self.different: set[str] = set()

    def add(self, said: dict[str, Any]) -> None:
        """What another process of the run found."""
        self.verdicts.update(said["verdicts"])
        self.different.update(said["different"])
        for name in ("databases", "touched", "seconds", "cpu"):
            setattr(self, name, getattr(self, name) + said[name])

    def said(self) -> dict[str, Any]:
        return {**vars(self), "verdicts": dict(self.verdicts), "different": sorted(self.different)}


REPLAYS = Replays()


async def replay_all(url: str, *, forged: frozenset[str] = frozenset()) -> list[str]:
    """Answers the checks of a database again; what came out otherwise, less what is `forged`. A log that a test has
    taken apart, so that it cannot be folded, is left alone."""
    began, worked = time.perf_counter(), time.thread_time()
    connection = await connect(url, "isa_read", reader=EVERYTHING)
    try:
        entries = await _checks(connection)
        if not entries:
            return []
        REPLAYS.databases += 1
        try:
            return await _otherwise(connection, entries, forged)
        except (LogDisagrees, VerificationError):
            REPLAYS.touched += 1
            return []
    finally:
        await connection.close()
        REPLAYS.seconds += time.perf_counter() - began
        REPLAYS.cpu += time.thread_time() - worked


def replay_state(state: Path) -> None:
    """The same for the database of a demonstration that runs, which is also dumped and the dump searched. What comes
    out otherwise, or is found, fails the run of the tests."""
    with (
        contextlib.suppress(*DatabaseError),
        EmbeddedPostgres(state / "postgres") as server,
        ThreadPoolExecutor(1) as aside,
    ):
        # In a thread of its own: whoever stops it may have a loop that runs.
        aside.submit(asyncio.run, replay_all(server.url("isa_registry"))).result()
        search_dump(server.url("isa_registry"))


async def _checks(connection: asyncpg.Connection) -> list[log.StoredEntry]:
    if await connection.fetchval("SELECT to_regclass('check_record')") is None:
        return []
    indexes = [row["index"] for row in await connection.fetch("SELECT index FROM check_record ORDER BY index")]
    rows = await connection.fetch(
        "SELECT e.index, e.at, e.leaf, p.payload, p.salt, p.kind FROM entry e JOIN payload p USING (index)"
        " WHERE e.index = ANY ($1::bigint[]) ORDER BY e.index",
        indexes,
    )
    return [log.StoredEntry(**{**dict(row), "at": instant(row["at"])}) for row in rows]


class _Pasts:
    """Every past state of a database, with few queries."""

    def __init__(self, register: Register, hashes: list[bytes], erased: bool) -> None:
        self._register = register
        self._hashes = hashes
        self._erased = erased
        self._frontier = Frontier()

    async def at(self, connection: asyncpg.Connection, size: int) -> Past:
        if self._erased:
            return await past(connection, self._register, size)
        if size < self._frontier.size:
            self._frontier = Frontier()
        self._frontier = self._frontier.extend(self._hashes[self._frontier.size : size])
        return Past(self._register.at(size), self._frontier.root(), None)


async def _otherwise(
    connection: asyncpg.Connection, entries: list[log.StoredEntry], forged: frozenset[str]
) -> list[str]:
    checks = {entry.index: recorded for entry in entries if (recorded := recorded_check(entry)) is not None}
    # No further than the checks had seen the log.
    seen = {index: min(index, check.register.log_size) for index, check in checks.items()}
    register = await fold(connection, max(seen.values()))
    hashes = await log.leaf_hashes(connection, 0, max(seen.values()))
    erased = await connection.fetchval("SELECT EXISTS (SELECT FROM erasure WHERE until IS NOT NULL)")
    pasts = _Pasts(register, hashes, erased)
    different: list[str] = []
    for entry in entries:
        found = replay_from(await pasts.at(connection, seen[entry.index]), checks[entry.index], entry)
        if found.check in forged:
            assert found.verdict == "different", f"{found.check} was to be forged, and came out {found.verdict}"
            continue
        REPLAYS.verdicts[found.verdict] += 1
        if found.verdict == "different":
            members = ", ".join(one.pointer for one in found.differences)
            different.append(f"{found.check} (entry {found.entry}) in {members or found.why}")
    REPLAYS.different.update(different)
    return different


# --- the plugin ------------------------------------------------------------------------------------------------------


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    said = getattr(node, "workeroutput", {}).get("replays")
    if said is not None:
        REPLAYS.add(said)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["replays"] = REPLAYS.said()
    elif REPLAYS.different and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if REPLAYS.different:
        terminalreporter.section("CHECKS THAT COME OUT OTHERWISE", sep="!", red=True, bold=True)
        for one in sorted(REPLAYS.different):
            terminalreporter.line(f"  {one}", red=True)
    if REPLAYS.databases:
        said = ", ".join(f"{count:,} {verdict}" for verdict, count in sorted(REPLAYS.verdicts.items()))
        terminalreporter.line(
            f"{REPLAYS.verdicts.total():,} recorded checks of {REPLAYS.databases:,} databases were answered again: "
            f"{said or 'none'} ({REPLAYS.touched:,} logs taken apart by their tests; in {REPLAYS.seconds:.1f} s, "
            f"{REPLAYS.cpu:.1f} of them at work)"
        )
