"""Signing what the log commits to, and proving that an entry is in it (C2SP tlog-checkpoint, tlog-proof)."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Struct

from isa_verify.checkpoint import Checkpoint
from isa_verify.note import format_note, sign_ed25519, vkey_of

_ED25519 = 0x01


class LogSigner(Struct, frozen=True):
    """The log's own key: its name is the origin, and it signs checkpoints and nothing else."""

    origin: str
    key: Ed25519PrivateKey

    @property
    def vkey(self) -> str:
        """The verifier key that auditors pin (C2SP signed-note)."""
        public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return vkey_of(self.origin, _ED25519, public)

    def sign(self, size: int, root: bytes) -> bytes:
        """The signed note over a checkpoint. Ed25519 is deterministic: the same checkpoint gives the same bytes."""
        text = Checkpoint(origin=self.origin, size=size, root=root).text()
        return format_note(text, [sign_ed25519(self.origin, self.key, text)])
