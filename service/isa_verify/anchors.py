"""Checkpoints that a log must extend: what was seen of it before, and what is proved of it otherwise."""

from dataclasses import dataclass

from isa_verify.checkpoint import Checkpoint
from isa_verify.errors import InconsistentLogError, MalformedError, VerificationError
from isa_verify.memory import Memory
from isa_verify.note import parse_note
from isa_verify.signed_checkpoint import SignedCheckpoint


@dataclass(frozen=True, slots=True)
class Anchor:
    """A checkpoint that the log must extend; `note` is its evidence."""

    checkpoint: Checkpoint
    note: bytes | None
    code: str

    def refuse_rollback(self, signed: SignedCheckpoint) -> None:
        known, now = self.checkpoint, signed.checkpoint
        if now.size < known.size:
            raise InconsistentLogError(
                "log-shrank",
                f"The log has {now.size} entries, fewer than the {known.size} last seen.",
                self.note or b"",
                signed.data,
            )
        if now.size == known.size and now.root != known.root:
            raise InconsistentLogError(
                "log-forked",
                f"The log has signed two different histories of its first {known.size} entries.",
                self.note or b"",
                signed.data,
            )

    def mismatch(self, signed: SignedCheckpoint) -> VerificationError:
        if self.code == "rotation-mismatch":
            return VerificationError(
                "rotation-mismatch", "A rotation of the log's keys is not of the log that is read."
            )
        if self.code == "continuation-mismatch":
            return VerificationError("continuation-mismatch", "The continuation is not of the log that is read.")
        return InconsistentLogError(
            "log-forked",
            "The log no longer begins with the entries that it had when it was last checked.",
            self.note or b"",
            signed.data,
        )


def anchors_of(memory: Memory, origin: str) -> list[Anchor]:
    """The checkpoints that were seen before: the last one verified, and the one of a run that was interrupted."""
    anchors = []
    for note in (memory.note, None if memory.prefix is None else memory.prefix.note):
        if note is not None:
            checkpoint = Checkpoint.parse(parse_note(note).text)
            if checkpoint.origin != origin:
                raise MalformedError(
                    "origin-mismatch", "The remembered checkpoint is of another log than the keys given."
                )
            anchors.append(Anchor(checkpoint, note, "log-forked"))
    return anchors
