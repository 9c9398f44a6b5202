"""The document by which a body signs exactly these words: isa-attestation+jws."""

from __future__ import annotations

import base64
from typing import Literal

import msgspec
from msgspec import Struct


class Signatory(Struct, frozen=True, forbid_unknown_fields=True):
    """Who signs: a role, and a reference that only their body can resolve. Never a name."""

    role: str
    ref: str


class AttestationConsulted(Struct, frozen=True, forbid_unknown_fields=True):
    """Who was asked before signing, by role, and the day."""

    role: str
    on: str


class AttestationAuthority(Struct, frozen=True, forbid_unknown_fields=True):
    """On what authority the signatory signs for the body; `reference` is the body's own."""

    code: Literal["office-holder", "scheme-of-delegation", "board-resolution"]
    reference: str


class AttestationDocument(Struct, frozen=True, forbid_unknown_fields=True):
    """The claims of an isa-attestation+jws: a body signs exactly these words and this schedule. Hashes are lower-case
    hex SHA-256 of the text (UTF-8, LF) and of the schedule (RFC 8785). `reservations` are purposes not accepted."""

    v: Literal[1]
    registry: str
    partnership: str
    agreement: str
    version: str
    text_sha256: str
    schedule_sha256: str
    organisation: str
    signatory: Signatory
    consulted: tuple[AttestationConsulted, ...]
    authority: AttestationAuthority
    reservations: tuple[str, ...]
    attested_at: str
    signed_by: Literal["organisation", "registry"]


class AttestationClaims(Struct, frozen=True):
    """What the fold reads of an isa-attestation+jws; the signature was verified before the entry was made. `registry`
    is the origin of the log that it was made for."""

    agreement: str
    version: str
    text_sha256: str
    schedule_sha256: str
    organisation: str
    signatory: Signatory
    attested_at: str
    reservations: tuple[str, ...] = ()
    registry: str = ""
    signed_by: str = ""


def read_attestation(jws: str) -> AttestationClaims:
    """The claims of a compact isa-attestation+jws, unverified."""
    body = jws.split(".")[1]
    return msgspec.json.decode(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)), type=AttestationClaims)
