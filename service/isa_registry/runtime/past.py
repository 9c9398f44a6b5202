"""The register of then: after so many entries of the log, with the root of the tree, and what is wanting of it."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.register.influence import UNREAD_BY_ANSWERS
from isa_registry.domain.register.register import Register, RegisterView
from isa_registry.domain.replaying import Lacking, erased_by
from isa_registry.runtime.tree import stored_frontier
from isa_registry.store import erasure
from isa_registry.store.pool import Connection


class Past(Struct, frozen=True):
    """A state of the register. `wanting` is the first erased entry on which it depended: then no answer from it is to
    be relied on."""

    view: RegisterView
    root: bytes
    wanting: Lacking | None


async def past(connection: Connection, register: Register, size: int) -> Past:
    """The state after the first `size` entries of a register that is folded so far."""
    # In this order: what is erased between the two is told, never missed.
    view = register.at(size)
    found = await erasure.erased_need(connection, size, unread=UNREAD_BY_ANSWERS)
    wanting = None if found is None else Lacking(found[0], erased_by(found[1]))
    return Past(view, (await stored_frontier(connection, size)).root(), wanting)
