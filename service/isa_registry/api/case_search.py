"""Finding one's own sharing events. What a body looks by stands in the request's body and in no address, so that it is
in no log line, no history of a browser, and no proxy's."""

from __future__ import annotations

from collections.abc import Sequence

from litestar import Response
from msgspec import Struct

from isa_registry.actions import casework
from isa_registry.api.frame import caller_of
from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import writes
from isa_registry.api.visibility import sight_of
from isa_registry.domain.dates import instant
from isa_registry.domain.refusals import Refused
from isa_registry.identity.callers import Caller
from isa_registry.runtime.casework import find_down
from isa_registry.runtime.distinct import DistinctLimit
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
    view = registry.follower.view
    asked = casework.parse_search(await request.body(), view)
    below = casework.below(asked.cursor, view.size)
    refuse_walking(request, asked.references)
    sight = sight_of(request)
    found = await find_down(registry.reading, sight.reader, asked, below=below, limit=asked.limit)
    await note_search(request, casework.EVENTS, asked.references, len(found.events))
    page = EventsFound(
        events=[sight.show(_shown(one), one.provider) for one in found.events],
        next=f"e{found.below}" if found.below else None,
    )
    return json_response(page, headers={"Cache-Control": "no-store"})


def refuse_walking(request: Request, references: Sequence[str]) -> None:
    """Raises `Refused` (`quota-exceeded`) for whoever looks for more different references than their work can ask."""
    limit: DistinctLimit = request.app.state.case_searches
    if references and not limit.allows(_who(caller_of(request)), references):
        detail = "That is more different references than one client or person may look for within an hour."
        raise Refused("quota-exceeded", detail, retry_after=600)


async def note_search(request: Request, what: str, references: Sequence[str], found: int) -> None:
    """Logs that the caller looked by reference, before anything of it is shown. Raises `Refused` where that cannot be
    logged: then nothing is."""
    if references:
        registry: Registry = request.app.state.registry
        await registry.sequencer.append(casework.searched(caller_of(request), what, references, found))


def _who(caller: Caller) -> tuple[str, str, str]:
    return caller.issuer, caller.client, caller.subject


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
