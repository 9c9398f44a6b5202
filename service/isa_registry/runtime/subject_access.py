"""Gathering what a body can see about one person, with what to think of before any of it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from isa_registry.actions.casework import AccessSearch, subjects_among
from isa_registry.domain.casework.access import AccessConsent, AccessEvent, SubjectAccess, notes_for
from isa_registry.domain.casework.selection import Selection
from isa_registry.domain.casework.tables import CaseEvent, recipient_of
from isa_registry.domain.casework.warnings import Known, warnings_of
from isa_registry.domain.dates import instant
from isa_registry.domain.entries import CheckAnswered
from isa_registry.domain.register.register import RegisterView
from isa_registry.runtime.casework import find_down, whole_events
from isa_registry.runtime.folding import payload_as_logged
from isa_registry.store import casework
from isa_registry.store.audit import entries_at
from isa_registry.store.pool import Connection, Pool, reading_for

_PAGE = 100


async def gather(
    pool: Pool, organisation: str, view: RegisterView, asked: AccessSearch, *, below: int
) -> SubjectAccess:
    """A page of what the body can see for these references, from before the entry `below` down, with what is linked to
    it. Consents, and the received events that were named, are on the first page."""
    first = asked.cursor is None
    selection = Selection(references=asked.references)
    found = await find_down(pool, organisation, selection, below=below, limit=_PAGE)
    async with reading_for(pool, organisation) as connection:
        named = [UUID(one) for one in asked.events] if first else []
        received = await casework.by_id(connection, organisation, named)
        seen = {row.index for row in found.events}
        more = [row for row in received if row.index not in seen]
        rows = sorted((*found.events, *more), key=lambda row: row.index, reverse=True)
        events = await whole_events(connection, organisation, rows, withheld=True)
        linked = await _Linked.read(connection, organisation, events)
        subjects = subjects_among(asked.references) if first else ()
        consents = await casework.consents_of(connection, organisation, subjects)
        erased = await casework.erased_events(connection, organisation)
    return SubjectAccess(
        notes=notes_for(erased=erased, received_named=bool(asked.events)),
        events=tuple(linked.shown(one, view, organisation) for one in events),
        consents=_consents(consents),
        erased=erased,
        next=f"e{found.below}" if found.below else None,
    )


def _consents(entries: Sequence[casework.ConsentEntry]) -> tuple[AccessConsent, ...]:
    lives: dict[str, list[casework.ConsentEntry]] = {}
    for one in entries:
        lives.setdefault(one.consent, []).append(one)
    return tuple(
        AccessConsent(consent, tuple(one.event for one in life), tuple(instant(one.at) for one in life))
        for consent, life in lives.items()
    )


class _Linked:
    """What is linked to some events: the body's own checks, corrections, acknowledgements, and announced erasures."""

    def __init__(
        self,
        checks: Mapping[str, str | None],
        correcting: Mapping[UUID, tuple[UUID, ...]],
        acknowledged: Mapping[UUID, casework.Acknowledged],
        announced: set[int],
    ) -> None:
        self._checks = checks
        self._correcting = correcting
        self._acknowledged = acknowledged
        self._announced = announced

    @classmethod
    async def read(cls, connection: Connection, organisation: str, events: Sequence[CaseEvent]) -> _Linked:
        ids = [UUID(one.event.id) for one in events if one.side == "provider"]
        return cls(
            await _checks(connection, organisation, events),
            await casework.correcting(connection, organisation, ids),
            await casework.acknowledged(connection, organisation, ids),
            await casework.announced(connection, [one.entry for one in events]),
        )

    def shown(self, one: CaseEvent, view: RegisterView, organisation: str) -> AccessEvent:
        event, key, own = one.event, UUID(one.event.id), one.side == "provider"
        corrected = tuple(map(str, self._correcting.get(key, ()))) if own else ()
        acknowledged = self._acknowledged.get(key) if own else None
        known = Known(
            event,
            withheld=one.withheld,
            restriction=self._checks.get(event.check or "") if own else None,
            with_competent_authority=_enforces(view, recipient_of(event) if own else event.provider),
            corrected_by=corrected,
            erasure_announced=one.entry in self._announced,
        )
        return AccessEvent(
            id=event.id,
            entry=one.entry,
            recorded_at=one.recorded_at,
            side=one.side,
            decision=event.decision,
            provider=event.provider,
            recipient=recipient_of(event),
            purpose=event.purpose,
            categories=event.categories,
            decided_at=event.decided_at,
            shared_at=event.shared_at,
            case_record=event.case_record,
            check=event.check if own and event.check in self._checks else None,
            acknowledged=None if acknowledged is None else instant(acknowledged.received_at),
            corrected_by=corrected,
            warnings=warnings_of(known),
        )


async def _checks(connection: Connection, organisation: str, events: Sequence[CaseEvent]) -> dict[str, str | None]:
    """The body's own checks that its events name, each with the restriction that was stated in it."""
    named = [one.event.check for one in events if one.side == "provider" and one.event.check is not None]
    places = await casework.checks_at(connection, organisation, named)
    entries = {one.index: one for one in await entries_at(connection, list(places.values()))}
    found: dict[str, str | None] = {}
    for check, index in places.items():
        entry = entries.get(index)
        answered = None if entry is None or entry.payload is None else payload_as_logged(entry)
        if isinstance(answered, CheckAnswered):
            found[check] = answered.question.circumstances.restriction
    return found


def _enforces(view: RegisterView, party: str) -> bool:
    """Whether the other party is a competent authority: a registered body, or one that is named by its kind."""
    catalogue, body = view.catalogue(), view.organisation(party)
    kind = party.removeprefix("kind:") if body is None else body.organisation_kind
    return catalogue is not None and kind in catalogue.kinds and catalogue.kinds[kind].competent_authority
