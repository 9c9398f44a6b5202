"""The log's verifier keys through its rotations: which hold for which sizes (docs/formats/key-rotation.md).

Only the log itself changes its keys: those that a setting pins are followed through the rotations that are logged, in
both directions, so that it may pin the keys the log was founded with, or any that came after.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from isa_registry.domain.entries import encode_payload
from isa_registry.domain.log_key_entries import LogKeyRotated
from isa_registry.domain.register.facts import KeyRotation
from isa_verify.errors import MalformedError, VerificationError
from isa_verify.log_keys import LogKey, log_origin
from isa_verify.note import ED25519, ML_DSA_44, VerifierKey, open_note
from isa_verify.rotations import Rotation
from isa_verify.signed_checkpoint import SignedCheckpoint, open_signed_checkpoint


class LoggedRotation(Struct, frozen=True):
    """A rotation, and the index of the entry that states it."""

    index: int
    rotation: Rotation


def read_rotation(origin: str, index: int, payload: LogKeyRotated) -> LoggedRotation:
    """The rotation that an entry's payload states. Raises `MalformedError` as `Rotation.read` does."""
    stated = msgspec.json.decode(encode_payload(payload))
    return LoggedRotation(index=index, rotation=Rotation.read(stated, origin, index))


class LogKeys(Struct, frozen=True):
    """The log's public keys. `vkeys` are those that a setting pins, Ed25519 first, then ML-DSA-44."""

    origin: str
    vkeys: tuple[str, ...]
    rotations: tuple[LoggedRotation, ...] = ()
    following: tuple[VerifierKey, ...] = ()
    """Those that are to follow, where they are known: they sign already, and are the log's only once it says so."""

    @property
    def verifiers(self) -> list[VerifierKey]:
        """The pinned keys in a form that verifies."""
        return [VerifierKey.parse(vkey) for vkey in self.vkeys]

    @property
    def trusted(self) -> tuple[LogKey, ...]:
        """Every key that the log has had, newest first, with the sizes for which an auditor trusts it."""
        return self._followed(tuple(one.rotation for one in self.rotations))

    @property
    def signing(self) -> tuple[LogKey, ...]:
        """Every key that the log has had, newest first, with the sizes that it signed.

        It is another thing than trust after a compromise alone: the operator went on signing with the key until it was
        found out, up to the entry that says so.
        """
        return self._followed(tuple(_as_signed(one) for one in self.rotations))

    @property
    def current(self) -> tuple[str, ...]:
        """The keys that no rotation has ended."""
        return tuple(str(one.key) for one in self.trusted if one.last is None)

    def next_stop(self, signed: int, size: int) -> int:
        """The size to sign next, after `signed` and up to `size`: a key that hands over signs its last size, so that
        there is a checkpoint which old and new keys have both signed. What a compromise puts an end to does not."""
        replaced = [one.index for one in self.rotations if one.rotation.reason == "compromise"]
        over = max((index for index in replaced if signed <= index < size), default=-1)
        scheduled = (one.rotation for one in self.rotations if one.rotation.reason == "scheduled" and one.index > over)
        return min([size, *(to for one in scheduled for _, to in one.old if signed < to < size)])

    def after(self, rotations: Sequence[KeyRotation]) -> LogKeys:
        """These keys, followed through the rotations that a register holds. Raises as `read_rotation` does."""
        read = tuple(read_rotation(self.origin, one.entry, one.rotated) for one in rotations)
        return msgspec.structs.replace(self, rotations=read)

    def open(self, note: bytes) -> SignedCheckpoint:
        """The checkpoint of a note that every key which signs its size has signed, and no other key of this log.

        Raises as `open_signed_checkpoint`; `key-beyond-range` is a retired key's.
        """
        return open_signed_checkpoint(note, self.signing)

    def open_shown(self, note: bytes) -> SignedCheckpoint:
        """The checkpoint of a note as a witness shows it: with the lines of those keys of this log that it knows.

        They are at least one of each type that signs its size, or is to follow. Raises as `open` does.
        """
        try:
            return self.open(note)
        except VerificationError as error:
            if error.code != "signature-missing":
                raise
        known = {one.key for one in self.signing}
        opened = open_note(note, [*known, *(key for key in self.following if key not in known)])
        signed = [one.key for one in opened.verified]
        if {key.type for key in signed} != {ED25519, ML_DSA_44}:
            raise VerificationError("signature-missing", "Keys of this log have not signed the checkpoint.")
        beside = [LogKey(key) for key in signed if key not in known]
        holding = [one for one in self.signing if one.key in signed]
        return open_signed_checkpoint(note, [*holding, *beside])

    def _followed(self, rotations: Sequence[Rotation]) -> tuple[LogKey, ...]:
        begun = {key for one in rotations for key, _ in one.new}
        named = [key for one in rotations for key, _ in one.old] + self.verifiers
        keys: tuple[LogKey, ...] = tuple(LogKey(key) for key in dict.fromkeys(named) if key not in begun)
        for one in rotations:
            keys = one.applied_to(keys)
        return tuple(sorted(keys, key=lambda one: (-one.first, one.key.type)))


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


def _as_signed(logged: LoggedRotation) -> Rotation:
    """What the keys that end have signed: after a compromise, every size until the entry was there."""
    stated = logged.rotation
    if stated.reason == "scheduled":
        return stated
    return Rotation(stated.reason, tuple((key, max(to, logged.index)) for key, to in stated.old), stated.new)
