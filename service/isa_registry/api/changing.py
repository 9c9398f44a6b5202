"""Carrying out a change of what lets others act: at once where one person decides it, otherwise as a proposal."""

from __future__ import annotations

from litestar import Response
from msgspec import Struct

from isa_registry.actions.deciding import AccessPayload, Change, Decider
from isa_registry.api.frame import caller_of
from isa_registry.api.idempotency import claim_of, in_flight
from isa_registry.api.json import json_response
from isa_registry.api.organisations import Logged
from isa_registry.api.requests import Request
from isa_registry.api.visibility import sight_of
from isa_registry.domain.dates import instant
from isa_registry.runtime.access.changes import carry_out, decider
from isa_registry.runtime.access.proposals import Proposals, read_document
from isa_registry.runtime.registry import Registry
from isa_registry.store.proposals import Proposal


class ProposalView(Struct, frozen=True):
    """What one person of the business unit proposed. `change` is what would be logged, in order, and `sha256` the
    SHA-256 (hex) of its canonical JSON (RFC 8785), that of the array; both are gone once it is decided. `proposed_by`
    and `approved_by` are the entries of the log that made those people known. `state` is open, approved (and not in
    the log yet), logged, withdrawn or declined; `entry` is where it is logged. Times are RFC 3339 UTC."""

    id: str
    organisation: str
    state: str
    change: tuple[AccessPayload, ...]
    sha256: str | None
    proposed_by: int
    proposed_at: str
    expires_at: str
    approved_by: int | None
    entry: int | None


def shown(proposal: Proposal) -> ProposalView:
    return ProposalView(
        id=proposal.id,
        organisation=proposal.organisation,
        state=proposal.state,
        change=() if proposal.change is None else read_document(proposal.change),
        sha256=None if proposal.sha256 is None else proposal.sha256.hex(),
        proposed_by=proposal.proposed_by,
        proposed_at=instant(proposal.proposed_at),
        expires_at=instant(proposal.expires_at),
        approved_by=proposal.approved_by,
        entry=proposal.entry,
    )


def decider_of(request: Request) -> Decider:
    """The person who calls."""
    return decider(caller_of(request))


async def decide(request: Request, change: Change, body: bytes) -> Response[bytes]:
    """Logs the change where the caller decides it alone; keeps it as a proposal where it takes two.

    Raises `Refused`: `not-your-organisation`, `second-person`, `forbidden`, and what the change is refused for.
    """
    registry: Registry = request.app.state.registry
    proposals: Proposals = request.app.state.proposals
    caller = caller_of(request)
    sight_of(request).own(change[0].organisation)
    claim = claim_of(request, caller, body)
    with in_flight(request, claim):
        done = await carry_out(registry, proposals, change, caller, claim=claim)
    if isinstance(done, Proposal):
        return json_response(shown(done), status=202, headers={"Location": f"/api/v1/proposals/{done.id}"})
    return json_response(Logged(entry=done.index, logged_at=done.at), status=200 if done.repeated else 201)
