"""Follow a log that continues another (docs/formats/continuation.md)."""

from dataclasses import dataclass
from typing import Final

from isa_verify.checkpoint import Checkpoint
from isa_verify.errors import InconsistentLogError, MalformedError, VerificationError
from isa_verify.leaf import Leaf
from isa_verify.log_keys import Keys, log_origin
from isa_verify.merkle import leaf_hash
from isa_verify.note import parse_note
from isa_verify.receipt import Receipt, open_receipt
from isa_verify.signed_checkpoint import SignedCheckpoint, open_signed_checkpoint

KIND: Final = "log.continued"
INDEX: Final = 1
REASONS: Final = frozenset({"database-restored", "database-lost", "operator-changed", "keys-lost"})

_MEMBERS = {"kind", "old_origin", "old_checkpoint", "reason"}


@dataclass(frozen=True, slots=True)
class Continuation:
    """A log continues another, which ended at a signed checkpoint.

    `leaf_hash` is that of the entry that says so, `checkpoint` the new log's that proved it. `unseen` is how many
    entries of the old log were never compared with what is remembered of it; None where nothing is.
    """

    old: SignedCheckpoint
    reason: str
    leaf_hash: bytes
    checkpoint: Checkpoint
    unseen: int | None


def follow_continuation(receipt: bytes, keys: Keys, old_keys: Keys, old_note: bytes | None) -> Continuation:
    """Verify the receipt by which a log says that it continues another, against what is remembered of that one.

    Raises `MalformedError` `continuation-malformed`; `VerificationError` `continuation-mismatch` where it is another
    log than the old keys'; `InconsistentLogError` `continuation-lost-entries` or `log-forked` where the old log had
    ended otherwise; and as `open_receipt` and `open_signed_checkpoint`.
    """
    verified, signed = open_receipt(receipt, keys)
    leaf = Receipt.parse(receipt).leaf
    payload = verified.payload
    if payload.keys() != _MEMBERS or Leaf.parse(leaf).kind != KIND or verified.index != INDEX:
        raise _malformed("is not the second entry of its log, with exactly the members of a continuation")
    old_origin, old_checkpoint, reason = (payload[name] for name in ("old_origin", "old_checkpoint", "reason"))
    if not isinstance(old_origin, str) or not isinstance(old_checkpoint, str) or reason not in REASONS:
        raise _malformed("lacks the old log's origin, its checkpoint or a known reason")
    if old_origin == verified.origin:
        raise _malformed("names its own log as the one that ended")
    if old_origin != log_origin(old_keys):
        raise VerificationError("continuation-mismatch", "The log continues another log than the old keys given.")
    old = open_signed_checkpoint(old_checkpoint.encode(), old_keys)
    remembered = None if old_note is None else Checkpoint.parse(parse_note(old_note).text)
    if remembered is not None and old_note is not None:
        _compare(remembered, old_note, old)
    return Continuation(
        old=old,
        reason=str(reason),
        leaf_hash=leaf_hash(leaf),
        checkpoint=signed.checkpoint,
        unseen=None if remembered is None else old.checkpoint.size - remembered.size,
    )


def _compare(remembered: Checkpoint, note: bytes, old: SignedCheckpoint) -> None:
    if old.checkpoint.size < remembered.size:
        raise InconsistentLogError(
            "continuation-lost-entries",
            f"The old log is said to have ended at {old.checkpoint.size} entries, but had {remembered.size}.",
            note,
            old.data,
        )
    if old.checkpoint.size == remembered.size and old.checkpoint.root != remembered.root:
        raise InconsistentLogError(
            "log-forked", "The old log is said to have ended with other entries than it had.", note, old.data
        )


def _malformed(what: str) -> MalformedError:
    return MalformedError("continuation-malformed", f"The entry that continues another log {what}.")
