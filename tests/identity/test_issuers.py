"""Where issuers' keys come from, and how rarely they are asked for."""

import asyncio
from typing import Any

import pytest
import structlog
from joserfc.jwk import ECKey

from identity.issuing import Answer, Clock, Network, Provider
from isa_registry.identity.issuers import IssuerKeys, KeyNotFoundError, KeysUnavailableError
from isa_verify.encoding import encode_base64url

ISSUER = "https://login.example"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider() -> Provider:
    return Provider(ISSUER)


@pytest.fixture
def network(provider: Provider) -> Network:
    return Network(provider)


@pytest.fixture
def keys(network: Network, clock: Clock) -> IssuerKeys:
    return IssuerKeys(network, clock)


async def test_a_key_is_found_by_discovery(keys: IssuerKeys, network: Network, provider: Provider) -> None:
    key = await keys.key(ISSUER, "k1")

    assert provider.key.thumbprint() == key.thumbprint()
    assert [f"{ISSUER}/.well-known/openid-configuration", f"{ISSUER}#keys"] == network.fetched


async def test_an_issuer_that_ends_in_a_slash_keeps_it(clock: Clock) -> None:
    network = Network(Provider("https://slash.example/"))

    await IssuerKeys(network, clock).key("https://slash.example/", "k1")

    assert network.fetched[0] == "https://slash.example/.well-known/openid-configuration"


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": f"{ISSUER}/"},
        {"issuer": "https://LOGIN.example"},
        {"issuer": None},
        {"jwks_uri": None},
        {"jwks_uri": 7},
    ],
)
async def test_discovery_must_name_the_issuer_exactly_and_a_key_set(
    keys: IssuerKeys, network: Network, discovery: dict[str, object]
) -> None:
    network.discovery = discovery

    with structlog.testing.capture_logs() as lines, pytest.raises(KeysUnavailableError):
        await keys.key(ISSUER, "k1")

    expected = "issuer-differs" if "issuer" in discovery else "key-set-address-wrong"
    assert [(ISSUER, expected)] == [(line["issuer"], line["reason"]) for line in lines]


async def test_callers_at_the_same_time_share_one_fetch(keys: IssuerKeys, network: Network) -> None:
    found = await asyncio.gather(*(keys.key(ISSUER, "k1") for _ in range(50)))

    assert network.key_fetches == 1
    assert len({id(key) for key in found}) == 1


async def test_a_caller_who_gives_up_does_not_take_the_keys_from_others(provider: Provider, clock: Clock) -> None:
    gate = asyncio.Event()
    network = Network(provider)

    async def slow(url: str) -> object:
        await gate.wait()
        return await network(url)

    keys = IssuerKeys(slow, clock)  # type: ignore[arg-type]
    impatient = asyncio.create_task(keys.key(ISSUER, "k1"))
    patient = asyncio.create_task(keys.key(ISSUER, "k1"))
    await asyncio.sleep(0)
    impatient.cancel()
    gate.set()

    assert provider.key.thumbprint() == (await patient).thumbprint()
    assert network.key_fetches == 1


async def test_unknown_key_ids_cause_at_most_one_fetch_a_minute(
    keys: IssuerKeys, network: Network, clock: Clock
) -> None:
    await keys.key(ISSUER, "k1")
    clock.now += 59
    for made_up in range(20):
        with pytest.raises(KeyNotFoundError):
            await keys.key(ISSUER, f"made-up-{made_up}")
    assert network.key_fetches == 1

    clock.now += 1
    for made_up in range(20):
        with pytest.raises(KeyNotFoundError):
            await keys.key(ISSUER, f"made-up-{made_up}")
    assert network.key_fetches == 2


async def test_a_new_key_is_found_and_a_removed_one_dropped(keys: IssuerKeys, provider: Provider, clock: Clock) -> None:
    await keys.key(ISSUER, "k1")
    provider.rotate("k2")
    clock.now += 60

    assert provider.key.thumbprint() == (await keys.key(ISSUER, "k2")).thumbprint()
    with pytest.raises(KeyNotFoundError):
        await keys.key(ISSUER, "k1")


@pytest.mark.parametrize(("max_age", "kept"), [(None, 3600), (0.0, 300), (1200.0, 1200), (10_000_000.0, 86_400)])
async def test_a_set_is_kept_as_its_sender_says_within_bounds(
    keys: IssuerKeys, network: Network, clock: Clock, max_age: float | None, kept: int
) -> None:
    network.max_age = max_age
    await keys.key(ISSUER, "k1")

    clock.now += kept - 1
    await keys.key(ISSUER, "k1")
    assert network.key_fetches == 1

    clock.now += 1
    await keys.key(ISSUER, "k1")
    assert network.key_fetches == 2


async def test_a_stale_set_serves_for_a_day_while_the_provider_is_down(
    keys: IssuerKeys, network: Network, clock: Clock
) -> None:
    await keys.key(ISSUER, "k1")
    network.down = True
    clock.now += 3600
    asked = len(network.fetched)
    for _ in range(10):
        await keys.key(ISSUER, "k1")
    assert asked + 1 == len(network.fetched)

    clock.now += 86_399
    await keys.key(ISSUER, "k1")
    clock.now += 1
    with pytest.raises(KeysUnavailableError):
        await keys.key(ISSUER, "k1")


async def test_nobody_waits_for_a_provider_that_is_down_but_the_first(provider: Provider, clock: Clock) -> None:
    network, gate = Network(provider), asyncio.Event()
    gate.set()

    async def slow(url: str) -> Answer:
        await gate.wait()
        return await network(url)

    keys = IssuerKeys(slow, clock)
    await keys.key(ISSUER, "k1")
    network.down = True
    clock.now += 3600
    await keys.key(ISSUER, "k1")
    gate.clear()

    clock.now += 60
    async with asyncio.timeout(5):
        await keys.key(ISSUER, "k1")

    network.down = False
    provider.published.append(("k2", ECKey.generate_key("P-256")))
    gate.set()
    await keys.key(ISSUER, "k2")


async def test_an_issuer_that_is_no_openid_provider_is_found_by_rfc_8414(clock: Clock) -> None:
    issuer = "https://login.example/tenant/"
    provider, asked = Provider(issuer), []

    class Answered(Exception):
        code = "status-refused"

    async def server(url: str) -> Answer:
        asked.append(url)
        if url == "https://login.example/.well-known/oauth-authorization-server/tenant":
            return Answer({"issuer": issuer, "jwks_uri": "https://login.example/keys"})
        if url == "https://login.example/keys":
            return Answer(provider.jwks())
        raise Answered

    assert provider.key.thumbprint() == (await IssuerKeys(server, clock).key(issuer, "k1")).thumbprint()
    assert asked[0] == "https://login.example/tenant/.well-known/openid-configuration"


async def test_a_provider_that_is_down_is_asked_at_no_second_address(
    keys: IssuerKeys, network: Network, clock: Clock
) -> None:
    network.down = True
    with pytest.raises(KeysUnavailableError):
        await keys.key(ISSUER, "k1")

    assert [f"{ISSUER}/.well-known/openid-configuration"] == network.fetched


async def test_a_key_that_stayed_is_the_same_and_one_that_changed_is_not(
    keys: IssuerKeys, provider: Provider, clock: Clock
) -> None:
    kept = await keys.key(ISSUER, "k1")
    other = ECKey.generate_key("P-256")
    provider.published = [("k1", provider.key), ("k2", other)]
    clock.now += 60
    gone = await keys.key(ISSUER, "k2")
    assert keys.publishes(ISSUER, "k1", kept)
    assert not keys.publishes(ISSUER, "k2", kept)
    assert not keys.publishes("https://another.example", "k1", kept)

    provider.published = [("k1", provider.key), ("k2", ECKey.generate_key("P-256"))]
    clock.now += 60
    with pytest.raises(KeyNotFoundError):
        await keys.key(ISSUER, "k3")

    assert keys.publishes(ISSUER, "k1", kept)
    assert not keys.publishes(ISSUER, "k2", gone)


async def test_a_key_held_to_another_algorithm_is_another_key(clock: Clock) -> None:
    provider = Provider(ISSUER, kty="RSA", size=2048)
    algorithm = "RS256"

    async def network(url: str) -> Answer:
        if url.endswith("#keys"):
            return Answer({"keys": [{**provider.jwks()["keys"][0], "alg": algorithm}]})
        return Answer({"issuer": ISSUER, "jwks_uri": f"{ISSUER}#keys"})

    keys = IssuerKeys(network, clock)
    before = await keys.key(ISSUER, "k1")
    algorithm = "PS256"
    clock.now += 3600

    assert (await keys.key(ISSUER, "k1")).get("alg") == "PS256"
    assert not keys.publishes(ISSUER, "k1", before)


async def test_a_set_that_is_too_old_to_use_publishes_nothing(keys: IssuerKeys, network: Network, clock: Clock) -> None:
    key = await keys.key(ISSUER, "k1")
    network.down = True
    clock.now += 3600 + 86_399
    assert keys.publishes(ISSUER, "k1", key)
    clock.now += 1
    assert not keys.publishes(ISSUER, "k1", key)


async def test_a_provider_that_was_down_at_first_is_tried_again_soon(
    keys: IssuerKeys, network: Network, clock: Clock
) -> None:
    network.down = True
    for _ in range(10):
        with pytest.raises(KeysUnavailableError):
            await keys.key(ISSUER, "k1")
    assert len(network.fetched) == 1

    network.down = False
    clock.now += 2
    await keys.key(ISSUER, "k1")


async def test_without_an_id_only_a_sole_key_is_meant(keys: IssuerKeys, provider: Provider, clock: Clock) -> None:
    assert provider.key.thumbprint() == (await keys.key(ISSUER, None)).thumbprint()

    provider.published.append(("k2", ECKey.generate_key("P-256")))
    clock.now += 3600
    with pytest.raises(KeyNotFoundError):
        await keys.key(ISSUER, None)


async def test_symmetric_weak_and_encryption_keys_are_never_used(clock: Clock) -> None:
    provider = Provider(ISSUER)
    curve: dict[str, Any] = dict(provider.key.as_dict(private=False))
    unusable: dict[str, dict[str, Any]] = {
        "shared": {"kty": "oct", "k": encode_base64url(b"k" * 32)},
        "weak": {"kty": "RSA", "e": "AQAB", "n": encode_base64url(b"\xc1" * 128)},
        "encryption": {**curve, "use": "enc"},
        "weak under leading zeros": {
            "kty": "RSA",
            "e": "AQAB",
            "n": encode_base64url(b"\0" * 128 + b"\xc1" * 128),
        },
        "modulus not base64url": {"kty": "RSA", "e": "AQAB", "n": "+" * 400},
        "key agreement": {"kty": "OKP", "crv": "X25519", "x": encode_base64url(b"k" * 32)},
        "signing only": {**curve, "key_ops": ["sign"]},
        "off the curve": {**curve, "y": curve["x"]},
        "another curve": {**curve, "crv": "secp256k1"},
        "no numbers": {"kty": "EC", "crv": "P-256"},
        "unheard of": {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"},
    }
    members = [{"kid": kid, **member} for kid, member in unusable.items()]
    network = Network(provider)

    async def published(url: str) -> Answer:
        answer = await network(url)
        if "keys" in answer.document:
            return Answer({"keys": ["not an object", *members, *answer.document["keys"]]})
        return answer

    keys = IssuerKeys(published, clock)

    for kid in unusable:
        with pytest.raises(KeyNotFoundError):
            await keys.key(ISSUER, kid)
    assert provider.key.thumbprint() == (await keys.key(ISSUER, "k1")).thumbprint()
    assert provider.key.thumbprint() == (await keys.key(ISSUER, None)).thumbprint()


@pytest.mark.parametrize("document", [{}, {"keys": {}}, {"keys": [{}] * 101}])
async def test_what_is_no_key_set_is_no_key_set(provider: Provider, document: dict[str, object]) -> None:
    network = Network(provider)

    async def odd(url: str) -> Answer:
        return Answer(document) if url.endswith("#keys") else await network(url)

    with pytest.raises(KeysUnavailableError):
        await IssuerKeys(odd, Clock()).key(ISSUER, "k1")
