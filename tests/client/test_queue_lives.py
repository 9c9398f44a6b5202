"""Any order of putting in, sending, refusals, outages and lost answers ends with each event at the registry as it was
signed, or set aside with its problem: never lost, never changed, never twice in the log."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from client.crashing import event
from client.test_offline_queue import event_of_body
from isa_client.errors import UnreachableError
from isa_client.exchanges import Pause, Reply, Request, Step, TokenWanted, drive
from isa_client.offline_queue import OfflineQueue
from isa_client.sending import delivered

EVENTS = 4
MEMORY = Path("/dev/shm")
DEEDS = st.one_of(
    st.tuples(st.just("put"), st.integers(0, EVENTS - 1)),
    st.tuples(st.just("again"), st.integers(0, EVENTS - 1)),
    st.tuples(
        st.just("send"),
        st.lists(st.sampled_from(["take", "take", "refuse", "trip", "away", "lose"]), min_size=EVENTS * 3, max_size=12),
    ),
)


class Log:
    """A registry whose answers come from a list: it may take an event and have its answer lost on the way."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.moods: list[str] = []

    def perform(self, step: Step) -> object:
        if isinstance(step, TokenWanted):
            return "t"
        if isinstance(step, Pause):
            return None
        assert isinstance(step, Request)
        assert step.content is not None
        identifier = event_of_body(step.content)
        mood = self.moods.pop(0) if self.moods else "take"
        known = identifier in self.held
        if mood == "away":
            raise UnreachableError("unreachable", "away")
        if mood == "trip":
            return self._problem(500, "internal")
        if mood == "refuse" and not known:
            return self._problem(422, "unprocessable")
        assert self.held.setdefault(identifier, step.content) == step.content, "another content under the same id"
        if mood == "lose":
            raise UnreachableError("timed-out", "lost")
        answer = {"id": identifier, "entry": 1, "recorded_at": "x", "flags": [], "receipt": "/r"}
        return Reply(200 if known else 201, {"content-type": "application/json"}, json.dumps(answer).encode())

    def _problem(self, status: int, code: str) -> Reply:
        document = {"type": f"/problems/{code}", "status": status, "title": "x", "detail": "x"}
        return Reply(status, {"content-type": "application/problem+json"}, json.dumps(document).encode())


@given(st.lists(DEEDS, max_size=8))
def test_whatever_happens_each_event_arrives_as_it_was_signed_or_is_set_aside(deeds: list[tuple[str, object]]) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as directory:
        path, log, put = Path(directory) / "queue.db", Log(), set()
        for deed, with_what in deeds:
            # Each time another process, as it were.
            queue = OfflineQueue(path)
            if deed == "send":
                assert isinstance(with_what, list)
                log.moods = list(with_what)
                drive(delivered(queue, "https://registry.example"), log.perform)
            elif deed == "put":
                assert isinstance(with_what, int)
                queue.put_event(event(with_what))
                put.add(with_what)
            else:
                for item in queue.items("refused"):
                    if item.document == event(int(str(with_what))):
                        queue.send_again(item.number)
            consistent(OfflineQueue(path), log, put)
        log.moods = []
        queue = OfflineQueue(path)
        delivery = drive(delivered(queue, "https://registry.example"), log.perform)
        assert (delivery.waiting, delivery.stopped) == (0, None)
        consistent(queue, log, put)


def consistent(queue: OfflineQueue, log: Log, put: set[int]) -> None:
    """Every event that was put in is in the queue as it was signed, or at the registry, and what was sent is there."""
    items = queue.items()
    signed = {event(number): event_of_body(event(number).encode()) for number in put}
    kept = {item.document for item in items if item.document is not None}
    assert kept <= signed.keys()
    assert {identifier for document, identifier in signed.items() if document not in kept} <= log.held.keys()
    assert {item.event for item in items if item.state == "sent"} <= log.held.keys()
    assert set(log.held.values()) <= {document.encode() for document in signed}
