"""HTTP as this client speaks it: no redirects, a limit on time and size, and few, bounded retries."""

import asyncio
import ipaddress
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from functools import cached_property
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import httpx

from isa_client.errors import InputError, UnreachableError
from isa_client.exchanges import (
    LONGEST_WAIT_SECONDS,
    MAX_ATTEMPTS,
    MAX_BODY,
    Exchange,
    Pause,
    Reply,
    Request,
    Step,
    attempted,
    drive,
    drive_async,
)

__all__ = ["LONGEST_WAIT_SECONDS", "MAX_ATTEMPTS", "MAX_BODY", "AsyncConnection", "Connection", "Reply", "is_loopback"]

TIMEOUT_SECONDS = 10.0

_Client = TypeVar("_Client", httpx.Client, httpx.AsyncClient)

_NO_TRUST = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts no authority. Plain http has no use for the real one, which takes a while to load."""


class Rules:
    """What both kinds of connection permit, and how they open one."""

    def __init__(self, *, allow_http: bool, timeout: float) -> None:
        self._allow_http = allow_http
        self._timeout = timeout

    def check_url(self, url: str) -> str:
        """Return an address without a trailing slash; raise `InputError` unless it may be called.

        It is https, or http to a loopback address, and holds no user name, query or fragment.
        """
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
            # A name with an empty part, or one that is too long, leads nowhere.
            (host or "").encode("idna")
        except ValueError:
            host = None
        if host is None or parts.scheme not in ("http", "https") or "@" in parts.netloc:
            raise InputError("url-malformed", "An address is https://host, without a user name.")
        if parts.query or parts.fragment or not url.isascii() or not url.isprintable():
            raise InputError("url-malformed", "An address has no query, no fragment and only ASCII characters.")
        if parts.scheme == "http" and not self._allow_http and not is_loopback(host):
            raise InputError(
                "url-not-secure", "Plain http is refused except to this machine (--allow-http permits it)."
            )
        return url.rstrip("/")

    def _permitted(self, url: str) -> str:
        self.check_url(url.partition("?")[0])
        return url

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return httpx.create_ssl_context()

    def _made(self, kind: Callable[..., _Client], url: str) -> _Client:
        """A client for a server, as this machine's environment says. Raises `InputError` where that cannot be done."""
        try:
            return kind(**self._options(url))
        except (httpx.InvalidURL, ImportError, OSError, ValueError):
            raise InputError(
                "environment-unusable",
                "The proxy or the certificates that this machine's environment names (HTTPS_PROXY, ALL_PROXY, "
                "NO_PROXY, SSL_CERT_FILE, SSL_CERT_DIR) cannot be used.",
            ) from None

    def _options(self, url: str) -> dict[str, Any]:
        return {
            "timeout": self._timeout,
            "follow_redirects": False,
            # A proxy of the environment is right for a server elsewhere and never for one on this machine.
            "trust_env": not is_loopback(urlsplit(url).hostname or ""),
            "verify": self._trust if url.startswith("https:") else _NO_TRUST,
        }


class Connection(Rules):
    """One way out to servers that use TLS, or plain HTTP on this machine.

    `allow_http` permits plain HTTP to other machines. `sleep` waits that many seconds between attempts. Within `with`
    it keeps its connections open from one request to the next, and threads may share it.
    """

    def __init__(
        self,
        *,
        allow_http: bool = False,
        timeout: float = TIMEOUT_SECONDS,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        super().__init__(allow_http=allow_http, timeout=timeout)
        self._sleep = sleep or time.sleep
        self._lock = threading.Lock()
        self._kept: dict[str, httpx.Client] | None = None

    def __enter__(self) -> Self:
        self._kept = {}
        return self

    def __exit__(self, *_: object) -> None:
        kept, self._kept = self._kept or {}, None
        for client in kept.values():
            client.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None = None,
        attempts: int = 1,
    ) -> Reply:
        """Send a request as `exchanges.attempted` does, and return the answer, whatever its status.

        Raises `UnreachableError` where no complete answer of at most 4 MiB came in time.
        """
        return drive(attempted(Request(method, self.check_url(url), headers, content), attempts), self.perform)

    def perform(self, step: Step) -> Reply | None:
        """Do one step of an exchange that concerns the network."""
        if isinstance(step, Pause):
            self._sleep(step.seconds)
            return None
        assert isinstance(step, Request)
        url = self._permitted(step.url)
        collected = _Collected(self._timeout, step.longest)
        with _as_errors(), self._client(url, step.fresh) as client:
            with client.stream(step.method, url, headers=dict(step.headers), content=step.content) as response:
                for chunk in response.iter_bytes():
                    collected.add(chunk)
            return collected.reply(response)

    @contextmanager
    def _client(self, url: str, fresh: bool) -> Iterator[httpx.Client]:
        if self._kept is None or fresh:
            with self._made(httpx.Client, url) as client:
                yield client
        else:
            with self._lock:
                server = server_of(url)
                if server not in self._kept:
                    self._kept[server] = self._made(httpx.Client, url)
            yield self._kept[server]


class AsyncConnection(Rules):
    """`Connection` for asyncio: the same rules, the same limits, and `async with` in the place of `with`."""

    def __init__(
        self,
        *,
        allow_http: bool = False,
        timeout: float = TIMEOUT_SECONDS,
        sleep: Callable[[float], Awaitable[None]] | None = None,
    ) -> None:
        super().__init__(allow_http=allow_http, timeout=timeout)
        self._sleep = sleep or asyncio.sleep
        self._kept: dict[str, httpx.AsyncClient] | None = None

    async def __aenter__(self) -> Self:
        self._kept = {}
        return self

    async def __aexit__(self, *_: object) -> None:
        kept, self._kept = self._kept or {}, None
        for client in kept.values():
            await client.aclose()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None = None,
        attempts: int = 1,
    ) -> Reply:
        """`Connection.request`, awaited."""
        exchange: Exchange[Reply] = attempted(Request(method, self.check_url(url), headers, content), attempts)
        return await drive_async(exchange, self.perform)

    async def perform(self, step: Step) -> Reply | None:
        """Do one step of an exchange that concerns the network."""
        if isinstance(step, Pause):
            await self._sleep(step.seconds)
            return None
        assert isinstance(step, Request)
        url = self._permitted(step.url)
        collected = _Collected(self._timeout, step.longest)
        with _as_errors():
            async with self._client(url, step.fresh) as client:
                async with client.stream(
                    step.method, url, headers=dict(step.headers), content=step.content
                ) as response:
                    async for chunk in response.aiter_bytes():
                        collected.add(chunk)
                return collected.reply(response)

    def _client(self, url: str, fresh: bool) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        if self._kept is None or fresh:
            return self._made(httpx.AsyncClient, url)
        server = server_of(url)
        if server not in self._kept:
            self._kept[server] = self._made(httpx.AsyncClient, url)
        return nullcontext(self._kept[server])


class _Collected:
    """An answer as it comes in, within the limits on time and size."""

    def __init__(self, timeout: float, longest: int) -> None:
        self._longest = longest
        self._deadline = time.monotonic() + timeout
        self._body = bytearray()

    def add(self, chunk: bytes) -> None:
        self._body += chunk
        if len(self._body) > self._longest or time.monotonic() > self._deadline:
            raise UnreachableError("answer-too-long", "The server's answer was too long or too slow.")

    def reply(self, response: httpx.Response) -> Reply:
        found = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, found, bytes(self._body))


@contextmanager
def _as_errors() -> Iterator[None]:
    try:
        yield
    except httpx.TimeoutException:
        raise UnreachableError("timed-out", "The server did not answer in time.") from None
    except UnicodeError:
        # Of the resolver, which reads a host's name before anything is sent.
        raise InputError("url-malformed", "An address names a host that there cannot be.") from None
    except (httpx.HTTPError, httpx.InvalidURL):
        raise UnreachableError("unreachable", "The server cannot be reached.") from None


def server_of(url: str) -> str:
    """Return the scheme, host and port of an address: what a kept connection belongs to."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def is_loopback(host: str) -> bool:
    """Say whether the host is this machine by its literal address or the name `localhost`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
