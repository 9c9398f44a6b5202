"""A checkpoint together with the signatures of the log that made it."""

from collections.abc import Sequence
from dataclasses import dataclass

from isa_verify.checkpoint import Checkpoint
from isa_verify.errors import MalformedError, VerificationError
from isa_verify.note import ED25519, ML_DSA_44, SignatureLine, VerifiedSignature, VerifierKey, open_note


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint that every given key of its log has signed; `data` is the note, verbatim."""

    checkpoint: Checkpoint
    data: bytes
    verified: tuple[VerifiedSignature, ...]
    unverified: tuple[SignatureLine, ...]


def log_origin(keys: Sequence[VerifierKey]) -> str:
    """Return the origin of the log that these keys belong to: their common name.

    Raises `MalformedError` `keys-unsuitable` for no key, keys of several logs, and keys of witnesses.
    """
    names = {key.name for key in keys}
    if len(names) != 1 or any(key.type not in (ED25519, ML_DSA_44) for key in keys):
        raise MalformedError("keys-unsuitable", "The keys given are not the keys of one log.")
    return names.pop()


def open_signed_checkpoint(data: bytes, keys: Sequence[VerifierKey]) -> SignedCheckpoint:
    """Return the checkpoint of a note that each of these keys, all of one log, has signed.

    Raises `VerificationError` `signature-invalid`, `signature-missing` or `origin-mismatch`, and
    `MalformedError`.
    """
    origin = log_origin(keys)
    note = open_note(data, keys)
    if not all(note.signed_by(key) for key in keys):
        raise VerificationError("signature-missing", "One of the given keys has not signed the checkpoint.")
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != origin:
        raise VerificationError("origin-mismatch", "The checkpoint is of another log than the keys given.")
    return SignedCheckpoint(checkpoint, data, note.verified, note.unverified)
