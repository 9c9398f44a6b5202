"""Processes that use the queue are killed at every step: what they put in is there, and what is there is sent once."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from client import crashing
from client.crashing import Tokens, event
from client.scripted import Heard, Says, Scripted, scripted
from client.test_offline_queue import recording
from isa_client import Connection, Registry
from isa_client.offline_queue import OfflineQueue
from isa_client.sending import Delivery, delivered

MOST_STEPS = 200
Run = Callable[..., str]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Run one child to its end and say how it ended."""
    with subprocess.Popen(
        [sys.executable, crashing.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout

        def one(what: str, path: Path, step: int, *rest: object) -> str:
            print(what, path, step, *rest, file=stdin, flush=True)
            return stdout.readline().strip()

        yield one
        stdin.close()
        process.wait(10)


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as state:
        state.instead = recording
        yield state


def send(path: Path, url: str) -> Delivery:
    return Registry(url, Tokens(), Connection(sleep=lambda _: None)).run(delivered(OfflineQueue(path), url))


def kept(path: Path) -> dict[str | None, str]:
    """The exact documents that wait, from a database that is whole."""
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    return {item.document: item.state for item in OfflineQueue(path).items("waiting")}


def steps(end: Callable[[int], str]) -> int:
    """Kill a process before its first step, its second and so on, until one gets through; say how many there were."""
    for step in range(1, MOST_STEPS):
        ended = end(step)
        assert ended in ("killed", "done")
        if ended == "done":
            return step
    raise AssertionError("it never got through")


def test_killed_at_any_step_of_putting_in_it_is_there_whole_or_was_never_said_to_be(run: Run, quick_path: Path) -> None:
    def end(step: int) -> str:
        path = quick_path / f"{step}.db"
        ended = run("put", path, step, 1, 2)
        certain = path.with_suffix(".put")
        said = {event(int(number)) for number in certain.read_text().split()} if certain.exists() else set()
        assert said <= kept(path).keys() <= {event(1)}
        assert said or ended == "killed"
        return ended

    assert steps(end) > 10


def test_killed_at_any_step_of_sending_each_is_waiting_or_sent_and_the_next_run_sends_the_same_bytes(
    run: Run, quick_path: Path, server: Scripted
) -> None:
    filled = quick_path / "filled.db"
    crashing.put(filled, range(1, 2))

    def end(step: int) -> str:
        path = quick_path / f"{step}.db"
        path.write_bytes(filled.read_bytes())
        path.chmod(0o600)
        server.heard.clear()
        ended = run("send", path, step, server.url)
        arrived = {heard.body.decode() for heard in server.heard}
        assert kept(path).keys() | arrived == {event(1)}, "lost"
        assert OfflineQueue(path).items("refused") == []
        delivery = send(path, server.url)
        assert (delivery.waiting, delivery.stopped, kept(path)) == (0, None, {})
        by_key = {(heard.headers["idempotency-key"], heard.body.decode()) for heard in server.heard}
        assert {body for _, body in by_key} == {event(1)}
        assert len(by_key) == 1, "changed"
        # It is sent twice only where its answer had come and was not on the disk yet.
        assert len(server.heard) <= 2
        return ended

    assert steps(end) > 15


def test_killed_while_the_registry_answers_it_waits_and_is_sent_again_unchanged(
    run: Run, quick_path: Path, server: Scripted
) -> None:
    path = quick_path / "queue.db"
    crashing.put(path, range(1, 3))

    def kill(heard: Heard) -> Says:
        os.kill(int(path.with_suffix(".pid").read_text()), signal.SIGKILL)
        return recording(heard)

    server.instead = kill
    assert run("send", path, 0, server.url) == "killed"
    assert kept(path).keys() == {event(1), event(2)}
    server.instead = recording
    assert len(send(path, server.url).sent) == 2
    first, again = server.heard[0], server.heard[1]
    assert (first.body, first.headers["idempotency-key"]) == (again.body, again.headers["idempotency-key"])


def test_killed_at_any_moment_of_a_busy_time_nothing_that_was_put_in_is_lost(quick_path: Path) -> None:
    path = quick_path / "queue.db"
    OfflineQueue(path)
    for turn in range(2):
        first = turn * 10_000
        script = (
            "from pathlib import Path; from client.crashing import put; "
            f"put(Path({str(path)!r}), range({first}, {first + 10_000}))"
        )
        with subprocess.Popen(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        ) as process:
            certain, end = path.with_suffix(".put"), time.monotonic() + 30
            while time.monotonic() < end and f"\n{first + 5}\n" not in (
                f"\n{certain.read_text()}" if certain.exists() else ""
            ):
                time.sleep(0.005)
            time.sleep(random.random() / 50)
            process.kill()
            process.wait(10)
    said = {event(int(number)) for number in path.with_suffix(".put").read_text().split()}
    assert len(said) >= 10
    waiting = kept(path).keys()
    assert said <= waiting
    assert len(waiting) <= len(said) + 2


def test_two_processes_that_send_at_once_send_each_event_once(run: Run, quick_path: Path, server: Scripted) -> None:
    path = quick_path / "queue.db"
    crashing.put(path, range(1, 9))
    script = (
        "from pathlib import Path; from client.crashing import child; "
        f"child('send', Path({str(path)!r}), 0, [{server.url!r}])"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    both = [
        subprocess.Popen([sys.executable, "-c", script], env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    ended = [(process.communicate(timeout=30)[1], process.returncode) for process in both]
    assert sorted(heard.body for heard in server.heard) == sorted(event(number).encode() for number in range(1, 9))
    assert kept(path) == {}
    # Whoever came while the other was at it was told so.
    assert all(status == 0 or "Another process is sending" in said for said, status in ended)
