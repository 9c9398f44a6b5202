"""What proves a rotation of the log's keys to anybody: receipts of its entries, and since when the next keys sign."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from msgspec.structs import replace

from isa_registry.ledger.committed import is_as_logged
from isa_registry.ledger.log_keys import LogKeys
from isa_registry.runtime.proofs import Tree
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.store import log_keys
from isa_registry.store.log import PayloadMissing, StoredCheckpoint, StoredEntry
from isa_registry.store.pool import Connection
from isa_verify.errors import VerificationError
from isa_verify.note import VerifierKey, open_note, parse_note
from isa_verify.proof import TlogProof
from isa_verify.receipt import build, verify_receipt

_log = structlog.get_logger(__name__)


async def rotation_receipts(connection: Connection, keys: LogKeys, published: int) -> list[bytes]:
    """A receipt of each rotation, oldest first, up to the first that a published log of this size does not prove yet.

    Left out is one that was overtaken by a compromise before old and new keys could sign together. Always of the same
    bytes: the proof is by the first checkpoint that covers the entry, which old and new keys signed,
    or after a compromise by the first that the witnesses' quorum cosigned. Raises `LogDisagrees` where an entry that
    this worker has folded is there no longer as it was.
    """
    found: list[bytes] = []
    try:
        entries = {entry.index: entry for entry in await log_keys.rotations(connection)}
    except PayloadMissing as missing:
        raise LogDisagrees(str(missing)) from None
    for number, one in enumerate(keys.rotations):
        scheduled = one.rotation.reason == "scheduled"
        covering = log_keys.first_checkpoint if scheduled else log_keys.first_published
        checkpoint = await covering(connection, one.index + 1)
        if checkpoint is None or checkpoint.size > published:
            break
        known = replace(keys, rotations=keys.rotations[: number + 1])
        entry = entries.get(one.index)
        if entry is None or not is_as_logged(entry):
            raise LogDisagrees(f"entry {one.index}, which changed the log's keys, is not what was folded")
        receipt = await _receipt(connection, known, entry, checkpoint)
        if receipt is not None:
            found.append(receipt)
    return found


async def _receipt(
    connection: Connection, keys: LogKeys, entry: StoredEntry, checkpoint: StoredCheckpoint
) -> bytes | None:
    proof = await Tree(checkpoint.size).inclusion(connection, entry.index)
    text = TlogProof(index=entry.index, hashes=tuple(proof), checkpoint=checkpoint.note).text()
    receipt = build(entry.leaf, entry.payload, entry.salt, text)
    try:
        verify_receipt(receipt, keys.trusted)
    except VerificationError as error:
        _log.warning("key-rotation-unproved", entry=entry.index, code=error.code)
        return None
    return receipt


async def signed_since(connection: Connection, keys: Sequence[VerifierKey]) -> int | None:
    """The first size from which on every checkpoint carries the lines of all these keys; None where the newest does
    not, or a line does not hold."""
    named = {(key.name, key.key_id) for key in keys}
    first: StoredCheckpoint | None = None
    newest: StoredCheckpoint | None = None
    below = 2**62
    while page := await log_keys.checkpoints_down(connection, below):
        for one in page:
            if not named.issubset((line.name, line.key_id) for line in parse_note(one.note).signatures):
                return _first_size(first, newest, keys)
            newest, first = newest or one, one
        below = page[-1].size
    return _first_size(first, newest, keys)


def _first_size(
    first: StoredCheckpoint | None, newest: StoredCheckpoint | None, keys: Sequence[VerifierKey]
) -> int | None:
    if first is None or newest is None:
        return None
    for one in (first, newest):
        try:
            opened = open_note(one.note, keys)
        except VerificationError:
            return None
        if not all(opened.signed_by(key) for key in keys):
            return None
    return first.size
