"""Webhooks of bodies' systems, and what is to be delivered to each: in order, and never two at once to one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec
from msgspec import Struct

from isa_registry.domain.dates import instant, parse_instant
from isa_registry.domain.notices.events import Event
from isa_registry.store.sql import statements

_SQL = statements("webhooks")


class Webhook(Struct, frozen=True):
    """An address of a body's system. `state` is active, paused (what happens waits), or off; `waiting` and `dead` count
    its deliveries."""

    id: str
    organisation: str
    url: str
    kinds: tuple[str, ...]
    state: str
    added_at: datetime
    waiting: int
    dead: int


class Held(Struct, frozen=True):
    """A delivery that this worker sends, and the webhook that is its alone until `until`."""

    id: str
    webhook: str
    organisation: str
    url: str
    event: Event
    failures: int
    until: datetime


class WebhookDelivery(Struct, frozen=True):
    """How a delivery stands. `position` orders them."""

    id: str
    entry: int | None
    kind: str
    happened: datetime
    state: str
    failures: int
    next_at: datetime
    error: str | None
    settled_at: datetime | None
    position: int


async def webhooks_of(connection: asyncpg.Connection, organisation: str) -> list[Webhook]:
    rows = await connection.fetch(_SQL["webhooks_of"], organisation)
    return [Webhook(**{**dict(row), "kinds": tuple(row["kinds"])}) for row in rows]


async def add(
    connection: asyncpg.Connection, organisation: str, url: str, kinds: Sequence[str], *, now: datetime, most: int
) -> tuple[str | None, bool]:
    """Adds a webhook: its id, and whether it is new. None where the body has as many as it may."""
    found: str | None = await connection.fetchval(_SQL["add"], organisation, url, list(kinds), now, most)
    if found is not None:
        return found, True
    return await connection.fetchval(_SQL["the_same"], organisation, url), False


async def change_state(connection: asyncpg.Connection, webhook: str, organisation: str, state: str) -> bool:
    return bool(await connection.execute(_SQL["change_state"], webhook, organisation, state) == "UPDATE 1")


async def remove(connection: asyncpg.Connection, webhook: str, organisation: str) -> bool:
    """Deletes a webhook with all that was to be delivered to it."""
    return bool(await connection.execute(_SQL["remove"], webhook, organisation) == "DELETE 1")


async def announce(connection: asyncpg.Connection, event: Event, *, now: datetime) -> None:
    """Puts an event into the outbox of every webhook that is told of its kind, once; of the body's alone that it
    concerns."""
    await connection.execute(
        _SQL["announce"], event.entry, event.kind, _subject(event), parse_instant(event.at), now, event.to
    )


async def wanting(connection: asyncpg.Connection, kinds: Iterable[str]) -> set[str]:
    """The bodies with a webhook that takes one of these kinds, by name or by family."""
    named = {*kinds, *(kind.partition(".")[0] + ".*" for kind in kinds)}
    return {row["organisation"] for row in await connection.fetch(_SQL["wanting"], sorted(named))}


async def test(connection: asyncpg.Connection, webhook: str, organisation: str, event: Event) -> str | None:
    """Puts a test into the outbox of a webhook; its id, or None where the body has no such active webhook."""
    found: str | None = await connection.fetchval(
        _SQL["test"], webhook, organisation, event.kind, _subject(event), parse_instant(event.at)
    )
    return found


async def claim(connection: asyncpg.Connection, *, now: datetime, until: datetime, holds_back: int) -> Held | None:
    """Takes the next delivery of a webhook to which nobody is sending. An earlier one that has failed fewer than
    `holds_back` times holds back those after it."""
    async with connection.transaction():
        row = await connection.fetchrow(_SQL["take_webhook"], now, holds_back)
        if row is None:
            return None
        await connection.execute(_SQL["hold"], row["id"], until)
        found = await connection.fetchrow(_SQL["sending"], row["delivery"])
    event = _event(found)
    return Held(found["id"], row["id"], row["organisation"], row["url"], event, found["failures"], until)


# Whoever changes a delivery and its webhook locks the webhook first, as deleting one does.


async def sent(connection: asyncpg.Connection, held: Held, *, now: datetime) -> None:
    async with connection.transaction():
        await connection.execute(_SQL["let_go"], held.webhook, held.until)
        await connection.execute(_SQL["sent"], held.id, now)


async def failed(connection: asyncpg.Connection, held: Held, error: str, *, again: datetime) -> None:
    async with connection.transaction():
        await connection.execute(_SQL["let_go"], held.webhook, held.until)
        await connection.execute(_SQL["fail"], held.id, again, error)


async def bury(connection: asyncpg.Connection, held: Held, error: str, *, now: datetime) -> None:
    async with connection.transaction():
        await connection.execute(_SQL["let_go"], held.webhook, held.until)
        await connection.execute(_SQL["bury"], held.id, now, error)


async def switch_off(connection: asyncpg.Connection, held: Held, error: str, *, now: datetime) -> None:
    """Sends nothing to a webhook any more: what waits for it is dead. The caller's transaction holds it."""
    await connection.execute(_SQL["switch_off"], held.webhook)
    await connection.execute(_SQL["bury_all"], held.webhook, now, error)


async def deliveries_of(
    connection: asyncpg.Connection, webhook: str, organisation: str, *, dead: bool, before: int | None, limit: int
) -> list[WebhookDelivery]:
    rows = await connection.fetch(_SQL["deliveries_of"], webhook, organisation, dead, before, limit)
    return [WebhookDelivery(**dict(row)) for row in rows]


async def redeliver(
    connection: asyncpg.Connection, delivery: str, webhook: str, organisation: str, *, now: datetime
) -> bool:
    """Sends a delivery again, from the first try on. False where there is none that was sent or given up."""
    done = await connection.execute(_SQL["redeliver"], delivery, webhook, organisation, now)
    return bool(done == "UPDATE 1")


async def sweep(connection: asyncpg.Connection, *, before: datetime) -> None:
    await connection.execute(_SQL["sweep"], before)


def _subject(event: Event) -> str:
    return msgspec.json.encode(event.data, order="sorted").decode()


def _event(row: Any) -> Event:
    data = msgspec.json.decode(row["subject"], type=dict[str, str])
    return Event(kind=row["kind"], at=instant(row["happened"]), data=data, entry=row["entry"])
