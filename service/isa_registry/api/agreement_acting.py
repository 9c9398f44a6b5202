"""Answering a business unit's decision about a version."""

from __future__ import annotations

from litestar import Response

from isa_registry.api.changing import decider_of
from isa_registry.api.frame import caller_of
from isa_registry.api.idempotency import claim_of, in_flight
from isa_registry.api.json import json_response
from isa_registry.api.organisations import Logged
from isa_registry.api.requests import Request
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.agreements import deciding


async def decide(request: Request, agreement: str, version: str, draft: Draft, body: bytes) -> Response[bytes]:
    """Makes the decision an entry, once for each Idempotency-Key. Raises `Refused`: see `runtime/agreements`."""
    claim = claim_of(request, caller_of(request), body)
    with in_flight(request, claim):
        done = await deciding.decide(
            request.app.state.registry, agreement, version, draft, decider_of(request), claim=claim
        )
    return json_response(Logged(entry=done.index, logged_at=done.at), status=200 if done.repeated else 201)
