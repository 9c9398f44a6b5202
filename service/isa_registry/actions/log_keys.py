"""Changing the log's own keys, by one entry (docs/formats/key-rotation.md)."""

from __future__ import annotations

from collections.abc import Sequence

from isa_registry.domain.log_key_entries import BeginningKey, EndingKey, LogKeyRotated
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Draft
from isa_registry.ledger.log_keys import LogKeys, read_rotation
from isa_verify.errors import VerificationError
from isa_verify.log_keys import LogKey
from isa_verify.note import ED25519, ML_DSA_44, VerifierKey

SCHEDULED = "scheduled"
COMPROMISE = "compromise"


def stated(*, reason: str, old: Sequence[LogKey], to: int, new: Sequence[VerifierKey], first: int) -> LogKeyRotated:
    """The payload that ends some keys at the size `to` and begins others at `first`."""
    ending = sorted(old, key=lambda one: (one.key.type, str(one.key)))
    beginning = sorted(new, key=lambda key: (key.type, str(key)))
    return LogKeyRotated(
        reason=reason,
        old=tuple(EndingKey(to=to, vkey=str(one.key)) for one in ending),
        new=tuple(BeginningKey(first=first, vkey=str(key)) for key in beginning),
    )


def rotate(keys: LogKeys, rotated: LogKeyRotated, *, at_index: int | None = None) -> Draft:
    """The entry that changes the keys of the log that `keys` pin; `at_index` where it must be that entry or none.

    Refused at the tail, each with a sentence: `unprocessable` for what verifiers would not read, for keys that are not
    in use or were before, and unless one key of each type is left; `conflict` while an earlier rotation is not over, or
    the log has grown past an old key.
    """

    def holds(view: RegisterView, at: str) -> None:
        index = view.size
        if at_index is not None and index != at_index:
            raise Refused("conflict", "The log has grown meanwhile.")
        if rotated.reason == SCHEDULED and any(ending.to <= index for ending in rotated.old):
            raise Refused("conflict", "The log has grown past the last size of an old key. Choose a later one.")
        known = keys.after(view.log_key_rotations()).trusted
        try:
            rotation = read_rotation(keys.origin, index, rotated).rotation
            in_use = {one.key for one in known if one.holds_for(index)}
            if not in_use.issuperset(key for key, _ in rotation.old):
                raise Refused("unprocessable", "A key that is to end is not in use.")
            if {one.key for one in known}.intersection(key for key, _ in rotation.new):
                raise Refused("unprocessable", "A key that is to begin has been a key of this log before.")
            after = rotation.applied_to(known)
        except VerificationError as error:
            raise Refused("unprocessable", error.detail) from None
        if rotated.reason == SCHEDULED and any(one.last is not None for one in known if one.key in in_use):
            raise Refused("conflict", "An earlier rotation is not over: keys that it ends still sign.")
        if sorted(one.key.type for one in after if one.last is None) != [ED25519, ML_DSA_44]:
            raise Refused("unprocessable", "A log has one Ed25519 and one ML-DSA-44 key: end and begin both.")

    return Draft(payloads=(rotated,), preconditions=(holds,))
