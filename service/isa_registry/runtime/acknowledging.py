"""Recording what a recipient says of an event that was shared with it: each thing said once, the latest counts."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from isa_registry.actions import acknowledgements as actions
from isa_registry.actions.acknowledgements import Stated
from isa_registry.domain.entries import SharingEventAcknowledged, SharingEventRecorded
from isa_registry.domain.refusals import Refused
from isa_registry.domain.sharing import is_uuid7
from isa_registry.identity.callers import Caller
from isa_registry.ledger.drafts import IdempotencyClaim
from isa_registry.runtime.folding import one_as_logged
from isa_registry.runtime.recording_events import Signed
from isa_registry.runtime.registry import Registry
from isa_registry.store import acknowledgements, erasure, log
from isa_registry.store.acknowledgements import SaidOf
from isa_registry.store.pool import Connection, reading_for

_ATTEMPTS = 5


class Acknowledged(Struct, frozen=True):
    """An acknowledgement that is in the log; `repeated` says that it was there before."""

    event: str
    provider: str
    recipient: str
    matches: bool
    received_at: str
    index: int
    at: str
    repeated: bool


class _Read(Struct, frozen=True):
    """What was there at a log size: whose event it is, and what was said of it before."""

    size: int
    provider: str
    said: list[SaidOf]


async def acknowledge(
    registry: Registry,
    jws: str,
    event: str,
    caller: Caller,
    *,
    claim: IdempotencyClaim | None = None,
    signed: Signed | None = None,
) -> Acknowledged:
    """Records the caller's acknowledgement of an event, or finds where it stands.

    Raises `Refused`: `not-found`, the same for an event that there is not, that is another's or that is not shown to
    the caller; `gone` once it is erased; and what is wrong with the document.
    """
    stated = actions.admit(
        jws,
        event,
        caller,
        registry.follower.view,
        origin=registry.origin,
        now=registry.now(),
        key_for=None if signed is None else signed.key_for,
    )
    for _ in range(_ATTEMPTS):
        async with reading_for(registry.reading, caller.organisation) as connection:
            read = await _read(connection, stated, caller)
        before = _same(read.said, jws)
        if before is not None:
            return _answer(stated, read.provider, before.index, before.at, repeated=True)
        draft = actions.draft(
            stated,
            read.provider,
            since=read.size,
            idempotency=claim,
            sign_in=None if signed is None else signed.sign_in,
            approved_by=() if signed is None else signed.approved_by,
        )
        if signed is not None:
            draft = replace(draft, preconditions=(*signed.holds, *draft.preconditions))
        try:
            appended = await registry.sequencer.append(draft)
        except Refused as refused:
            if refused.code != "changed-meanwhile":
                raise
            continue
        if not appended.repeated:
            return _answer(stated, read.provider, appended.index, appended.at, repeated=False)
        # An Idempotency-Key that was used for exactly this: it is there by now.
    raise Refused("unavailable", "Much is being said of this event. Try again shortly.", retry_after=2)


async def _read(connection: Connection, stated: Stated, caller: Caller) -> _Read:
    """What the caller sees of the event. One that it does not see costs as many questions as one that never was."""
    if not is_uuid7(stated.said.event):
        raise _not_found()
    size, event = (await log.tail(connection)).size, stated.said.event
    received = await acknowledgements.received_events(connection, event, recipient=caller.organisation)
    if not received:
        if await erasure.erased_record(connection, stated.said.event, organisation=caller.organisation) is not None:
            raise Refused("gone", "This was erased when its retention ended; the log still proves that it was there.")
        raise _not_found()
    found = [(provider, one_as_logged(entry, SharingEventRecorded).jws) for provider, entry in received]
    # An id is unique for a provider only: of several, the one whose very words are meant.
    provider, event_jws = next((one for one in found if actions.is_of(stated, one[1])), found[0])
    actions.hold_against(stated, event_jws)
    return _Read(size, provider, await acknowledgements.acknowledgements_of(connection, provider, event))


def _same(said: list[SaidOf], jws: str) -> SaidOf | None:
    return next((one for one in said if one_as_logged(one, SharingEventAcknowledged).jws == jws), None)


def _answer(stated: Stated, provider: str, index: int, at: str, *, repeated: bool) -> Acknowledged:
    said = stated.said
    return Acknowledged(
        said.event, provider, said.recipient, said.matches, said.received_at, index, at, repeated=repeated
    )


def _not_found() -> Refused:
    return Refused("not-found", "There is no such event, or none that you may see.")
