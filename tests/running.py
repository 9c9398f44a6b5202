"""A registry that runs on a real database, and what signs its checkpoints, for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from isa_registry.domain.entries import RegistryOpened
from isa_registry.domain.party_entries import OrganisationRegistered
from isa_registry.ledger.checkpoints import LogKeys, LogSigner
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.checkpoints.checkpointer import Checkpointer
from isa_registry.runtime.checkpoints.outside_store import OutsideReader, OutsideStore, OutsideStoreMoved
from isa_registry.runtime.checkpoints.publisher import Witnessing
from isa_registry.runtime.registry import Registry, wall_clock

ORIGIN = "test.isa-registry.invalid/durham"
SIGNER = LogSigner(
    origin=ORIGIN,
    ed25519=Ed25519PrivateKey.from_private_bytes(bytes(range(32))),
    ml_dsa_44=MLDSA44PrivateKey.from_seed_bytes(bytes(range(32))),
)


NEXT = LogSigner(
    origin=ORIGIN,
    ed25519=Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64))),
    ml_dsa_44=MLDSA44PrivateKey.from_seed_bytes(bytes(range(32, 64))),
)
"""The keys that follow `SIGNER`'s where a test rotates them."""


def signer_of(origin: str) -> LogSigner:
    """The test keys under another log's name."""
    return LogSigner(origin=origin, ed25519=SIGNER.ed25519, ml_dsa_44=SIGNER.ml_dsa_44)


def vkeys_of(origin: str) -> tuple[str, str]:
    return signer_of(origin).vkeys


class Remembered:
    """An outside store in memory."""

    def __init__(self, note: bytes | None = None) -> None:
        self.note = note

    def load(self) -> bytes | None:
        return self.note

    def swap(self, previous: bytes | None, new: bytes) -> None:
        if self.note != previous:
            raise OutsideStoreMoved("The store in memory holds another checkpoint.")
        self.note = new


@asynccontextmanager
async def checkpointing(
    database_url: str,
    outside: OutsideStore | None = None,
    *,
    witnesses: Witnessing | None = None,
    signer: LogSigner = SIGNER,
) -> AsyncIterator[Checkpointer]:
    """The process that signs. Without an outside store it begins one with what the database holds."""
    checkpointer = Checkpointer(
        database_url,
        signer,
        Remembered() if outside is None else outside,
        now=wall_clock,
        witnesses=witnesses,
        adopt=outside is None,
    )
    await checkpointer.start()
    try:
        yield checkpointer
    finally:
        await checkpointer.stop()


@asynccontextmanager
async def working(
    database_url: str, outside: OutsideReader | None = None, *, keys: LogKeys = SIGNER.keys
) -> AsyncIterator[Registry]:
    """One worker. It sees the outside store, or waits for the word of whoever signs."""
    registry = Registry(database_url, keys, outside=outside)
    await registry.start()
    try:
        yield registry
    finally:
        await registry.stop()


@asynccontextmanager
async def running(database_url: str) -> AsyncIterator[Registry]:
    """A worker and, beside it, what signs; several of them on one database take turns at signing."""
    async with checkpointing(database_url), working(database_url) as registry:
        yield registry


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
