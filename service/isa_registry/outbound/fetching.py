"""Fetching a JSON document from an identity provider, or posting a form to it: small, quick, over TLS, and never
anywhere else than asked."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self
from urllib.request import getproxies, proxy_bypass

import httpx
from msgspec import Struct

from isa_registry.outbound.public_hosts import NotPublicError, PublicClient, Resolve, look_up
from isa_verify.encoding import JsonValue, parse_json_strict
from isa_verify.errors import MalformedError

MAX_DOCUMENT = 256 * 1024
"""Bytes. Discovery documents and key sets are a few kilobytes; more is a mistake or an attack."""

DEADLINE = 5.0
"""Seconds for the whole fetch, from the name's look-up to the last byte."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost"})
_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?([0-9]{1,9})\"?\s*(?:,|$)", re.IGNORECASE)
_HOST = re.compile(rb"[a-z0-9.-]+|[0-9a-f:.]+")
_UNCACHED = re.compile(r"(?:^|,)\s*no-(?:store|cache)\s*(?:,|$)", re.IGNORECASE)


class OutboundError(Exception):
    """Another system could not be asked, or gave no usable answer.

    `code` is a stable kebab-case name. The text holds neither the address beyond its host nor anything
    received.
    """

    def __init__(self, code: str, host: str) -> None:
        super().__init__(code, host)
        self.code = code
        self.host = host

    def __str__(self) -> str:
        return f"{self.code}: {self.host}"


class Fetched(Struct, frozen=True):
    """A JSON object, the seconds that its sender lets it be kept, and what its sender's clock said, in seconds since
    1970; None where nothing was said (RFC 9111, RFC 9110)."""

    document: dict[str, JsonValue]
    max_age: float | None
    sent_at: float | None = None


class Answered(Struct, frozen=True):
    """What a form was answered with: the status, and the JSON object where there was one."""

    status: int
    document: dict[str, JsonValue]


class Fetcher:
    """Fetches JSON objects, and posts forms, over HTTPS without following redirects.

    With `allow_http_loopback`, plain http to 127.0.0.1 or localhost is allowed too: for the demonstration
    and tests.
    """

    def __init__(self, *, allow_http_loopback: bool = False, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._allow_http_loopback = allow_http_loopback
        self._client = httpx.AsyncClient(
            transport=transport,
            follow_redirects=False,
            timeout=httpx.Timeout(DEADLINE, connect=2.0),
            # A proxy that the environment names would carry loopback addresses off this machine.
            trust_env=not allow_http_loopback,
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": "isa-registry",
            },
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes the connections kept open."""
        await self._client.aclose()

    async def fetch_json(self, url: str) -> Fetched:
        """The JSON object at `url`.

        Raises `OutboundError` with code `address-refused`, `unreachable`, `too-slow`, `status-refused`
        (anything but 200, redirects included), `too-large` or `not-json`.
        """
        target = self._address(url)
        status, headers, body = await self._asked("GET", target)
        if status != 200:
            raise OutboundError("status-refused", target.host)
        return Fetched(
            document=_object(body, target.host),
            max_age=_max_age(headers.get("cache-control", "")),
            sent_at=_moment(headers.get("date", "")),
        )

    async def post_form(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answered:
        """What a form is answered with, by the rules of `fetch_json`: a token endpoint's tokens (200) or its refusal
        (400 or 401, RFC 6749 section 5.2), or an empty 200 (RFC 7009 section 2.2).

        Raises `OutboundError` as `fetch_json` does, and for every other status.
        """
        target = self._address(url)
        status, _, body = await self._asked("POST", target, form, headers)
        if status not in (200, 400, 401):
            raise OutboundError("status-refused", target.host)
        return Answered(status=status, document=_object(body, target.host) if body else {})

    async def _asked(
        self,
        method: str,
        target: httpx.URL,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, httpx.Headers, bytes]:
        try:
            async with (
                asyncio.timeout(DEADLINE),
                self._answer(method, target, form, headers) as response,
            ):
                # Only an answer that can be used is read.
                usable = response.status_code in (200, 400, 401)
                body = await _read(response, target.host) if usable else b""
                return response.status_code, response.headers, body
        except (TimeoutError, httpx.TimeoutException):
            raise OutboundError("too-slow", target.host) from None
        except NotPublicError:
            raise OutboundError("address-refused", target.host) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            raise OutboundError("unreachable", target.host) from None

    def _answer(
        self, method: str, target: httpx.URL, form: Mapping[str, str] | None, headers: Mapping[str, str] | None
    ) -> AbstractAsyncContextManager[httpx.Response]:
        return self._client.stream(method, target, data=form, headers=headers)

    def _address(self, url: str) -> httpx.URL:
        try:
            target = httpx.URL(url)
        except (httpx.InvalidURL, TypeError):
            raise OutboundError("address-refused", "") from None
        loopback = self._allow_http_loopback and target.scheme == "http" and target.host in _LOOPBACK
        proper = _HOST.fullmatch(target.raw_host) and not target.userinfo and not target.fragment
        if not proper or not (target.scheme == "https" or loopback):
            raise OutboundError("address-refused", target.host)
        return target


class PublicFetcher(Fetcher):
    """Fetches from addresses that bodies chose: from public hosts alone (`public_hosts.py`).

    Where the environment names a proxy, it looks names up and connects, and what can be reached is its to bound.
    """

    def __init__(
        self,
        *,
        allow_http_loopback: bool = False,
        resolve: Resolve = look_up,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        super().__init__(allow_http_loopback=allow_http_loopback, transport=transport)
        self._public = PublicClient(seconds=DEADLINE, resolve=resolve, transport=transport)

    async def aclose(self) -> None:
        await super().aclose()
        await self._public.aclose()

    def _answer(
        self, method: str, target: httpx.URL, form: Mapping[str, str] | None, headers: Mapping[str, str] | None
    ) -> AbstractAsyncContextManager[httpx.Response]:
        if target.scheme != "https" or self._by_proxy(target.host):
            return super()._answer(method, target, form, headers)
        assert method == "GET", "forms go to providers, which two people registered"
        return self._opened(target)

    def _by_proxy(self, host: str) -> bool:
        named = {"https", "all"} & getproxies().keys()
        return not self._allow_http_loopback and bool(named) and not proxy_bypass(host)

    @asynccontextmanager
    async def _opened(self, target: httpx.URL) -> AsyncIterator[httpx.Response]:
        response = await self._public.open("GET", target, {"Accept": "application/json"})
        try:
            yield response
        finally:
            await response.aclose()


def _object(body: bytes, host: str) -> dict[str, JsonValue]:
    try:
        document = parse_json_strict(body)
    except MalformedError:
        raise OutboundError("not-json", host) from None
    if not isinstance(document, dict):
        raise OutboundError("not-json", host)
    return document


async def _read(response: httpx.Response, host: str) -> bytes:
    # A compressed body could grow a thousandfold in a single step, before its size can be seen.
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise OutboundError("not-json", host)
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_DOCUMENT:
            raise OutboundError("too-large", host)
    return bytes(body)


def _max_age(cache_control: str) -> float | None:
    if _UNCACHED.search(cache_control):
        return 0.0
    found = _MAX_AGE.search(cache_control)
    return float(found.group(1)) if found else None


def _moment(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None
