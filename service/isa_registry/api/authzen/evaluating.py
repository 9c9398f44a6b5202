"""Access evaluations, one or many at once."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import Response
from msgspec import Struct

from isa_registry.api.authzen.deciding import Wish, policy_of
from isa_registry.api.frame import caller_of
from isa_registry.api.idempotency import claim_of, in_flight
from isa_registry.api.json import json_bytes, json_response
from isa_registry.api.limits import over_quota
from isa_registry.api.problems import PROBLEMS, Problem, ProblemError, problem
from isa_registry.api.requests import Request
from isa_registry.api.routes import writes
from isa_registry.domain.authzen import policy as deciding
from isa_registry.domain.authzen.messages import Evaluation, read_evaluation, read_evaluations
from isa_registry.domain.refusals import Refused

_encode = msgspec.json.Encoder().encode


class Wrong(Struct, frozen=True):
    """What the standard says of an evaluation that could not be made."""

    status: int
    message: str


class NotEvaluated(Struct, frozen=True):
    """The context of an evaluation that could not be made: it forbids nothing. `problem` is what a check would say."""

    error: Wrong
    problem: Problem
    reason: str = "not-evaluated"
    prohibition: bool = False


@writes("/access/v1/evaluation", status=200)
async def evaluate(request: Request) -> Response[bytes]:
    body = await request.body()
    asked = read_evaluation(body)
    claim = claim_of(request, caller_of(request), body)
    with in_flight(request, claim):
        return await _one(request, asked, Wish(asked=[asked], claim=claim))


async def _one(request: Request, asked: Evaluation, wish: Wish) -> Response[bytes]:
    policy = await policy_of(request, wish)
    (found,) = policy.decide([asked])
    if isinstance(found, Refused):
        raise found
    (response,) = await policy.respond([found])
    if isinstance(response, Refused):
        raise response
    return json_response(response)


@writes("/access/v1/evaluations", status=200)
async def evaluate_many(request: Request) -> Response[bytes]:
    evaluations = read_evaluations(await request.body())
    if evaluations.single:
        (asked,) = evaluations.asked
        if isinstance(asked, Refused):
            raise asked
        return await _one(request, asked, Wish(asked=[asked]))
    policy = await policy_of(request, Wish(asked=evaluations.asked))
    over, decided = over_quota(request), False
    # What is said at once is encoded at once: a thousand whole answers are much to hold.
    parts: list[bytes] = []
    kept: dict[int, Any] = {}
    for found in deciding.in_order(policy, evaluations):
        decisions = [one for one in found if not isinstance(one, Refused)]
        decided = decided or bool(decisions)
        at_once = iter(policy.at_once(decisions))
        for one in found:
            response = _refused(request, len(parts), one) if isinstance(one, Refused) else next(at_once)
            if response is None:
                kept[len(parts)] = one
            parts.append(_encode(response))
        await asyncio.sleep(0)
    if over is not None and not decided:
        raise over
    for place, said in zip(kept, await policy.respond(list(kept.values())), strict=True):
        parts[place] = _encode(_refused(request, place, said) if isinstance(said, Refused) else said)
    return json_bytes(b'{"evaluations":[' + b",".join(parts) + b"]}")


def _refused(request: Request, place: int, refused: Refused) -> deciding.Response:
    """An evaluation's own error, which harms no other. A pointer into the evaluation becomes one into the request."""
    at = f"#/evaluations/{place}"
    errors = tuple(
        ProblemError(
            fault.pointer if fault.pointer.startswith(at) else at + fault.pointer.removeprefix("#"),
            fault.code,
            fault.detail,
        )
        for fault in refused.faults
    )
    told = problem(
        request.app.state.public_url,
        refused.code,
        refused.detail,
        str(request.scope.get("isa_request_id", "")),
        errors=errors,
        about_check=True,
    )
    return deciding.Response(
        decision=False, context=NotEvaluated(Wrong(PROBLEMS[refused.code].status, refused.detail), told)
    )


HANDLERS = [evaluate, evaluate_many]
