"""What the register takes away ends at once for tokens that every worker knows already."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from api.published import AUDIENCE, MACHINE, Published, published
from api.speaking import assert_problem, bearer
from identity.issuing import Provider, assembled
from isa_registry.domain.access_entries import (
    ClientGranted,
    ClientRevoked,
    IssuerRegistered,
    IssuerRemoved,
    RoleGranted,
    RoleMapping,
    RoleRevoked,
)
from isa_registry.domain.payloads import PayloadStruct
from live import Demonstration
from registering import connecting_anew, registering

BODY = "harbour"
ROUTE = "/api/v1/organisations"


@pytest.fixture(scope="module")
def issuers(demonstration: Demonstration) -> Iterator[Published]:
    with published(demonstration) as found:
        yield found


def token(provider: Provider, **claims: object) -> str:
    now = int(time.time())
    whole = {
        "iss": provider.issuer, "aud": AUDIENCE, "iat": now, "exp": now + 900, "sub": MACHINE, "client_id": MACHINE,
        "scope": "checks:ask", **claims,
    }  # fmt: skip
    return assembled(provider.header(typ="JWT"), whole, provider.key)


def everywhere(demonstration: Demonstration, shown: str) -> list[httpx.Response]:
    """The answers to one token over many connections, which the kernel spreads over the workers."""
    with connecting_anew(demonstration) as client:
        return [client.get(ROUTE, headers=bearer(shown)) for _ in range(8 * demonstration.workers)]


def test_what_is_taken_away_ends_for_warm_tokens_on_every_worker(
    demonstration: Demonstration, issuers: Published
) -> None:
    provider = issuers.generic
    registered = IssuerRegistered(BODY, provider.issuer, (AUDIENCE,), (provider.algorithm,), "generic")
    mapped = IssuerRegistered(
        *(BODY, provider.issuer, (AUDIENCE,), (provider.algorithm,), "generic"),
        roles_from=(RoleMapping("groups", "asking", "practitioner"),),
    )
    removed = IssuerRemoved(BODY, provider.issuer)
    person = {"sub": "person-7", "client_id": "pages", "scope": "openid", "auth_time": int(time.time())}
    mapped_person = {**person, "sub": "person-8", "groups": ["asking"]}
    steps: tuple[tuple[str, str, tuple[PayloadStruct, ...], int, str, tuple[PayloadStruct, ...]], ...] = (
        (
            "a client", token(provider), (ClientRevoked(BODY, MACHINE),), 401, "invalid-token",
            (ClientGranted(BODY, MACHINE, ("checks:ask",)),),
        ),
        ("an issuer", token(provider), (removed,), 401, "invalid-token", (registered,)),
        (
            "a role", token(provider, **person), (RoleRevoked(BODY, provider.issuer, "person-7", "practitioner"),), 403,
            "forbidden", (removed, mapped),
        ),
        (
            "a mapping", token(provider, **mapped_person), (removed, registered), 403,
            "forbidden", (),
        ),
    )  # fmt: skip
    with registering(demonstration) as register:
        register(RoleGranted(BODY, provider.issuer, "person-7", "practitioner"))
        for name, shown, taken, status, code, put_back in steps:
            assert {200} == {answer.status_code for answer in everywhere(demonstration, shown)}, name
            register(*taken)
            for answer in everywhere(demonstration, shown):
                assert_problem(answer, status, code)
            if put_back:
                register(*put_back)
