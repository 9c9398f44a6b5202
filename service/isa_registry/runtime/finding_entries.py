"""Where an entry is that somebody names: by its number, by the check or the event that it records, by a receipt."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from isa_registry.actions.identifiers import is_check_id
from isa_registry.domain.refusals import Refused
from isa_registry.identity.callers import Caller
from isa_registry.runtime.auditing import Reader
from isa_registry.runtime.reading_entries import GONE_FROM_VIEW, find_entry
from isa_registry.runtime.registry import Registry
from isa_registry.store import erasure, log, records
from isa_registry.store.pool import reading_for
from isa_verify.merkle import leaf_hash
from isa_verify.receipt import Receipt, VerifiedReceipt, verify_receipt

_NUMBER = re.compile(r"0|[1-9][0-9]{0,14}")
_EVENT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_COMPANIONS = ("sharing-event.withheld", "sharing-event.flagged")
_ERASED = "This was erased when its retention ended; the log still proves that it was there."


class ReceiptSeen(Struct, frozen=True):
    """A receipt that is good, and whether the log holds the same entry today."""

    verified: VerifiedReceipt
    still_there: bool


async def entry_called(registry: Registry, reader: Reader, caller: Caller, name: str) -> int:
    """The entry of a number, or of a check's or an event's id. Raises `Refused`: `not-found`, in the same words for
    what is not there and what the reader may not know of; `gone` for what was erased of the reader's own, where an
    auditor is led to what the log still says."""
    if _NUMBER.fullmatch(name):
        return (await find_entry(registry, reader, name)).index
    if not is_check_id(name) and not _EVENT.fullmatch(name):
        raise Refused("not-found", GONE_FROM_VIEW)
    async with reading_for(registry.reading, reader.scope) as connection:
        if is_check_id(name):
            index = await records.check_index(connection, name)
        else:
            row = await records.sharing_event(connection, name, provider=caller.organisation)
            index = None if row is None else row.index
        if index is not None:
            return index
        erased = await erasure.erased_record(connection, name, organisation=caller.organisation)
    if erased is None:
        raise Refused("not-found", GONE_FROM_VIEW)
    if not reader.auditor:
        raise Refused("gone", _ERASED)
    return erased


async def entries_of_case(registry: Registry, reader: Reader, caller: Caller, names: Sequence[str]) -> tuple[int, ...]:
    """The entries of checks and decisions that are named, and of what belongs to each decision: the check before it,
    what was held back, what was marked on it, what its recipient said of it. Raises as `entry_called`."""
    found: set[int] = set()
    for name in names:
        index = await entry_called(registry, reader, caller, name)
        found.add(index)
        async with reading_for(registry.reading, reader.scope) as connection:
            named = await erasure.name_of_event(connection, index)
            if named is None:
                continue
            provider, event = named
            found.update(await erasure.belonging(connection, index))
            for place, kind in await erasure.following(connection, index):
                if kind not in _COMPANIONS or place - 1 not in found:
                    break
                found.add(place)
            row = await records.sharing_event(connection, event, provider=provider)
            check = None if row is None or row.check_id is None else row.check_id
            before = None if check is None else await records.check_index(connection, check)
            found.update(() if before is None else (before,))
    return tuple(sorted(found))


async def receipt_seen(registry: Registry, data: bytes) -> ReceiptSeen:
    """What a receipt proves, and whether this log holds that entry. Raises `VerificationError` for one that is not
    good, or not of this log. Whoever has a receipt has all that it says: nothing else is told."""
    verified = verify_receipt(data, registry.keys.trusted)
    leaf = Receipt.parse(data).leaf
    async with reading_for(registry.reading, "") as connection:
        stored = await log.leaf_hashes(connection, verified.index, verified.index + 1)
    return ReceiptSeen(verified, still_there=stored == [leaf_hash(leaf)])
