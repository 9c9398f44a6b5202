"""Reading the log that is to be continued from a whole evidence bundle, where no database of it is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

from isa_registry.domain.entries import RegistryOpened
from isa_registry.domain.register.influence import Folded
from isa_registry.runtime.continuing.old_log import OldLog, OldLogRefused, refuse_fork, register_payload
from isa_verify.evidence import verify_evidence
from isa_verify.evidence_parts import Entry, ErasedBy, Present, read_parts
from isa_verify.leaf import RECORD, Leaf
from isa_verify.log_keys import Keys
from isa_verify.merkle import leaf_hash
from isa_verify.signed_checkpoint import open_signed_checkpoint


def read_old_evidence(opened: Callable[[], BinaryIO], keys: Keys, note: bytes) -> OldLog:
    """The log that a bundle holds whole; `opened` opens its file, twice. `note` is the last checkpoint that the log
    signed.

    Raises `VerificationError` where bundle or note do not verify with the keys; `OldLogRefused`: `old-log-in-part` for
    a bundle that is a selection, or withholds part of the register, and as `read_old_log`.
    """
    last = open_signed_checkpoint(note, keys)
    with opened() as file:
        verified = verify_evidence(file, keys)
    if verified.head.scope != "whole":
        raise OldLogRefused("old-log-in-part", "The evidence is a selection. Only one of the whole log will do.")
    own = verified.signed.checkpoint
    if own.size > last.checkpoint.size:
        raise OldLogRefused(
            "checkpoint-older",
            f"The checkpoint given is of {last.checkpoint.size} entries, and the evidence has a later one, of "
            f"{own.size}. Give the last that the log signed.",
        )
    refuse_fork(last, verified.signed)
    with opened() as file:
        found = list(_register(file))
    entries = tuple(entry for entry, _ in found)
    if not entries or not isinstance(entries[0].payload, RegistryOpened):
        raise OldLogRefused("old-log-in-part", "The evidence does not hold the entry that the log began with.")
    hashes = {entry.index: digest for entry, digest in found}
    return OldLog(last=last, size=own.size, vouched=own.size, differs=False, entries=entries, hashes=hashes)


def read_register(opened: Callable[[], BinaryIO]) -> list[Folded]:
    """The register's entries of a bundle that was verified, less those erased."""
    with opened() as file:
        return [entry for entry, _ in _register(file)]


def _register(file: BinaryIO) -> Iterator[tuple[Folded, bytes]]:
    """The register's entries that are not erased, each with its leaf hash."""
    for _, part in read_parts(file):
        if not isinstance(part, Entry):
            continue
        leaf = Leaf.parse(part.leaf)
        if leaf.kind == RECORD or isinstance(part.payload, ErasedBy):
            continue
        if not isinstance(part.payload, Present):
            raise OldLogRefused(
                "old-log-in-part", f"The evidence withholds entry {leaf.seq}, which is of the register."
            )
        payload = register_payload(leaf.seq, part.payload.payload)
        yield Folded(index=leaf.seq, at=leaf.at, payload=payload), leaf_hash(part.leaf)
