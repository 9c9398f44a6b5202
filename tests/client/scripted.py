"""A server that gives the answers of a script in turn, whatever it is asked, and keeps what it heard."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any

from isa_verify.encoding import canonical_json, encode_base64url
from listening import Quiet, listening


@dataclass(frozen=True)
class Heard:
    """A request as it came in; `headers` has lower-case names."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Says:
    """An answer: JSON as `document`, or bytes as they are. `drops` ends the connection without a word."""

    status: int = 200
    document: object = None
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = "application/json"
    drops: bool = False


@dataclass
class Scripted:
    """The last answer of the script is given for ever."""

    url: str = ""
    script: list[Says] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0
    instead: Callable[[Heard], Says] | None = None
    """Answers each request in the place of the script."""


def compact(typ: str = "isa-acknowledgement+jws", **claims: Any) -> str:
    """What looks like a signed document; nobody here verifies it."""
    parts = (canonical_json({"alg": "Ed25519", "kid": "k", "typ": typ}), canonical_json(claims), b"signature")
    return ".".join(encode_base64url(part) for part in parts)


EVENT = "01a20702-be6e-78e6-81a7-b1b5f353a575"
RECORDED = {
    "id": EVENT, "entry": 7, "recorded_at": "2026-11-27T10:00:00.000Z", "flags": ["review-basis"], "receipt": "/r",
}  # fmt: skip


def problem(status: int, code: str, *fields: tuple[str, str], **headers: str) -> Says:
    """Problem details as the registry gives them."""
    document = {
        "type": f"https://registry.example/problems/{code}",
        "title": code,
        "status": status,
        "detail": f"It was refused as {code}.",
        "instance": "req-1",
        "errors": [{"pointer": pointer, "code": kind, "detail": "Look here."} for pointer, kind in fields],
    }
    return Says(status, document, {name.replace("_", "-"): text for name, text in headers.items()}, PROBLEM)


PROBLEM = "application/problem+json"


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that had enough, or was killed, is no fault of the server's."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def scripted(*script: Says) -> Iterator[Scripted]:
    """A scripted server on a free loopback port."""
    state = Scripted(script=list(script))
    with listening(type("Handler", (_Handler,), {"state": state}), server=_Server) as state.url:
        yield state


class _Handler(Quiet):
    state: Scripted
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        self.state.connections += 1
        super().setup()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        heard = Heard(self.command, self.path, headers, body)
        self.state.heard.append(heard)
        if self.state.instead is not None:
            says = self.state.instead(heard)
        else:
            script = self.state.script
            says = script.pop(0) if len(script) > 1 else script[0]
        if says.drops:
            self.close_connection = True
            return
        content = says.document if isinstance(says.document, bytes) else json.dumps(says.document).encode()
        self.answer(says.status, content, {"Content-Type": says.media_type, **says.headers})

    do_GET = do_POST = _answer
