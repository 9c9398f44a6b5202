"""What stands at the head of the log: the newest checkpoint, the published one, and the checkpointer's word on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, get_args

import asyncpg
from msgspec import Struct

from isa_registry.store.log import StoredCheckpoint
from isa_registry.store.sql import statements

_SQL = statements("publication")

State = Literal["normal", "alarmed", "checks-only"]
"""How sure it is that the database holds the log that was signed: see docs/operating.md."""

STATES: tuple[State, ...] = get_args(State)


class Cosignature(Struct, frozen=True):
    """A witness's line under a checkpoint, without its line feed; `at` is the time that it states."""

    name: str
    key_id: bytes
    at: datetime
    line: str


class Word(Struct, frozen=True):
    """What the checkpointer last said of the history, with codes that say why; `before` is how many seconds ago, by the
    database's clock."""

    state: State
    reasons: tuple[str, ...]
    before: float


class Standing(Struct, frozen=True):
    """Our newest checkpoint; the newest published one, whose note carries the witnesses' lines; the last word."""

    newest: StoredCheckpoint | None = None
    published: StoredCheckpoint | None = None
    word: Word | None = None


async def standing(connection: asyncpg.Connection) -> Standing:
    newest = published = word = None
    for row in await connection.fetch(_SQL["standing"]):
        if row["state"] is not None:
            word = Word(state=row["state"], reasons=tuple(row["reasons"]), before=row["said_before"])
        if row["size"] is None:
            continue
        newest = StoredCheckpoint(size=row["size"], root=row["root"], note=row["note"], signed_at=row["signed_at"])
        if row["published"]:
            published = StoredCheckpoint(
                size=newest.size,
                root=newest.root,
                note=newest.note + "".join(f"{line}\n" for line in row["lines"]).encode(),
                signed_at=newest.signed_at,
            )
    return Standing(newest=newest, published=published, word=word)


async def newest_published(connection: asyncpg.Connection) -> int | None:
    """The size of the newest published checkpoint."""
    size: int | None = await connection.fetchval(_SQL["newest_published"])
    return size


async def publish(connection: asyncpg.Connection, size: int, *, after: int | None, now: datetime) -> bool:
    """Publishes the checkpoint of a size if `after` is still the newest published. False: it is not."""
    done = await connection.execute(_SQL["publish"], size, -1 if after is None else after, now)
    return bool(done == "INSERT 0 1")


async def insert_cosignatures(connection: asyncpg.Connection, size: int, lines: Sequence[Cosignature]) -> None:
    await connection.execute(
        _SQL["insert_cosignatures"],
        size,
        [one.name for one in lines],
        [one.key_id for one in lines],
        [one.at for one in lines],
        [one.line for one in lines],
    )


async def say(connection: asyncpg.Connection, state: State, reasons: Sequence[str]) -> None:
    await connection.execute(_SQL["say"], state, list(reasons))


async def ask(connection: asyncpg.Connection) -> None:
    """Asks whoever listens on `isa_word` to say its word now."""
    await connection.execute(_SQL["ask"])


async def server_time(connection: asyncpg.Connection) -> datetime:
    moment: datetime = await connection.fetchval(_SQL["server_time"])
    return moment


async def said_since(connection: asyncpg.Connection, moment: datetime) -> Word | None:
    """The checkpointer's word, if it gave one after `moment` (by the database's clock)."""
    row = await connection.fetchrow(_SQL["said_since"], moment)
    return None if row is None else Word(state=row["state"], reasons=tuple(row["reasons"]), before=0.0)
