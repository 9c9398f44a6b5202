"""The register as bytes, so that a start need not fold the whole log. Same log, same bytes."""

from __future__ import annotations

import msgspec

from isa_registry.domain.access_entries import RoleGranted
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.entries import LogContinued, RegistryOpened
from isa_registry.domain.party_entries import OrganisationChanged, OrganisationRegistered
from isa_registry.domain.register.facts import (
    AgreementVersion,
    Attestation,
    Client,
    Companion,
    Declined,
    Delegation,
    Hold,
    Issuer,
    KeyRotation,
    LawfulBasis,
    Partnership,
    SigningKey,
)
from isa_registry.domain.register.law_fold import work_out_law
from isa_registry.domain.register.register import Register
from isa_registry.domain.retention import RetentionRule
from isa_registry.domain.verification_entries import LawChangeLookedAt, LawVerified

# Changes with any change to the fold or to a fact: a snapshot in another format is simply not read.
FORMAT = "11"

_SHELVES: dict[str, type] = {
    "verifications": dict[str, list[tuple[int, tuple[LawVerified, ...]]]],
    "law_looked_at": dict[str, list[tuple[int, LawChangeLookedAt]]],
    "partnerships": dict[str, list[tuple[int, Partnership]]],
    # As one was registered or changed: its kind tells which entry set it.
    "organisations": dict[str, list[tuple[int, OrganisationRegistered | OrganisationChanged]]],
    "delegations": dict[str, list[tuple[int, tuple[Delegation, ...]]]],
    "issuers": dict[str, list[tuple[int, tuple[Issuer, ...]]]],
    "clients": dict[str, list[tuple[int, Client]]],
    "keys": dict[str, list[tuple[int, SigningKey]]],
    "roles": dict[str, list[tuple[int, tuple[RoleGranted, ...]]]],
    "agreements": dict[str, list[tuple[int, AgreementVersion]]],
    "companions": dict[str, list[tuple[int, tuple[Companion, ...]]]],
    "attestations": dict[str, list[tuple[int, Attestation]]],
    "signatories": dict[str, list[tuple[int, tuple[str, ...]]]],
    "declined": dict[str, list[tuple[int, Declined]]],
    "lawful_bases": dict[str, list[tuple[int, tuple[LawfulBasis, ...]]]],
    "lawful_basis_keys": dict[str, list[tuple[int, tuple[str, ...]]]],
    "retention": dict[str, list[tuple[int, tuple[RetentionRule, ...]]]],
    "holds": dict[str, list[tuple[int, Hold]]],
    "log_key_rotations": dict[str, list[tuple[int, tuple[KeyRotation, ...]]]],
}  # fmt: skip


class _Image(msgspec.Struct, frozen=True):
    opened: list[tuple[int, RegistryOpened]]
    continued: list[tuple[int, LogContinued]]
    catalogue: msgspec.Raw
    shelves: dict[str, msgspec.Raw]


_encoder = msgspec.json.Encoder(order="sorted")

# The law has an order of its own: answers give guidance in that of the catalogue, so a sorted one answers otherwise.
_in_its_order = msgspec.json.Encoder()
_catalogue = msgspec.json.Decoder(list[tuple[int, Catalogue]])


def write_snapshot(register: Register, size: int | None = None) -> bytes:
    """The register as bytes, as the first `size` entries gave it; equal registers give equal bytes.

    With a size that it has already, it may grow meanwhile, on another thread.
    """
    shelves = {
        name: msgspec.Raw(
            _encoder.encode({key: history for key, line in list(shelf.items()) if (history := line.history(size))})
        )
        for name, shelf in register.shelves().items()
    }
    catalogue = msgspec.Raw(_in_its_order.encode(register.catalogue.history(size)))
    opened, continued = register.opened.history(size), register.continued.history(size)
    return _encoder.encode(_Image(opened=opened, continued=continued, catalogue=catalogue, shelves=shelves))


def read_snapshot(body: bytes) -> Register:
    """The register that `write_snapshot` wrote. Raises `msgspec.ValidationError` for anything else."""
    image = msgspec.json.decode(body, type=_Image)
    register = Register()
    changes: set[int] = set()
    for entry, opened in image.opened:
        register.opened.set(entry, opened)
        changes.add(entry)
    for entry, continued in image.continued:
        register.continued.set(entry, continued)
        changes.add(entry)
    for entry, catalogue in _catalogue.decode(image.catalogue):
        register.catalogue.set(entry, catalogue)
        changes.add(entry)
    for name, shelf in register.shelves().items():
        timelines: dict[str, list[tuple[int, object]]] = msgspec.json.decode(image.shelves[name], type=_SHELVES[name])
        for key, history in timelines.items():
            for entry, value in history:
                shelf[key].set(entry, value)
                changes.add(entry)
    work_out_law(register)
    for entry in sorted(changes):
        register.changed(entry)
    return register
