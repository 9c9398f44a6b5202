"""Signing what the log commits to, and proving that an entry is in it (C2SP tlog-checkpoint, tlog-proof)."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from msgspec import Struct

from isa_verify.checkpoint import Checkpoint
from isa_verify.errors import MalformedError
from isa_verify.note import (
    ED25519,
    ML_DSA_44,
    VerifierKey,
    format_note,
    sign_ed25519,
    sign_ml_dsa_44,
    vkey_of,
)
from isa_verify.signed_checkpoint import SignedCheckpoint, log_origin, open_signed_checkpoint


class LogKeys(Struct, frozen=True):
    """The log's public keys, as verifier keys (C2SP signed-note): Ed25519 first, then ML-DSA-44."""

    origin: str
    vkeys: tuple[str, ...]

    @property
    def verifiers(self) -> list[VerifierKey]:
        """The keys in a form that verifies."""
        return [VerifierKey.parse(vkey) for vkey in self.vkeys]

    def open(self, note: bytes) -> SignedCheckpoint:
        """The checkpoint of a note that every one of these keys has signed. Raises as `open_signed_checkpoint`."""
        return open_signed_checkpoint(note, self.verifiers)


def parse_log_keys(origin: str, text: str) -> LogKeys:
    """The keys that a text lists, one to a line or separated by commas.

    Raises ValueError, with a sentence, unless they are one Ed25519 and one ML-DSA-44 key of the log `origin`.
    """
    vkeys = tuple(vkey for vkey in text.replace(",", " ").split() if vkey)
    try:
        keys = [VerifierKey.parse(vkey) for vkey in vkeys]
        named = log_origin(keys)
    except MalformedError as error:
        raise ValueError(error.detail) from None
    if [key.type for key in keys] != [ED25519, ML_DSA_44]:
        raise ValueError("The log has two verifier keys: Ed25519 first, then ML-DSA-44.")
    if named != origin:
        raise ValueError("The verifier keys are of another log.")
    return LogKeys(origin=origin, vkeys=vkeys)


class LogSigner(Struct, frozen=True):
    """The log's two private keys: their name is the origin, and they sign checkpoints and nothing else."""

    origin: str
    ed25519: Ed25519PrivateKey
    ml_dsa_44: MLDSA44PrivateKey

    @property
    def vkeys(self) -> tuple[str, str]:
        """The verifier keys that auditors pin: Ed25519, ML-DSA-44."""
        return (
            vkey_of(self.origin, ED25519, self.ed25519.public_key().public_bytes_raw()),
            vkey_of(self.origin, ML_DSA_44, self.ml_dsa_44.public_key().public_bytes_raw()),
        )

    @property
    def keys(self) -> LogKeys:
        """The public half."""
        return LogKeys(origin=self.origin, vkeys=self.vkeys)

    def sign(self, size: int, root: bytes, at: int) -> bytes:
        """The note over a checkpoint with both signatures; the second states `at`, in POSIX seconds.

        Each call gives other bytes: what was signed is kept, and never signed again.
        """
        text = Checkpoint(origin=self.origin, size=size, root=root).text()
        return format_note(
            text,
            [
                sign_ed25519(self.origin, self.ed25519, text),
                sign_ml_dsa_44(self.origin, self.ml_dsa_44, text, at),
            ],
        )
