"""The offline queue: exact bytes in, the same bytes out, and nothing lost, changed or stuck on the way."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from client.scripted import RECORDED, Heard, Says, Scripted, compact, problem, scripted
from client.stand_in import jwk
from client.test_two_faces import AsyncTokens, Tokens
from isa_client import AsyncConnection, AsyncRegistry, Connection, Registry
from isa_client.documents import EVENT_TYPE, WITHHELD_TYPE, SigningKey, document_sha256, payload_of
from isa_client.errors import ClientError, InputError, QueueError, UnreachableError
from isa_client.events import late_entry_of
from isa_client.identifiers import uuid7
from isa_client.offline_queue import OfflineQueue
from isa_client.queued import Item
from isa_client.sending import Delivery, delivered

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
ACK = {"entry": 8, "recorded_at": "2026-11-27T10:00:00.000Z"}


def identifier(number: int) -> str:
    return uuid7(1_800_000_000_000 + number, bytes(10))


def event(number: int = 1, **claims: Any) -> str:
    whole = {"id": identifier(number), "decided_at": "2026-11-27T11:00:00.000Z", "late_entry": False, "corrects": None}
    return compact(EVENT_TYPE, **{**whole, "withheld_sha256": None, **claims})


def with_list(number: int = 1) -> tuple[str, str]:
    listed = compact(WITHHELD_TYPE, event=identifier(number))
    return event(number, withheld_sha256=document_sha256(listed)), listed


@pytest.fixture
def queue(quick_path: Path) -> OfflineQueue:
    return OfflineQueue(quick_path / "queue.db", clock=lambda: NOW)


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as state:
        state.instead = recording
        yield state


def recording(heard: Heard) -> Says:
    """A registry that records whatever it is sent."""
    if heard.path.endswith("/acknowledgement"):
        return Says(201, {"event": heard.path.split("/")[-2], **ACK})
    return Says(201, {**RECORDED, "id": event_of(heard)})


def event_of(heard: Heard) -> str:
    return event_of_body(heard.body)


def event_of_body(body: bytes) -> str:
    """The id of the event that a request carries, with its list or without."""
    return str(payload_of(json.loads(body)["event"] if body.startswith(b"{") else body.decode())["id"])


def send(queue: OfflineQueue, url: str, *, awaited: bool = False) -> Delivery:
    if not awaited:
        return Registry(url, Tokens(), Connection(sleep=lambda _: None)).run(delivered(queue, url))

    async def sleep(_: float) -> None: ...

    async def run() -> Delivery:
        return await AsyncRegistry(url, AsyncTokens(), AsyncConnection(sleep=sleep)).run(delivered(queue, url))

    return asyncio.run(run())


def states(queue: OfflineQueue) -> list[str]:
    return [item.state for item in queue.items()]


def test_what_is_put_in_is_kept_as_it_is_for_its_owner_alone(queue: OfflineQueue, quick_path: Path) -> None:
    document, listed = with_list()
    item = queue.put_event(document, listed)
    assert (item.document, item.withheld, item.state) == (document, listed, "waiting")
    assert OfflineQueue(queue.path).item(item.number) == item
    assert {stat.S_IMODE(path.stat().st_mode) for path in quick_path.iterdir()} == {0o600}


@pytest.mark.parametrize("awaited", [False, True], ids=["blocking", "awaited"])
def test_it_is_sent_later_as_the_same_bytes_in_order_under_a_key_that_never_changes(
    queue: OfflineQueue, server: Scripted, awaited: bool
) -> None:
    document, listed = with_list(2)
    acknowledgement = compact(event=identifier(1))
    for _ in range(2):
        queue.put_event(event(1))
        queue.put_event(document, listed)
        queue.put_acknowledgement(acknowledgement)

    delivery = send(queue, server.url, awaited=awaited)

    whole = json.dumps({"event": document, "withheld": listed}).encode()
    assert [heard.body for heard in server.heard] == [event(1).encode(), whole, acknowledgement.encode()]
    assert [heard.path for heard in server.heard] == [
        "/api/v1/sharing-events", "/api/v1/sharing-events", f"/api/v1/sharing-events/{identifier(1)}/acknowledgement",
    ]  # fmt: skip
    assert [heard.headers["idempotency-key"] for heard in server.heard] == [
        f'"{hashlib.sha256(heard.body).hexdigest()}"' for heard in server.heard
    ]
    assert [outcome.entry for _, outcome in delivery.sent] == [7, 7, 8]
    assert (delivery.refused, delivery.waiting, delivery.stopped) == ((), 0, None)
    assert states(queue) == ["sent"] * 3
    assert queue.items()[0].answer == {
        "entry": 7, "recorded_at": "2026-11-27T10:00:00.000Z", "flags": ["review-basis"], "receipt": "/r",
    }  # fmt: skip
    send(queue, server.url, awaited=awaited)
    assert len(server.heard) == 3


def test_of_what_was_sent_the_text_is_gone(queue: OfflineQueue, server: Scripted) -> None:
    document, listed = with_list()
    number = queue.put_event(document, listed).number
    assert document.encode() in queue.path.read_bytes()
    send(queue, server.url)
    assert (queue.item(number).document, queue.item(number).withheld) == (None, None)
    assert [text for text in (document, listed) if text.encode() in queue.path.read_bytes()] == []


REFUSALS = {
    "malformed": problem(400, "malformed"),
    "another's": problem(403, "not-your-organisation"),
    "not found": problem(404, "not-found"),
    "another event": problem(409, "event-conflict"),
    "erased": problem(410, "gone"),
    "too large": problem(413, "too-large"),
    "late": problem(422, "unprocessable", ("#/decided_at", "late")),
    "an unknown key": problem(422, "bad-document", ("#/kid", "unknown-key")),
    "a clock ahead": problem(422, "unprocessable", ("#/decided_at", "in-the-future")),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_the_registry_refuses_is_set_aside_with_its_problem_and_holds_nothing_up(
    queue: OfflineQueue, server: Scripted, name: str
) -> None:
    for number in (1, 2, 3):
        queue.put_event(event(number))
    server.instead = lambda heard: REFUSALS[name] if event_of(heard) == identifier(2) else recording(heard)

    delivery = send(queue, server.url)

    assert states(queue) == ["sent", "refused", "sent"]
    assert (delivery.waiting, delivery.stopped) == (0, None)
    kept = queue.items("refused")[0]
    problem_ = REFUSALS[name].document
    assert isinstance(problem_, dict)
    assert kept.document == event(2)
    assert kept.answer is not None
    assert (kept.answer["detail"], kept.answer["status"]) == (problem_["detail"], REFUSALS[name].status)
    assert kept.answer["errors"] == problem_["errors"]
    assert kept.to_do(NOW) == kept.answer["to_do"] == delivery.refused[0][1].to_do
    send(queue, server.url)
    assert len(server.heard) == 3


OUTAGES = {
    "lost connections": (Says(drops=True), 3),
    "unavailable": (problem(503, "unavailable", Retry_After="1"), 3),
    "a quota": (problem(429, "quota-exceeded", Retry_After="60"), 1),
    "no token": (problem(401, "invalid-token"), 2),
    "no scope": (problem(403, "insufficient-scope"), 1),
    "something on the way": (Says(404, b"<h1>", media_type="text/html"), 1),
    "a proxy's conflict": (Says(409, b"<h1>", media_type="text/html"), 1),
    "an unreadable answer": (Says(201, b"[]"), 1),
}


@pytest.mark.parametrize("name", OUTAGES)
def test_in_an_outage_everything_waits_unchanged_and_the_first_failure_is_enough(
    queue: OfflineQueue, server: Scripted, name: str
) -> None:
    items = [queue.put_event(event(number)) for number in (1, 2)]
    says, attempts = OUTAGES[name]
    server.instead = lambda heard: says
    delivery = send(queue, server.url)
    assert (delivery.sent, delivery.refused, delivery.waiting) == ((), (), 2)
    assert delivery.stopped is not None
    assert delivery.stopped.to_do
    assert (queue.items(), len(server.heard)) == (items, attempts)
    server.instead = recording
    assert len(send(queue, server.url).sent) == 2
    assert server.heard[-2].body == server.heard[0].body


@pytest.mark.parametrize(("status", "code"), [(500, "internal"), (503, "not-as-logged"), (409, "in-flight")])
def test_one_event_that_the_registry_trips_over_waits_and_the_others_go(
    queue: OfflineQueue, server: Scripted, status: int, code: str
) -> None:
    for number in (1, 2, 3, 4):
        queue.put_event(event(number, corrects=identifier(1) if number == 3 else None))
    server.instead = lambda heard: problem(status, code) if event_of(heard) == identifier(1) else recording(heard)
    delivery = send(queue, server.url)
    assert states(queue) == ["waiting", "sent", "waiting", "sent"], "a correction never goes before its event"
    assert delivery.stopped is None
    server.instead = recording
    send(queue, server.url)
    assert [event_of(heard) for heard in server.heard[-2:]] == [identifier(1), identifier(3)]


def test_a_registry_that_trips_over_everything_is_left_alone(queue: OfflineQueue, server: Scripted) -> None:
    for number in range(10):
        queue.put_event(event(number))
    server.instead = lambda heard: problem(500, "internal")
    delivery = send(queue, server.url)
    assert (len(server.heard), delivery.waiting) == (3, 10)
    assert delivery.stopped is not None


def test_a_refused_item_waits_again_once_it_is_mended(queue: OfflineQueue, server: Scripted) -> None:
    first, second = queue.put_event(event(1)).number, queue.put_event(event(2)).number
    server.instead = lambda heard: problem(422, "bad-document")
    send(queue, server.url)
    queue.send_again(first)
    assert queue.put_event(event(2)).state == "waiting", "putting the same file in again does the same"
    server.instead = recording
    send(queue, server.url)
    assert [queue.item(number).state for number in (first, second)] == ["sent", "sent"]


@pytest.mark.parametrize(
    ("age", "late_entry", "said"),
    [
        (timedelta(hours=1), False, None),
        (timedelta(hours=21), False, "nearly 24 hours"),
        (timedelta(hours=25), False, "more than 24 hours"),
        (timedelta(hours=25), True, None),
    ],
)
def test_the_queue_says_when_an_event_is_about_to_be_late_and_when_it_is(
    queue: OfflineQueue, age: timedelta, late_entry: bool, said: str | None
) -> None:
    at = (NOW - age).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    item = queue.put_event(event(decided_at=at, late_entry=late_entry))
    to_do = item.to_do(NOW)
    assert (to_do is None) if said is None else (to_do is not None and said in to_do)


def test_a_decision_that_came_too_late_is_signed_again_as_a_late_entry_and_gives_way(
    queue: OfflineQueue, server: Scripted
) -> None:
    document, listed = with_list()
    number = queue.put_event(document, listed).number
    server.instead = lambda heard: REFUSALS["late"]
    send(queue, server.url)
    key = SigningKey.from_jwk(json.dumps(jwk(Ed25519PrivateKey.from_private_bytes(b"\x05" * 32), "k")).encode())
    late = late_entry_of(document, key)
    for other in (document, event(2), event(1, late_entry=True, purpose="other"), event(1, late_entry=True)):
        with pytest.raises(InputError, match="same decision"):
            queue.replace(number, other)
    assert states(queue) == ["refused"]
    replaced = queue.replace(number, late)
    assert payload_of(late) == {**payload_of(document), "late_entry": True}
    assert (replaced.document, replaced.withheld, replaced.late_entry) == (late, listed, True)
    assert [item.number for item in queue.items()] == [replaced.number]
    assert replaced.answer is None
    server.instead = recording
    assert len(send(queue, server.url).sent) == 1
    with pytest.raises(InputError):
        late_entry_of(late, key)


def test_a_late_entry_keeps_the_place_so_that_what_corrects_it_comes_after_it(
    queue: OfflineQueue, server: Scripted
) -> None:
    first = queue.put_event(event(1))
    server.instead = lambda heard: REFUSALS["late"]
    send(queue, server.url)
    correction = queue.put_event(event(2, corrects=identifier(1)))
    replaced = queue.replace(first.number, event(1, late_entry=True))
    server.instead = recording
    assert replaced.number == first.number < correction.number
    assert [item.event for item, _ in send(queue, server.url).sent] == [identifier(1), identifier(2)]


def test_a_decision_is_in_the_queue_once(queue: OfflineQueue, server: Scripted) -> None:
    number = queue.put_event(event(1)).number
    server.instead = lambda heard: REFUSALS["late"]
    send(queue, server.url)
    queue.put_event(event(1, late_entry=True))
    with pytest.raises(InputError, match="drop the refused one"):
        queue.replace(number, event(1, late_entry=True))
    assert states(queue) == ["refused", "waiting"]


def test_nothing_that_waits_is_dropped(queue: OfflineQueue, server: Scripted) -> None:
    item = queue.put_event(event())
    for refused in (
        lambda: queue.drop(item.number),
        lambda: queue.send_again(item.number),
        lambda: queue.replace(item.number, event()),
    ):
        with pytest.raises(InputError):
            refused()
    assert queue.drop_sent(older_than=timedelta(0)) == 0
    assert queue.items() == [item]
    send(queue, server.url)
    assert queue.drop_sent(older_than=timedelta(seconds=1)) == 0
    assert queue.drop_sent(older_than=timedelta(0)) == 1
    with pytest.raises(InputError, match="no item 1"):
        queue.drop(item.number)


BAD: dict[str, tuple[str, str | None]] = {
    "empty": ("", None),
    "no document": ("a.b.c", None),
    "another type": (compact(WITHHELD_TYPE, id=identifier(1)), None),
    "no id": (event(id=None), None),
    "an id that is none": (event(id="../checks"), None),
    "without its list": (with_list()[0], None),
    "with a list that it does not name": (event(), with_list()[1]),
    "with another list": (with_list()[0], with_list(2)[1]),
    "with an event for a list": (event(withheld_sha256=document_sha256(event(2))), event(2)),
    "not ASCII": (event() + "é", None),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_event_with_its_list_is_not_put_in(queue: OfflineQueue, name: str) -> None:
    with pytest.raises(InputError):
        queue.put_event(*BAD[name])
    assert queue.items() == []


@pytest.mark.parametrize("text", ["", "a.b.c", event(), compact(event="x"), compact()])
def test_what_is_no_acknowledgement_is_not_put_in(queue: OfflineQueue, text: str) -> None:
    with pytest.raises(InputError):
        queue.put_acknowledgement(text)
    assert queue.items() == []


def test_another_event_under_an_id_that_waits_is_refused(queue: OfflineQueue) -> None:
    queue.put_event(event(1))
    with pytest.raises(InputError, match="Another event waits under this id"):
        queue.put_event(event(1, purpose="other"))
    assert [item.document for item in queue.items()] == [event(1)]


def test_what_changed_on_the_disk_is_never_sent(queue: OfflineQueue, server: Scripted) -> None:
    number = queue.put_event(event(1)).number
    queue.put_event(event(2))
    with sqlite3.connect(queue.path) as connection:
        connection.execute("UPDATE item SET document = ? WHERE number = ?", (event(3), number))
    connection.close()
    delivery = send(queue, server.url)
    assert [event_of(heard) for heard in server.heard] == [identifier(2)]
    assert [error.code for _, error in delivery.refused] == ["item-damaged"]


@pytest.mark.parametrize(
    "content", [b"not a database", b"SQLite format 3\0" + bytes(84)], ids=["text", "a header alone"]
)
def test_a_file_that_is_no_queue_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "queue.db"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(QueueError) as caught:
        OfflineQueue(path)
    assert (path.read_bytes(), "Keep the signed files" in caught.value.to_do) == (content, True)


def test_a_queue_that_others_may_read_is_not_used(queue: OfflineQueue) -> None:
    queue.path.chmod(0o640)
    with pytest.raises(QueueError, match="chmod 600"):
        queue.put_event(event())


def test_a_queue_of_a_later_version_is_not_touched(queue: OfflineQueue) -> None:
    with sqlite3.connect(queue.path) as connection:
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(QueueError, match="later version"):
        OfflineQueue(queue.path)


def test_a_queue_where_none_can_be_is_an_error_that_says_to_keep_the_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere" / "queue.db")
    for path in (tmp_path / "none" / "queue.db", tmp_path, tmp_path / "link"):
        with pytest.raises(QueueError) as caught:
            OfflineQueue(path)
        assert "Keep the signed files" in caught.value.to_do


def test_two_senders_never_send_at_once_and_whoever_comes_second_is_told(queue: OfflineQueue, server: Scripted) -> None:
    queue.put_event(event(1))
    asked, go = threading.Event(), threading.Event()

    def slow(heard: Heard) -> Says:
        asked.set()
        assert go.wait(10)
        return recording(heard)

    server.instead = slow
    found: list[Delivery] = []
    first = threading.Thread(target=lambda: found.append(send(queue, server.url)))
    first.start()
    assert asked.wait(10)
    with pytest.raises(QueueError) as caught:
        send(queue, server.url)
    queue.put_event(event(2))
    go.set()
    first.join(10)
    assert caught.value.code == "queue-in-use"
    assert len(found[0].sent) == len(server.heard) == 2, "what is put in meanwhile goes too"


def test_a_lock_that_cannot_be_used_is_not_called_somebody_else_at_work(queue: OfflineQueue, server: Scripted) -> None:
    queue.put_event(event(1))
    lock = queue.path.with_name(queue.path.name + ".sending")
    lock.write_bytes(b"this is no lock of a queue" * 100)
    lock.chmod(0o600)
    with pytest.raises(QueueError) as caught:
        send(queue, server.url)
    assert caught.value.code == "queue-unusable"
    assert states(queue) == ["waiting"]


def test_an_error_inside_leaves_the_right_to_send_free(queue: OfflineQueue, server: Scripted) -> None:
    queue.put_event(event(1))

    class Interrupted(Exception):
        pass

    def interrupted(item: Item) -> None:
        raise Interrupted

    registry = Registry(server.url, Tokens(), Connection())
    with pytest.raises(Interrupted):
        registry.run(delivered(queue, server.url, told=interrupted))
    assert states(queue) == ["sent"]
    assert send(queue, server.url).waiting == 0


def test_threads_put_in_at_the_same_time_and_nothing_is_lost(quick_path: Path) -> None:
    path = quick_path / "queue.db"

    def put(start: int) -> None:
        for number in range(start, start + 5):
            OfflineQueue(path).put_event(event(number))

    threads = [threading.Thread(target=put, args=(start,)) for start in (0, 100, 200, 300)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({item.event for item in OfflineQueue(path).items("waiting")}) == 20


def test_whoever_cannot_get_a_token_loses_nothing(queue: OfflineQueue, server: Scripted) -> None:
    queue.put_event(event(1))

    class NoTokens(Tokens):
        def token(self) -> str:
            raise UnreachableError("unreachable", "The server cannot be reached.")

    delivery = Registry(server.url, NoTokens(), Connection()).run(delivered(queue, server.url))
    assert isinstance(delivery.stopped, ClientError)
    assert (delivery.waiting, server.heard) == (1, [])
