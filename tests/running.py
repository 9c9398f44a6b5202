"""A registry that runs on a real database, for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from isa_registry.domain.entries import OrganisationRegistered, RegistryOpened
from isa_registry.ledger.checkpoints import LogSigner
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.registry import Registry

ORIGIN = "test.isa-registry.invalid/durham"
LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNER = LogSigner(origin=ORIGIN, key=LOG_KEY)


@asynccontextmanager
async def running(database_url: str) -> AsyncIterator[Registry]:
    registry = Registry(database_url, SIGNER)
    await registry.start()
    try:
        yield registry
    finally:
        await registry.stop()


def opening() -> Draft:
    return Draft(
        payloads=(
            RegistryOpened(
                origin=ORIGIN,
                partnership="durham",
                partnership_name="A partnership",
                lead_body="a-council",
                attestation_key={},
            ),
        )
    )


def body(number: int) -> Draft:
    return Draft(
        payloads=(
            OrganisationRegistered(organisation=f"body-{number}", name=f"Body {number}", organisation_kind="voluntary"),
        )
    )
