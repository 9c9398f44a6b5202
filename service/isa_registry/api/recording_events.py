"""Recording signed decisions to share or not to share: one, or up to a hundred at once."""

from __future__ import annotations

from litestar import Response
from msgspec import Struct

from isa_registry.actions import sharing_events
from isa_registry.api.frame import caller_of, media_type
from isa_registry.api.idempotency import claim_of, in_flight
from isa_registry.api.json import json_response
from isa_registry.api.problems import Problem, ProblemError, problem
from isa_registry.api.requests import Request
from isa_registry.api.routes import writes
from isa_registry.api.sharing_events import EventResponse
from isa_registry.domain.refusals import Refused
from isa_registry.runtime.recording_events import Recorded, record, record_all
from isa_registry.runtime.registry import Registry

_OUTAGES = ("unavailable", "history-unconfirmed")


class EventResult(EventResponse, frozen=True, omit_defaults=True, kw_only=True):
    """What became of one event of a batch. `status` is 201 where it was recorded, and 200 where the same content was
    there already: then this is the first answer."""

    status: int


class EventResults(Struct, frozen=True):
    """One result for each event, in order: an answer, or problem details."""

    results: list[EventResult | Problem]


@writes("/api/v1/sharing-events")
async def record_event(request: Request) -> Response[bytes]:
    caller = caller_of(request)
    registry: Registry = request.app.state.registry
    body = await request.body()
    submitted = sharing_events.parse_submission(body, media_type(request))
    claim = claim_of(request, caller, body)
    with in_flight(request, claim):
        recorded = await record(registry, submitted, caller, claim=claim)
    response = EventResponse(
        id=recorded.id,
        provider=recorded.provider,
        entry=recorded.index,
        recorded_at=recorded.at,
        receipt=_receipt(recorded),
        flags=recorded.flags,
    )
    if recorded.repeated:
        return json_response(response)
    return json_response(response, status=201, headers={"Location": f"/api/v1/sharing-events/{recorded.id}"})


@writes("/api/v1/sharing-events/batch", status=200)
async def record_batch(request: Request) -> Response[bytes]:
    """An event's own id makes the batch safe to send again, whole or in part: it needs no Idempotency-Key."""
    registry: Registry = request.app.state.registry
    submissions = sharing_events.parse_batch(await request.body())
    outcomes = await record_all(registry, submissions, caller_of(request))
    outage = _outage(outcomes)
    if outage is not None:
        raise outage
    return json_response(
        EventResults(results=[_result(request, position, outcome) for position, outcome in enumerate(outcomes)])
    )


def _outage(outcomes: list[Recorded | Refused]) -> Refused | None:
    """What refused every one of them, if it was that nothing can be recorded now: then the whole is sent again."""
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused) and outcome.code in _OUTAGES]
    return refused[0] if len(refused) == len(outcomes) else None


def _result(request: Request, position: int, outcome: Recorded | Refused) -> EventResult | Problem:
    if isinstance(outcome, Refused):
        errors = tuple(
            ProblemError(f"#/events/{position}{fault.pointer.removeprefix('#')}", fault.code, fault.detail)
            for fault in outcome.faults
        )
        request_id = str(request.scope.get("isa_request_id", ""))
        return problem(request.app.state.public_url, outcome.code, outcome.detail, request_id, errors=errors)
    return EventResult(
        status=200 if outcome.repeated else 201,
        id=outcome.id,
        provider=outcome.provider,
        entry=outcome.index,
        recorded_at=outcome.at,
        receipt=_receipt(outcome),
        flags=outcome.flags,
    )


def _receipt(recorded: Recorded) -> str:
    return f"/api/v1/sharing-events/{recorded.id}/receipt"


HANDLERS = [record_event, record_batch]
