"""What a body can see about one person, for whoever answers a request for access to personal data."""

from __future__ import annotations

from litestar import Response

from isa_registry.actions import casework
from isa_registry.api.frame import caller_of
from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import writes
from isa_registry.api.visibility import sight_of
from isa_registry.runtime.casework import INSTEAD, note_search
from isa_registry.runtime.registry import Registry
from isa_registry.runtime.subject_access import gather


@writes("/api/v1/sharing-events/subject-access", status=200)
async def find_for_subject_access(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    caller = caller_of(request)
    view = registry.follower.view
    asked = casework.parse_access(await request.body())
    below = casework.below(asked.cursor, view.size)
    request.app.state.limits.refuse_walking_through(caller, asked.references, INSTEAD)
    found = await gather(registry.reading, sight_of(request).reader, view, asked, below=below)
    await note_search(registry, caller, casework.ACCESS, asked.references, len(found.events))
    return json_response(found, headers={"Cache-Control": "no-store"})


HANDLERS = [find_for_subject_access]
