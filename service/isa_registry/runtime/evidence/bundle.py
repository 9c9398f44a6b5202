"""Writing evidence bundles (docs/formats/evidence.md) as a stream: constant memory, a short transaction at a time."""

from __future__ import annotations

import hashlib
from asyncio import Semaphore
from collections.abc import AsyncIterator, Iterator

import msgspec
from msgspec import Struct

from isa_registry.actions.audit import Selection, read_payload, selects
from isa_registry.domain.agreement_entries import AgreementPublished, AttestationMade
from isa_registry.domain.attestations import read_attestation
from isa_registry.domain.entries import CheckAnswered
from isa_registry.domain.register.register import RegisterView
from isa_registry.runtime.auditing import Reader, bounds
from isa_registry.runtime.proofs import Tree
from isa_registry.store import audit
from isa_registry.store.audit import SeenEntry
from isa_registry.store.log import StoredCheckpoint
from isa_registry.store.pool import Connection, Pool, reading_for
from isa_verify.evidence_parts import End, Entry, ErasedBy, Head, Present, TextPart

_STRETCH = 50_000
_ROWS = 400


class EvidenceIncomplete(Exception):
    """The log no longer holds what a bundle needs: a payload that was erased while it was being written, or one that is
    missing although nothing erased it. The message says which entry."""


class Evidence(Struct, frozen=True):
    """What a bundle is to hold. `view` finds the texts that payloads name; `made_at` is RFC 3339 UTC."""

    pool: Pool
    reader: Reader
    selection: Selection
    checkpoint: StoredCheckpoint
    view: RegisterView
    made_at: str

    @property
    def whole(self) -> bool:
        return self.selection.everything and self.reader.auditor

    def filter(self) -> dict[str, list[str]]:
        named = self.selection.filter()
        organisation = self.reader.organisation
        return named if organisation is None else named | {"visible-to": [organisation]}


class Piece(Struct, frozen=True):
    """Some lines of a bundle, and how far along the log they are."""

    data: bytes
    searched: int


async def pieces(evidence: Evidence) -> AsyncIterator[Piece]:
    """The bundle, in order. Raises `EvidenceIncomplete`; what was written until then has no end, and fails."""
    digest = hashlib.sha256()
    texts = Texts(evidence.view)
    named = {} if evidence.whole else evidence.filter()
    head = Head(
        scope="whole" if evidence.whole else "selection",
        made_at=evidence.made_at,
        checkpoint=evidence.checkpoint.note,
        filter={name: tuple(values) for name, values in named.items()},
    )
    data = head.encode()
    digest.update(data)
    yield Piece(data, 0)
    entries = 0
    async for lines, count, searched in _entries(evidence, texts):
        digest.update(lines)
        entries += count
        yield Piece(lines, searched)
    wanted = [] if evidence.whole else texts.wanted()
    for sha256, text in wanted:
        data = TextPart(sha256, text).encode()
        digest.update(data)
        yield Piece(data, evidence.checkpoint.size)
    end = End(entries=entries, receipts=0, texts=len(wanted), sha256=digest.hexdigest())
    yield Piece(end.encode(), evidence.checkpoint.size)


async def begin(evidence: Evidence, turns: Semaphore) -> AsyncIterator[bytes]:
    """The bundle's bytes for one who reads them over the network, a few such readers at a time. What can be refused is
    refused before the first byte."""

    async def stream() -> AsyncIterator[bytes]:
        async with turns:
            async for piece in pieces(evidence):
                yield piece.data

    return stream()


async def _entries(evidence: Evidence, texts: Texts) -> AsyncIterator[tuple[bytes, int, int]]:
    """Lines of entries with their count, and how far the log was searched."""
    size = evidence.checkpoint.size
    tree = None if evidence.whole else Tree(size)
    reader = evidence.reader
    async with reading_for(evidence.pool, reader.scope) as connection:
        low, end = await bounds(connection, evidence.selection, size)
    needed: set[int] = set()  # entries that erased an earlier one of the bundle
    while low < (end if not needed else size):
        high = min(low + _STRETCH, size)
        async with reading_for(evidence.pool, reader.scope) as connection:
            rows = await _rows(connection, evidence, low, min(high, end))
            if len(rows) == _ROWS:
                high = rows[-1].index + 1
            held = {row.index: row for row in rows if chosen(evidence, row)}
            await _add_erasing(connection, held, needed, low, high, size)
            lines = []
            for index in sorted(held):
                lines.append(await _line(connection, held[index], tree))
                if not evidence.whole:
                    texts.see(held[index])
        low = high
        yield b"".join(lines), len(lines), low


async def _rows(connection: Connection, evidence: Evidence, low: int, high: int) -> list[SeenEntry]:
    if low >= high:
        return []
    if evidence.selection.entries:
        # Few, and far apart: the log between them is not read.
        named = [index for index in evidence.selection.entries if low <= index < high]
        found = await audit.entries_at(connection, named)
        return [row for row in found if _of_kinds(row, evidence.selection.kinds)]
    return await audit.entries_up(
        connection,
        low,
        high,
        kinds=evidence.selection.kinds,
        readers=evidence.selection.organisations,
        limit=_ROWS,
        auditor=evidence.reader.auditor,
    )


def _of_kinds(row: SeenEntry, kinds: tuple[str, ...]) -> bool:
    return not kinds or (row.kind or row.leaf_kind) in kinds


def chosen(evidence: Evidence, row: SeenEntry) -> bool:
    """Whether a bundle holds an entry that was found for its reader."""
    organisation = evidence.reader.organisation
    if organisation is not None and row.payload is None:
        return False
    return selects(evidence.selection, row, organisation=organisation)


async def _add_erasing(
    connection: Connection, chosen: dict[int, SeenEntry], needed: set[int], low: int, high: int, size: int
) -> None:
    """Adds the entries that say of others here, or before, that they were erased."""
    absent = [index for index, row in chosen.items() if row.payload is None]
    if absent:
        erasing = await audit.erased_by(connection, absent)
        for index in absent:
            if index not in erasing or erasing[index] >= size:
                raise EvidenceIncomplete(f"The payload of entry {index} is not there, and no entry here erased it.")
        needed.update(erasing.values())
    due = [index for index in needed if low <= index < high]
    for row in await audit.entries_at(connection, [index for index in due if index not in chosen]) if due else []:
        chosen[row.index] = row
    needed.difference_update(due)


async def _line(connection: Connection, row: SeenEntry, tree: Tree | None) -> bytes:
    proof = None if tree is None else tuple(await tree.inclusion(connection, row.index))
    if row.payload is not None and row.salt is not None:
        return Entry(row.leaf, Present(row.payload, row.salt), proof).encode()
    erasing = await audit.erased_by(connection, [row.index])
    return Entry(row.leaf, ErasedBy(erasing[row.index]), proof).encode()


class Texts:
    """The texts that payloads of a selection name and none of them carries."""

    def __init__(self, view: RegisterView) -> None:
        self._view = view
        self._named: set[str] = set()
        self._carried: set[str] = set()

    def see(self, entry: SeenEntry) -> None:
        match read_payload(entry):
            case CheckAnswered(answer=answer):
                self._named.update(one.sha256 for one in answer.agreements)
            case AttestationMade(jws=jws):
                claims = read_attestation(jws)
                self._named.update((claims.text_sha256, claims.schedule_sha256))
            case AgreementPublished(text_sha256=text, schedule_sha256=schedule):
                self._carried.update((text, schedule))
            case _:
                pass

    def wanted(self) -> list[tuple[str, bytes]]:
        """By rising hash."""
        wanted = self._named - self._carried
        return sorted((sha256, text) for sha256, text in self._known() if sha256 in wanted)

    def _known(self) -> Iterator[tuple[str, bytes]]:
        known: dict[str, bytes] = {}
        for version in self._view.agreement_versions():
            for text in (version.text.encode(), msgspec.json.encode(version.schedule, order="sorted")):
                known[hashlib.sha256(text).hexdigest()] = text
        yield from known.items()
