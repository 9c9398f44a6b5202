"""Finding one's own sharing events. What a body looks by stands in the request's body and in no address, so that it is
in no log line, no history of a browser, and no proxy's."""

from __future__ import annotations

from litestar import Response
from msgspec import Struct

from isa_registry.actions import casework
from isa_registry.api.frame import caller_of
from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import writes
from isa_registry.api.visibility import sight_of
from isa_registry.domain.dates import instant
from isa_registry.runtime.casework import INSTEAD, find_down, note_search
from isa_registry.runtime.registry import Registry
from isa_registry.store.casework import OwnEvent


class EventFound(Struct, frozen=True, omit_defaults=True):
    """An event that was found. `flags` are for its provider alone; the whole of it is read by its `id`."""

    id: str
    provider: str
    recipient: str | None
    decision: str
    purpose: str
    decided_at: str
    entry: int
    flags: tuple[str, ...] | None = None


class EventsFound(Struct, frozen=True):
    """A page of what was found, newest first. It can be short, or empty, and still have a `next`: a long log is
    searched a piece at a time. `next` is sent as `cursor`, with the rest as it was."""

    events: list[EventFound]
    next: str | None


@writes("/api/v1/sharing-events/search", status=200)
async def search_events(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    caller = caller_of(request)
    view = registry.follower.view
    asked = casework.parse_search(await request.body(), view)
    below = casework.below(asked.cursor, view.size)
    request.app.state.limits.refuse_walking_through(caller, asked.references, INSTEAD)
    sight = sight_of(request)
    found = await find_down(registry.reading, sight.reader, asked, below=below, limit=asked.limit)
    await note_search(registry, caller, casework.EVENTS, asked.references, len(found.events))
    page = EventsFound(
        events=[sight.show(_shown(one), one.provider) for one in found.events],
        next=f"e{found.below}" if found.below else None,
    )
    return json_response(page, headers={"Cache-Control": "no-store"})


def _shown(one: OwnEvent) -> EventFound:
    return EventFound(
        id=str(one.id),
        provider=one.provider,
        recipient=one.recipient,
        decision=one.decision,
        purpose=one.purpose,
        decided_at=instant(one.decided_at),
        entry=one.index,
        flags=one.flags,
    )


HANDLERS = [search_events]
