"""What the server itself bounds, on a real socket: heads that are long, many or slow, and bodies that are."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from api.speaking import QUESTION, bearer
from isa_registry.api import frame
from isa_registry.cli.serve import HEADER_BYTES, HEADER_SECONDS
from live import Demonstration


@contextmanager
def connected(demonstration: Demonstration) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", demonstration.port), timeout=30) as connection:
        yield connection


def until_closed(connection: socket.socket) -> bytes:
    """Everything that comes until the server ends the connection."""
    answer = b""
    with suppress(ConnectionResetError):
        while chunk := connection.recv(65_536):
            answer += chunk
    return answer


def sent(demonstration: Demonstration, request: bytes) -> bytes:
    with connected(demonstration) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(request)
        return until_closed(connection)


def head(demonstration: Demonstration, line: bytes, *headers: bytes) -> bytes:
    host = b"Host: 127.0.0.1:%d" % demonstration.port
    return b"\r\n".join((line, host, *headers, b"", b""))


def status(answer: bytes) -> int:
    assert answer.startswith(b"HTTP/1.1 "), answer[:80]
    return int(answer.split(b" ", 2)[1])


def question(demonstration: Demonstration, length: int) -> bytes:
    token = bearer(demonstration.token())["Authorization"].encode()
    return head(
        demonstration, b"POST /api/v1/checks HTTP/1.1", b"Authorization: " + token,
        b"Content-Type: application/json", b"Content-Length: %d" % length,
    )  # fmt: skip


def test_too_many_headers_are_refused(demonstration: Demonstration) -> None:
    many = [b"X-%d: a" % number for number in range(101)]
    assert (
        status(sent(demonstration, head(demonstration, b"GET /livez HTTP/1.1", b"Connection: close", *many[:80])))
        == 200
    )
    assert status(sent(demonstration, head(demonstration, b"GET /livez HTTP/1.1", *many))) == 431


@pytest.mark.parametrize("size", [4 * HEADER_BYTES, 8 * HEADER_BYTES])
def test_a_giant_header_is_refused_before_it_is_whole(demonstration: Demonstration, size: int) -> None:
    answer = sent(demonstration, head(demonstration, b"GET /livez HTTP/1.1", b"X: " + b"a" * size))
    assert answer == b"" or status(answer) == 431


@pytest.mark.long
def test_a_head_that_comes_drop_by_drop_is_cut_off(demonstration: Demonstration) -> None:
    with connected(demonstration) as connection:
        began = time.monotonic()
        connection.sendall(b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        connection.settimeout(1)
        while time.monotonic() - began < 3 * HEADER_SECONDS:
            try:
                connection.sendall(b"X-A: a\r\n")
                if connection.recv(100) == b"":
                    break
            except TimeoutError:
                continue
            except (BrokenPipeError, ConnectionResetError):
                break
        assert time.monotonic() - began < 2 * HEADER_SECONDS


@pytest.mark.long
def test_a_body_that_comes_drop_by_drop_is_given_up(demonstration: Demonstration) -> None:
    with connected(demonstration) as connection:
        began = time.monotonic()
        connection.sendall(question(demonstration, 100))
        connection.settimeout(1)
        answer = b""
        while time.monotonic() - began < 2 * frame.BODY_SECONDS and not answer:
            try:
                connection.sendall(b" ")
                answer = connection.recv(65_536)
            except TimeoutError:
                continue
        assert status(answer) == 408
        assert b"connection: close" in answer.lower()
        assert b"share now" in answer
        assert time.monotonic() - began < frame.BODY_SECONDS + 10


@pytest.mark.long
def test_idle_connections_keep_nobody_out(demonstration: Demonstration) -> None:
    held = [socket.create_connection(("127.0.0.1", demonstration.port), timeout=5) for _ in range(400)]
    try:
        for one in held[:200]:
            one.sendall(b"GET /livez HTTP/1.1\r\n")
        with demonstration.client() as client:
            for _ in range(20):
                assert client.post("/api/v1/checks", json=QUESTION).status_code == 200
    finally:
        for one in held:
            one.close()


def test_a_giant_body_is_refused_by_its_declared_length_alone(demonstration: Demonstration) -> None:
    answer = sent(demonstration, question(demonstration, 10**9) + b"{")
    assert status(answer) == 413


def test_a_giant_body_without_a_length_is_refused_once_it_is_too_long(demonstration: Demonstration) -> None:
    token = bearer(demonstration.token())["Authorization"].encode()
    start = head(
        demonstration, b"POST /api/v1/checks HTTP/1.1", b"Authorization: " + token,
        b"Content-Type: application/json", b"Transfer-Encoding: chunked",
    )  # fmt: skip
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    assert status(sent(demonstration, start + chunk * 40)) == 413


def test_nobody_without_a_token_gets_a_body_read(demonstration: Demonstration) -> None:
    request = head(
        demonstration, b"POST /api/v1/checks HTTP/1.1", b"Content-Type: application/json", b"Content-Length: 1000"
    )
    with connected(demonstration) as connection:
        connection.sendall(request)
        assert status(connection.recv(65_536)) == 401


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\x00\x01\x02\x03" * 200, b"GET / HTTP/1.1\r\n\x00: a\r\n\r\n", b"GET / HTTP/1.1\nHost x\n\n\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=["bytes", "no name", "no colon", "HTTP/2", "TLS"],
)  # fmt: skip
def test_nonsense_after_a_request_is_refused_and_the_request_was_answered(
    demonstration: Demonstration, nonsense: bytes
) -> None:
    answer = sent(demonstration, head(demonstration, b"GET /livez HTTP/1.1") + nonsense)
    assert status(answer) == 200
    assert answer.count(b"HTTP/1.1 200") == 1
    # And nothing else suffers: the next connection is answered.
    assert status(sent(demonstration, head(demonstration, b"GET /livez HTTP/1.1", b"Connection: close"))) == 200


def test_a_request_cannot_be_hidden_in_another(demonstration: Demonstration) -> None:
    """Length and chunks at once is how a proxy and a server come to disagree (RFC 9112 section 6.3)."""
    hidden = head(demonstration, b"GET /api/v1/organisations HTTP/1.1")
    for headers in (
        (b"Content-Length: 5", b"Transfer-Encoding: chunked"),
        (b"Transfer-Encoding: chunked, identity",),
        (b"Transfer-Encoding: xchunked",),
    ):
        request = head(demonstration, b"POST /api/v1/checks HTTP/1.1", *headers) + b"0\r\n\r\n" + hidden
        answer = sent(demonstration, request)
        assert answer.count(b"HTTP/1.1 ") <= 1, headers
