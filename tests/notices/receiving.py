"""A system of an agency that receives webhooks on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from listening import Quiet, listening


class Received:
    """What came, in order: headers and body. `statuses` are those of the next answers, then 204."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        self.at_once = 0
        self.most_at_once = 0
        self.url = ""
        self.lock = threading.Lock()
        self.hold: threading.Event | None = None


@contextmanager
def receiver() -> Iterator[Received]:
    received = Received()

    class Handler(Quiet):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with received.lock:
                received.at_once += 1
                received.most_at_once = max(received.most_at_once, received.at_once)
                received.requests.append(({name.lower(): one for name, one in self.headers.items()}, body))
                status = received.statuses.pop(0) if received.statuses else 204
            if received.hold is not None:
                received.hold.wait(0.05)
            with received.lock:
                received.at_once -= 1
            elsewhere = {"Location": received.url + "/elsewhere"}
            self.answer(status, headers=elsewhere if status in (301, 302, 307) else None)

    with listening(Handler) as url:
        received.url = f"{url}/hook"
        yield received
