"""What the index tables say of entries: functions of the payloads alone, so that any table can be rebuilt from the log
and compared with it."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from isa_registry.domain.challenge_entries import ChallengePayload
from isa_registry.domain.challenging.life import Mark
from isa_registry.domain.consent_entries import ConsentPayload
from isa_registry.domain.entries import (
    CheckAnswered,
    Payload,
    RecordsSearched,
    SharingEventAcknowledged,
    SharingEventRecorded,
)
from isa_registry.domain.happenings import happening
from isa_registry.domain.keeping_entries import HoldLifted, HoldPlaced, PayloadErased
from isa_registry.ledger.record_rows import (
    AcknowledgementRow,
    CheckRow,
    Companion,
    ConsentRow,
    ReferenceRow,
    SearchRow,
    SharingEventRow,
    acknowledgement_row,
    challenge_row,
    check_row,
    consent_row,
    reference_rows,
    search_row,
    sharing_event_row,
)
from isa_registry.ledger.threads import threads_of


class ThreadRow(Struct, frozen=True):
    """A row of `thread`: entry `index` is about a thing."""

    thread: str
    index: int


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
        self.references: list[ReferenceRow] = []
        self.acknowledgements: list[AcknowledgementRow] = []
        self.consents: list[ConsentRow] = []
        self.challenges: list[Mark] = []
        self.searches: list[SearchRow] = []
        self.threads: list[ThreadRow] = []
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
        if self._event is not None:
            if isinstance(payload, Companion):
                self._companions.append(payload)
                return
            self.end()
        if isinstance(payload, CheckAnswered):
            self.checks.append(check_row(index, payload))
            return
        self.threads += [ThreadRow(thread=thread, index=index) for thread in threads_of(payload)]
        if isinstance(payload, SharingEventRecorded):
            self._event = (index, payload)
            self.references += reference_rows(index, payload)
        elif isinstance(payload, SharingEventAcknowledged):
            self.acknowledgements.append(acknowledgement_row(index, payload))
        elif isinstance(payload, ConsentPayload):
            self.consents.append(consent_row(index, payload))
        elif isinstance(payload, ChallengePayload):
            self.challenges.append(challenge_row(index, payload))
        elif isinstance(payload, RecordsSearched):
            self.searches.append(search_row(index, payload))
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
