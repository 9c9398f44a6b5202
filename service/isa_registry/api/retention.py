"""How long a body keeps its records: the rules that hold for it, and its own lead's decision about its own."""

from __future__ import annotations

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions.erasures import change_own_retention
from isa_registry.api.appending import append
from isa_registry.api.changing import decider_of
from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.api.visibility import sight_of
from isa_registry.domain.own_retention import OwnRule
from isa_registry.domain.retention import RetentionRule
from isa_registry.domain.shapes import decoding
from isa_registry.runtime.registry import Registry

RETENTION = "/api/v1/organisations/{organisation:str}/retention"


class OwnRules(Struct, frozen=True, forbid_unknown_fields=True):
    """The organisation's own rules, whole: those that it had before hold no longer. None at all leaves it those of the
    partnership."""

    rules: tuple[OwnRule, ...]


class RetentionInForce(Struct, frozen=True):
    """The rules that hold for an organisation. For each record the first that fits speaks: its `own` before those of
    the `partnership`."""

    own: tuple[RetentionRule, ...]
    partnership: tuple[RetentionRule, ...]


@reads(RETENTION)
async def read_retention(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    view = registry.follower.view
    shared = view.retention_rules(None)
    whole = view.retention_rules(sight_of(request).own(organisation))
    return json_response(RetentionInForce(own=whole[: len(whole) - len(shared)], partnership=shared))


@writes(RETENTION)
async def set_retention(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    body = await request.body()
    sight_of(request).own(organisation)
    with decoding("The rules"):
        asked = msgspec.json.decode(body, type=OwnRules)
    draft = change_own_retention(asked.rules, organisation, decider_of(request), registry.follower.view)
    return await append(request, draft, body)


HANDLERS = [read_retention, set_retention]
