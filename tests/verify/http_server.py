"""A real HTTP server on this machine that serves a published log, or misbehaves as a test tells it to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from listening import Quiet, listening
from verify.published_log import PublishedLog


@dataclass
class ServedLog:
    """`answers` overrule the log's files, by path: a status, headers, and a body. `tokens` open the entries."""

    log: PublishedLog
    url: str = ""
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    tokens: set[str] | None = None
    refusal: int = 401
    seen_tokens: set[str | None] = field(default_factory=set)

    def answer(self, path: str, authorization: str | None) -> tuple[int, dict[str, str], bytes]:
        self.seen_tokens.add(authorization)
        if path in self.answers:
            return self.answers[path]
        name = path.removeprefix("/log/")
        if name == path or name not in self.log.files:
            return 404, {}, b"nothing here"
        if "entries" in name and self.tokens is not None:
            token = (authorization or "").removeprefix("Bearer ")
            if token not in self.tokens:
                return self.refusal, {}, b"not for you"
        return 200, {}, self.log.files[name]


@contextmanager
def serving(log: PublishedLog) -> Iterator[ServedLog]:
    served = ServedLog(log)

    class Handler(Quiet):
        def do_GET(self) -> None:
            status, headers, body = served.answer(self.path, self.headers["Authorization"])
            self.answer(status, body, headers)

    with listening(Handler) as served.url:
        yield served
