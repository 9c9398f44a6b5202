"""The register of then: after so many entries of the log, with the root of the tree, and what is wanting of it."""

from __future__ import annotations

import asyncio
from datetime import datetime

from msgspec import Struct

from isa_registry.domain.dates import parse_instant
from isa_registry.domain.decisions import moment_of
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.influence import UNREAD_BY_ANSWERS
from isa_registry.domain.register.register import Register, RegisterView
from isa_registry.domain.replaying import Lacking, erased_by
from isa_registry.runtime.registry import Registry
from isa_registry.runtime.tree import stored_frontier
from isa_registry.store import erasure, log
from isa_registry.store.pool import Connection, reading_for

PAST_SECONDS = 10.0
"""How long a question about the past waits for its turn at the database and for what it needs of it."""

FOLDED_SECONDS = 0.5
"""How long it waits for this worker to have read so far."""

_RANGE = "Give a log size, or a time, at which the log held the law already and that is not yet to come."


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


async def look_back(registry: Registry, as_of: int | str, turns: asyncio.Semaphore) -> Past:
    """The register at a size, or at an RFC 3339 time before now: a few at a time, so that many questions leave
    connections for everybody else. Raises `Refused`: `unprocessable` for one that is yet to come or before the log
    held the law, `not-folded`; and TimeoutError."""
    if isinstance(as_of, str) and _moment(as_of) > registry.now():
        raise _out_of_range()
    async with asyncio.timeout(PAST_SECONDS), turns, reading_for(registry.reading, "") as connection:
        size = as_of if isinstance(as_of, int) else await log.size_at(connection, _moment(as_of))
        known = size <= (await log.tail(connection)).size
        if known and not await registry.follower.wait_for_size(size, seconds=FOLDED_SECONDS):
            raise Refused("not-folded", "This worker has not read the log that far yet.", retry_after=1)
        if not known or registry.follower.register.at(size).catalogue() is None:
            raise _out_of_range()
        return await past(connection, registry.follower.register, size)


def relied_on(then: Past) -> Past:
    """That state, if an answer from it can be relied on. Raises `Refused` (`gone`) where what it needs is erased."""
    if then.wanting is not None:
        raise Refused("gone", f"What the register knew then depended on entry {then.wanting.entry}, erased since.")
    return then


def _out_of_range() -> Refused:
    return Refused("unprocessable", _RANGE, (Fault("#/as_of", "out-of-range", _RANGE),))


def _moment(as_of: str) -> datetime:
    spelt = moment_of(as_of)
    assert spelt is not None  # whoever asks has looked at its form
    return parse_instant(spelt)
