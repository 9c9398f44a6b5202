"""Logging what one person decides, under an Idempotency-Key where there is one."""

from __future__ import annotations

from litestar import Response
from msgspec.structs import replace

from isa_registry.api.frame import caller_of
from isa_registry.api.idempotency import claim_of, in_flight
from isa_registry.api.json import json_response
from isa_registry.api.organisations import Logged
from isa_registry.api.reading import stored_entry
from isa_registry.api.requests import Request
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.registry import Registry
from isa_registry.store.pool import EVERYTHING, reading_for


async def append(request: Request, draft: Draft, body: bytes) -> Response[bytes]:
    """Logs a draft and says where it stands, 201; 200 with the first entry where the same request came before.

    Raises `Refused` for what the draft is refused for at the tail.
    """
    answer, status = await logged(request, draft, body)
    return json_response(answer, status=status)


async def logged(request: Request, draft: Draft, body: bytes) -> tuple[Logged, int]:
    """The same as what is answered, and its status."""
    registry: Registry = request.app.state.registry
    claim = claim_of(request, caller_of(request), body)
    with in_flight(request, claim):
        appended = await registry.sequencer.append(replace(draft, idempotency=claim))
    if not appended.repeated:
        return Logged(entry=appended.index, logged_at=appended.at), 201
    # Its place and its time are all that is read of it.
    async with reading_for(registry.reading, EVERYTHING) as connection:
        first = await stored_entry(connection, appended.index)
    return Logged(entry=first.index, logged_at=first.at), 200
