"""What a recipient says of an event that was shared with it."""

from __future__ import annotations

from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions.acknowledgements import parse_acknowledgement
from isa_registry.api.frame import caller_of, media_type
from isa_registry.api.idempotency import claim_of, in_flight
from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import writes
from isa_registry.runtime.acknowledging import acknowledge
from isa_registry.runtime.registry import Registry


class AcknowledgementResponse(Struct, frozen=True):
    """An acknowledgement as recorded. Of several by the same recipient the latest counts."""

    event: str
    provider: str
    recipient: str
    matches: bool
    received_at: str
    entry: int
    recorded_at: str
    receipt: str


@writes("/api/v1/sharing-events/{event:str}/acknowledgement")
async def acknowledge_event(request: Request, event: FromPath[str]) -> Response[bytes]:
    caller = caller_of(request)
    registry: Registry = request.app.state.registry
    body = await request.body()
    jws = parse_acknowledgement(body, media_type(request))
    claim = claim_of(request, caller, body)
    with in_flight(request, claim):
        recorded = await acknowledge(registry, jws, event, caller, claim=claim)
    response = AcknowledgementResponse(
        event=recorded.event,
        provider=recorded.provider,
        recipient=recorded.recipient,
        matches=recorded.matches,
        received_at=recorded.received_at,
        entry=recorded.index,
        recorded_at=recorded.at,
        receipt=f"/api/v1/sharing-events/{recorded.event}/receipt?part=acknowledgement",
    )
    return json_response(response, status=200 if recorded.repeated else 201)


HANDLERS = [acknowledge_event]
