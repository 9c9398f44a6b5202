"""Reading entries of the log for somebody: who sees what of each, and what is noted of it. Systems and people on pages
read by this one way."""

from __future__ import annotations

import re
from asyncio import Semaphore
from collections.abc import AsyncIterator, Sequence

from msgspec import Struct

from isa_registry.actions import audit
from isa_registry.actions.audit import Asked, Selection
from isa_registry.domain.dates import instant
from isa_registry.domain.refusals import Refused
from isa_registry.identity.callers import Caller
from isa_registry.ledger.committed import is_as_logged
from isa_registry.runtime.auditing import Reader, find_down
from isa_registry.runtime.evidence.bundle import Evidence, begin
from isa_registry.runtime.registry import Registry
from isa_registry.store.audit import SeenEntry, entries_at, erased_by
from isa_registry.store.log import StoredCheckpoint
from isa_registry.store.pool import EVERYTHING, reading_for
from isa_verify.merkle import leaf_hash

GONE_FROM_VIEW = "There is no such entry, or none that you may see."

_NUMBER = re.compile(r"0|[1-9][0-9]{0,14}")


class EntryRead(Struct, frozen=True):
    """An entry as far as its reader sees it. `kind` is the payload's own, where that is seen. `state` is `present`,
    `withheld` or `erased`; `erased_by` is the entry that erased it."""

    index: int
    at: str
    kind: str
    leaf: bytes
    leaf_hash: bytes
    state: str
    erased_by: int | None
    payload: bytes | None
    salt: bytes | None


def is_as_made(entry: EntryRead) -> bool:
    """Whether the leaf is the one that its hash in the tree is of, of this place and time, and commits to the payload
    that is shown, where one is. That the tree is the signed one, receipts and verifiers show."""
    return is_as_logged(entry) and leaf_hash(entry.leaf) == entry.leaf_hash


class Listed(Struct, frozen=True):
    """A page of entries, newest first, the cursor of the one after it, and how many entries the log had."""

    entries: list[EntryRead]
    next: str | None
    log_size: int


def reader_in_person(caller: Caller) -> Reader:
    """Somebody who is signed in on the pages, on the same terms as systems have."""
    return Reader(EVERYTHING if "auditor" in caller.roles else caller.organisation)


def refuse_doubtful_records(registry: Registry) -> None:
    """Records are not shown while the database is known to hold others than were signed, or such as were erased. Raises
    `Refused` (`records-unconfirmed`)."""
    if registry.guard.doubts_records:
        raise Refused(
            "records-unconfirmed",
            "The database is not the one that was signed, or holds what had been erased. Records are shown again when "
            "that is put right.",
            retry_after=60,
        )


async def note_reading(
    registry: Registry, caller: Caller, entries: Sequence[SeenEntry], *, purpose: str, reason: str | None = None
) -> None:
    """Logs that the caller is about to read payloads of other bodies, if any of these are. Raises `Refused` where that
    cannot be logged: then nothing is shown."""
    draft = audit.note_reading(entries, caller, purpose=purpose, reason=reason)
    if draft is not None:
        await registry.sequencer.append(draft)


async def list_entries(registry: Registry, reader: Reader, caller: Caller, asked: Asked) -> Listed:
    """The entries that are asked for. Where payloads of others are, the reading of them is logged first."""
    size = registry.follower.view.size
    found = await find_down(
        registry.reading, reader, asked.selection, size=size, before=asked.before, limit=asked.limit
    )
    if asked.payloads:
        await note_reading(registry, caller, found.entries, purpose="page", reason=asked.reason)
    return Listed(
        entries=await as_read(registry, reader, caller, found.entries, others=asked.payloads),
        next=f"a{found.below}" if found.below else None,
        log_size=size,
    )


async def find_entry(registry: Registry, reader: Reader, index: str) -> SeenEntry:
    """The entry of a number, before anything of it is shown. Raises `Refused` (`not-found`) for one that is not there,
    and in the same words for one that the reader may not know of."""
    if not _NUMBER.fullmatch(index):
        raise Refused("not-found", GONE_FROM_VIEW)
    async with reading_for(registry.reading, reader.scope) as connection:
        entries = await entries_at(connection, [int(index)])
    hidden = entries and entries[0].payload is None and entries[0].leaf_kind == "record" and not reader.auditor
    shown = entries and audit.selects(Selection(), entries[0], organisation=reader.organisation)
    if hidden or not shown:
        raise Refused("not-found", GONE_FROM_VIEW)
    return entries[0]


async def as_read(
    registry: Registry, reader: Reader, caller: Caller, entries: Sequence[SeenEntry], *, others: bool
) -> list[EntryRead]:
    """What is shown of entries that were found for this reader; of payloads that are not the caller's own only if
    `others`, and then their reading was logged."""
    absent = [entry.index for entry in entries if entry.payload is None]
    erasing: dict[int, int] = {}
    if absent:
        async with reading_for(registry.reading, reader.scope) as connection:
            erasing = await erased_by(connection, absent)
    found = []
    for entry in entries:
        shown = entry.payload is not None and (others or not audit.reads_anothers(entry, caller.organisation))
        found.append(
            EntryRead(
                index=entry.index,
                at=entry.at,
                kind=entry.kind if shown and entry.kind is not None else entry.leaf_kind,
                leaf=entry.leaf,
                leaf_hash=entry.leaf_hash,
                # What is not there although nothing erased it is not called erased: `isa-registry fsck` names it.
                state="present" if shown else "erased" if entry.index in erasing else "withheld",
                erased_by=erasing.get(entry.index),
                payload=entry.payload if shown else None,
                salt=entry.salt if shown else None,
            )
        )
    return found


def newest_signed(registry: Registry) -> StoredCheckpoint:
    """Our newest signed checkpoint. Raises `Refused` (`unavailable`) before the first."""
    newest = registry.follower.checkpoint
    if newest is None:
        raise Refused("unavailable", "The log's first checkpoint is not signed yet.", retry_after=1)
    return newest


def evidence_for(registry: Registry, reader: Reader, selection: Selection) -> Evidence:
    """What an evidence bundle is to hold. Raises `Refused` (`unavailable`) before the first checkpoint."""
    return Evidence(
        pool=registry.reading,
        reader=reader,
        selection=selection,
        checkpoint=newest_signed(registry),
        view=registry.follower.view,
        made_at=instant(registry.now()),
    )


async def take_evidence(
    registry: Registry, reader: Reader, caller: Caller, asked: Asked, turns: Semaphore
) -> tuple[Evidence, AsyncIterator[bytes]]:
    """An evidence bundle as a stream of its bytes; that an auditor takes it is logged before the first."""
    evidence = evidence_for(registry, reader, asked.selection)
    if reader.auditor:
        # Before the first byte, so without a count: how many are others' is known only at the end.
        draft = audit.reading(
            organisation=caller.organisation,
            client=caller.client,
            role=audit.role_of(caller),
            purpose="export",
            first=0,
            last=evidence.checkpoint.size - 1,
            reason=asked.reason,
        )
        await registry.sequencer.append(draft)
    return evidence, await begin(evidence, turns)


def evidence_headers(evidence: Evidence) -> dict[str, str]:
    """The headers of an answer that is evidence."""
    return {
        "Content-Disposition": f'attachment; filename="{evidence.checkpoint.size}.isa-evidence.jsonl"',
        "ISA-Export-Entries": str(evidence.checkpoint.size),
        "Cache-Control": "no-store",
    }
