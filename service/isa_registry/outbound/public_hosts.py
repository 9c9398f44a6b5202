"""Speaking to hosts that somebody else chose: to public ones, and nowhere else.

A name is looked up once, everything that it leads to must be a public address, and connections go to exactly the
addresses that were looked at, one after another until one is made, with the certificate still held against the name.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import chain, zip_longest

import httpx

Resolve = Callable[[str, int], Awaitable[list[str]]]

_CONNECTING = 2 / 3
"""Of the time for a request, what the attempts to connect share where a host has several addresses: no less than one
second for each, and no more than five."""

# What carries an IPv4 address inside, which a router on the way may take out again.
_TRANSLATED = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))


class NotPublicError(Exception):
    """A host leads nowhere, or to an address that is not public."""


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


class PublicClient:
    """Sends requests by TLS to public hosts, without following redirections and by no proxy. `seconds` is how long
    whoever asks waits for all of a request."""

    def __init__(
        self, *, seconds: float, resolve: Resolve = look_up, transport: httpx.AsyncBaseTransport | None
    ) -> None:
        self._seconds = seconds
        self._resolve = resolve
        self._client = httpx.AsyncClient(
            transport=transport,
            follow_redirects=False,
            # A proxy would look the name up again.
            trust_env=False,
            # A connection is known by its address alone: it is never used again for another name.
            limits=httpx.Limits(max_keepalive_connections=0),
            headers={"User-Agent": "isa-registry", "Accept-Encoding": "identity"},
        )

    async def aclose(self) -> None:
        await self._client.aclose()

    async def open(
        self, method: str, target: httpx.URL, headers: Mapping[str, str], body: bytes = b""
    ) -> httpx.Response:
        """The answer of the first address to which a connection was made; whoever asks reads and closes it. What was
        sent to one address is sent to no other: it may have been taken.

        Raises `NotPublicError`, `httpx.HTTPError`, or `OSError` for a name that cannot be looked up.
        """
        *others, last = await self._requests(method, target, headers, body)
        for request in others:
            try:
                return await self._client.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._client.send(last, stream=True)

    async def _requests(
        self, method: str, target: httpx.URL, headers: Mapping[str, str], body: bytes
    ) -> list[httpx.Request]:
        """The same request to each address of the target's host."""
        # The name as it is in the DNS: what else is written like it was changed into that already.
        name = target.raw_host.decode("ascii")
        addresses = await self._resolve(name, target.port or 443)
        if not addresses or not all(map(is_public, addresses)):
            raise NotPublicError
        connecting = max(1.0, min(5.0, self._seconds * _CONNECTING / len(addresses)))
        return [
            self._client.build_request(
                method,
                target.copy_with(host=address),
                content=body or None,
                headers={**headers, "Host": target.netloc.decode("ascii")},
                timeout=httpx.Timeout(self._seconds, connect=connecting),
                extensions={"sni_hostname": name},
            )
            for address in _by_turns(addresses)
        ]


def _by_turns(addresses: Sequence[str]) -> list[str]:
    """The addresses in their order, but the two families by turns: where one of them leads nowhere, that is found out
    once (RFC 8305 section 4)."""
    first = [one for one in addresses if (":" in one) == (":" in addresses[0])]
    others = [one for one in addresses if one not in first]
    return [one for one in chain.from_iterable(zip_longest(first, others)) if one is not None]
