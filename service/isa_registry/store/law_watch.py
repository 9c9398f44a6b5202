"""Finding recorded checks by what their payloads name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import asyncpg
from msgspec import Struct

from isa_registry.store.sql import statements

_SQL = statements("law_watch")
_AT_ONCE = 2_000


class CheckNaming(Struct, frozen=True):
    """A check by its entry and id, whose it is, and those of the names looked for that its payload holds, by place."""

    index: int
    check: str
    organisation: str
    places: tuple[int, ...]


async def checks_naming(
    connection: asyncpg.Connection, names: Sequence[str], start: int, end: int
) -> AsyncIterator[list[CheckNaming]]:
    """Every check whose entry is from `start` on and before `end`, in pages, whether it names anything or not: whoever
    looks sees how far they are. What was erased names nothing."""
    while start < end:
        rows = await connection.fetch(_SQL["checks_page"], start, end, _AT_ONCE)
        if not rows:
            return
        named = await connection.fetch(_SQL["names_in"], [row["index"] for row in rows], list(names))
        places = {row["index"]: tuple(place - 1 for place in row["places"]) for row in named}
        yield [CheckNaming(row["index"], row["id"], row["organisation"], places.get(row["index"], ())) for row in rows]
        start = rows[-1]["index"] + 1


async def newest_checks_naming(connection: asyncpg.Connection, name: str, *, newest: int) -> tuple[int, int]:
    """Of the newest checks, so many at most: how many were looked through, and how many name something."""
    row = await connection.fetchrow(_SQL["newest_checks_naming"], name, newest)
    return row["looked_through"], row["naming"]
