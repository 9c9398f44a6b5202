"""Whoever is answered before their body was read is told that the connection ends, and sends nothing more into it."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from live import Demonstration

WHOLE = 200_000


def answered(url: str, head: str, part: bytes) -> bytes:
    """The head of the answer to a request of which only this part of the body was sent."""
    there = urlsplit(url)
    assert there.hostname is not None
    with socket.create_connection((there.hostname, there.port or 80), timeout=20) as connection:
        connection.sendall(f"{head}\r\nHost: {there.netloc}\r\n\r\n".encode() + part)
        got = b""
        while b"\r\n\r\n" not in got:
            more = connection.recv(4096)
            if not more:
                break
            got += more
    return got.partition(b"\r\n\r\n")[0].lower()


@pytest.mark.parametrize("path", ["/api/v1/sharing-events/batch", "/api/v1/checks"])
@pytest.mark.parametrize("sort", [f"Content-Length: {WHOLE}", "Transfer-Encoding: chunked"])
def test_a_refusal_before_the_body_was_read_ends_the_connection(
    demonstration: Demonstration, path: str, sort: str
) -> None:
    part = b"1\r\n{\r\n" if "chunked" in sort else b"{"
    head = answered(demonstration.url, f"POST {path} HTTP/1.1\r\nContent-Type: application/json\r\n{sort}", part)
    assert head.startswith(b"http/1.1 401")
    assert b"connection: close" in head


def test_a_connection_whose_body_was_read_goes_on(demonstration: Demonstration) -> None:
    for head, part in (
        ("POST /api/v1/agreements/links/check HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2", b"{}"),
        ("POST /api/v1/checks HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 0", b""),
        ("GET /api/v1/agreements HTTP/1.1", b""),
    ):
        said = answered(demonstration.url, head, part)
        assert said.startswith((b"http/1.1 2", b"http/1.1 4"))
        assert b"connection: close" not in said
