"""The quarterly report as somebody sees it, and the numbers that people give for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from isa_registry.domain.challenging.counting import counted
from isa_registry.domain.challenging.life import Mark
from isa_registry.domain.challenging.stages import Differences
from isa_registry.domain.dates import london_date
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.units import partnerships_of
from isa_registry.domain.reporting.matrix import matrix
from isa_registry.domain.reporting.quarterly import Count, Coverage, Figures, counts_of_challenges, figures
from isa_registry.domain.reporting.quarters import Quarter
from isa_registry.domain.reporting.safety_frame import SafetyFrame, Scaling, frame
from isa_registry.identity.callers import Caller
from isa_registry.runtime.registry import Registry
from isa_registry.runtime.reporting import Reader
from isa_registry.store import figures as store
from isa_registry.store.challenges import entries_until
from isa_registry.store.figures import Span, StoredScaling
from isa_registry.store.pool import Connection, connect, reading_for

_GIVERS = ("business-unit", "partnership-unit")
_NOT_ASKED = frozenset({"none", "asked", "turned-down"})


class Quarterly:
    """The quarterly reports of one registry, whichever worker they are asked of."""

    def __init__(self, database_url: str, registry: Registry, differences: Differences) -> None:
        self._url = database_url
        self._registry = registry
        self._differences = differences
        # Counting a quarter takes the database a while: one report at a time leaves it to everybody else.
        self._turn = asyncio.Semaphore(1)

    async def report(self, asked: Quarter, partnership: str, reader: Reader) -> tuple[Figures, SafetyFrame]:
        """The figures of those bodies of the partnership that the reader sees whole, as the log stands that this worker
        has read, and the frame."""
        registry = self._registry
        view = registry.follower.view
        async with self._turn, reading_for(registry.reading, reader.scope) as connection:
            seen = {
                body.organisation: body.name
                for body in view.organisations()
                if partnership in (of := partnerships_of(view, body)) and reader.sees(body.organisation, of)
            }
            span = Span(*asked.moments(), view.size, tuple(seen))
            counts = await store.counts(connection, span)
            marks = await entries_until(connection, span.start, span.end)
            times = await store.times(connection, span)
            said = await store.scalings(connection, partnership, asked.code)
        counts += self._of_challenges(span, [one for one in marks if one.index < span.size])
        on = min(asked.last, london_date(registry.now()))
        covered = await asyncio.to_thread(_coverage, view, partnership, on)
        found = figures(asked, partnership, view.size, seen, counts, times, covered)
        scaling = [
            Scaling(one.organisation, one.question, one.value, london_date(one.said_at))
            for one in said
            if one.organisation in seen
        ]
        return found, frame(found, scaling)

    def _of_challenges(self, span: Span, marks: Sequence[Mark]) -> Iterator[Count]:
        """The counts of what these bodies raised, each challenge by the stages that it goes through. Of a partnership
        that has none there are none."""
        whose = {mark.challenge: mark.partnership for mark in marks if mark.partnership is not None}
        of_body: dict[tuple[str, str | None], list[Mark]] = {}
        for mark in marks:
            if mark.organisation in span.bodies:
                of_body.setdefault((mark.organisation, whose.get(mark.challenge)), []).append(mark)
        for (body, partnership), theirs in of_body.items():
            stages = self._differences.partnerships.get(partnership or "")
            if stages is not None:
                yield from counts_of_challenges(body, counted(theirs, stages, start=span.start, end=span.end))

    async def say(self, asked: Quarter, partnership: str, scaling: Scaling, by: Caller, *, now: datetime) -> None:
        """Keeps a body's number, in place of the one that it gave before. Of who gave it, their role is kept."""
        role = next((one for one in _GIVERS if one in by.roles), "ig-lead")
        kept = StoredScaling(scaling.organisation, scaling.question, scaling.value, now)
        async with self._working() as connection:
            await store.put_scaling(connection, partnership, asked.code, kept, by=role)

    @asynccontextmanager
    async def _working(self) -> AsyncIterator[Connection]:
        connection = await connect(self._url, "isa_work")
        try:
            yield connection
        finally:
            await connection.close()


def _coverage(view: RegisterView, partnership: str, on: str) -> list[Coverage]:
    """For each version in force or open on a day: how many bodies it asks, and how many of them have signed."""
    found = matrix(view, on)
    covered = []
    for place, column in enumerate(found.columns):
        if column.partnership == partnership:
            cells = [row.cells[place] for row in found.rows if partnership in row.partnerships]
            asked = [cell for cell in cells if cell.state not in _NOT_ASKED]
            signed = sum(cell.counts for cell in asked)
            covered.append(Coverage(column.agreement, column.version, on, signed, len(asked)))
    return covered
