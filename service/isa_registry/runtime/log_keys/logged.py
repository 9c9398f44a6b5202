"""The log's keys as its database states them: every rotation is read anew, and is what its leaf commits to."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from isa_registry.domain.log_key_entries import LogKeyRotated
from isa_registry.ledger.log_keys import LoggedRotation, LogKeys, read_rotation
from isa_registry.runtime.folding import payload_as_logged
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.store import log_keys
from isa_registry.store.log import PayloadMissing
from isa_registry.store.pool import Connection
from isa_verify.errors import VerificationError


async def keys_in(connection: Connection, keys: LogKeys) -> LogKeys:
    """The keys, followed through every rotation that is logged. Raises `LogDisagrees`."""
    return replace(keys, rotations=await rotations_in(connection, keys.origin))


async def rotations_in(connection: Connection, origin: str) -> tuple[LoggedRotation, ...]:
    """Every rotation that is logged, oldest first. Raises `LogDisagrees` for one that is not what its entry commits to,
    or not of the form that verifiers read."""
    found = []
    try:
        for entry in await log_keys.rotations(connection):
            payload = payload_as_logged(entry)
            if not isinstance(payload, LogKeyRotated):
                raise LogDisagrees(f"entry {entry.index} is no rotation of the log's keys")
            found.append(read_rotation(origin, entry.index, payload))
    except (PayloadMissing, VerificationError, msgspec.MsgspecError) as error:
        raise LogDisagrees(f"a rotation of the log's keys cannot be read: {error}") from None
    return tuple(found)
