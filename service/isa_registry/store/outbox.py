"""The outbox: notices, each made once for ever, and their deliveries, each with its state written before it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

import asyncpg
import msgspec
from msgspec import Struct

from isa_registry.domain.dates import instant
from isa_registry.domain.notices.events import AcknowledgedEvent, SharedEvent
from isa_registry.domain.notices.notice import Notice
from isa_registry.domain.notices.templates import PRIVATE
from isa_registry.store.sql import statements

_SQL = statements("outbox")

Settled = Literal["sent", "dropped"]


class ToldOf(Struct, frozen=True):
    """An entry of the log that somebody may be told of."""

    index: int
    at: datetime
    payload: bytes


class Unaddressed(Struct, frozen=True):
    """A notice that nobody could be told."""

    id: str
    notice: Notice


class Claimed(Struct, frozen=True):
    """A delivery that this worker holds. `tries` counts this one, `failures` those that ended and failed; the rest were
    interrupted. `address` is None where it was deleted meanwhile."""

    id: str
    notice: Notice
    address: str | None
    secret: str | None
    tries: int
    failures: int


class Delivery(Struct, frozen=True):
    """How a notice's way to one mailbox stands."""

    id: str
    state: str
    error: str | None


class Listed(Struct, frozen=True):
    """A notice with its deliveries, without any address."""

    id: str
    template: str
    organisation: str
    roles: tuple[str, ...]
    parameters: dict[str, str]
    made_at: datetime
    deliveries: tuple[Delivery, ...]


class Standing(Struct, frozen=True):
    """How many deliveries wait and since when the oldest is due, how many were given up, and how many notices nobody
    could be told."""

    waiting: int = 0
    oldest: datetime | None = None
    dead: int = 0
    untold: int = 0
    webhooks_dead: int = 0


async def take_sweep(connection: asyncpg.Connection) -> bool:
    """Whether this transaction is the one that makes notices."""
    return bool(await connection.fetchval(_SQL["take_sweep"]))


async def begin_at(connection: asyncpg.Connection, size: int) -> None:
    """Says where the telling begins, where that has not been said."""
    await connection.execute(_SQL["begin_cursor"], size)


async def cursor(connection: asyncpg.Connection) -> tuple[int, str]:
    """Up to which size of the log everybody has been told, and the day on which dates were last looked at. `begin_at`
    came before."""
    row = await connection.fetchrow(_SQL["cursor"])
    return row["size"], row["looked_on"]


async def move_cursor(connection: asyncpg.Connection, size: int, day: str) -> None:
    await connection.execute(_SQL["move_cursor"], size, day)


async def told_of(
    connection: asyncpg.Connection, start: int, end: int, kinds: Iterable[str], *, limit: int
) -> list[ToldOf]:
    """Entries of these register kinds from one index up to another (exclusive), as isa_read."""
    return [ToldOf(**dict(row)) for row in await connection.fetch(_SQL["told_of"], start, end, list(kinds), limit)]


async def shared(
    connection: asyncpg.Connection, start: int, end: int, recipients: Iterable[str], *, limit: int
) -> list[SharedEvent]:
    """Events from one index up to another (exclusive) that were shared with one of these bodies, or flagged; as
    isa_read for `TELLING`."""
    rows = await connection.fetch(_SQL["shared"], start, end, list(recipients), limit)
    return [
        SharedEvent(
            row["index"], instant(row["at"]), row["provider"], str(row["id"]), row["recipient"], tuple(row["flags"])
        )
        for row in rows
    ]


async def acknowledged(
    connection: asyncpg.Connection, start: int, end: int, providers: Iterable[str], *, limit: int
) -> list[AcknowledgedEvent]:
    """Acknowledgements in the same stretch of what these bodies shared."""
    rows = await connection.fetch(_SQL["acknowledged"], start, end, list(providers), limit)
    return [
        AcknowledgedEvent(row["index"], instant(row["at"]), row["provider"], str(row["event"]), row["recipient"])
        for row in rows
    ]


async def made(connection: asyncpg.Connection, keys: Sequence[str]) -> set[str]:
    """Which of these notices were made before."""
    return {row["key"] for row in await connection.fetch(_SQL["made"], list(keys))}


async def made_at(connection: asyncpg.Connection, keys: Sequence[str]) -> dict[str, datetime]:
    """When those of these notices were made that were."""
    return {row["key"]: row["made_at"] for row in await connection.fetch(_SQL["made_at"], list(keys))}


async def make(
    connection: asyncpg.Connection, notices: Sequence[tuple[Notice, bool]], *, now: datetime
) -> dict[str, str]:
    """Makes notices, each with whether anybody is told: the ids by key of those that were not made before."""
    rows = await connection.fetch(
        _SQL["make"],
        [one.key for one, _ in notices],
        [one.template for one, _ in notices],
        [one.organisation for one, _ in notices],
        [",".join(one.roles) for one, _ in notices],
        [msgspec.json.encode(one.parameters, order="sorted").decode() for one, _ in notices],
        [one.about for one, _ in notices],
        [addressed for _, addressed in notices],
        now,
    )
    return {row["key"]: row["id"] for row in rows}


async def unaddressed(connection: asyncpg.Connection, *, since: datetime) -> list[Unaddressed]:
    found = [(row["id"], _notice(row)) for row in await connection.fetch(_SQL["unaddressed"], since)]
    return [Unaddressed(identifier, notice) for identifier, notice in found if notice is not None]


async def addressed(connection: asyncpg.Connection, identifiers: Sequence[str]) -> None:
    await connection.execute(_SQL["addressed"], list(identifiers))


async def deliver(connection: asyncpg.Connection, deliveries: Sequence[tuple[str, str]], *, now: datetime) -> None:
    """Puts deliveries into the outbox: each of a notice to an address that a body keeps, by their ids."""
    notices, kept = [one for one, _ in deliveries], [one for _, one in deliveries]
    await connection.execute(_SQL["deliver"], notices, kept, now)


async def deliver_to(
    connection: asyncpg.Connection, notice: str, address: str, *, now: datetime, secret: str | None
) -> None:
    """Puts a delivery to an address of its own into the outbox."""
    await connection.execute(_SQL["deliver_to"], notice, address, secret, now)


async def claim(connection: asyncpg.Connection, *, now: datetime, until: datetime) -> Claimed | None:
    """Takes one delivery that is due; whoever holds it longer than `until` has lost it."""
    while True:
        row = await connection.fetchrow(_SQL["claim"], now, until)
        if row is None:
            return None
        notice = _notice(row)
        if notice is not None:
            return Claimed(row["id"], notice, row["address"], row["secret"], row["tries"], row["failures"])
        await connection.execute(_SQL["bury"], row["id"], row["tries"], now, "unknown-template")


async def settle(
    connection: asyncpg.Connection, held: Claimed, state: Settled, *, now: datetime, error: str | None = None
) -> None:
    """Says that a delivery needs no more, if this worker still holds it."""
    await connection.execute(_SQL["settle"], held.id, held.tries, state, now, error)


async def fail(connection: asyncpg.Connection, held: Claimed, error: str, *, again: datetime) -> None:
    await connection.execute(_SQL["fail"], held.id, held.tries, again, error)


async def bury(connection: asyncpg.Connection, held: Claimed, error: str, *, now: datetime) -> None:
    await connection.execute(_SQL["bury"], held.id, held.tries, now, error)


async def redrive(connection: asyncpg.Connection, delivery: str, *, now: datetime) -> bool:
    """Tries a dead delivery again. False where it is not dead, or its address is gone."""
    return bool(await connection.execute(_SQL["redrive"], delivery, now) == "UPDATE 1")


async def next_due(connection: asyncpg.Connection) -> datetime | None:
    found: datetime | None = await connection.fetchval(_SQL["next_due"])
    return found


async def listed(
    connection: asyncpg.Connection,
    *,
    before: str | None,
    troubled: bool,
    limit: int,
    since: datetime,
    untold: datetime,
) -> list[Listed]:
    """Notices made since a moment, newest first, from after the one with the id `before`. `troubled`: what did not
    reach somebody, and, made since `untold`, what nobody could be told. What a body was told of a case is in no
    list."""
    rows = await connection.fetch(_SQL["listed"], before, troubled, limit, since, untold, sorted(PRIVATE))
    return [
        Listed(
            id=row["id"],
            template=row["template"],
            organisation=row["organisation"],
            roles=tuple(row["roles"]),
            parameters=msgspec.json.decode(row["parameters"], type=dict[str, str]),
            made_at=row["made_at"],
            deliveries=_deliveries(row["deliveries"]),
        )
        for row in rows
    ]


async def standing(connection: asyncpg.Connection, *, untold: datetime) -> Standing:
    """How the outbox stands; of what nobody could be told, what was made since a moment."""
    return Standing(**dict(await connection.fetchrow(_SQL["standing"], untold)))


async def give_up(connection: asyncpg.Connection, *, before: datetime, now: datetime) -> None:
    """Forgets addresses of their own, and secrets, of what was given up before a moment."""
    await connection.execute(_SQL["give_up"], before, now)


async def sweep(connection: asyncpg.Connection, *, before: datetime) -> None:
    """Deletes what is known of deliveries that were settled before a moment."""
    await connection.execute(_SQL["sweep"], before)


def _notice(row: Any) -> Notice | None:
    """None where another version of the service made it, by a template that this one does not have."""
    try:
        return Notice(
            template=row["template"],
            organisation=row["organisation"],
            roles=tuple(row["roles"]),
            parameters=msgspec.json.decode(row["parameters"], type=dict[str, str]),
            about=row["about"],
        )
    except ValueError:
        return None


def _deliveries(lines: Sequence[str]) -> tuple[Delivery, ...]:
    parts = [line.split(" ") for line in lines]
    return tuple(Delivery(one, state, None if error == "-" else error) for one, state, error in parts)
