"""What has a life of several entries and is kept and erased whole: consents and challenges."""

from __future__ import annotations

from isa_registry.actions.erasures import ErasedPart
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.retention import RetentionRule
from isa_registry.ledger.drafts import Unchanged
from isa_registry.ledger.threads import event_thread
from isa_registry.runtime.erasure import challenges, consents
from isa_registry.store import erasure, falling_due
from isa_registry.store.pool import Connection

BEGIN = (*consents.BEGIN, challenges.BEGIN)
"""The kinds with which such a life begins: what rules name."""

KINDS = consents.KINDS | challenges.KINDS


async def due(
    connection: Connection, view: RegisterView, today: str, *, limit: int
) -> list[tuple[falling_due.Due, RetentionRule]]:
    """Up to `limit` of each that are due and not announced, by their first entry, each with its rule."""
    return [
        *await consents.due(connection, consents.moments(view, today), limit=limit),
        *await challenges.due(connection, view, today, limit=limit),
    ]


async def still_due(connection: Connection, view: RegisterView, target: erasure.Target, rule: str, today: str) -> bool:
    """Whether the same rule still says so of the life that begins with an entry."""
    if target.kind == challenges.BEGIN:
        return await challenges.still_due(connection, view, target.index, rule, today)
    return await consents.still_due(connection, view, target.index, rule, today)


async def parts(connection: Connection, target: erasure.Target, *, whole: bool) -> list[ErasedPart] | None:
    """What goes with an entry of a life; None where something before it has to go first. Without `whole`, the entry
    alone."""
    if target.kind in challenges.KINDS:
        return await challenges.parts(connection, target, whole=whole)
    return await consents.parts(connection, target, whole=whole)


async def unchanged(connection: Connection, target: erasure.Target, size: int) -> Unchanged | None:
    """That nothing more is said in the life that an entry is of, or of an event, after so many entries of the log,
    until it is erased; None for an entry of which nothing follows."""
    if target.kind == "sharing-event.recorded":
        named = await erasure.name_of_event(connection, target.index)
        return None if named is None else Unchanged((event_thread(*named),), size)
    if target.kind in challenges.KINDS:
        return await challenges.unchanged(connection, target.index, size)
    return await consents.unchanged(connection, target.index, size) if target.kind in consents.KINDS else None
