"""Replaying a recorded check from the stored log, by the same core as an export offline."""

from __future__ import annotations

from isa_registry.domain.entries import CheckAnswered, decode_payload
from isa_registry.domain.register.register import Register
from isa_registry.domain.replaying import ENGINES, Engines, Replayed, impossible, lacks, replay, untrue
from isa_registry.runtime.folding import committed_payload
from isa_registry.runtime.past import Past, past
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.store import log
from isa_registry.store.pool import Connection
from isa_verify.errors import VerificationError


def recorded_check(entry: log.StoredEntry) -> CheckAnswered | None:
    """The check that an entry holds; None where it holds something else."""
    payload = decode_payload(entry.payload)
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
