"""What the index tables say of an entry, and who may read its payload: functions of the payload alone, so that any
table can be rebuilt from the log and compared with it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from isa_registry.domain.entries import (
    CheckAnswered,
    Payload,
    PayloadRead,
    SharingEventFlagged,
    SharingEventRecorded,
    SharingEventWithheld,
)
from isa_registry.domain.happenings import happening
from isa_registry.domain.keeping_entries import HoldLifted, HoldPlaced, PayloadErased
from isa_registry.domain.sharing import SHARED, SharingEvent, read_event

Companion = SharingEventWithheld | SharingEventFlagged


class CheckRow(Struct, frozen=True):
    """A row of `check_record`."""

    id: str
    index: int
    organisation: str
    decided_at: datetime


class SharingEventRow(Struct, frozen=True):
    """A row of `sharing_event`. `sha256` is of the event's and the withheld list's exact compact JWS."""

    provider: str
    id: UUID
    index: int
    withheld_index: int | None
    sha256: bytes
    recipient: str | None
    recipient_sees: bool
    decision: str
    purpose: str
    decided_at: datetime
    flags: tuple[str, ...]
    retention: str | None


class ErasureRow(Struct, frozen=True):
    """A row of `erasure`: entry `index` was erased by entry `by`."""

    index: int
    by: int
    reason: str
    rule: str | None
    until: int | None


class HoldRow(Struct, frozen=True):
    """A row of `legal_hold`."""

    hold: str
    index: int
    organisations: tuple[str, ...]
    entries: tuple[int, ...]
    since: datetime | None
    until: datetime | None


class HoldLiftedRow(Struct, frozen=True):
    """A row of `legal_hold_lifted`."""

    hold: str
    index: int


class LifeRow(Struct, frozen=True):
    """A row of `lifecycle_event`: entry `index` is an event in the life of a thing. The state that follows is the
    table's to say (`domain/lifecycles.py`), so the database fills it in."""

    index: int
    machine: str
    thing: str
    event: str


def recipient_sees(event: SharingEvent) -> bool:
    """Whether the event is shown to its recipient: only what was shared, and only to a registered body."""
    return event.decision in SHARED and isinstance(event.recipient, str)


def content_sha256(event_jws: str, withheld_jws: str | None) -> bytes:
    """The content by which a repeated event is known to be the same one."""
    return hashlib.sha256(event_jws.encode() + b"\n" + (withheld_jws or "").encode()).digest()


def readers_of(payload: Payload) -> tuple[str, ...] | None:
    """The organisations that may read a payload, beside auditors; None is everybody that may see the register."""
    match payload:
        case CheckAnswered():
            return (payload.organisation,)
        case SharingEventRecorded():
            event = read_event(payload.jws)
            if recipient_sees(event) and isinstance(event.recipient, str):
                return (event.provider, event.recipient)
            return (event.provider,)
        case SharingEventWithheld() | SharingEventFlagged():
            return (payload.provider,)
        case PayloadErased():
            # Whoever folds the register must know what is missing from it; of a case, auditors alone.
            return () if payload.until is None else None
        case PayloadRead():
            return tuple(dict.fromkeys((payload.organisation, *payload.owners)))
        case _:
            return None


def check_row(index: int, payload: CheckAnswered) -> CheckRow:
    return CheckRow(
        id=payload.check,
        index=index,
        organisation=payload.organisation,
        decided_at=datetime.fromisoformat(payload.decided_at),
    )


def sharing_event_row(index: int, payload: SharingEventRecorded, companions: Sequence[Companion]) -> SharingEventRow:
    """The row of an event at `index`; `companions` are the entries right after it that belong to it, in order."""
    event = read_event(payload.jws)
    withheld_index: int | None = None
    withheld: str | None = None
    flags: tuple[str, ...] = ()
    for position, companion in enumerate(companions, start=1):
        if isinstance(companion, SharingEventWithheld):
            withheld_index, withheld = index + position, companion.jws
        else:
            flags = companion.flags
    return SharingEventRow(
        provider=event.provider,
        id=UUID(event.id),
        index=index,
        withheld_index=withheld_index,
        sha256=content_sha256(payload.jws, withheld),
        recipient=event.recipient if isinstance(event.recipient, str) else None,
        recipient_sees=recipient_sees(event),
        decision=event.decision,
        purpose=event.purpose,
        decided_at=datetime.fromisoformat(event.decided_at),
        flags=flags,
        retention=event.retention,
    )


def erasure_row(index: int, payload: PayloadErased) -> ErasureRow:
    return ErasureRow(index=payload.index, by=index, reason=payload.reason, rule=payload.rule, until=payload.until)


def hold_row(index: int, payload: HoldPlaced) -> HoldRow:
    scope = payload.scope
    return HoldRow(
        hold=payload.hold,
        index=index,
        organisations=scope.organisations,
        entries=scope.entries,
        since=None if scope.since is None else datetime.fromisoformat(scope.since),
        until=None if scope.until is None else datetime.fromisoformat(scope.until),
    )


def life_row(index: int, payload: Payload) -> LifeRow | None:
    """The row of an entry that is an event in a life; None for any other."""
    found = happening(payload)
    return None if found is None else LifeRow(index, found.machine, found.thing, found.event)


class Rows:
    """The index rows of entries that are added in their order."""

    def __init__(self) -> None:
        self.checks: list[CheckRow] = []
        self.events: list[SharingEventRow] = []
        self.erasures: list[ErasureRow] = []
        self.holds: list[HoldRow] = []
        self.holds_lifted: list[HoldLiftedRow] = []
        self.lives: list[LifeRow] = []
        self._event: tuple[int, SharingEventRecorded] | None = None
        self._companions: list[Companion] = []

    @property
    def pending(self) -> int | None:
        """The event whose row is not complete yet, since the next entry may belong to it."""
        return None if self._event is None else self._event[0]

    def add(self, index: int, payload: Payload) -> None:
        """Takes the next entry."""
        if self._event is not None and isinstance(payload, Companion):
            self._companions.append(payload)
            return
        self.end()
        if isinstance(payload, SharingEventRecorded):
            self._event = (index, payload)
        elif isinstance(payload, CheckAnswered):
            self.checks.append(check_row(index, payload))
        elif isinstance(payload, PayloadErased):
            self.erasures.append(erasure_row(index, payload))
        elif isinstance(payload, HoldPlaced):
            self.holds.append(hold_row(index, payload))
        elif isinstance(payload, HoldLifted):
            self.holds_lifted.append(HoldLiftedRow(hold=payload.hold, index=index))
        else:
            row = life_row(index, payload)
            if row is not None:
                self.lives.append(row)

    def end(self) -> None:
        """Says that the last entry was added."""
        if self._event is not None:
            (index, event), companions = self._event, self._companions
            self._event, self._companions = None, []
            self.events.append(sharing_event_row(index, event, companions))
