"""The register from the stored log alone: entries in order, each payload held against what its leaf commits to."""

from __future__ import annotations

from isa_registry.domain.entries import decode_payload
from isa_registry.domain.keeping_entries import PayloadErased
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.register import Register
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.store import erasure, log
from isa_registry.store.pool import Connection
from isa_verify.leaf import Leaf, commitment

PAGE = 10_000
"""How many entries are read at a time."""


async def fold(connection: Connection, size: int) -> Register:
    """The register after the first `size` entries, from the log alone."""
    register = Register()
    for start in range(0, size, PAGE):
        await fold_range(connection, register, start, min(size, start + PAGE))
    return register


async def fold_range(connection: Connection, register: Register, start: int, end: int) -> None:
    """Folds the entries from `start` up to `end`, less those that the log says are erased. Raises `LogDisagrees`."""
    erased = {index for index, by in await erasure.register_erasures(connection, start, end) if _names(by, index)}
    try:
        entries = await log.register_entries(connection, start, end, erased=erased)
    except log.PayloadMissing as missing:
        raise LogDisagrees(str(missing)) from None
    for entry in entries:
        apply(register, entry.index, entry.at, decode_payload(committed_payload(entry)))


def _names(entry: log.StoredEntry, index: int) -> bool:
    """Whether an entry erases the one at `index`. A row that says so is not enough: it could hide a revocation."""
    payload = decode_payload(committed_payload(entry))
    return isinstance(payload, PayloadErased) and payload.index == index


def committed_payload(entry: log.StoredEntry) -> bytes:
    """The payload of an entry, if it is the one that the leaf commits to. Raises `LogDisagrees`."""
    leaf = Leaf.parse(entry.leaf)
    if (leaf.seq, leaf.at, leaf.commitment) != (
        entry.index,
        entry.at,
        commitment(leaf.kind, entry.payload, entry.salt),
    ):
        raise LogDisagrees(f"the payload of entry {entry.index} is not what its leaf commits to")
    return entry.payload
