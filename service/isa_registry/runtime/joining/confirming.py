"""Confirming what an invited body answered: its record is logged, and its issuer and first lead are proposed.

Everything that either would be refused for is looked at before the first is done. A crash between the two is mended by
confirming again: what is registered already is left, and the same wish of the same person is the same proposal.
"""

from __future__ import annotations

from msgspec import Struct

from isa_registry.actions import deciding, joining
from isa_registry.actions.deciding import Decider
from isa_registry.domain.dates import instant
from isa_registry.domain.party_entries import OrganisationRegistered
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.supposing import Supposing
from isa_registry.runtime.access.proposals import Proposals
from isa_registry.runtime.joining.invitations import Invitations
from isa_registry.runtime.registry import Registry
from isa_registry.store.invitations import Invitation

_FOLDED_SECONDS = 5.0


class Confirmed(Struct, frozen=True):
    """What came of an answer: the entry that registered or changed the body's record, and the proposal that waits for
    another person; each None where there was nothing to do."""

    invitation: Invitation
    entry: int | None
    proposal: str | None


async def confirm(
    registry: Registry,
    invitations: Invitations,
    proposals: Proposals,
    identifier: str,
    sha256: str,
    by: Decider,
    *,
    claim: str | None = None,
    value: str | None = None,
) -> Confirmed:
    """Confirms exactly the answer with this SHA-256 (hex). `claim` and `value` tell the body apart from the one whose
    sign-in it shares.

    Refused: `not-found`; `conflict` where there is no such answer, or it conflicts with the register; `unprocessable`;
    `forbidden`.
    """
    view, now = registry.follower.view, instant(registry.now())
    deciding.refuse_outside_business_unit(view, by, now)
    row = await invitations.read(identifier)
    if row.answer is None or row.answer_sha256 is None:
        raise Refused("conflict", "There is no answer to confirm: it is decided, or was not given yet.")
    if row.answer_sha256.hex() != sha256:
        raise Refused("conflict", "The answer has another SHA-256. Read it again before you confirm it.")
    wish, record = joining.decode_wish(row.answer), joining.decode_record(row.body)
    draft = joining.registration(wish, record, by, view)
    change = joining.access_change(wish, view, claim=claim, value=value)
    if draft is not None:
        for holds in draft.preconditions:
            holds(view, now)
    if change is not None:
        registered = view if draft is None else Supposing(view, {row.organisation: _record(draft.payloads[0])})
        for holds in deciding.preconditions_by_two(change):
            holds(registered, now)
    entry = None
    if draft is not None:
        appended = await registry.sequencer.append(draft)
        await registry.follower.wait_for_size(appended.size, seconds=_FOLDED_SECONDS)
        entry = appended.index
    proposal = None if change is None else (await proposals.propose(change, by)).id
    done = await invitations.confirmed(row, row.answer_sha256, by, entry=entry, proposal=proposal)
    return Confirmed(done, entry, proposal)


def _record(payload: object) -> OrganisationRegistered:
    assert isinstance(payload, OrganisationRegistered)
    return payload
