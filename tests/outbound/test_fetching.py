"""How documents are fetched from identity providers."""

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from isa_registry.outbound import fetching
from isa_registry.outbound.fetching import MAX_DOCUMENT, Fetched, Fetcher, OutboundError, PublicFetcher

URL = "https://login.example/keys?tenant=secret-tenant"
Handler = Callable[[httpx.Request], httpx.Response]


async def fetch(handler: Handler, url: str = URL, *, loopback: bool = False) -> Fetched:
    transport = httpx.MockTransport(handler)
    async with Fetcher(allow_http_loopback=loopback, transport=transport) as fetcher:
        return await fetcher.fetch_json(url)


def answering(content: bytes | AsyncIterator[bytes], **headers: str) -> Handler:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: httpx.Response(200, content=content, headers=named)


async def test_a_json_object_is_returned() -> None:
    assert Fetched(document={"keys": []}, max_age=None) == await fetch(answering(b'{"keys": []}'))


@pytest.mark.parametrize(
    ("cache_control", "max_age"),
    [
        ("max-age=600", 600.0),
        ("public, MAX-AGE=86400, immutable", 86_400.0),
        ('max-age="60"', 60.0),
        ("no-store", 0.0),
        ("no-cache, max-age=600", 0.0),
        ("private", None),
        ("s-maxage=600", None),
        ("max-age=-1", None),
        ("max-age=1.5", None),
        ("x-max-age=7", None),
    ],
)
async def test_cache_control_says_how_long_it_may_be_kept(cache_control: str, max_age: float | None) -> None:
    assert max_age == (await fetch(answering(b"{}", cache_control=cache_control))).max_age


@pytest.mark.parametrize(
    ("date", "sent_at"),
    [
        ("Fri, 15 Jan 2027 08:00:00 GMT", 1_800_000_000.0),
        ("Fri, 15 Jan 2027 09:00:00 +0100", 1_800_000_000.0),
        ("yesterday", None),
        ("", None),
        ("Fri, 99 Jan 2027 08:00:00 GMT", None),
        ("Fri, 15 Jan 9999999 08:00:00 GMT", None),
    ],
)
async def test_what_the_senders_clock_said_comes_with_it(date: str, sent_at: float | None) -> None:
    assert sent_at == (await fetch(answering(b"{}", date=date))).sent_at


def _refusing(error: Exception) -> Handler:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error

    return handler


async def _endless() -> AsyncIterator[bytes]:
    while True:
        yield b" " * 65_536


REFUSALS: dict[str, tuple[Handler, str]] = {
    "redirect": (
        lambda request: httpx.Response(302, headers={"Location": "https://evil.example"}),
        "status-refused",
    ),
    "not found": (lambda request: httpx.Response(404, content=b"{}"), "status-refused"),
    "created": (lambda request: httpx.Response(201, content=b"{}"), "status-refused"),
    "no JSON": (answering(b"<html>secret body</html>"), "not-json"),
    "an array": (answering(b"[]"), "not-json"),
    "duplicate members": (answering(b'{"issuer":"a","issuer":"b"}'), "not-json"),
    "one byte too many": (answering(b"{}" + b" " * (MAX_DOCUMENT - 1)), "too-large"),
    "without end": (lambda request: httpx.Response(200, content=_endless()), "too-large"),
    "compressed": (lambda request: httpx.Response(200, headers={"Content-Encoding": "x-any"}), "not-json"),
    "refused connection": (_refusing(httpx.ConnectError("secret")), "unreachable"),
    "broken protocol": (_refusing(httpx.RemoteProtocolError("secret")), "unreachable"),
    "slow": (_refusing(httpx.ReadTimeout("secret")), "too-slow"),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_anything_else_is_refused_without_repeating_it(name: str) -> None:
    handler, code = REFUSALS[name]

    with pytest.raises(OutboundError) as refused:
        await fetch(handler)

    assert f"{code}: login.example" == str(refused.value)


async def test_the_largest_document_still_passes() -> None:
    assert (await fetch(answering(b"{}" + b" " * (MAX_DOCUMENT - 2)))).document == {}


@pytest.mark.parametrize(
    "url",
    [
        "http://login.example/keys",
        "http://127.0.0.1:8000/keys",
        "ftp://login.example/keys",
        "file:///etc/passwd",
        "https://user:secret@login.example/keys",
        "https://login.example/keys#part",
        "https:///keys",
        "/keys",
        "",
        "https://[",
    ],
)
async def test_only_plain_https_addresses_are_asked(url: str) -> None:
    with pytest.raises(OutboundError) as refused:
        await fetch(_refusing(AssertionError("asked")), url)

    assert refused.value.code == "address-refused"
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/keys", "http://localhost/keys"])
async def test_the_demonstration_may_ask_its_own_machine_in_the_clear(url: str) -> None:
    assert (await fetch(answering(b"{}"), url, loopback=True)).document == {}


@pytest.mark.parametrize(
    "url",
    [
        "http://login.example/keys",
        "http://127.0.0.1.evil.example/keys",
        "http://127.0.0.2/keys",
        "http://localhost@evil.example/keys",
        "http://[::1]/keys",
    ],
)
async def test_loopback_means_loopback(url: str) -> None:
    with pytest.raises(OutboundError, match="address-refused"):
        await fetch(_refusing(AssertionError("asked")), url, loopback=True)


async def test_the_whole_fetch_has_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    async def trickle() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.01)

    monkeypatch.setattr(fetching, "DEADLINE", 0.05)

    with pytest.raises(OutboundError, match="too-slow"):
        await fetch(lambda request: httpx.Response(200, content=trickle()))


async def test_asks_for_json_uncompressed_and_says_who_asks() -> None:
    seen: list[httpx.Headers] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return httpx.Response(200, content=b"{}")

    await fetch(handler)

    assert tuple(seen[0][name] for name in ("accept", "accept-encoding", "user-agent")) == (
        "application/json",
        "identity",
        "isa-registry",
    )


# --- from an address that a body chose -------------------------------------------------------------------------------


class Wire:
    """In the place of the network: what a name leads to, and what was asked of it."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self.dead: frozenset[str] = frozenset()
        self.requests: list[httpx.Request] = []
        self.looked_up = 0

    async def resolve(self, host: str, port: int) -> list[str]:
        self.looked_up += 1
        return self.addresses

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.host in self.dead:
            raise httpx.ConnectError("refused")
        return httpx.Response(200, content=b'{"keys": []}')


async def fetch_public(wire: Wire, url: str = URL, *, loopback: bool = False) -> Fetched:
    transport = httpx.MockTransport(wire.answer)
    async with PublicFetcher(allow_http_loopback=loopback, resolve=wire.resolve, transport=transport) as fetcher:
        return await fetcher.fetch_json(url)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.1"])
async def test_a_body_points_the_registry_at_no_private_host(address: str) -> None:
    wire = Wire("192.0.43.8", address)
    with pytest.raises(OutboundError, match="address-refused"):
        await fetch_public(wire)
    assert wire.requests == []


async def test_a_public_host_is_fetched_from_at_the_address_that_was_looked_at() -> None:
    wire = Wire("192.0.43.8", "192.0.43.9")
    wire.dead = frozenset({"192.0.43.8"})
    assert (await fetch_public(wire)).document == {"keys": []}
    assert [request.url.host for request in wire.requests] == ["192.0.43.8", "192.0.43.9"]
    assert {request.headers["host"] for request in wire.requests} == {"login.example"}
    assert {request.extensions["sni_hostname"] for request in wire.requests} == {"login.example"}
    assert wire.looked_up == 1


async def test_the_operators_proxy_looks_names_up_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.operator.example:3128")
    wire = Wire("10.0.0.1")
    assert (await fetch_public(wire)).document == {"keys": []}
    assert wire.looked_up == 0
    monkeypatch.setenv("NO_PROXY", "login.example")
    with pytest.raises(OutboundError, match="address-refused"):
        await fetch_public(wire)


async def test_a_demonstrations_key_sets_are_on_this_machine() -> None:
    wire = Wire()
    assert (await fetch_public(wire, "http://127.0.0.1:9/keys", loopback=True)).document == {"keys": []}
    with pytest.raises(OutboundError, match="address-refused"):
        await fetch_public(wire, "http://127.0.0.1:9/keys")
