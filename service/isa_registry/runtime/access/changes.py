"""A change of what lets others act, carried out: at once where one person decides it, otherwise kept as a proposal."""

from __future__ import annotations

from msgspec.structs import replace

from isa_registry.actions import deciding
from isa_registry.actions.deciding import TWO, Change, Decider
from isa_registry.identity.callers import Caller
from isa_registry.ledger.drafts import Appended, IdempotencyClaim
from isa_registry.runtime.access.proposals import Proposals
from isa_registry.runtime.registry import Registry
from isa_registry.store.proposals import Proposal


def decider(caller: Caller) -> Decider:
    """The person who calls, for the organisation that they act for."""
    return Decider(organisation=caller.organisation, issuer=caller.issuer, subject=caller.subject)


async def carry_out(
    registry: Registry, proposals: Proposals, change: Change, caller: Caller, *, claim: IdempotencyClaim | None = None
) -> Appended | Proposal:
    """Logs the change where the caller decides it alone; keeps it as a proposal where it takes two.

    Raises `Refused`: `second-person`, `forbidden`, and what the change is refused for.
    """
    by = decider(caller)
    if deciding.way_for(change, change[0].organisation, by, caller.roles) == TWO:
        return await proposals.propose(change, by)
    draft = deciding.alone(change[0], by, registry.follower.view)
    return await registry.sequencer.append(replace(draft, idempotency=claim))
