"""Posting an event to an address that somebody else chose: over TLS, to a public host, and nowhere else.

A name is looked up once, everything that it leads to must be a public address, and connections go to exactly the
addresses that were looked at, one after another until one is made, with the certificate still held against the name.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import chain, zip_longest
from types import TracebackType
from typing import Self

import httpx

from isa_registry.outbound.fetching import OutboundError

SECONDS = 15.0
"""For the whole delivery, from the name's look-up to the answer's status."""

CONNECTING = 10.0
"""Of these, how many the attempts to connect share where a host has several addresses: no less than one for each, and
no more than five."""

Resolve = Callable[[str, int], Awaitable[list[str]]]
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})
# What carries an IPv4 address inside, which a router on the way may take out again.
_TRANSLATED = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))


async def look_up(host: str, port: int) -> list[str]:
    """Every address of a host. Raises `OSError`."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, for a single host, and stands for no other."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and _stands_for_another(found):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved and not found.is_unspecified


def _stands_for_another(found: ipaddress.IPv6Address) -> bool:
    return found.ipv4_mapped is not None or found.is_site_local or any(found in network for network in _TRANSLATED)


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
        self._resolve = resolve
        self._client = httpx.AsyncClient(
            transport=transport,
            follow_redirects=False,
            timeout=httpx.Timeout(SECONDS, connect=5.0),
            # A proxy would look the name up again.
            trust_env=False,
            # A connection is known by its address alone: it is never used again for another name.
            limits=httpx.Limits(max_keepalive_connections=0),
            headers={"User-Agent": "isa-registry", "Accept-Encoding": "identity"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._client.aclose()

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
                return await self._posted(await self._requests(target, body, headers))
        except (TimeoutError, httpx.TimeoutException):
            raise OutboundError("too-slow", target.host) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError):
            raise OutboundError("unreachable", target.host) from None

    async def _posted(self, requests: Sequence[httpx.Request]) -> int:
        """The status that the first address gave to which a connection was made. What was sent to one is sent to no
        other: it may have been taken."""
        *others, last = requests
        for request in others:
            try:
                return await self._status(request)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._status(last)

    async def _status(self, request: httpx.Request) -> int:
        response = await self._client.send(request, stream=True)
        await response.aclose()
        return response.status_code

    async def _requests(self, target: httpx.URL, body: bytes, headers: Mapping[str, str]) -> list[httpx.Request]:
        """The same request to each address of the target's host, none of which may be a private one."""
        if self._allow_http_loopback and target.scheme == "http" and target.host in _LOOPBACK:
            return [self._client.build_request("POST", target, content=body, headers=dict(headers))]
        if target.scheme != "https" or target.userinfo or target.fragment or not target.host:
            raise OutboundError("address-refused", target.host)
        # The name as it is in the DNS: what else is written like it was changed into that already.
        name = target.raw_host.decode("ascii")
        addresses = await self._resolve(name, target.port or 443)
        if not addresses or not all(map(is_public, addresses)):
            raise OutboundError("address-refused", target.host)
        connecting = max(1.0, min(5.0, CONNECTING / len(addresses)))
        return [
            self._client.build_request(
                "POST",
                target.copy_with(host=address),
                content=body,
                headers={**headers, "Host": target.netloc.decode("ascii")},
                timeout=httpx.Timeout(SECONDS, connect=connecting),
                extensions={"sni_hostname": name},
            )
            for address in _alternating(addresses)
        ]


def _alternating(addresses: Sequence[str]) -> list[str]:
    """The addresses in their order, but the two families by turns: where one of them leads nowhere, that is found out
    once (RFC 8305 section 4)."""
    first = [one for one in addresses if (":" in one) == (":" in addresses[0])]
    others = [one for one in addresses if one not in first]
    return [one for one in chain.from_iterable(zip_longest(first, others)) if one is not None]
