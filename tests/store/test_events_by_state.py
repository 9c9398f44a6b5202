"""Lists of events by what became of them: each event once, in its newest state, however rare that is."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from asking import COUNCIL, POLICE
from faults.case_drafts import acknowledgement_draft
from faults.drafts import event_draft, event_id, furnish
from isa_registry.runtime.registry import Registry
from isa_registry.store import acknowledgements
from isa_registry.store.pool import EVERYTHING, reading_for
from running import running

EVENTS = 9
ACKNOWLEDGED = (1, 6)


async def all_of(
    registry: Registry, reader: str, state: str | None, *, limit: int
) -> tuple[list[tuple[str, str | None]], list[int]]:
    """What a reader is listed, page by page, and how many events each page held."""
    found: list[tuple[str, str | None]] = []
    sizes: list[int] = []
    before: int | None = 2**62
    side = {"provider": POLICE if reader == POLICE else None, "recipient": COUNCIL if reader == COUNCIL else None}
    while before is not None:
        async with reading_for(registry.reading, reader) as connection:
            page = await acknowledgements.events_by_state(connection, before, **side, state=state, limit=limit)
        found += [(str(row.id), became) for row, became in page.events]
        sizes.append(len(page.events))
        assert page.following is None or page.following < before
        before = page.following
    return found, sizes


@pytest.mark.parametrize("reader", [POLICE, COUNCIL, EVERYTHING])
async def test_each_is_listed_once_and_in_one_state(
    database_url: str, monkeypatch: pytest.MonkeyPatch, reader: str
) -> None:
    async with running(database_url) as registry:
        await furnish(registry)
        for number in range(1, EVENTS + 1):
            await registry.sequencer.append(event_draft(number, registry.follower.view, part=number % 2 == 0))
        for number in ACKNOWLEDGED:
            await registry.sequencer.append(acknowledgement_draft(number))
        newest_first = [event_id(number) for number in range(EVENTS, 0, -1)]
        matched = [event_id(number) for number in reversed(ACKNOWLEDGED)]
        for looked_through, limit in ((2_000, 50), (3, 2), (1, 1)):
            monkeypatch.setattr(acknowledgements, "SCANNED", looked_through)
            whole, sizes = await all_of(registry, reader, None, limit=limit)
            assert [event for event, _ in whole] == newest_first
            assert max(sizes) <= limit
            assert [event for event, state in whole if state == "matched"] == matched
            for state in ("matched", "unmatched", "disputed", "corrected"):
                listed, _ = await all_of(registry, reader, state, limit=limit)
                assert listed == [(event, became) for event, became in whole if became == state]
        # Whoever is no party is listed nothing, and told of no correction.
        assert await all_of(registry, "harbour", None, limit=50) == ([], [0])
        async with reading_for(registry.reading, "harbour") as connection:
            row = replace((await _row(registry, reader)), corrects=None)
            found = await acknowledgements.correction_of(connection, row)
        assert found == acknowledgements.Correction(None, None, corrected=False)


async def _row(registry: Registry, reader: str) -> acknowledgements.SharingEventRow:
    async with reading_for(registry.reading, reader) as connection:
        page = await acknowledgements.events_by_state(
            connection, 2**62, provider=None, recipient=None, state=None, limit=1
        )
    assert page.events[0][0].id == event_id(EVENTS)
    return page.events[0][0]
