"""Recording sharing events, one or a hundred: each is admitted, held against what it names, and appended by itself.

One view of the register, one look at the database and one turn of the sequencer serve them all. An event that corrects
one before it in the same batch waits until that one stands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from isa_registry.actions import sharing_events
from isa_registry.actions.identifiers import is_check_id
from isa_registry.actions.plain_events import Plainly
from isa_registry.actions.sharing_events import Admitted, KeyFor, Submitted
from isa_registry.actions.sharing_flags import RecordedCheck, flags_for, read_check
from isa_registry.domain.agreement_entries import SignInEvidence
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.sharing import SharingEvent
from isa_registry.identity.callers import Caller
from isa_registry.ledger.drafts import Appended, Draft, EventClaim, IdempotencyClaim, Precondition
from isa_registry.ledger.record_rows import SharingEventRow
from isa_registry.runtime.appending import append_all
from isa_registry.runtime.registry import Registry
from isa_registry.store import log, records
from isa_registry.store.pool import Connection, reading_for

_AT_ONCE = 50
"""How many events are verified before other requests of this worker have a turn."""

_ATTEMPTS = 5
"""How often something may be recorded of an event in between before its correction is given up."""


class Recorded(Struct, frozen=True, gc=False):
    """An event that is in the log; `repeated` says that it was there before with the same content."""

    id: str
    provider: str
    index: int
    at: str
    flags: tuple[str, ...]
    repeated: bool


class Signed(Struct, frozen=True):
    """Who signed for the caller, where that was not its own system: the keys that may, what shows who asked for it, and
    what must hold of them at the tail."""

    key_for: KeyFor
    sign_in: SignInEvidence | None = None
    approved_by: tuple[int, ...] = ()
    holds: tuple[Precondition, ...] = ()


class _Named(Struct, frozen=True):
    """What events name, as it was at a log size: the caller's own checks, and its own events that are to be corrected,
    each with the one that corrects it already."""

    size: int
    checks: dict[str, RecordedCheck]
    correctable: dict[str, str | None]


class _Made(Struct, frozen=True):
    """An event that nothing stands against, with what is marked on it, and its draft."""

    event: SharingEvent
    flags: tuple[str, ...]
    draft: Draft


_Outcome = Recorded | Refused


async def record(
    registry: Registry,
    submitted: Submitted,
    caller: Caller,
    *,
    claim: IdempotencyClaim | None = None,
    signed: Signed | None = None,
) -> Recorded:
    """Records one event, or finds where it stands. Raises `Refused`."""
    (outcome,) = await record_all(registry, [submitted], caller, claim=claim, signed=signed)
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


async def record_all(
    registry: Registry,
    submissions: Sequence[Submitted | Refused],
    caller: Caller,
    *,
    claim: IdempotencyClaim | None = None,
    signed: Signed | None = None,
) -> list[Recorded | Refused]:
    """Records events of one caller, and says of each in order where it stands or why not. What is refused already stays
    so, and harms no other. `claim` is that of a request with one event."""
    recording = _Recording(registry, caller, claim, signed)
    admitted = await recording.admit(submissions)
    return await recording.append(admitted)


class _Recording:
    def __init__(
        self, registry: Registry, caller: Caller, claim: IdempotencyClaim | None, signed: Signed | None
    ) -> None:
        self._registry = registry
        self._caller = caller
        self._claim = claim
        self._signed = signed
        self._view = registry.follower.view

    async def admit(self, submissions: Sequence[Submitted | Refused]) -> list[Admitted | _Outcome]:
        """Each event as far as it alone, and the register, let it be recorded."""
        found: list[Admitted | _Outcome] = []
        repeats: dict[int, EventClaim] = {}
        now, key_for = self._registry.now(), None if self._signed is None else self._signed.key_for
        plainly = Plainly(self._caller, self._view, origin=self._registry.origin, now=now, key_for=key_for)
        for start in range(0, len(submissions), _AT_ONCE):
            if start:
                await asyncio.sleep(0)
            some = submissions[start : start + _AT_ONCE]
            taken = iter(plainly.admit([one for one in some if not isinstance(one, Refused)]))
            for position, submitted in enumerate(some, start=start):
                if isinstance(submitted, Refused):
                    found.append(submitted)
                    continue
                try:
                    found.append(
                        next(taken)
                        or sharing_events.admit(
                            submitted,
                            self._caller,
                            self._view,
                            origin=self._registry.origin,
                            now=now,
                            key_for=key_for,
                        )
                    )
                except Refused as refused:
                    found.append(refused)
                    # What was recorded once stays so: a repeat after its key was revoked, or a day later, is the same.
                    repeat = sharing_events.claim_unverified(submitted, self._caller.organisation)
                    if repeat is not None:
                        repeats[position] = repeat
        if repeats:
            async with reading_for(self._registry.reading, self._caller.organisation) as connection:
                for position, outcome in (await self._recorded(connection, repeats)).items():
                    found[position] = outcome
        return found

    async def _recorded(self, connection: Connection, claims: dict[int, EventClaim]) -> dict[int, _Outcome]:
        """Those of these that are recorded with the same content, and those that were and are erased."""
        events = [claim.event for claim in claims.values()]
        rows = await records.recorded_events(connection, events, provider=self._caller.organisation)
        missing = [event for event in events if event not in rows]
        erased = set()
        if missing:
            erased = await records.erased_events(connection, missing, provider=self._caller.organisation)
        found: dict[int, _Outcome] = {}
        for position, claim in claims.items():
            row, at = rows.get(claim.event, (None, ""))
            if row is not None and row.sha256 == claim.sha256:
                found[position] = _first_answer(row, at)
            elif claim.event in erased:
                found[position] = _erased()
        return found

    async def append(self, admitted: list[Admitted | _Outcome]) -> list[_Outcome]:
        """What became of each, in order."""
        outcomes: dict[int, _Outcome] = {}
        waiting: dict[int, Admitted] = {}
        for position, one in enumerate(admitted):
            if isinstance(one, Admitted):
                waiting[position] = one
            else:
                outcomes[position] = one
        attempts = 0
        while waiting:
            ready = _ready(waiting)
            found = dict(zip(ready, await self._append(list(ready.values())), strict=True))
            changed = {position for position, outcome in found.items() if _is_changed(outcome)}
            attempts += 1 if changed else 0
            if attempts == _ATTEMPTS:
                found |= dict.fromkeys(changed, _busy())
                changed = set()
            outcomes |= {position: outcome for position, outcome in found.items() if position not in changed}
            waiting = {position: one for position, one in waiting.items() if position not in outcomes}
        return [outcomes[position] for position in range(len(admitted))]

    async def _append(self, admitted: list[Admitted]) -> list[_Outcome]:
        """Reads what these name, hands them in at once, and says what became of each."""
        named = await self._named([one.event for one in admitted])
        made = [self._made(one, named) for one in admitted]
        drafts = [one.draft for one in made if isinstance(one, _Made)]
        appended = iter(await append_all(self._registry.sequencer, drafts))
        found = [one if isinstance(one, Refused) else _found(one, next(appended)) for one in made]
        repeated = {place: admitted[place].event.id for place, one in enumerate(found) if one is None}
        first = await self._first_answers(list(repeated.values())) if repeated else {}
        return [first[admitted[place].event.id] if one is None else one for place, one in enumerate(found)]

    def _made(self, admitted: Admitted, named: _Named) -> _Made | Refused:
        """The draft of an event, unless what it names stands against it."""
        event = admitted.event
        if event.check is not None or event.corrects is not None:
            faults = _faults(event, named)
            if faults:
                return Refused("unprocessable", faults[0].detail, faults)
        flags = flags_for(event, self._view, None if event.check is None else named.checks[event.check])
        return _Made(event, flags, self._draft(admitted, flags, named.size))

    def _draft(self, admitted: Admitted, flags: tuple[str, ...], since: int) -> Draft:
        signed = self._signed
        draft = sharing_events.draft(
            admitted,
            flags,
            self._claim,
            sign_in=None if signed is None else signed.sign_in,
            approved_by=() if signed is None else signed.approved_by,
            since=since,
        )
        return draft if signed is None else replace(draft, preconditions=(*signed.holds, *draft.preconditions))

    async def _named(self, events: list[SharingEvent]) -> _Named:
        """What the events name that is not in the register."""
        checks = [event.check for event in events if event.check is not None and is_check_id(event.check)]
        corrected = [event.corrects for event in events if event.corrects is not None]
        if not checks and not corrected:
            return _Named(0, {}, {})
        async with reading_for(self._registry.reading, self._caller.organisation) as connection:
            # The size comes first: what was recorded while the rest is read counts as recorded since.
            size = (await log.tail(connection)).size
            payloads = await records.check_payloads(connection, checks) if checks else {}
            correctable = (
                await records.correctable_events(connection, corrected, provider=self._caller.organisation)
                if corrected
                else {}
            )
        return _Named(size, {check: read_check(payload) for check, payload in payloads.items()}, correctable)

    async def _first_answers(self, events: list[str]) -> dict[str, _Outcome]:
        """The first answers to events that were there already."""
        async with reading_for(self._registry.reading, self._caller.organisation) as connection:
            rows = await records.recorded_events(connection, events, provider=self._caller.organisation)
        return {event: _first_answer(*rows[event]) if event in rows else _erased() for event in events}


def _found(made: _Made, appended: Appended | Refused) -> _Outcome | None:
    """What became of an event; None where it was there already."""
    if isinstance(appended, Refused):
        return appended
    if appended.repeated:
        return None
    event = made.event
    return Recorded(event.id, event.provider, appended.index, appended.at, made.flags, repeated=False)


def _first_answer(row: SharingEventRow, at: str) -> Recorded:
    return Recorded(row.id, row.provider, row.index, at, row.flags, repeated=True)


def _erased() -> Refused:
    return Refused("gone", "This was erased when its retention ended; the log still proves that it was there.")


def _busy() -> Refused:
    return Refused("unavailable", "Much is being recorded of this event. Try again shortly.", retry_after=2)


def _is_changed(outcome: _Outcome) -> bool:
    return isinstance(outcome, Refused) and outcome.code == "changed-meanwhile"


def _ready(waiting: dict[int, Admitted]) -> dict[int, Admitted]:
    """Those that correct none of the others that came before them: the others wait until that one stands."""
    if {one.event.corrects for one in waiting.values()} == {None}:
        return waiting
    first: dict[str, int] = {}
    for position, one in waiting.items():
        first.setdefault(one.event.id, position)
    return {
        position: one for position, one in waiting.items() if first.get(one.event.corrects or "", position) >= position
    }


def _faults(event: SharingEvent, named: _Named) -> tuple[Fault, ...]:
    """What is wrong with an event beside what it names."""
    faults: list[Fault] = []
    if event.check is not None and event.check not in named.checks:
        detail = "No recorded check of yours has this id. Send null where none was made."
        faults.append(Fault("#/check", "unknown-check", detail))
    if event.corrects is not None:
        corrected = event.corrects
        corrected_by = named.correctable.get(corrected)
        if corrected not in named.correctable:
            detail = "No recorded event of yours has this id. What was never recorded needs no correction."
            faults.append(Fault("#/corrects", "unknown-event", detail))
        elif corrected_by is not None and corrected_by != event.id:
            detail = "This event is corrected already. Correct the newest: see `corrected_by` of this one."
            faults.append(Fault("#/corrects", "already-corrected", detail))
    return tuple(faults)
