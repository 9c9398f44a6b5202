"""Read a published log over HTTP. Besides `processes`, the only module here that opens a connection."""

import base64
import contextlib
import http.client
import ipaddress
import re
import socket
import threading
import time
import urllib.request
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from isa_verify.errors import AccessDeniedError, CannotRunError, NotFoundError
from isa_verify.tiles import FULL_WIDTH, MAX_ENTRY_SIZE

MAX_RESPONSE_SIZE: Final = FULL_WIDTH * (MAX_ENTRY_SIZE + 2)
"""In bytes: a bundle of the largest entries, which nothing else that a log serves exceeds."""

_CONNECT_SECONDS: Final = 20.0
_RESPONSE_SECONDS: Final = 120.0
_CHUNK_SIZE: Final = 1 << 16
_CONNECTIONS: Final = 4
_AHEAD: Final = 8
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")


class HttpLog:
    """A log below an `http` or `https` address: the service's base, or its `/log` prefix.

    Connections are kept alive. Redirects are refused, so that a bearer token reaches no other server. Raises
    `CannotRunError` `url-unusable` or `token-unusable`; a token is refused over plain HTTP, except to this machine.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        self._url, self._token = url, token
        self._parts, host = _log_prefix(url)
        on_this_machine = _is_loopback(host)
        self._headers = {"Accept-Encoding": "identity", "User-Agent": "isa-verify"}
        if token is not None:
            if self._parts.scheme == "http" and not on_this_machine:
                raise CannotRunError("token-unusable", "A token is not sent over plain HTTP to another machine.")
            if _TOKEN.fullmatch(token) is None:
                raise CannotRunError("token-unusable", "The token is not a bearer token.")
            self._headers["Authorization"] = f"Bearer {token}"
        # A proxy from the environment would carry what is meant to stay on this machine, the token too.
        self._proxy = None if on_this_machine else _proxy_for(self._parts.scheme, host)
        self._idle: list[http.client.HTTPConnection] = []

    def __reduce__(self) -> tuple[type["HttpLog"], tuple[str, str | None]]:
        return HttpLog, (self._url, self._token)

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are kept."""
        for connection in getattr(self, "_idle", []):
            connection.close()

    def fetch(self, path: str) -> bytes:
        """Return what the log serves under a path such as `tile/0/000`.

        Raises `NotFoundError`, `AccessDeniedError` (401, 403), or another `CannotRunError`.
        """
        try:
            if self._idle:
                try:
                    return self._ask(self._idle.pop(), path)
                except (ConnectionError, http.client.BadStatusLine, IndexError):
                    # The server has closed a connection that it had kept: a new one tells whether it is there.
                    pass
            return self._ask(self._connection(), path)
        except (OSError, http.client.HTTPException, ValueError):
            raise CannotRunError("network-failed", "The log's server could not be reached or broke off.") from None

    def fetch_many(self, paths: Sequence[str]) -> Iterator[bytes]:
        """Return what the log serves under each path, in their order, asked for ahead over several connections."""
        if len(paths) < _CONNECTIONS:
            yield from map(self.fetch, paths)
            return
        pool = ThreadPoolExecutor(_CONNECTIONS)
        try:
            waiting: deque[Future[bytes]] = deque()
            for path in paths:
                waiting.append(pool.submit(self.fetch, path))
                if len(waiting) > _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _connection(self) -> http.client.HTTPConnection:
        secure = self._parts.scheme == "https"
        host, port = self._parts.hostname or "", self._parts.port
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        if self._proxy is None:
            return kind(host, port, timeout=_CONNECT_SECONDS)
        connection = kind(self._proxy.hostname or "", self._proxy.port or 80, timeout=_CONNECT_SECONDS)
        if secure:
            connection.set_tunnel(host, port, _proxy_headers(self._proxy))
        return connection

    def _ask(self, connection: http.client.HTTPConnection, path: str) -> bytes:
        target = f"{self._parts.path}/{path}"
        headers = dict(self._headers)
        if self._proxy is not None and self._parts.scheme == "http":
            target = urlunsplit(("http", self._parts.netloc, target, "", ""))
            headers |= _proxy_headers(self._proxy)
        deadline = time.monotonic() + _RESPONSE_SECONDS
        keep, response, clock = False, None, None
        try:
            connection.request("GET", target, headers=headers)
            # A byte now and then, or one interim answer after another, would be waited for without end.
            clock = threading.Timer(_RESPONSE_SECONDS, _cut_off, (connection.sock,))
            clock.daemon = True
            clock.start()
            response = connection.getresponse()
            if response.status != http.client.OK:
                raise _unexpected_status(response.status)
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise CannotRunError("response-unusable", "The log's server sent a compressed answer unasked.")
            data = _read(response, deadline)
            # Reading in chunks, the standard library takes a connection that broke off for the end.
            if response.headers.get("Content-Length", str(len(data))) != str(len(data)):
                raise CannotRunError("network-failed", "The log's server broke off in the middle.")
            keep = not response.will_close
            return data
        except (OSError, http.client.HTTPException, ValueError):
            if time.monotonic() < deadline:
                raise
            # It was cut off here.
            raise _too_slow() from None
        finally:
            if clock is not None:
                clock.cancel()
                # Where another process is to be forked off, there is no other thread.
                clock.join()
            if keep:
                self._idle.append(connection)
            else:
                if response is not None:
                    response.close()
                connection.close()


def _log_prefix(url: str) -> tuple[SplitResult, str]:
    unusable = CannotRunError("url-unusable", "The address is not an http or https address of a log.")
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise unusable from None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or parts.query or parts.fragment:
        raise unusable
    if any(character <= " " or character > "~" for character in url):
        raise unusable
    path = parts.path.rstrip("/")
    if not path.endswith("/log"):
        path += "/log"
    return SplitResult(parts.scheme, parts.netloc, path, "", ""), host


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _proxy_for(scheme: str, host: str) -> SplitResult | None:
    proxy = urllib.request.getproxies().get(scheme)
    if proxy is None or urllib.request.proxy_bypass(host):
        return None
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    if parts.scheme != "http" or not parts.hostname:
        raise CannotRunError("proxy-unusable", "The environment names a proxy that is not an http address.")
    return parts


def _proxy_headers(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    credentials = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}".encode()
    return {"Proxy-Authorization": f"Basic {base64.b64encode(credentials).decode()}"}


def _unexpected_status(status: int) -> CannotRunError:
    if status == http.client.NOT_FOUND:
        return NotFoundError("not-found", "The log's server has nothing under a path that was asked for.")
    if status in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
        return AccessDeniedError("access-denied", f"The log's server refused access with status {status}.")
    return CannotRunError("network-failed", f"The log's server answered with status {status}.")


def _cut_off(connected: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


def _read(response: http.client.HTTPResponse, deadline: float) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while chunk := response.read(_CHUNK_SIZE):
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_RESPONSE_SIZE:
            raise CannotRunError("response-unusable", "The log's server sent more than any part of a log can hold.")
        if time.monotonic() > deadline:
            break
    if time.monotonic() > deadline:
        raise _too_slow()
    return b"".join(chunks)


def _too_slow() -> CannotRunError:
    return CannotRunError("network-failed", "The log's server took too long to answer.")
