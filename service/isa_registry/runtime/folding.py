"""The register from the stored log alone: entries in order, each payload held against what its leaf commits to."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from isa_registry.domain.entries import Payload, decode_payload
from isa_registry.domain.keeping_entries import PayloadErased
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.register import Register
from isa_registry.ledger.committed import Kept, is_as_logged
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.store import erasure, log
from isa_registry.store.pool import Connection

_Kind = TypeVar("_Kind")

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
        apply(register, entry.index, entry.at, payload_as_logged(entry))


def _names(entry: log.StoredEntry, index: int) -> bool:
    """Whether an entry erases the one at `index`. A row that says so is not enough: it could hide a revocation."""
    payload = payload_as_logged(entry)
    return isinstance(payload, PayloadErased) and payload.index == index


def committed_payload(entry: Kept) -> bytes:
    """The payload of an entry, if it is the one that the leaf commits to. Raises `LogDisagrees`."""
    if entry.payload is None or not is_as_logged(entry):
        raise LogDisagrees(f"the payload of entry {entry.index} is not what its leaf commits to")
    return entry.payload


def payload_as_logged(entry: Kept) -> Payload:
    """What the payload of an entry says. Raises `LogDisagrees` where it is not the one that the leaf commits to, or of
    no kind and form that this version knows."""
    return decoded(entry.index, committed_payload(entry))


def one_as_logged(entry: Kept, kind: type[_Kind]) -> _Kind:
    """The same where an index table, or a request that is repeated, leads to one kind alone: another is not what was
    logged either."""
    payload = payload_as_logged(entry)
    if not isinstance(payload, kind):
        raise LogDisagrees(f"entry {entry.index} is not of the kind that led to it")
    return payload


def decoded(index: int, payload: bytes) -> Payload:
    """What the payload of the entry `index` says, committed or not. Raises `LogDisagrees`."""
    try:
        return decode_payload(payload)
    except msgspec.MsgspecError:
        raise LogDisagrees(f"the payload of entry {index} is of no kind and form that is known here") from None
