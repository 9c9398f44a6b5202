"""Telling somebody something, once for ever: what other parts of the service call.

`tell` writes into the outbox on the caller's own connection (isa_work), so that a notice is there exactly if what it
tells of was committed too. Sending comes later, by whichever worker is free.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from isa_registry.domain.notices.addresses import is_address
from isa_registry.domain.notices.notice import Notice, merged
from isa_registry.domain.notices.receivers import nobody_told, receivers
from isa_registry.domain.register.register import RegisterView
from isa_registry.store import notice_addresses, outbox
from isa_registry.store.pool import Connection

Tell = Callable[[Connection, Sequence[Notice]], Awaitable[None]]
"""`tell` as a worker's parts are given it: with the register as it then is, and nothing told where there is no mail."""


async def nobody_is_told(connection: Connection, notices: Sequence[Notice]) -> None:
    """A `Tell` where nothing is sent."""


async def tell(connection: Connection, notices: Sequence[Notice], view: RegisterView, *, now: datetime) -> int:
    """Makes those notices that were not made before, each with a delivery for every mailbox that its body has for its
    roles. Where a body has none, its information-governance lead is told in their place and, once, that one is lacking;
    where it has no address at all, the business unit is told that, and the notice waits for an address.

    Returns how many were made. The caller's transaction, if there is one, holds all of it.
    """
    wanted = merged(list(notices))
    before = await outbox.made(connection, [one.key for one in wanted])
    new = [one for one in wanted if one.key not in before]
    leads = {one.organisation: _unit_of(view, one.organisation) for one in new}
    bodies = {*leads, *(lead for lead in leads.values() if lead is not None)}
    known = await notice_addresses.addresses_of(connection, bodies)
    made = 0
    while new:
        lacking: list[Notice] = []
        for one in new:
            found = receivers(one, known)
            identifier = await outbox.make(connection, one, now=now, addressed=bool(found.addresses))
            if identifier is None:
                continue
            made += 1
            for kept in found.addresses:
                await outbox.deliver(connection, identifier, now=now, kept=kept)
            other = nobody_told(one, found, leads.get(one.organisation))
            if other is not None:
                lacking.append(other)
        new = merged(lacking)
    return made


async def tell_address(
    connection: Connection, notice: Notice, address: str, *, now: datetime, secret: str | None = None
) -> bool:
    """Tells one address that no body has registered, as an invitation does. The address and the link's secret are kept
    until it is sent and no longer. False where the notice was made before. Raises ValueError for what is no address."""
    if not is_address(address):
        raise ValueError("not an address")
    identifier = await outbox.make(connection, notice, now=now, addressed=True)
    if identifier is None:
        return False
    await outbox.deliver(connection, identifier, now=now, address=address, secret=secret)
    return True


async def tell_late(connection: Connection, *, now: datetime, since: datetime) -> int:
    """Delivers what nobody could be told before and somebody can now. Returns how many notices that were."""
    waiting = await outbox.unaddressed(connection, since=since)
    known = await notice_addresses.addresses_of(connection, {one.notice.organisation for one in waiting})
    late = 0
    for one in waiting:
        found = receivers(one.notice, known)
        for kept in found.addresses:
            await outbox.deliver(connection, one.id, now=now, kept=kept)
        if found.addresses:
            await outbox.addressed(connection, one.id)
            late += 1
    return late


def _unit_of(view: RegisterView, organisation: str) -> str | None:
    """The lead body of a body's partnership; the registry's own where it names none."""
    opened, body = view.opened(), view.organisation(organisation)
    named = next(iter(body.partnerships), None) if body is not None else None
    partnership = None if named is None else view.partnership(named)
    if partnership is not None:
        return partnership.lead_body
    return None if opened is None else opened.lead_body
