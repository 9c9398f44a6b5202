"""Whether what is stored of an entry is what was logged: the look that comes before a stored payload is believed."""

from __future__ import annotations

from typing import Protocol

from isa_verify.errors import VerificationError
from isa_verify.leaf import Leaf, commitment


class Kept(Protocol):
    """An entry as it is stored, whoever read it: its place and time, its leaf, and what the leaf commits to."""

    @property
    def index(self) -> int: ...
    @property
    def at(self) -> str: ...
    @property
    def leaf(self) -> bytes: ...
    @property
    def payload(self) -> bytes | None: ...
    @property
    def salt(self) -> bytes | None: ...


def states_commitment_to(leaf: bytes, kind: str, payload: bytes, salt: bytes) -> bool:
    """Whether a leaf states what this payload of this kind gives. What else it says is not looked at: of many entries,
    that is what takes long."""
    try:
        return b'"commitment":"%b"' % commitment(kind, payload, salt).encode() in leaf
    except VerificationError:
        return False


def is_as_logged(entry: Kept) -> bool:
    """Whether the leaf is one, of this place and time, and commits to the payload, where that is there. That the leaf
    itself is in the signed tree, receipts and verifiers show."""
    try:
        leaf = Leaf.parse(entry.leaf)
        if (leaf.seq, leaf.at) != (entry.index, entry.at):
            return False
        if entry.payload is None or entry.salt is None:
            return entry.payload is entry.salt
        return leaf.commitment == commitment(leaf.kind, entry.payload, entry.salt)
    except VerificationError:
        return False
