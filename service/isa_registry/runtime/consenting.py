"""The consent register at work: one record at a time read, decided about and logged, whoever else is at it."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from isa_registry.actions import consents
from isa_registry.actions.consents import ConsentSearch, Moment, consent_id, is_consent_id
from isa_registry.domain.consent_entries import ConsentPayload
from isa_registry.domain.consents.documents import ConsentRequest
from isa_registry.domain.consents.states import ConsentState, Entry, after, status, until
from isa_registry.domain.dates import london_date
from isa_registry.domain.refusals import Refused
from isa_registry.identity.callers import Caller
from isa_registry.ledger.drafts import Appended, Draft, IdempotencyClaim
from isa_registry.runtime.folding import payload_as_logged
from isa_registry.runtime.registry import Registry
from isa_registry.store import erasure, log
from isa_registry.store.pool import reading_for

_ABSENT = "There is no such consent, or none that you may see."
_ERASED = "This was erased when its retention ended; the log still proves that it was there."
_TRIES = 5

Change = Callable[[ConsentState, Moment], ConsentPayload]
"""Makes the entry that changes a consent, or raises `Refused`."""


class Logged(Struct, frozen=True):
    """A consent as it is after an entry; `repeated` where the same request had made that entry before."""

    consent: ConsentState
    repeated: bool


async def record(
    registry: Registry, asked: ConsentRequest, caller: Caller, claim: IdempotencyClaim | None = None
) -> Logged:
    """Records what somebody answered. Raises `Refused`: `unprocessable`, and what the sequencer refuses."""
    moment = _moment(registry, caller)
    payload = consents.answer(asked, moment, consent=consent_id(moment.now, registry.randomness(10)))
    return await _append(registry, consents.draft(payload, None, 0, claim), None, caller)


async def change(
    registry: Registry, consent: str, make: Change, caller: Caller, claim: IdempotencyClaim | None = None
) -> Logged:
    """Appends to a body's own consent what `make` makes of it as it stands. Where somebody else was first, it is read
    and decided again.

    Raises `Refused`: `not-found`, for another's too; `gone` once it is erased; `make`'s own, unless the same claim made
    its entry before; and what the sequencer refuses.
    """
    tries_left = _TRIES
    while True:
        since, before = await read(registry, consent, caller.organisation)
        moment = _moment(registry, caller)
        try:
            draft = consents.draft(make(before, moment), before, since, claim)
        except Refused as refused:
            if claim is None:
                raise
            draft = consents.refusing(refused, caller, claim)
        try:
            return await _append(registry, draft, before, caller)
        except Refused as refused:
            tries_left -= 1
            if refused.code != "changed-meanwhile" or not tries_left:
                raise


async def read(registry: Registry, consent: str, organisation: str) -> tuple[int, ConsentState]:
    """A body's own consent, and the log size up to which it was read. Raises `Refused`: `not-found`, for another's too;
    `gone` once it is erased."""
    if not is_consent_id(consent):
        raise Refused("not-found", _ABSENT)
    since, found = await registry.consents.one(organisation, consent, organisation=organisation)
    if found is None:
        async with reading_for(registry.reading, organisation) as connection:
            if await erasure.erased_record(connection, consent, organisation=organisation) is not None:
                raise Refused("gone", _ERASED)
        raise Refused("not-found", _ABSENT)
    return since, found


async def search(registry: Registry, wanted: ConsentSearch, caller: Caller) -> list[ConsentState]:
    """A body's own consents that a search finds, by entry; that it was made is logged first, without a reference.
    Raises `Refused` where that cannot be: then nothing is shown."""
    consents.refuse_unsound(wanted, _moment(registry, caller))
    records = await registry.consents.about(caller.organisation, wanted.references)
    today = london_date(registry.now())
    found = [
        consent
        for of_one in records.consents(wanted.references, below=records.size).values()
        for consent in of_one
        if wanted.fits(consent, status(consent, today) or "")
    ]
    await registry.sequencer.append(consents.searched(wanted, caller, found=len(found)))
    return sorted(found, key=lambda one: one.entries[0].index)


def _moment(registry: Registry, caller: Caller) -> Moment:
    return Moment(registry.now(), caller, registry.follower.view)


async def _append(registry: Registry, draft: Draft, before: ConsentState | None, caller: Caller) -> Logged:
    appended = await registry.sequencer.append(draft)
    if appended.repeated:
        return Logged(await _first(registry, appended, caller), repeated=True)
    (payload,) = draft.payloads
    assert isinstance(payload, ConsentPayload)
    entry = Entry(appended.index, appended.at, payload)
    return Logged(after(before, entry), repeated=False)


async def _first(registry: Registry, appended: Appended, caller: Caller) -> ConsentState:
    """The consent as it was after the entry that the same claim made."""
    async with reading_for(registry.reading, caller.organisation) as connection:
        stored = await log.entry(connection, appended.index)
    if stored is None:
        raise Refused("gone", _ERASED)
    payload = payload_as_logged(stored)
    assert isinstance(payload, ConsentPayload), "the claim is of this route alone"
    _, now = await read(registry, payload.consent, caller.organisation)
    return until(now, appended.index)
