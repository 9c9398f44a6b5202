"""A process whose children use an offline queue and are killed (SIGKILL) at a step that is named beforehand.

It reads a line for each child: `put QUEUE STEP FIRST END` or `send QUEUE STEP URL`. A child is killed just before the
statement number STEP that it gives to SQLite; step 0 lets it live. For each child it writes how it ended: `killed`,
`done`, or `failed`. What a child put in for certain it names in a file beside the queue (`.put`), one number a line.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from pathlib import Path

from client.scripted import compact
from isa_client import Connection, Registry
from isa_client.documents import EVENT_TYPE
from isa_client.identifiers import uuid7
from isa_client.offline_queue import OfflineQueue
from isa_client.sending import delivered


class Tokens:
    def token(self) -> str:
        return "t"

    def forget(self) -> None: ...


def event(number: int) -> str:
    return compact(
        EVENT_TYPE,
        id=uuid7(1_800_000_000_000 + number, bytes(10)),
        withheld_sha256=None,
        decided_at="2026-11-27T11:00:00.000Z",
        late_entry=False,
        purpose="x" * 3000,
    )


def killed_before(step: int) -> None:
    """Ends this process just before the statement of that number; 0 is never."""
    connect, left = sqlite3.connect, [step]

    def traced(*arguments: object, **named: object) -> sqlite3.Connection:
        connection = connect(*arguments, **named)  # type: ignore[call-overload]
        connection.set_trace_callback(count)
        return connection  # type: ignore[no-any-return]

    def count(_: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sqlite3.connect = traced  # type: ignore[assignment]


def put(path: Path, numbers: range) -> None:
    queue = OfflineQueue(path)
    with path.with_suffix(".put").open("a") as certain:
        for number in numbers:
            queue.put_event(event(number))
            certain.write(f"{number}\n")
            certain.flush()


def child(what: str, path: Path, step: int, rest: list[str]) -> None:
    path.with_suffix(".pid").write_text(str(os.getpid()))
    killed_before(step)
    if what == "send":
        Registry(rest[0], Tokens(), Connection(sleep=lambda _: None)).run(delivered(OfflineQueue(path), rest[0]))
    else:
        put(path, range(int(rest[0]), int(rest[1])))


def main() -> None:
    for line in sys.stdin:
        what, path, step, *rest = line.split()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                child(what, Path(path), int(step), rest)
                status = 0
            finally:
                os._exit(status)
        _, status = os.waitpid(pid, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print("killed" if killed else "done" if status == 0 else "failed", flush=True)


if __name__ == "__main__":
    main()
