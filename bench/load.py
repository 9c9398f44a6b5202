"""Load from wrk (Debian's package), and the processor time that the server's processes used meanwhile."""

from __future__ import annotations

import os
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path

_LUA, _GET = (Path(__file__).with_name(name) for name in ("work.lua", "get.lua"))
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Run:
    """One run: requests answered per second, CPU milliseconds per request of worker and database, latencies in ms."""

    requests: int
    rate: float
    worker_ms: float
    database_ms: float
    median_ms: float
    p99_ms: float


def cpu_seconds(pids: list[int]) -> float:
    """User and system seconds of these processes so far."""
    ticks = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
        except FileNotFoundError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICK


def database_pids(state: Path) -> list[int]:
    """The embedded database's processes, which serve this registry alone."""
    listed = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 1) for line in listed.splitlines()]
    postmasters = [int(pid) for pid, args in rows if "postgres" in args and str(state) in args]
    children = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in children.splitlines()]
    return postmasters + [pid for pid, parent in pairs if parent in postmasters]


def spread(values: list[float], digits: int) -> str:
    """The median, with the least and the most."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def run_load(
    url: str, bodies: Path, *, content_type: str, token: str | None, skip: int, seconds: int, connections: int,
    workers: list[int], database: list[int], pause_ms: float = 0,
) -> Run:  # fmt: skip
    """One bounded run of wrk against one route. Every connection pauses for `pause_ms` on average before each request,
    as chance has it."""
    return _run(
        ["-s", str(_LUA), url, "--", str(bodies), content_type, token or "-", str(skip), str(pause_ms)],
        seconds=seconds, connections=connections, workers=workers, database=database,
    )  # fmt: skip


def run_gets(
    url: str, *, seconds: int, connections: int, workers: list[int], database: list[int], etag: str | None = None
) -> Run:
    """One bounded run of wrk that gets one address, or asks whether what has this `etag` is still what is there."""
    return _run(
        ["-s", str(_GET), url, "--", etag or "-"],
        seconds=seconds, connections=connections, workers=workers, database=database,
    )  # fmt: skip


def _run(script: list[str], *, seconds: int, connections: int, workers: list[int], database: list[int]) -> Run:
    before = cpu_seconds(workers), cpu_seconds(database)
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", *script],
        capture_output=True, text=True, check=True, timeout=seconds + 30,
    )  # fmt: skip
    after = cpu_seconds(workers), cpu_seconds(database)
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT"))
    requests, micros, errors, median, p99 = (int(part) for part in line.split()[1:])
    if errors:
        raise RuntimeError(f"{errors} of {requests} requests failed: {done.stdout}")
    return Run(
        requests=requests,
        rate=requests / micros * 1e6,
        worker_ms=(after[0] - before[0]) / requests * 1000,
        database_ms=(after[1] - before[1]) / requests * 1000,
        median_ms=median / 1000,
        p99_ms=p99 / 1000,
    )
