"""Signing what the log commits to (C2SP tlog-checkpoint), with the keys that hold for its size and no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from msgspec import Struct
from msgspec.structs import replace

from isa_registry.ledger.log_keys import LoggedRotation, LogKeys, parse_log_keys
from isa_verify.checkpoint import Checkpoint
from isa_verify.note import (
    ED25519,
    ML_DSA_44,
    SignatureLine,
    VerifierKey,
    format_note,
    parse_note,
    sign_ed25519,
    sign_ml_dsa_44,
    vkey_of,
)

__all__ = ["LogKeyLacking", "LogKeys", "LogSigner", "only_lines_of", "parse_log_keys"]

_Sign = Callable[[bytes, int], SignatureLine]


class LogKeyLacking(Exception):
    """A key holds for the size that is to be signed, and is not held here. The message is fit for an operator."""

    code = "log-key-lacking"


class LogSigner(Struct, frozen=True):
    """The log's two private keys, and the two that are to follow them: their name is the origin, and they sign
    checkpoints and nothing else."""

    origin: str
    ed25519: Ed25519PrivateKey
    ml_dsa_44: MLDSA44PrivateKey
    following: LogSigner | None = None

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
        following = () if self.following is None else tuple(self.following.keys.verifiers)
        return LogKeys(origin=self.origin, vkeys=self.vkeys, following=following)

    def sign(self, size: int, root: bytes, at: int, rotations: Sequence[LoggedRotation] = ()) -> bytes:
        """The note over a checkpoint, with a line of each key that holds for its size, and one of each that is to
        follow and is in no rotation yet. ML-DSA-44 lines state `at`, in POSIX seconds.

        `rotations` are those of the log; those that the checkpoint covers count. A key signs no size that it does not
        hold for, whatever is configured. Raises `LogKeyLacking` where one that holds is not here. Each call gives other
        bytes: what was signed is kept, and never signed again.
        """
        held = self.held()
        covered = tuple(one for one in rotations if one.index < size)
        known = {one.key: one for one in replace(self.keys, rotations=covered).signing}
        holding = {key for key, one in known.items() if one.holds_for(size)}
        lacking = sorted(key.key_id.hex() for key in holding if key not in held)
        if lacking:
            raise LogKeyLacking(
                f"A checkpoint of {size} entries is to be signed by the log's key {' and by '.join(lacking)} too, "
                "which is not held here. Put its file back until the log needs it no more: see docs/operating.md, "
                "'Rotating the log's keys'."
            )
        text = Checkpoint(origin=self.origin, size=size, root=root).text()
        return format_note(text, [sign(text, at) for key, sign in held.items() if key not in known or key in holding])

    def held(self) -> dict[VerifierKey, _Sign]:
        """How each key signs a text at a time, in the order of their lines."""
        one, other = self.keys.verifiers
        held: dict[VerifierKey, _Sign] = {
            one: lambda text, _at: sign_ed25519(self.origin, self.ed25519, text),
            other: lambda text, at: sign_ml_dsa_44(self.origin, self.ml_dsa_44, text, at),
        }
        return held if self.following is None else held | self.following.held()


def only_lines_of(note: bytes, keys: Sequence[VerifierKey]) -> bytes | None:
    """The note with the lines of these keys alone; None where it has none of them, or no others to leave away."""
    parsed = parse_note(note)
    named = {(key.name, key.key_id) for key in keys}
    lines = [line for line in parsed.signatures if (line.name, line.key_id) in named]
    return format_note(parsed.text, lines) if 0 < len(lines) < len(parsed.signatures) else None
