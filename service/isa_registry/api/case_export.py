"""One's own sharing events as a file, for one's own case audit: a stream of constant memory."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
from litestar.response import Stream

from isa_registry.actions import casework
from isa_registry.api.csv_answers import CSV, wants_csv
from isa_registry.api.frame import caller_of
from isa_registry.api.requests import Request
from isa_registry.api.routes import writes
from isa_registry.api.visibility import sight_of
from isa_registry.domain.casework.tables import COLUMNS, CaseEvent, case_line
from isa_registry.domain.dates import london_date
from isa_registry.domain.reporting.tables import csv_lines
from isa_registry.runtime.casework import INSTEAD, count, note_search, pages
from isa_registry.runtime.registry import Registry

_encode = msgspec.json.Encoder().encode
_Pages = AsyncIterator[tuple[CaseEvent, ...]]


@writes("/api/v1/sharing-events/export", status=200)
async def export_events(request: Request) -> Stream:
    registry: Registry = request.app.state.registry
    caller = caller_of(request)
    view = registry.follower.view
    asked = casework.parse_export(await request.body(), view)
    as_csv = wants_csv(request, asked.format)
    request.app.state.limits.refuse_walking_through(caller, asked.references, INSTEAD)
    reader = sight_of(request).reader
    if asked.references:
        found = await count(registry.reading, reader, asked, size=view.size)
        await note_search(registry, caller, casework.EVENTS, asked.references, found)
    whole = pages(
        registry.reading, reader, asked, size=view.size, withheld=asked.withheld, turns=request.app.state.exports
    )
    form = "csv" if as_csv else "json"
    headers = {
        "Content-Disposition": f'attachment; filename="sharing-events-{london_date(registry.now())}.{form}"',
        "Cache-Control": "no-store",
        "Vary": "Accept",
    }
    begun = await _begun(whole)
    return Stream(
        _as_csv(begun) if as_csv else _as_json(begun),
        media_type=f"{CSV}; header=present" if as_csv else "application/json",
        headers=headers,
    )


async def _begun(whole: _Pages) -> _Pages:
    """The same pages, of which the first is read before the answer begins: what is wrong there can still be told."""
    first = await anext(whole, None)

    async def every() -> _Pages:
        if first is not None:
            yield first
            async for page in whole:
                yield page

    return every()


async def _as_csv(whole: _Pages) -> AsyncIterator[bytes]:
    yield csv_lines((COLUMNS,))
    async for page in whole:
        yield csv_lines(map(case_line, page))


async def _as_json(whole: _Pages) -> AsyncIterator[bytes]:
    """An array, one event to a line: one that was cut off is no JSON, and nobody takes it for the whole."""
    between = b"[\n"
    async for page in whole:
        for one in page:
            yield between + _encode(one)
            between = b",\n"
    yield b"\n]\n" if between == b",\n" else b"[]\n"


HANDLERS = [export_events]
