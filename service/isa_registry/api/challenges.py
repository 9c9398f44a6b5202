"""Managing professional differences: raising a challenge, taking it further, reading where it stands."""

from __future__ import annotations

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.api.challenge_views import ChallengeLine, ChallengeView, line_of, view_of
from isa_registry.api.frame import caller_of
from isa_registry.api.idempotency import claim_of, in_flight
from isa_registry.api.json import json_bytes, json_response
from isa_registry.api.problems import IMMEDIATE_DANGER
from isa_registry.api.reading import note_reading_of, reader_scope, refuse_erased
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.api.visibility import sight_of
from isa_registry.domain.challenging.requests import RaiseChallenge, TakeStep
from isa_registry.domain.challenging.stages import Differences
from isa_registry.domain.refusals import Refused
from isa_registry.domain.shapes import decoding
from isa_registry.runtime import challenges
from isa_registry.runtime.receipts import receipt_for
from isa_registry.runtime.registry import Registry
from isa_registry.store.pool import Connection, reading_for

_PAGE = 50
_NEWEST = 2**62
_SIDES = ("raised", "received")
_STATES = ("open", "closed", "overdue")

_raising = msgspec.json.Decoder(RaiseChallenge)
_stepping = msgspec.json.Decoder(TakeStep)


class ChallengeList(Struct, frozen=True):
    """A page of challenges, the newest raised first. `next` is the cursor of the page after it."""

    challenges: list[ChallengeLine]
    next: str | None
    immediate_danger: str = IMMEDIATE_DANGER


@writes("/api/v1/challenges")
async def raise_challenge(request: Request) -> Response[bytes]:
    registry, body, caller = _registry(request), await request.body(), caller_of(request)
    with decoding("The challenge"):
        asked = _raising.decode(body)
    claim = claim_of(request, caller, body)
    with in_flight(request, claim):
        appended = await challenges.raise_challenge(registry, _differences(request), asked, caller, claim)
    async with reading_for(registry.reading, caller.organisation) as connection:
        challenge = await challenges.id_of(connection, appended.index)
        shown = await _shown(request, connection, challenge, until=appended.index)
    headers = {"Location": f"/api/v1/challenges/{challenge}"}
    return json_response(shown, status=200 if appended.repeated else 201, headers=headers)


@writes("/api/v1/challenges/{challenge:str}/steps")
async def take_step(request: Request, challenge: FromPath[str]) -> Response[bytes]:
    registry, body, caller = _registry(request), await request.body(), caller_of(request)
    with decoding("The step"):
        asked = _stepping.decode(body)
    claim = claim_of(request, caller, body)
    with in_flight(request, claim):
        try:
            appended = await challenges.take_step(registry, _differences(request), challenge, asked, caller, claim)
        except Refused as refused:
            if refused.code == "not-found":
                async with reading_for(registry.reading, caller.organisation) as connection:
                    await refuse_erased(request, connection, challenge)
            raise
    async with reading_for(registry.reading, caller.organisation) as connection:
        shown = await _shown(request, connection, challenge, until=appended.index)
    return json_response(shown, status=200 if appended.repeated else 201)


@reads("/api/v1/challenges")
async def list_challenges(request: Request) -> Response[bytes]:
    registry, differences, sight = _registry(request), _differences(request), sight_of(request)
    side, state = _choice(request, "side", _SIDES), _choice(request, "state", _STATES)
    before, now = _cursor(request.query_params.get("cursor")), registry.now()
    own = caller_of(request).organisation
    found, following = await challenges.listed(
        registry, differences, sight.reader, own, side=side, state=state, before=before, limit=_PAGE
    )
    lines = [line_of(one, differences.of(one.partnership), now) for one in found]
    cursor = None if following is None else f"c{following}"
    headers = {}
    if cursor is not None:
        asked = "".join(f"{name}={value}&" for name, value in (("side", side), ("state", state)) if value)
        headers["Link"] = f'</api/v1/challenges?{asked}cursor={cursor}>; rel="next"'
    return json_response(ChallengeList(challenges=lines, next=cursor), headers=headers)


@reads("/api/v1/challenges/{challenge:str}")
async def read_challenge(request: Request, challenge: FromPath[str]) -> Response[bytes]:
    async with reading_for(_registry(request).reading, reader_scope(request)) as connection:
        shown = await _shown(request, connection, challenge)
    await note_reading_of(request, *(step.entry for step in shown.steps), purpose="entry")
    return json_response(shown)


@reads("/api/v1/challenges/{challenge:str}/receipt")
async def read_challenge_receipt(request: Request, challenge: FromPath[str]) -> Response[bytes]:
    registry = _registry(request)
    asked = request.query_params.get("entry")
    async with reading_for(registry.reading, reader_scope(request)) as connection:
        shown = await _shown(request, connection, challenge)
    entries = {str(step.entry): step.entry for step in shown.steps}
    index = shown.entry if asked is None else entries.get(asked)
    if index is None:
        raise Refused("not-found", "The challenge has no such entry.")
    await note_reading_of(request, index, purpose="receipt")
    receipt = await receipt_for(registry, reader_scope(request), index)
    headers = {"Content-Disposition": f'attachment; filename="{index}.isa-receipt.json"'}
    return json_bytes(receipt, headers=headers)


async def _shown(
    request: Request, connection: Connection, challenge: str, *, until: int | None = None
) -> ChallengeView:
    """The challenge as the reader sees it. Raises `Refused`: `not-found`, or `gone` once it is erased."""
    found = await challenges.read(connection, _differences(request), challenge, until=until)
    if found is None:
        await refuse_erased(request, connection, challenge)
        raise challenges.not_found()
    return view_of(found, caller_of(request).organisation, _registry(request).now())


def _registry(request: Request) -> Registry:
    registry: Registry = request.app.state.registry
    return registry


def _differences(request: Request) -> Differences:
    differences: Differences = request.app.state.differences
    return differences


def _choice(request: Request, name: str, choices: tuple[str, ...]) -> str | None:
    asked = request.query_params.get(name)
    if asked is not None and asked not in choices:
        raise Refused("malformed", f"{name} is one of {', '.join(choices)}, or left out.")
    return asked


def _cursor(text: str | None) -> int:
    if text is None:
        return _NEWEST
    if not text.startswith("c") or not text[1:].isascii() or not text[1:].isdigit() or len(text) > 19:
        raise Refused("malformed", "The cursor is not one that this registry gave.")
    return int(text[1:])


HANDLERS = [raise_challenge, list_challenges, read_challenge, take_step, read_challenge_receipt]
