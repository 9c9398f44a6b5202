"""Replaying a recorded check from the stored log, by the same core as an export offline."""

from __future__ import annotations

import asyncio

import structlog

from isa_registry.domain.dates import london_date
from isa_registry.domain.entries import CheckAnswered
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import Register
from isa_registry.domain.replaying import (
    ENGINES,
    Engines,
    Replayed,
    Today,
    against_today,
    impossible,
    lacks,
    replay,
    untrue,
)
from isa_registry.runtime.folding import committed_payload, decoded
from isa_registry.runtime.past import FOLDED_SECONDS, PAST_SECONDS, Past, past
from isa_registry.runtime.registry import Registry
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.store import log
from isa_registry.store.pool import Connection, reading_for
from isa_verify.errors import VerificationError

_log = structlog.get_logger("isa_registry.replay")


async def replay_for(
    registry: Registry, entry: log.StoredEntry, recorded: CheckAnswered, *, engines: Engines, turns: asyncio.Semaphore
) -> Replayed:
    """What becomes of a recorded check that somebody asks about, a few at a time. What an untouched log never does is
    said aloud. Raises `Refused` (`not-folded`) and TimeoutError."""
    async with asyncio.timeout(PAST_SECONDS), turns, reading_for(registry.reading, "") as connection:
        size = min(entry.index, recorded.register.log_size)
        if not await registry.follower.wait_for_size(size, seconds=FOLDED_SECONDS):
            raise Refused("not-folded", "This worker has not read the log that far yet.", retry_after=1)
        found = await replay_stored(connection, registry.follower.register, entry, engines=engines)
    if found.verdict == "different":
        members = [one.pointer for one in found.differences]
        _log.error("replay-different", check=found.check, entry=found.entry, members=members, reason=found.why)
    return found


def as_today(registry: Registry, recorded: CheckAnswered, engines: Engines) -> Today:
    """What the same question and evidence give now."""
    follower, today = registry.follower, london_date(registry.now())
    return against_today(recorded, follower.view, root=follower.root, today=today, engines=engines)


def recorded_check(entry: log.StoredEntry) -> CheckAnswered | None:
    """The check that an entry holds; None where it holds something else. Raises `LogDisagrees` for what nothing can be
    made of; whether it is what was logged, the replay says."""
    payload = decoded(entry.index, entry.payload)
    return payload if isinstance(payload, CheckAnswered) else None


async def replay_stored(
    connection: Connection, register: Register, entry: log.StoredEntry, *, engines: Engines = ENGINES
) -> Replayed:
    """What becomes of the check that an entry holds. `register` is folded at least as far as the entry, or as the check
    had seen the log. Raises ValueError for an entry that holds no check."""
    recorded = recorded_check(entry)
    if recorded is None:
        raise ValueError("no check")
    # What names a register later than itself is refused whatever that register is.
    then = await past(connection, register, min(entry.index, recorded.register.log_size))
    return replay_from(then, recorded, entry, engines=engines)


def replay_from(then: Past, recorded: CheckAnswered, entry: log.StoredEntry, *, engines: Engines = ENGINES) -> Replayed:
    """The same from the state of the register that the check names."""
    try:
        committed_payload(entry)
    except (LogDisagrees, VerificationError):
        return untrue(recorded.check, entry.index)
    if (found := impossible(recorded, entry.index)) is not None:
        return found
    if then.wanting is not None:
        return lacks(recorded, entry.index, then.wanting)
    return replay(recorded, entry.index, then.view, root=then.root, engines=engines)
