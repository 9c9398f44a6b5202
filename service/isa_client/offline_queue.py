"""What was signed and could not be sent yet: kept on disk as the exact documents, through a crash at any moment.

The queue is one SQLite file that only its owner can read. A document is in it, synced to the disk, before `put_event`
returns, and stays there unchanged until the registry has answered. What the registry records is marked as sent and its
text dropped; what it refuses is set aside with the problem and holds nothing else up. `isa_client.sending` sends.
"""

import json
import os
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from isa_client.calls import Signed, content_key
from isa_client.documents import ACKNOWLEDGEMENT_TYPE, EVENT_TYPE, WITHHELD_TYPE, document_sha256, header_of, payload_of
from isa_client.errors import InputError, QueueError
from isa_client.events import time_of
from isa_client.identifiers import is_event_id
from isa_client.queued import ACKNOWLEDGEMENT, EVENT, REFUSED, STATES, WAITING, Item
from isa_verify.encoding import JsonValue
from isa_verify.errors import MalformedError

VERSION = 1
BUSY_SECONDS = 10.0
"""How long one process waits for another that is putting something in."""

_SCHEMA = """
CREATE TABLE item (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('event', 'acknowledgement')),
    event TEXT NOT NULL,
    document TEXT,
    withheld TEXT,
    sha256 TEXT NOT NULL UNIQUE,
    follows TEXT,
    decided_at TEXT,
    late_entry INTEGER NOT NULL,
    queued_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'refused')),
    answered_at TEXT,
    answer TEXT,
    CHECK ((state = 'sent') = (document IS NULL))
)
"""
_MAKING = threading.Lock()
_COLUMNS = (
    "number, kind, event, document, withheld, sha256, follows, decided_at, late_entry, queued_at, state, "
    "answered_at, answer"
)


class OfflineQueue:
    """A queue in the file `path`, which is made where there is none. Processes and threads may share it.

    `clock` gives the time. Every method raises `QueueError` where the file cannot be used; then nothing was changed.
    """

    def __init__(self, path: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.path = path
        self._clock = clock
        with self._open(path) as connection:
            found = connection.execute("PRAGMA user_version").fetchone()[0]
            if found not in (0, VERSION):
                raise QueueError("queue-unusable", f"{path} is the queue of a later version of isa-client.")
            if found == 0:
                connection.execute(_SCHEMA)
                connection.execute(f"PRAGMA user_version = {VERSION}")

    def put_event(self, event: str, withheld: str | None = None) -> Item:
        """Keep a signed sharing event, and its signed list of what was withheld, until the registry has it.

        The same documents again are the same item; a refused one waits again. Raises `InputError` for what is no such
        document, for a list that the event does not name, and for another event under an id that is waiting.
        """
        claims = _claims(event, EVENT_TYPE)
        identifier, named = _event_id(claims.get("id")), claims.get("withheld_sha256")
        if withheld is not None:
            _claims(withheld, WITHHELD_TYPE)
        if named != (None if withheld is None else document_sha256(withheld)):
            raise InputError("withheld-differs", "The list of what was withheld is not the one that the event names.")
        decided, corrects = claims.get("decided_at"), claims.get("corrects")
        return self._put(
            EVENT,
            identifier,
            Signed(event, withheld),
            follows=corrects if isinstance(corrects, str) else None,
            decided_at=decided if isinstance(decided, str) else None,
            late_entry=claims.get("late_entry") is True,
        )

    def put_acknowledgement(self, acknowledgement: str) -> Item:
        """Keep a signed acknowledgement until the registry has it. Raises `InputError` for what is none."""
        event = _event_id(_claims(acknowledgement, ACKNOWLEDGEMENT_TYPE).get("event"))
        return self._put(ACKNOWLEDGEMENT, event, Signed(acknowledgement), event, None, late_entry=False)

    def items(self, *states: str) -> list[Item]:
        """Return what is in the queue in these states (all, without any), in the order in which it was put in."""
        wanted = states or STATES
        marks = ", ".join("?" * len(wanted))
        with self._open(self.path) as connection:
            return _items(connection, f"WHERE state IN ({marks}) ORDER BY number", *wanted)

    def item(self, number: int) -> Item:
        """Return one item. Raises `InputError` where there is none of that number."""
        with self._open(self.path) as connection:
            return _item(connection, number)

    def waiting(self) -> int:
        """Return how many items wait."""
        with self._open(self.path) as connection:
            return int(connection.execute("SELECT count(*) FROM item WHERE state = 'waiting'").fetchone()[0])

    def next_waiting(self, after: int) -> Item | None:
        """Return the first item that waits behind the one numbered `after`."""
        with self._open(self.path) as connection:
            found = _items(connection, "WHERE state = 'waiting' AND number > ? ORDER BY number LIMIT 1", after)
            return found[0] if found else None

    def mark_sent(self, number: int, answer: dict[str, JsonValue]) -> None:
        """Note that the registry has it, with its answer, and drop the documents."""
        with self._open(self.path) as connection:
            connection.execute(
                "UPDATE item SET state = 'sent', document = NULL, withheld = NULL, answered_at = ?, answer = ? "
                "WHERE number = ? AND state <> 'sent'",
                (self._now(), json.dumps(answer), number),
            )

    def set_aside(self, number: int, problem: dict[str, JsonValue]) -> None:
        """Note why the registry will not have it. It is kept, and no longer sent."""
        with self._open(self.path) as connection:
            connection.execute(
                "UPDATE item SET state = 'refused', answered_at = ?, answer = ? WHERE number = ? AND state = 'waiting'",
                (self._now(), json.dumps(problem), number),
            )

    def send_again(self, number: int) -> None:
        """Let a refused item wait again, once what it was refused for is mended. Raises `InputError` for any other."""
        with self._open(self.path) as connection:
            _refused(connection, number)
            connection.execute("UPDATE item SET state = 'waiting', answer = NULL WHERE number = ?", (number,))

    def replace(self, number: int, event: str) -> Item:
        """Put the same decision, signed again as a late entry, in the very place of a refused event: what corrects it
        still comes after it. Raises `InputError`."""
        refused = self.item(number)
        before = _claims(refused.document, EVENT_TYPE) if refused.kind == EVENT and refused.document else None
        if before is None or event == refused.document or _claims(event, EVENT_TYPE) != {**before, "late_entry": True}:
            raise InputError("event-differs", "A refused event gives way only to the same decision as a late entry.")
        digest = content_key(Signed(event, refused.withheld).body()[0])
        with self._open(self.path) as connection:
            _refused(connection, number)
            if _items(
                connection,
                "WHERE number <> ? AND (sha256 = ? OR (event = ? AND kind = ? AND state = 'waiting'))",
                number,
                digest,
                refused.event,
                EVENT,
            ):
                raise InputError("event-id-waiting", "The queue holds this decision once more: drop the refused one.")
            connection.execute(
                "UPDATE item SET document = ?, sha256 = ?, late_entry = 1, queued_at = ?, state = 'waiting', "
                "answered_at = NULL, answer = NULL WHERE number = ?",
                (event, digest, self._now(), number),
            )
            return _item(connection, number)

    def drop(self, number: int) -> None:
        """Take out an item that was sent or refused. Raises `InputError` for one that waits: it would be lost."""
        with self._open(self.path) as connection:
            if _item(connection, number).state == WAITING:
                raise InputError("item-waiting", f"Item {number} still waits to be sent and is not dropped.")
            connection.execute("DELETE FROM item WHERE number = ?", (number,))

    def drop_sent(self, *, older_than: timedelta) -> int:
        """Take out what was sent that long ago or earlier; return how many they were."""
        before = time_of(self._clock() - older_than)
        with self._open(self.path) as connection:
            return connection.execute("DELETE FROM item WHERE state = 'sent' AND answered_at <= ?", (before,)).rowcount

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Hold the right to send from this queue. Raises `QueueError` while another process or thread holds it.

        The right ends with its holder, however that ends.
        """
        # An exclusive lock of a second file: the first one stays free for whoever puts something in meanwhile.
        turn = self.path.with_name(self.path.name + ".sending")
        try:
            _make_private(turn)
            lock = sqlite3.connect(turn, timeout=0, isolation_level=None, check_same_thread=False)
            try:
                lock.execute("BEGIN EXCLUSIVE")
                yield
            finally:
                lock.close()
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
                raise QueueError("queue-in-use", f"Another process is sending from {self.path}.") from None
            raise QueueError("queue-unusable", f"The queue's lock {turn} cannot be used: {error}.") from None

    def _put(
        self, kind: str, event: str, signed: Signed, follows: str | None, decided_at: str | None, *, late_entry: bool
    ) -> Item:
        digest = content_key(signed.body()[0])
        with self._open(self.path) as connection:
            known = _items(connection, "WHERE sha256 = ?", digest)
            if not known:
                if kind == EVENT and _items(
                    connection, "WHERE event = ? AND state = 'waiting' AND kind = ?", event, kind
                ):
                    raise InputError(
                        "event-id-waiting", "Another event waits under this id: give a new event a new one."
                    )
                connection.execute(
                    "INSERT INTO item (kind, event, document, withheld, sha256, follows, decided_at, late_entry, "
                    "queued_at, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting')",
                    (kind, event, signed.event, signed.withheld, digest, follows, decided_at, late_entry, self._now()),
                )
            elif known[0].state == REFUSED:
                connection.execute("UPDATE item SET state = 'waiting', answer = NULL WHERE sha256 = ?", (digest,))
            return _items(connection, "WHERE sha256 = ?", digest)[0]

    def _now(self) -> str:
        return time_of(self._clock())

    @contextmanager
    def _open(self, path: Path) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is on the disk when the block ends, or none of it ever will be."""
        try:
            _make_private(path)
            connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            try:
                connection.execute("PRAGMA synchronous = EXTRA")
                connection.execute("PRAGMA secure_delete = ON")
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            finally:
                # Whatever was not committed is rolled back.
                connection.close()
        except sqlite3.Error as error:
            raise QueueError("queue-unusable", f"The queue {path} cannot be used: {error}.") from None


def _make_private(path: Path) -> None:
    try:
        # Closing a file takes this process's locks of it away (fcntl(2)), so one that is there is never opened here.
        with _MAKING:
            if not path.exists():
                with suppress(FileExistsError):
                    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        raise QueueError("queue-unusable", f"The queue {path} cannot be opened.") from None
    if os.name == "posix" and mode & 0o077:
        raise QueueError("queue-not-private", f"Others may read the queue {path}: chmod 600 it first.")


def _items(connection: sqlite3.Connection, where: str, *values: object) -> list[Item]:
    rows = connection.execute(f"SELECT {_COLUMNS} FROM item {where}", values)  # noqa: S608  no value is in the text
    return [Item.of(row) for row in rows]


def _item(connection: sqlite3.Connection, number: int) -> Item:
    found = _items(connection, "WHERE number = ?", number)
    if not found:
        raise InputError("item-unknown", f"The queue has no item {number}.")
    return found[0]


def _refused(connection: sqlite3.Connection, number: int) -> None:
    if _item(connection, number).state != REFUSED:
        raise InputError("item-not-refused", f"Item {number} was not refused.")


def _claims(compact: str, document_type: str) -> dict[str, JsonValue]:
    try:
        if header_of(compact).get("typ") == document_type:
            return payload_of(compact)
    except MalformedError:
        pass
    raise InputError("document-malformed", f"The text is not a signed document of the type {document_type}.")


def _event_id(value: JsonValue) -> str:
    if not isinstance(value, str) or not is_event_id(value):
        raise InputError("document-malformed", "The document names its event by something other than an event's id.")
    return value
