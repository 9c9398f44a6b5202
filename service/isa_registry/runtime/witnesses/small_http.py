"""An HTTP/1.1 server for a process that answers a few small requests and needs nothing else to run: RFC 9112, strictly.

Bodies come with a length, never in chunks. Whoever is slow, large, or one too many is turned away. The answer to a
request is a plain function: no other request is answered while it runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus

import structlog
from msgspec import Struct

_log = structlog.get_logger(__name__)

MAX_HEAD = 8 * 1024
MAX_CONNECTIONS = 128
IDLE_SECONDS = 15.0
"""For a request's head, the wait for its first byte included."""
BODY_SECONDS = 10.0
WRITE_SECONDS = 10.0

_REQUEST_LINE = re.compile(r"([A-Z]{1,16}) (/[!-~]{0,1023}) HTTP/1\.([01])")
_HEADER = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t -~\x80-\xff]*)")
_LENGTH = re.compile(r"[0-9]{1,9}")


class HttpRequest(Struct, frozen=True):
    """What was asked, and the address that asked."""

    method: str
    path: str
    body: bytes
    peer: str


class HttpResponse(Struct, frozen=True):
    """An answer. The server adds length, date-less and cookie-less, and says whether the connection stays."""

    status: int
    body: bytes
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = {}


class _HttpFault(Exception):
    """The request is answered with this status, and the connection ends."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


class SmallHttpServer:
    """Answers with `answer`, which must not block for long. Bodies up to `max_body` bytes."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse], *, max_body: int) -> None:
        self._answer = answer
        self._max_body = max_body
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listens, and returns the port. Raises `OSError`."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=MAX_HEAD)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Takes no more requests; an answer that is being made is finished, for nothing interrupts it."""
        if self._server is not None:
            self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            if len(self._connections) > MAX_CONNECTIONS:
                await _write(writer, _plain(HTTPStatus.SERVICE_UNAVAILABLE), stays=False)
                return
            with contextlib.suppress(asyncio.IncompleteReadError, TimeoutError, OSError, asyncio.CancelledError):
                while await self._serve_one(reader, writer):
                    pass
        finally:
            self._connections.discard(task)
            writer.close()
            with contextlib.suppress(TimeoutError, OSError, asyncio.CancelledError):
                async with asyncio.timeout(1):
                    await writer.wait_closed()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection stays open for another request."""
        method = ""
        try:
            method, path, stays, headers = await _read_head(reader)
            body = await self._read_body(reader, writer, headers)
        except _HttpFault as fault:
            _log.info("request-refused", status=int(fault.status))
            await _write(writer, _plain(fault.status), stays=False)
            return False
        peer = writer.get_extra_info("peername")
        request = HttpRequest(
            method="GET" if method == "HEAD" else method, path=path, body=body, peer=str(peer[0]) if peer else ""
        )
        try:
            response = self._answer(request)
        except Exception:  # noqa: BLE001 - one request's fault is not the others'
            _log.exception("request-failed")
            response = _plain(HTTPStatus.INTERNAL_SERVER_ERROR)
        await _write(writer, response, stays=stays, without_body=method == "HEAD")
        return stays

    async def _read_body(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: Mapping[str, str]
    ) -> bytes:
        if "transfer-encoding" in headers:
            raise _HttpFault(HTTPStatus.LENGTH_REQUIRED)
        length = headers.get("content-length", "0")
        if not _LENGTH.fullmatch(length):
            raise _HttpFault(HTTPStatus.BAD_REQUEST)
        if int(length) > self._max_body:
            raise _HttpFault(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if headers.get("expect", "").lower() == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await reader.readexactly(int(length))
        except TimeoutError:
            raise _HttpFault(HTTPStatus.REQUEST_TIMEOUT) from None


async def _read_head(reader: asyncio.StreamReader) -> tuple[str, str, bool, dict[str, str]]:
    """Method, path, whether the connection stays, and the headers by lower-case name."""
    try:
        async with asyncio.timeout(IDLE_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise _HttpFault(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE) from None
    first, *lines = head.decode("latin-1")[:-4].split("\r\n")
    found = _REQUEST_LINE.fullmatch(first)
    if found is None:
        raise _HttpFault(HTTPStatus.BAD_REQUEST)
    method, path, minor = found.groups()
    headers: dict[str, str] = {}
    for line in lines:
        header = _HEADER.fullmatch(line)
        if header is None:
            raise _HttpFault(HTTPStatus.BAD_REQUEST)
        name = header[1].lower()
        # A length given twice, or two of what changes it, is how one request is smuggled inside another.
        if name in headers and name in ("content-length", "transfer-encoding", "expect", "connection"):
            raise _HttpFault(HTTPStatus.BAD_REQUEST)
        headers[name] = header[2].rstrip(" \t")
    stays = minor == "1" and headers.get("connection", "").lower() != "close"
    return method, path, stays, headers


def _plain(status: HTTPStatus) -> HttpResponse:
    return HttpResponse(status=status, body=f"{status.phrase}\n".encode())


async def _write(
    writer: asyncio.StreamWriter, response: HttpResponse, *, stays: bool, without_body: bool = False
) -> None:
    headers = {
        "Content-Type": response.content_type,
        "Content-Length": str(len(response.body)),
        "Connection": "keep-alive" if stays else "close",
        "X-Content-Type-Options": "nosniff",
        **response.headers,
    }
    status = HTTPStatus(response.status)
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    start = f"HTTP/1.1 {status.value} {status.phrase}\r\n{head}\r\n".encode("ascii")
    writer.write(start if without_body else start + response.body)
    async with asyncio.timeout(WRITE_SECONDS):
        await writer.drain()
