"""A checkpoint together with the signatures of the log that made it, and of the witnesses that saw it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from isa_verify.checkpoint import Checkpoint
from isa_verify.errors import VerificationError
from isa_verify.log_keys import Keys, log_keys, log_origin
from isa_verify.note import SignatureLine, VerifiedSignature, open_note
from isa_verify.policy import Policy, cosigners

__all__ = ["Assurance", "SignedCheckpoint", "log_origin", "open_signed_checkpoint"]

Assurance: TypeAlias = Literal["operator", "witnessed"]
"""On whose word the log is the one that everybody else sees: the operator's alone, or a quorum of witnesses'."""


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint that every given key which holds for its size has signed; `data` is the note, verbatim.

    `cosigners` are the policy's witnesses that cosigned it, by their name there, with the time in POSIX seconds.
    Nothing is known about the lines in `unverified`.
    """

    checkpoint: Checkpoint
    data: bytes
    verified: tuple[VerifiedSignature, ...]
    unverified: tuple[SignatureLine, ...]
    cosigners: Mapping[str, int] = field(default_factory=dict)
    assurance: Assurance = "operator"


def open_signed_checkpoint(data: bytes, keys: Keys, policy: Policy | None = None) -> SignedCheckpoint:
    """Return the checkpoint of a note that its log has signed, and the quorum cosigned where a policy is given.

    1. Every line of a given key holds, and there is one.
    2. The checkpoint is of the log that the keys belong to.
    3. No key has signed a size beyond its last. The line of one that signed before its first is an unknown key's.
    4. Every key that holds for it has signed, and there is one.
    5. With a policy: every line of a witness holds, and those witnesses make up the quorum.

    Raises `VerificationError` `signature-invalid`, `signature-missing`, `origin-mismatch`, `key-beyond-range`,
    `cosignature-invalid`, `cosignature-undated`, `quorum-short`, and `MalformedError`.
    """
    # 1.
    held = log_keys(keys)
    note = open_note(data, [one.key for one in held])

    # 2.
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != held[0].key.name:
        raise VerificationError("origin-mismatch", "The checkpoint is of another log than the keys given.")

    # 3.
    if any(note.signed_by(one.key) for one in held if one.ended_before(checkpoint.size)):
        raise VerificationError(
            "key-beyond-range",
            "A key has signed a checkpoint of a size that it no longer holds for: keep the checkpoint.",
        )

    # 4.
    holding = [one for one in held if one.holds_for(checkpoint.size)]
    if not holding or not all(note.signed_by(one.key) for one in holding):
        raise VerificationError("signature-missing", "One of the given keys has not signed the checkpoint.")
    signing = {one.key for one in holding}
    verified = tuple(one for one in note.verified if one.key in signing)
    if policy is None:
        return SignedCheckpoint(checkpoint, data, verified, note.unverified)

    # 5.
    times = cosigners(data, checkpoint, policy)
    if not policy.satisfied_by(times):
        raise VerificationError(
            "quorum-short",
            f"{len(times)} of the policy's {len(policy.witnesses)} witnesses have cosigned, which is not its quorum.",
        )
    known = {(witness.key.name, witness.key.key_id) for witness in policy.witnesses}
    unverified = tuple(line for line in note.unverified if (line.name, line.key_id) not in known)
    return SignedCheckpoint(
        checkpoint, data, verified, unverified, times, "witnessed" if policy.demands_witnesses else "operator"
    )
