"""What goes when a sharing event is erased: itself, its companions, and all that its recipient said of it."""

from __future__ import annotations

from isa_registry.actions.erasures import ErasedPart
from isa_registry.domain.retention import COMPANIONS
from isa_registry.ledger.drafts import Unchanged
from isa_registry.ledger.threads import event_thread
from isa_registry.store import erasure
from isa_registry.store.pool import Connection


async def parts(connection: Connection, target: erasure.Target) -> list[ErasedPart]:
    """The event first, as its row speaks of those that follow it."""
    found = [ErasedPart(index=target.index, at=target.at, parties=target.parties)]
    for index, kind in await erasure.following(connection, target.index):
        if kind not in COMPANIONS or index != target.index + len(found):
            break
        found.append(ErasedPart(index=index, at=target.at, parties=target.parties))
    said = await erasure.said_of_event(connection, target.index)
    return [*found, *(ErasedPart(index=one.index, at=one.at, parties=one.parties) for one in said)]


async def unchanged(connection: Connection, index: int, size: int) -> Unchanged | None:
    """That nothing more is said of an event, after so many entries of the log, until it is erased."""
    named = await erasure.name_of_event(connection, index)
    return None if named is None else Unchanged((event_thread(*named),), size)
