"""A business unit's decision about a published version, made an entry."""

from __future__ import annotations

from msgspec.structs import replace

from isa_registry.actions import leading
from isa_registry.actions.deciding import Decider
from isa_registry.domain.refusals import Refused
from isa_registry.ledger.drafts import Appended, Draft, IdempotencyClaim
from isa_registry.runtime.agreements.coming_into_force import follow_rule
from isa_registry.runtime.registry import Registry


async def decide(
    registry: Registry,
    agreement: str,
    version: str,
    draft: Draft,
    by: Decider,
    *,
    claim: IdempotencyClaim | None = None,
) -> Appended:
    """Appends what one person of the business unit of the version's partnership decides; a version that was opened by
    it and meets its rule comes into force at once.

    Refused: `not-found`; `forbidden` for who is of no such unit; and what the decision is refused for at the tail.
    """
    view = registry.follower.view
    found = view.agreement_version(agreement, version)
    if found is None:
        raise Refused("not-found", "There is no such version of this agreement.")
    decided = leading.on_the_word_of(draft, leading.unit_of(found.partnership, by, view))
    appended = await registry.sequencer.append(replace(decided, idempotency=claim))
    # A rule that names a day alone, or bodies that have attested before, is met from the start.
    await follow_rule(registry, agreement, version)
    return appended
