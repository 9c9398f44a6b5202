"""Telling somebody something, once for ever: what other parts of the service call.

`tell` writes into the outbox on the caller's own connection (isa_work), so that a notice is there exactly if what it
tells of was committed too. Sending comes later, by whichever worker is free.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from isa_registry.domain.notices.addresses import is_address
from isa_registry.domain.notices.notice import Notice, merged
from isa_registry.domain.notices.receivers import Address, nobody_told, receivers
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
    known = await _known(connection, {*leads, *(lead for lead in leads.values() if lead is not None)})
    made = 0
    while new:
        found = [(one, receivers(one, known[one.organisation])) for one in new]
        ids = await outbox.make(connection, [(one, bool(who.addresses)) for one, who in found], now=now)
        now_made = [(ids[one.key], one, who) for one, who in found if one.key in ids]
        deliveries = [(identifier, kept) for identifier, _, who in now_made for kept in who.addresses]
        await outbox.deliver(connection, deliveries, now=now)
        made += len(now_made)
        lacking = [nobody_told(one, who, leads.get(one.organisation)) for _, one, who in now_made]
        new = merged([one for one in lacking if one is not None])
    return made


async def tell_address(
    connection: Connection, notice: Notice, address: str, *, now: datetime, secret: str | None = None
) -> bool:
    """Tells one address that no body has registered, as an invitation does. The address and the link's secret are kept
    until it is sent and no longer. False where the notice was made before. Raises ValueError for what is no address."""
    if not is_address(address):
        raise ValueError("not an address")
    for identifier in (await outbox.make(connection, [(notice, True)], now=now)).values():
        await outbox.deliver_to(connection, identifier, address, now=now, secret=secret)
        return True
    return False


async def tell_late(connection: Connection, *, now: datetime, since: datetime) -> int:
    """Delivers what nobody could be told before and somebody can now. Returns how many notices that were."""
    waiting = await outbox.unaddressed(connection, since=since)
    known = await _known(connection, {one.notice.organisation for one in waiting})
    found = [(one.id, receivers(one.notice, known[one.notice.organisation]).addresses) for one in waiting]
    late = [identifier for identifier, addresses in found if addresses]
    deliveries = [(identifier, kept) for identifier, addresses in found for kept in addresses]
    if late:
        await outbox.deliver(connection, deliveries, now=now)
        await outbox.addressed(connection, late)
    return len(late)


async def _known(connection: Connection, organisations: set[str]) -> defaultdict[str, list[Address]]:
    """The addresses of these bodies, by body."""
    found: defaultdict[str, list[Address]] = defaultdict(list)
    for one in await notice_addresses.addresses_of(connection, organisations):
        found[one.organisation].append(one)
    return found


def _unit_of(view: RegisterView, organisation: str) -> str | None:
    """The lead body of a body's partnership; the registry's own where it names none."""
    opened, body = view.opened(), view.organisation(organisation)
    named = next(iter(body.partnerships), None) if body is not None else None
    partnership = None if named is None else view.partnership(named)
    if partnership is not None:
        return partnership.lead_body
    return None if opened is None else opened.lead_body
