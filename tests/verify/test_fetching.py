import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from isa_verify import fetching
from isa_verify.errors import AccessDeniedError, CannotRunError, NotFoundError
from isa_verify.fetching import MAX_RESPONSE_SIZE, HttpLog
from verify.http_server import ServedLog, serving
from verify.published_log import PublishedLog


@pytest.fixture
def served() -> Iterator[ServedLog]:
    with serving(PublishedLog.of(3)) as served:
        yield served


def test_the_address_of_the_service_and_of_its_log_both_do(served: ServedLog) -> None:
    for suffix in ("", "/", "/log", "/log/"):
        assert HttpLog(served.url + suffix).fetch("checkpoint") == served.log.files["checkpoint"]


def test_a_log_may_live_below_a_path(served: ServedLog) -> None:
    served.answers["/registry/log/checkpoint"] = (200, {}, b"here")
    assert HttpLog(f"{served.url}/registry").fetch("checkpoint") == b"here"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, NotFoundError),
        (401, AccessDeniedError),
        (403, AccessDeniedError),
        (500, CannotRunError),
        (503, CannotRunError),
        (204, CannotRunError),
        (302, CannotRunError),
    ],
)
def test_other_statuses_are_told_apart(served: ServedLog, status: int, error: type[CannotRunError]) -> None:
    served.answers["/log/checkpoint"] = (status, {}, b"")
    with pytest.raises(CannotRunError) as caught:
        HttpLog(served.url).fetch("checkpoint")
    assert type(caught.value) is error


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(served: ServedLog, status: int) -> None:
    served.answers["/log/checkpoint"] = (status, {"Location": f"{served.url}/elsewhere"}, b"")
    served.answers["/elsewhere"] = (200, {}, b"elsewhere")
    with pytest.raises(CannotRunError, match=f"network-failed: .*{status}"):
        HttpLog(served.url, "t0ken").fetch("checkpoint")


def test_a_token_is_sent_as_a_bearer_token(served: ServedLog) -> None:
    HttpLog(served.url, "t0ken").fetch("checkpoint")
    assert served.seen_tokens == {"Bearer t0ken"}


def test_no_proxy_stands_between_this_machine_and_itself(served: ServedLog, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(PublishedLog.of(1)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert HttpLog(served.url, "t0ken").fetch("checkpoint") == served.log.files["checkpoint"]
        assert proxy.seen_tokens == set()


def test_an_answer_larger_than_any_part_of_a_log_is_refused(served: ServedLog) -> None:
    served.answers["/log/checkpoint"] = (200, {}, bytes(MAX_RESPONSE_SIZE + 1))
    with pytest.raises(CannotRunError, match="response-unusable"):
        HttpLog(served.url).fetch("checkpoint")


def test_an_answer_that_takes_too_long_is_given_up(served: ServedLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_RESPONSE_SECONDS", -1.0)
    with pytest.raises(CannotRunError, match="took too long"):
        HttpLog(served.url).fetch("checkpoint")


def test_an_answer_cut_short_is_refused(served: ServedLog) -> None:
    served.answers["/log/checkpoint"] = (200, {"Content-Length": "100", "Connection": "close"}, b"short")
    with pytest.raises(CannotRunError, match=r"network-failed|response-unusable"):
        HttpLog(served.url).fetch("checkpoint")


def test_a_compressed_answer_is_refused(served: ServedLog) -> None:
    served.answers["/log/checkpoint"] = (200, {"Content-Encoding": "gzip"}, b"")
    with pytest.raises(CannotRunError, match="response-unusable"):
        HttpLog(served.url).fetch("checkpoint")


def test_a_server_that_is_not_there_gives_no_verdict() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(CannotRunError, match="network-failed"):
            HttpLog(f"http://127.0.0.1:{unused.getsockname()[1]}").fetch("checkpoint")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "registry.example",
        "file:///etc/passwd",
        "ftp://registry.example",
        "http://",
        "http://user@registry.example",
        "http://registry.example?x",
        "http://registry.example#x",
        "http://registry.example:port",
        "http://[::1",
        "http://registry.example/a b",
        "http://registry.example/\n",
        "http://registry.examplé",
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(CannotRunError, match="url-unusable"):
        HttpLog(url)


def test_a_token_goes_over_plain_http_to_this_machine_only() -> None:
    for url in ("https://registry.example", "http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1"):
        HttpLog(url, "t0ken")
    for url in ("http://registry.example", "http://192.0.2.1", "http://localhost.example"):
        with pytest.raises(CannotRunError, match="token-unusable"):
            HttpLog(url, "t0ken")
        HttpLog(url)


@pytest.mark.parametrize("token", ["", "a b", "a\r\nHost: x", "é", "a\n"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(CannotRunError, match="token-unusable"):
        HttpLog("https://registry.example", token)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"


@pytest.mark.parametrize(
    ("begins", "then"),
    [
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
        (HEAD, b"x"),
        (HEAD.replace(b"Content-Length: 1000000", b"Transfer-Encoding: chunked"), b"1\r\nx\r\n"),
        (HEAD.replace(b"Content-Length: 1000000", b"Connection: close"), b"x"),
    ],
    ids=["interim answers", "a header", "a body", "chunks", "a body without a length"],
)
def test_a_server_that_never_ends_its_answer_is_not_waited_for(
    begins: bytes, then: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "_RESPONSE_SECONDS", 0.3)
    over, before = threading.Event(), threading.active_count()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def trickle() -> None:
            connection, _ = listening.accept()
            with connection, contextlib.suppress(OSError):
                connection.recv(65_536)
                connection.sendall(begins)
                while not over.wait(0.01):
                    connection.sendall(then)

        server = threading.Thread(target=trickle)
        server.start()
        try:
            with pytest.raises(CannotRunError, match="network-failed"):
                HttpLog(f"http://127.0.0.1:{port}").fetch("checkpoint")
        finally:
            over.set()
            server.join(10)
    assert threading.active_count() <= before
