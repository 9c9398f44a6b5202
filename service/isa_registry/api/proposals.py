"""What waits for a second person of the business unit, and that person's word."""

from __future__ import annotations

import re

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions import deciding
from isa_registry.api.changing import ProposalView, decider_of, shown
from isa_registry.api.json import json_response
from isa_registry.api.organisations import Logged
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.shapes import decoding
from isa_registry.runtime.access.proposals import Proposals
from isa_registry.runtime.registry import Registry

_ID = re.compile(r"prp_[0-9a-f]{32}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Decision(Struct, frozen=True, forbid_unknown_fields=True):
    """Which change is decided: the `sha256` of the proposal that was read."""

    sha256: str


class ProposalList(Struct, frozen=True):
    """What waits, oldest first. `you` is the number under which the log knows who asks: nobody approves their own."""

    you: int
    proposals: list[ProposalView]


@reads("/api/v1/proposals")
async def list_proposals(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    proposals: Proposals = request.app.state.proposals
    you = deciding.number_of(registry.follower.view, decider_of(request))
    return json_response(ProposalList(you=you, proposals=[shown(one) for one in await proposals.undecided()]))


@reads("/api/v1/proposals/{proposal:str}")
async def read_proposal(request: Request, proposal: FromPath[str]) -> Response[bytes]:
    proposals: Proposals = request.app.state.proposals
    return json_response(shown(await proposals.read(_id(proposal))))


@writes("/api/v1/proposals/{proposal:str}/approval", status=200)
async def approve_proposal(request: Request, proposal: FromPath[str]) -> Response[bytes]:
    proposals: Proposals = request.app.state.proposals
    sha256 = await decision_of(request)
    done = await proposals.approve(_id(proposal), sha256, decider_of(request))
    return json_response(Logged(entry=done.entry, logged_at=done.logged_at))


@writes("/api/v1/proposals/{proposal:str}/withdrawal", status=200)
async def withdraw_proposal(request: Request, proposal: FromPath[str]) -> Response[bytes]:
    proposals: Proposals = request.app.state.proposals
    sha256 = await decision_of(request)
    return json_response(shown(await proposals.withdraw(_id(proposal), sha256, decider_of(request))))


@writes("/api/v1/proposals/{proposal:str}/refusal", status=200)
async def decline_proposal(request: Request, proposal: FromPath[str]) -> Response[bytes]:
    proposals: Proposals = request.app.state.proposals
    sha256 = await decision_of(request)
    return json_response(shown(await proposals.decline(_id(proposal), sha256, decider_of(request))))


async def decision_of(request: Request) -> str:
    """The `sha256` of what is decided. Raises `Refused`."""
    with decoding("The decision"):
        decision = msgspec.json.decode(await request.body(), type=Decision)
    if not _SHA256.fullmatch(decision.sha256):
        detail = "Send the proposal's sha256: 64 lower-case hexadecimal digits."
        raise Refused("unprocessable", detail, (Fault("#/sha256", "malformed", detail),))
    return decision.sha256


def _id(proposal: str) -> str:
    if not _ID.fullmatch(proposal):
        raise Refused("not-found", "There is no such proposal.")
    return proposal


HANDLERS = [list_proposals, read_proposal, approve_proposal, withdraw_proposal, decline_proposal]
