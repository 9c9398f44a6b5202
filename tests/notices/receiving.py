"""A system of an agency that receives webhooks on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


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

    class Handler(BaseHTTPRequestHandler):
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
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("Location", received.url + "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing is said."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        received.url = f"http://127.0.0.1:{server.server_port}/hook"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield received
        finally:
            server.shutdown()
            thread.join()
