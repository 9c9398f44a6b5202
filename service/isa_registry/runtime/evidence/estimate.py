"""How large an evidence bundle is going to be, roughly, before anybody waits for it."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.runtime.auditing import bounds
from isa_registry.runtime.evidence.bundle import Evidence, Texts, chosen
from isa_registry.store import audit
from isa_registry.store.audit import SeenEntry
from isa_registry.store.pool import reading_for

_STRETCH = 50_000
_ROWS = 400
_AROUND = 160
"""What stands around leaf, payload and salt on a line, in bytes."""

_HASH = 47
"""A hash of a proof on a line, in bytes."""


class Estimate(Struct, frozen=True):
    """Entries and bytes. `exact`: every entry was counted, and none guessed from its neighbours."""

    entries: int
    size: int
    exact: bool


async def estimate(evidence: Evidence) -> Estimate:
    """From the newest entries that it would hold, up to 400 of the last 50,000: the rest are taken to be like them."""
    reader, selection, whole = evidence.reader, evidence.selection, evidence.whole
    async with reading_for(evidence.pool, reader.scope) as connection:
        start, end = await bounds(connection, selection, evidence.checkpoint.size)
        low = start if selection.entries else max(start, end - _STRETCH)
        if start >= end:
            rows: list[SeenEntry] = []
        elif selection.entries:
            rows = await audit.entries_at(connection, [one for one in selection.entries if one < end])
        else:
            rows = await audit.entries_down(
                connection,
                low,
                end,
                kinds=selection.kinds,
                readers=selection.organisations,
                limit=_ROWS,
                auditor=reader.auditor,
            )
    if len(rows) == _ROWS and not selection.entries:
        low = rows[-1].index
    found = [row for row in rows if chosen(evidence, row)]
    texts = Texts(evidence.view)
    for row in found:
        texts.see(row)
    proof = 0 if whole else _HASH * max(1, evidence.checkpoint.size.bit_length())
    sampled = sum(_line(row) + proof for row in found)
    named = 0 if whole else sum(_base64(len(text)) + _AROUND for _, text in texts.wanted())
    exact = low <= start
    times = 1.0 if exact or low >= end else (end - start) / (end - low)
    return Estimate(entries=round(len(found) * times), size=round(sampled * times) + named, exact=exact)


def _line(row: SeenEntry) -> int:
    return _AROUND + _base64(len(row.leaf)) + _base64(len(row.payload or b"")) + _base64(len(row.salt or b""))


def _base64(size: int) -> int:
    return 4 * -(-size // 3)
