"""The demonstration as a user runs it: a process of its own, two workers, a database and identity providers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

import httpx

from logscan import scan_file
from replayed import replay_state

LEAD = "durham-county-council"
POLICE = "durham-constabulary"
_TOKEN_SECONDS = 240
"""Well within a token's life."""

_COMMAND = [sys.executable, "-m", "isa_registry", "demo"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Demonstration:
    """A running `isa-registry demo`. `output` is everything that it printed, log lines included."""

    def __init__(
        self, state: Path, *, workers: int = 2, port: int | None = None, environment: dict[str, str] | None = None
    ) -> None:
        self.state = state
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.workers = workers
        self.output_file = state.parent / f"{state.name}-{self.port}.log"
        # Tests ask far more in a minute than an agency does in a day; the limits have tests of their own.
        unlimited = {"ISA_LOG_LEVEL": "info", "ISA_RATE_LIMIT_PERCENT": "100000"}
        self._environment = {**os.environ, **unlimited, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._tokens: dict[tuple[str, str], tuple[str, float]] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, *, seconds: float = 180) -> None:
        """Starts it, and returns once every worker answers: on a machine that does other things that takes a while."""
        with self.output_file.open("ab") as output:
            self._process = subprocess.Popen(
                [*_COMMAND, "--state", str(self.state), "--port", str(self.port), "--workers", str(self.workers)],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise RuntimeError(self.output)
            # Nothing is asked before it can answer: what asks takes from what starts.
            if self.serving() == self.workers and self._ready():
                return
            time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"not ready within {seconds} seconds: {self.output[-4000:]}")

    def _ready(self) -> bool:
        try:
            ready = httpx.get(f"{self.url}/readyz", timeout=2, verify=False).json()
            return bool(ready["checkpoint_size"] == ready["log_size"])
        except (httpx.HTTPError, ValueError, KeyError):
            return False

    def stop(self) -> int:
        """Ctrl-C, and waits until everything has ended; then what it wrote is read for what must not be logged. Before
        that every check that it recorded is answered again, where its database still runs."""
        try:
            if self.running:
                replay_state(self.state)
        finally:
            try:
                status = self._end()
            finally:
                scan_file(self.output_file)
        return status

    def kill(self, *others: int) -> None:
        """SIGKILL to its supervisor and workers, and to `others`; returns once the supervisor has ended. A signal takes
        a moment, for which what dies still counts as running: `stop` would replay its checks, and end its database."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        for other in others:
            with suppress(ProcessLookupError):
                os.kill(other, signal.SIGKILL)
        self._process.wait(30)
        self.stop()

    def _end(self) -> int:
        assert self._process is not None
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGINT)
        try:
            return self._process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)
            raise

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def output(self) -> str:
        return self.output_file.read_text(encoding="utf-8", errors="replace")

    def serving(self) -> int:
        """How many workers accept connections: each listens on a socket of its own."""
        sockets = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()]
        return sum(one[1].endswith(f":{self.port:04X}") and one[3] == "0A" for one in sockets)

    def worker_pids(self) -> list[int]:
        """The processes that answer requests."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii").split()
        return [int(child) for child in children if self._works(int(child))]

    def _works(self, child: int) -> bool:
        """Workers are forks or spawned; a helper of the database's start is neither."""
        try:
            command = Path(f"/proc/{child}/cmdline").read_bytes()
        except OSError:
            return False
        return b"spawn_main" in command or command == Path(f"/proc/{self.pid}/cmdline").read_bytes()

    @property
    def vkey(self) -> str:
        """The Ed25519 key alone, for verifiers that know no other."""
        return self.vkeys[0]

    @property
    def vkeys(self) -> list[str]:
        return (self.state / "log.vkeys").read_text(encoding="ascii").split()

    def token(self, organisation: str = POLICE, scope: str = "checks:ask events:write events:read") -> str:
        """An access token of the organisation's own system."""
        known, until = self._tokens.get((organisation, scope), ("", 0.0))
        if time.monotonic() >= until:
            answer = httpx.post(
                f"{self.url}/demo/idp/{organisation}/token",
                data={"grant_type": "client_credentials", "scope": scope},
                auth=(f"{organisation}-system", "demo"),
            )
            answer.raise_for_status()
            known = str(answer.json()["access_token"])
            self._tokens[(organisation, scope)] = known, time.monotonic() + _TOKEN_SECONDS
        return known

    def client(
        self, organisation: str | None = POLICE, scope: str = "checks:ask events:write events:read"
    ) -> httpx.Client:
        """An HTTP client that speaks as an organisation's system; None speaks as nobody."""
        headers = {} if organisation is None else {"Authorization": f"Bearer {self.token(organisation, scope)}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=20)
