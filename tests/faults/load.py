"""Load on a running demonstration: signed events and recorded checks, and an account of what was promised for each."""

from __future__ import annotations

import json
import random
import secrets
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx

from isa_client.documents import SigningKey
from isa_client.events import EventSubject, SharingEvent, sign_event, time_of
from isa_client.identifiers import new_event_id
from isa_client.references import read_subject_key, subject_reference
from live import LEAD, POLICE, Demonstration

ORIGIN = "demo.isa-registry.invalid/durham"
MOST_IN_DOUBT = 40
"""With more than this, the clients ask for nothing new."""
QUESTION = {
    "recipient": LEAD,
    "purpose": "harm-outside-the-home",
    "categories": ["identity", "intelligence"],
    "subjects": [{"kind": "child"}],
    "circumstances": {"would_help_recipient": True, "more_detrimental_to_share": False},
}


class Signer:
    """An agency's own keys, as the demonstration keeps them."""

    def __init__(self, state: Path, organisation: str = POLICE) -> None:
        keys = state / "demo" / "keys"
        self.organisation = organisation
        self._key = SigningKey.read(keys / f"{organisation}.jwk")
        self._reference = subject_reference(read_subject_key(keys / f"{organisation}.subject-key"), "local-child-77")

    def event(self, recipient: str = LEAD, *, check: str | None = None) -> tuple[str, str]:
        """A new event that was shared just now: its id and its compact JWS."""
        now = time_of(datetime.now(UTC))
        event = SharingEvent(
            registry=ORIGIN,
            partnership="durham",
            id=new_event_id(),
            decision="shared",
            provider=self.organisation,
            recipient=recipient,
            purpose="harm-outside-the-home",
            categories=["identity", "intelligence"],
            subjects=[EventSubject("child", self._reference)],
            urgency="routine",
            check=check,
            agreement=("tier-2-hoth", "1.0"),
            basis={"article_6": ["art6-1-e"]},
            would_help_recipient=True,
            more_detrimental=False,
            consent="not-sought",
            family_informed="no",
            not_informed_reason="increases-risk",
            childs_view="not-safe-to-seek",
            decided_by_role="police-officer",
            decided_by_ref="PNN-4411",
            decided_at=now,
            shared_at=now,
            method="secure-email",
            case_record="CMS-1234",
        )
        return event.id, sign_event(event, [], self._key)[0]


@dataclass(frozen=True)
class Request:
    """One write, and the key under which it may be sent again. `event` is the id of an event; None is a check."""

    key: str
    path: str
    content: bytes
    media_type: str
    event: str | None


@dataclass
class Load:
    """`clients` threads that write to a demonstration until `stop`; `resting` holds them for a while.

    `acknowledged` maps each key to the id and the entry (None for a check) that the registry promised; `in_doubt`
    holds the requests that got no promise; `cut_off` counts answers that never came to requests that were sent,
    `refused` 503 problems, `unrecorded` checks that were answered and not recorded, `retried` requests that were sent
    once more under their key, in doubt or acknowledged. `surprises` is everything else.
    """

    demo: Demonstration
    clients: int = 6
    pause: float = 0.01
    acknowledged: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    in_doubt: list[Request] = field(default_factory=list)
    cut_off: int = 0
    refused: int = 0
    unrecorded: int = 0
    retried: int = 0
    surprises: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._signer = Signer(self.demo.state)
        self.demo.token()
        self._latest: deque[Request] = deque(maxlen=32)
        self._going = threading.Event()
        self._going.set()
        self._busy = 0
        # Not this object's address: a later load may stand where an earlier one stood, and be told its answers again.
        self._name = secrets.token_hex(8)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, args=(n,), daemon=True) for n in range(self.clients)]

    def start(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        self._stopping.set()
        self._going.set()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Nobody sends anything; what was on its way has had its answer, or none."""
        self._going.clear()
        while self._busy:
            time.sleep(0.01)
        try:
            yield
        finally:
            self._going.set()

    def settle(self, seconds: float = 30) -> None:
        """Sends everything in doubt again, as an agency's queue does, until each has its promise."""
        end = time.monotonic() + seconds
        waiting, self.in_doubt = self.in_doubt, []
        with self._connect() as client:
            for request in waiting:
                while not self._again(client, request):
                    assert time.monotonic() < end, f"{len(waiting)} requests found no answer: {self.surprises[:3]}"
                    time.sleep(0.2)
        self.in_doubt = []

    def events(self) -> dict[str, int | None]:
        """The entry promised for each event."""
        return dict(self.acknowledged[key] for key in self.acknowledged if key.startswith("event-"))

    def checks(self) -> list[str]:
        """The ids promised for checks."""
        return [self.acknowledged[key][0] for key in self.acknowledged if key.startswith("check-")]

    def _connect(self) -> httpx.Client:
        return httpx.Client(base_url=self.demo.url, timeout=15)

    def _run(self, number: int) -> None:
        client = self._connect()
        chance = random.Random(number)
        count = 0
        while not self._stopping.is_set():
            self._going.wait()
            with self._lock:
                if not self._going.is_set():
                    continue
                self._busy += 1
            try:
                again = self._once_more(chance)
                request = again or (self._event() if (count + number) % 2 else self._check(f"{number}-{count}"))
                count += again is None
                answered = (self._again if again else self._attempt)(client, request)
                if not answered:
                    client.close()
                    client = self._connect()
                with self._lock:
                    (self._latest if answered else self.in_doubt).append(request)
            finally:
                with self._lock:
                    self._busy -= 1
            time.sleep(self.pause if answered else 10 * self.pause)
        client.close()

    def _once_more(self, chance: random.Random) -> Request | None:
        """Now and then something is sent again: what is in doubt, or what was answered, by whoever lost the answer."""
        with self._lock:
            if self.in_doubt and (chance.random() < 0.3 or len(self.in_doubt) > MOST_IN_DOUBT):
                return self.in_doubt.pop(0)
            return chance.choice(self._latest) if self._latest and chance.random() < 0.1 else None

    def _again(self, client: httpx.Client, request: Request) -> bool:
        with self._lock:
            self.retried += 1
        return self._attempt(client, request)

    def _event(self) -> Request:
        event, jws = self._signer.event()
        return Request(f"event-{event}", "/api/v1/sharing-events", jws.encode(), "application/jose", event)

    def _check(self, name: str) -> Request:
        key = f"check-{self._name}-{name}"
        return Request(key, "/api/v1/checks", json.dumps(QUESTION).encode(), "application/json", None)

    def _attempt(self, client: httpx.Client, request: Request) -> bool:
        headers = {"Content-Type": request.media_type, "Idempotency-Key": f'"{request.key}"'}
        try:
            headers["Authorization"] = f"Bearer {self.demo.token()}"
        except httpx.HTTPError:
            return False  # a token is fetched anew every few minutes, which can be while the service is away
        try:
            answer = client.post(request.path, content=request.content, headers=headers)
        except httpx.ConnectError:
            return False
        except httpx.TransportError:
            with self._lock:
                self.cut_off += 1
            return False
        with self._lock:
            return self._account(request, answer)

    def _account(self, request: Request, answer: httpx.Response) -> bool:
        if answer.status_code in (200, 201):
            body = answer.json()
            if request.event is not None:
                self._promised(request, body["id"], body["entry"])
                return True
            if body["recorded"]:
                self._promised(request, body["id"], None)
                return True
            self.unrecorded += 1
        elif answer.status_code == 503 and int(answer.headers.get("retry-after", "0")) > 0:
            self.refused += 1
        elif answer.status_code != 409 or not answer.json()["type"].endswith("/in-flight"):
            self.surprises.append(f"{answer.status_code} {answer.text[:500]}")
        return False

    def _promised(self, request: Request, identifier: str, entry: int | None) -> None:
        before = self.acknowledged.setdefault(request.key, (identifier, entry))
        if before != (identifier, entry):
            self.surprises.append(f"{request.key} was promised {before}, then {(identifier, entry)}")
