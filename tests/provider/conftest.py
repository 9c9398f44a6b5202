"""One real provider for the tests of this process, registered with the demonstration that they share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from isa_registry.domain.access_entries import (
    ClientGranted,
    ClientRevoked,
    IssuerRegistered,
    IssuerRemoved,
    RoleMapping,
)
from live import Demonstration
from provider.running import AUDIENCE, OidcProvider
from registering import register

AGENCY = "way-through"
"""The body of the demonstration whose provider this is, beside the demonstration's own."""

MACHINE = "way-through-case-system"
PERSON = "social-worker-7"
"""In the group that the agency's registration maps to a practitioner; `VISITOR` is in none."""

VISITOR = "visitor-3"


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcProvider]:
    with OidcProvider(accounts={PERSON: {"groups": "isa-practitioners"}, VISITOR: {}}) as running:
        yield running


@pytest.fixture(scope="module")
def registered(demonstration: Demonstration, provider: OidcProvider) -> Iterator[Demonstration]:
    """The demonstration, where the provider speaks for the agency and its machine may ask."""
    register(
        demonstration,
        IssuerRegistered(
            organisation=AGENCY,
            issuer=provider.issuer,
            audiences=(AUDIENCE,),
            algorithms=(provider.algorithm,),
            profile="rfc9068",
            roles_from=(RoleMapping("groups", "isa-practitioners", "practitioner"),),
        ),
        ClientGranted(organisation=AGENCY, client=MACHINE, scopes=("checks:ask",)),
    )
    yield demonstration
    register(demonstration, IssuerRemoved(AGENCY, provider.issuer), ClientRevoked(AGENCY, MACHINE))
