"""Whether a PostgreSQL runs on a cluster, seen from outside: its pid file, its processes, its socket."""

import os
import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PORT: Final = 5432
"""There is no TCP port; the number is part of the socket's file name."""

_PARAMETERS: Final = b"user\0postgres\0database\0postgres\0\0"
_STARTUP: Final = struct.pack(">II", 8 + len(_PARAMETERS), 3 << 16) + _PARAMETERS
"""The startup message of protocol 3.0 (PostgreSQL manual, Message Formats). Its session ends unused."""

_ANSWER: Final = 1024


@dataclass(frozen=True)
class Postmaster:
    """What `postmaster.pid` says; PostgreSQL writes its lines one by one while it starts."""

    pid: int
    sockets: Path | None
    ready: bool


def read_postmaster(data: Path) -> Postmaster | None:
    """What the pid file in the data directory `data` says; None if there is none, or nothing in it yet."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    if not lines or not lines[0].isdecimal():
        return None
    sockets = Path(lines[4]) if len(lines) > 4 and lines[4] else None
    return Postmaster(int(lines[0]), sockets, ready=len(lines) > 7 and lines[7].strip() == "ready")


def is_alive(pid: int, data: Path) -> bool:
    """Whether `pid` is this cluster's server: it works in its directory, as a recycled number does not."""
    if Path("/proc/self/cwd").exists():
        return _works_in(pid, data)
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def any_process_of(data: Path) -> bool:
    """Whether any process of this cluster is left: those of a killed server soon end by themselves."""
    if not Path("/proc/self/cwd").exists():
        return False
    return any(_works_in(int(name), data) for name in os.listdir("/proc") if name.isdecimal())  # noqa: PTH208 - names


def _works_in(pid: int, data: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == data
    except OSError:
        return False


def listens(sockets: Path) -> bool:
    """Whether a server takes sessions on the socket in `sockets`: one that starts, stops or recovers says that it does
    not yet (SQLSTATE 57P03), as `pg_isready` hears it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as attempt:
        attempt.settimeout(5)
        try:
            attempt.connect(str(sockets / f".s.PGSQL.{PORT}"))
            attempt.sendall(_STARTUP)
            answer = attempt.recv(_ANSWER)
        except OSError:
            return False
    return bool(answer) and not (answer.startswith(b"E") and b"C57P03\0" in answer)
