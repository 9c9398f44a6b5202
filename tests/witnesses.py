"""Witnesses that run: in this process for speed, or as a process of their own, as an agency runs one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

from growing import NOW, GrowingLog, vkeys_of
from isa_registry.ledger.witness import MAX_REQUEST_SIZE, Cosigner, read_logs
from isa_registry.runtime.witnesses.place import WitnessPlace, make_witness, read_witness
from isa_registry.runtime.witnesses.server import WitnessServer
from isa_registry.runtime.witnesses.small_http import SmallHttpServer
from isa_verify.note import VerifierKey
from live import free_port


class Clock:
    """POSIX seconds that a test sets."""

    def __init__(self, seconds: float = NOW) -> None:
        self.seconds = seconds

    def __call__(self) -> float:
        return self.seconds


@asynccontextmanager
async def witnessing(
    directory: Path, *logs: GrowingLog, clock: Clock | None = None, port: int = 0
) -> AsyncIterator[str]:
    """The address of a witness of these logs that lives in `directory`, where `new_witness` made it."""
    with WitnessPlace(directory) as place:
        clock = clock or Clock()
        answer = WitnessServer(place, read_logs(vkeys_of(*logs)), now=clock, monotonic=time.monotonic).answer
        server = SmallHttpServer(answer, max_body=MAX_REQUEST_SIZE)
        port = await server.start("127.0.0.1", port)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            await server.stop()


class WitnessProcess:
    """`isa-registry witness serve` in `directory`, with keys made for it where there are none. `code` runs first."""

    def __init__(self, directory: Path, name: str, *logs: GrowingLog, code: str = "") -> None:
        self.directory = directory
        self.vkeys = directory.parent / f"{directory.name}.vkeys"
        self.vkeys.write_text(vkeys_of(*logs))
        if not directory.exists():
            make_witness(directory, name)
        self.cosigner = self._cosigner()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = directory.parent / f"{directory.name}.log"
        self._code = code
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def keys(self) -> tuple[VerifierKey, VerifierKey]:
        return self.cosigner.keys

    def _cosigner(self) -> Cosigner:
        return read_witness(self.directory)[0]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, code: str | None = None) -> None:
        """Starts it, and returns once it listens."""
        arguments = ["witness", "serve", str(self.directory), "--log-vkeys", str(self.vkeys)]
        arguments += ["--listen", f"127.0.0.1:{self.port}"]
        script = f"{self._code if code is None else code}\nfrom isa_registry.__main__ import main\nmain({arguments!r})"
        beginning = self.output.stat().st_size if self.output.exists() else 0
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-c", script], stdout=output, stderr=subprocess.STDOUT, env=dict(os.environ)
            )
        end = time.monotonic() + 20
        while b"Witnessing at" not in self.output.read_bytes()[beginning:]:
            assert self._process.poll() is None, self.output.read_text()
            assert time.monotonic() < end, "the witness does not listen"
            time.sleep(0.02)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> int:
        """Tells it to end, and returns the exit status; that of a process which is dead already too."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        return self._process.wait(10)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)
