"""Receipts: an entry, its payload and the proof that the log holds them, verified before they are handed out."""

from __future__ import annotations

from isa_registry.domain.refusals import Refused
from isa_registry.ledger.tiles import stored_ranges
from isa_registry.runtime.registry import Registry
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.store import log
from isa_registry.store.pool import Connection, reading_for
from isa_verify.errors import VerificationError
from isa_verify.merkle import fold, inclusion_ranges, root_of
from isa_verify.proof import TlogProof
from isa_verify.receipt import build, verify_receipt

PATIENCE_SECONDS = 1.5


async def receipt_for(registry: Registry, reader: str, index: int) -> bytes:
    """The receipt of the entry at an index, for a reader who may see it (docs/formats/receipt.md).

    Waits up to 1.5 s for a published checkpoint that covers it, holding no connection meanwhile; while witnesses are
    away, our newest checkpoint serves, so that they delay no receipt. Raises `Refused`: `receipt-not-ready` where
    neither came, `gone` once the payload is erased; and `LogDisagrees` where what is stored does not verify.
    """
    follower = registry.follower
    checkpoint = await follower.wait_for_published(index + 1, seconds=PATIENCE_SECONDS) or follower.checkpoint
    if checkpoint is None or checkpoint.size <= index:
        raise Refused("receipt-not-ready", "The log's next checkpoint is not signed yet.", retry_after=1)
    keys = registry.keys.trusted
    if not any(one.holds_for(checkpoint.size) for one in keys):
        raise Refused(
            "receipt-not-ready", "The log's keys are being replaced; the new ones sign shortly.", retry_after=30
        )
    try:
        async with reading_for(registry.reading, reader) as connection:
            receipt = await receipt_at(connection, index, checkpoint)
        if receipt is not None:
            verify_receipt(receipt, keys)
    except VerificationError as error:
        raise LogDisagrees(f"the receipt of entry {index} does not verify: {error.code}") from None
    if receipt is None:
        raise Refused("gone", "This was erased when its retention ended; the log still proves that it was there.")
    return receipt


async def receipt_at(connection: Connection, index: int, checkpoint: log.StoredCheckpoint) -> bytes | None:
    """The receipt of an entry under a checkpoint; None where the reader may not see it, or nobody can any more. Whoever
    hands it out verifies it first."""
    entry = await log.entry(connection, index)
    proof = [await _range_hash(connection, *found) for found in inclusion_ranges(index, checkpoint.size)]
    if entry is None:
        return None
    text = TlogProof(index=index, hashes=tuple(proof), checkpoint=checkpoint.note).text()
    return build(entry.leaf, entry.payload, entry.salt, text)


async def _range_hash(connection: Connection, start: int, end: int) -> bytes:
    parts = [
        root_of(await log.tile_hashes(connection, found.level, found.start, found.end))
        for found in stored_ranges(start, end)
    ]
    return fold(parts)
