"""Logs that grow, fork and ask to be cosigned."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from isa_registry.ledger.witness import Cosigner, request_body
from isa_registry.runtime.witnesses.place import make_witness
from isa_verify.checkpoint import Checkpoint
from isa_verify.merkle import consistency_ranges, leaf_hash, root_of
from isa_verify.note import (
    ED25519,
    ML_DSA_44,
    SignatureLine,
    VerifiedSignature,
    VerifierKey,
    format_note,
    open_note,
    parse_note,
    sign_ed25519,
    sign_ml_dsa_44,
)

ORIGIN = "log.example.org/durham"
WITNESS = "witness.example.org/police"
NOW = 1_780_000_000


class GrowingLog:
    """A log of up to `length` entries. Logs of one origin sign with the same keys; `fork` says where two part."""

    def __init__(
        self,
        origin: str = ORIGIN,
        *,
        length: int = 40,
        fork: int | None = None,
        ed25519: Ed25519PrivateKey | None = None,
    ) -> None:
        self.origin = origin
        part = length if fork is None else fork
        entries = [b"entry %d" % index if index < part else b"other %d" % index for index in range(length)]
        self._hashes = [leaf_hash(entry) for entry in entries]
        seed = hashlib.sha256(origin.encode()).digest()
        self.ed25519 = ed25519 or Ed25519PrivateKey.from_private_bytes(seed)
        self.ml_dsa_44 = MLDSA44PrivateKey.from_seed_bytes(seed)

    @property
    def keys(self) -> tuple[VerifierKey, VerifierKey]:
        return (
            VerifierKey(self.origin, ED25519, self.ed25519.public_key().public_bytes_raw()),
            VerifierKey(self.origin, ML_DSA_44, self.ml_dsa_44.public_key().public_bytes_raw()),
        )

    def checkpoint(self, size: int) -> Checkpoint:
        return Checkpoint(self.origin, size, root_of(self._hashes[:size]))

    def note(self, size: int) -> bytes:
        return self.signed(self.checkpoint(size).text())

    def signed(self, text: bytes) -> bytes:
        lines = [sign_ed25519(self.origin, self.ed25519, text), sign_ml_dsa_44(self.origin, self.ml_dsa_44, text, NOW)]
        return format_note(text, lines)

    def proof(self, old: int, new: int) -> tuple[bytes, ...]:
        if old == 0 or old > new:
            return ()
        return tuple(root_of(self._hashes[start:end]) for start, end in consistency_ranges(old, new))

    def request(self, old: int, new: int) -> bytes:
        return request_body(old, self.proof(old, new), self.note(new))


def vkeys_of(*logs: GrowingLog) -> str:
    return "".join(f"{key}\n" for log in logs for key in log.keys)


def new_witness(directory: Path, name: str = WITNESS) -> Cosigner:
    return make_witness(directory, name)


def cosignatures(answer: bytes, note: bytes, keys: tuple[VerifierKey, ...]) -> tuple[VerifiedSignature, ...]:
    """The verified cosignatures of a witness's answer over a note; fails where a line is by anybody else."""
    lines = answer.decode().splitlines(keepends=True)
    assert lines
    parsed = parse_note(note)
    whole = parsed.text + b"\n" + "".join(lines).encode()
    opened = open_note(whole, keys)
    assert opened.unverified == ()
    return opened.verified


def without(note: bytes, key: VerifierKey) -> bytes:
    """The note without the lines of a key."""
    parsed = parse_note(note)
    return format_note(parsed.text, [line for line in parsed.signatures if line.key_id != key.key_id])


def with_lines(note: bytes, *lines: SignatureLine) -> bytes:
    parsed = parse_note(note)
    return format_note(parsed.text, [*parsed.signatures, *lines])
