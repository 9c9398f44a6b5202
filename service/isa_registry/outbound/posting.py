"""Posting an event to an address that somebody else chose: over TLS, to a public host, and nowhere else
(`public_hosts.py`)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import httpx

from isa_registry.outbound.fetching import OutboundError
from isa_registry.outbound.public_hosts import NotPublicError, PublicClient, Resolve, look_up

SECONDS = 15.0
"""For the whole delivery, from the name's look-up to the answer's status."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost"})


class Poster:
    """Posts bodies without following redirects and without reading answers.

    With `allow_http_loopback`, plain http to 127.0.0.1 or localhost is allowed too: for the demonstration and tests.
    """

    def __init__(
        self,
        *,
        allow_http_loopback: bool = False,
        resolve: Resolve = look_up,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._allow_http_loopback = allow_http_loopback
        self._public = PublicClient(seconds=SECONDS, resolve=resolve, transport=transport)
        self._here = httpx.AsyncClient(transport=transport, follow_redirects=False, timeout=SECONDS, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._public.aclose()
        await self._here.aclose()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """The status with which a body was answered.

        Raises `OutboundError` with code `address-refused`, `unreachable` or `too-slow`.
        """
        try:
            target = httpx.URL(url)
        except httpx.InvalidURL:
            raise OutboundError("address-refused", "") from None
        try:
            async with asyncio.timeout(SECONDS):
                response = await self._answer(target, body, headers)
                await response.aclose()
                return response.status_code
        except NotPublicError:
            raise OutboundError("address-refused", target.host) from None
        except (TimeoutError, httpx.TimeoutException):
            raise OutboundError("too-slow", target.host) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError):
            raise OutboundError("unreachable", target.host) from None

    async def _answer(self, target: httpx.URL, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        if self._allow_http_loopback and target.scheme == "http" and target.host in _LOOPBACK:
            request = self._here.build_request("POST", target, content=body, headers=dict(headers))
            return await self._here.send(request, stream=True)
        if target.scheme != "https" or target.userinfo or target.fragment or not target.host:
            raise OutboundError("address-refused", target.host)
        return await self._public.open("POST", target, headers, body)
