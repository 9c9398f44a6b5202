"""Posting to an address that somebody else chose: to public hosts over TLS, and nowhere else."""

from __future__ import annotations

import httpx
import pytest

from isa_registry.domain.notices.events import is_webhook_address
from isa_registry.outbound.fetching import OutboundError
from isa_registry.outbound.posting import Poster
from isa_registry.outbound.public_hosts import is_public

URL = "https://hooks.agency.example/in?x=1"


class Wire:
    """In the place of the network: what was asked of it."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self.looked_up: list[tuple[str, int]] = []
        self.requests: list[httpx.Request] = []
        self.status = 204
        self.dead: frozenset[str] = frozenset()

    async def resolve(self, host: str, port: int) -> list[str]:
        self.looked_up.append((host, port))
        return self.addresses

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.host in self.dead:
            raise httpx.ConnectTimeout("no answer")
        return httpx.Response(self.status, headers={"location": "https://elsewhere.example/"})

    def poster(self, *, loopback: bool = False) -> Poster:
        return Poster(allow_http_loopback=loopback, resolve=self.resolve, transport=httpx.MockTransport(self.answer))


async def test_the_connection_goes_to_the_address_that_was_looked_at_and_the_certificate_is_held_to_the_name() -> None:
    wire = Wire("192.0.43.8", "2620:0:2d0:200::8")
    async with wire.poster() as poster:
        assert await poster.post(URL, b"{}", {"webhook-id": "msg_1"}) == 204
    (request,) = wire.requests
    assert request.url.host == "192.0.43.8"
    assert request.headers["host"] == "hooks.agency.example"
    assert request.extensions["sni_hostname"] == "hooks.agency.example"
    assert request.headers["webhook-id"] == "msg_1"
    assert wire.looked_up == [("hooks.agency.example", 443)]


async def test_every_address_is_tried_until_a_connection_is_made_and_each_with_the_name() -> None:
    wire = Wire("2620:0:2d0:200::8", "2620:0:2d0:200::9", "192.0.43.8", "192.0.43.9")
    wire.dead = frozenset(wire.addresses[:3])
    async with wire.poster() as poster:
        assert await poster.post(URL, b"{}", {"webhook-id": "msg_1"}) == 204
    # The families by turns: one that leads nowhere does not take all the time.
    tried = ["2620:0:2d0:200::8", "192.0.43.8", "2620:0:2d0:200::9", "192.0.43.9"]
    assert [request.url.host for request in wire.requests] == tried
    assert {request.headers["host"] for request in wire.requests} == {"hooks.agency.example"}
    assert {request.extensions["sni_hostname"] for request in wire.requests} == {"hooks.agency.example"}
    assert {request.extensions["timeout"]["connect"] for request in wire.requests} == {2.5}
    assert wire.looked_up == [("hooks.agency.example", 443)], "a second look-up could lead elsewhere"


async def test_a_host_that_no_address_of_answers_is_told_of_its_last() -> None:
    wire = Wire("192.0.43.8", "192.0.43.9")
    wire.dead = frozenset(wire.addresses)
    async with wire.poster() as poster:
        with pytest.raises(OutboundError, match="too-slow"):
            await poster.post(URL, b"{}", {})
    assert len(wire.requests) == 2


async def test_what_was_sent_to_one_address_is_sent_to_no_other() -> None:
    class Broken(Wire):
        def answer(self, request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            raise httpx.ReadError("broken off")

    wire = Broken("192.0.43.8", "192.0.43.9")
    async with wire.poster() as poster:
        with pytest.raises(OutboundError, match="unreachable"):
            await poster.post(URL, b"{}", {})
    assert [request.url.host for request in wire.requests] == ["192.0.43.8"]


NOT_PUBLIC = [
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "fec0::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::1", "2001:0:7f00:1::1",
    "2001:db8::1", "not an address", "",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
async def test_no_private_address_is_reached_by_any_name(address: str) -> None:
    assert not is_public(address)
    wire = Wire("192.0.43.8", address)
    async with wire.poster() as poster:
        with pytest.raises(OutboundError, match="address-refused"):
            await poster.post(URL, b"{}", {})
    assert wire.requests == []


@pytest.mark.parametrize("address", ["192.0.43.8", "8.8.8.8", "2606:4700::1111"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


BAD = [
    "http://hooks.agency.example/", "ftp://hooks.agency.example/", "https://user@hooks.agency.example/", "https://",
    "https://hooks.agency.example/#part", "//hooks.agency.example/", "nonsense", "",
]  # fmt: skip


@pytest.mark.parametrize("url", BAD)
async def test_nothing_but_https_is_posted_to(url: str) -> None:
    wire = Wire("192.0.43.8")
    async with wire.poster() as poster:
        with pytest.raises(OutboundError, match="address-refused"):
            await poster.post(url, b"{}", {})
    assert not is_webhook_address(url, loopback=False)
    assert wire.requests == []


async def test_loopback_is_reached_in_the_demonstration_alone() -> None:
    wire = Wire("127.0.0.1")
    async with wire.poster(loopback=True) as poster:
        assert await poster.post("http://127.0.0.1:9/", b"{}", {}) == 204
        with pytest.raises(OutboundError, match="address-refused"):
            await poster.post("https://127.0.0.1/", b"{}", {})
        with pytest.raises(OutboundError, match="address-refused"):
            await poster.post("http://10.0.0.1/", b"{}", {})
    async with wire.poster() as poster:
        with pytest.raises(OutboundError, match="address-refused"):
            await poster.post("http://127.0.0.1:9/", b"{}", {})


async def test_a_redirection_is_an_answer() -> None:
    wire = Wire("192.0.43.8")
    wire.status = 307
    async with wire.poster() as poster:
        assert await poster.post(URL, b"{}", {}) == 307
    assert len(wire.requests) == 1


async def test_a_name_that_leads_nowhere_is_unreachable() -> None:
    class Nowhere(Wire):
        async def resolve(self, host: str, port: int) -> list[str]:
            raise OSError("no such host")

    async with Nowhere().poster() as poster:
        with pytest.raises(OutboundError, match="unreachable"):
            await poster.post(URL, b"{}", {})


GOOD = ["https://hooks.agency.example/", "https://h.example:8443/a/b?c=d", "https://[2606:4700::1111]/x"]


@pytest.mark.parametrize("url", GOOD)
def test_an_https_address_may_be_a_webhooks(url: str) -> None:
    assert is_webhook_address(url, loopback=False)


@pytest.mark.parametrize(
    "url",
    [
        "https://localhost/", "https://intranet/", "http://127.0.0.1/", "https://a.example/\n", "https://a.example/é",
        "https://a.example:0/", "https://a.example:99999/", "https://A.example\\@b.example/", "https://a_b.example/",
        "https://a.example/" + "x" * 500,
    ],
)  # fmt: skip
def test_nothing_else_may(url: str) -> None:
    assert not is_webhook_address(url, loopback=False)


def test_loopback_may_in_the_demonstration() -> None:
    assert is_webhook_address("http://127.0.0.1:9000/hook", loopback=True)
    assert not is_webhook_address("http://10.0.0.1/", loopback=True)
