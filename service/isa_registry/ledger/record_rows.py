"""The rows of the tables that index records about cases: functions of the payloads alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from isa_registry.domain.challenge_entries import ChallengeClosed, ChallengeMoved, ChallengePayload, ChallengeRaised
from isa_registry.domain.challenging.life import ChallengeEvent, Mark
from isa_registry.domain.consent_entries import (
    ConsentGiven,
    ConsentInvalidated,
    ConsentPayload,
    ConsentRefused,
)
from isa_registry.domain.entries import (
    CheckAnswered,
    RecordsSearched,
    SharingEventAcknowledged,
    SharingEventFlagged,
    SharingEventRecorded,
    SharingEventWithheld,
    kind_of,
)
from isa_registry.domain.resting import rests_on
from isa_registry.domain.sharing import SHARED, SharingEvent, content_sha256, read_acknowledgement

Companion = SharingEventWithheld | SharingEventFlagged


class CheckRow(Struct, frozen=True):
    """A row of `check_record`. `basis` is what the answer rests on, in a word (`domain/resting.py`)."""

    id: str
    index: int
    organisation: str
    decided_at: datetime
    purpose: str
    urgency: str
    outcome: str
    basis: str


class SharingEventRow(Struct, frozen=True, gc=False):
    """A row of `sharing_event`. `sha256` is of the event's and the withheld list's exact compact JWS; `check_id` is the
    check that it answers to, `corrects` the event of the same provider that it puts right."""

    provider: str
    id: str
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
    urgency: str
    basis: str
    check_id: str | None
    corrects: str | None
    late_entry: bool


class ReferenceRow(Struct, frozen=True, gc=False):
    """A row of `event_reference`: one of the provider's own references in its event."""

    index: int
    organisation: str
    reference: str


class AcknowledgementRow(Struct, frozen=True):
    """A row of `acknowledgement`. `event_sha256` is of the event's exact compact JWS, as the recipient says."""

    index: int
    provider: str
    event: str
    recipient: str
    event_sha256: bytes
    matches: bool
    received_at: datetime


class ConsentRow(Struct, frozen=True):
    """A row of `consent_entry`: one entry of a consent's life. `subject` is there where it was given or refused;
    `event` is the kind's second word; `at` is when it was said or found."""

    index: int
    consent: str
    organisation: str
    subject: str | None
    event: str
    at: datetime


class SearchRow(Struct, frozen=True):
    """A row of `search_record`."""

    index: int
    organisation: str
    what: str


def recipient_sees(event: SharingEvent) -> bool:
    """Whether the event is shown to its recipient: only what was shared, and only to a registered body."""
    return event.decision in SHARED and isinstance(event.recipient, str)


def check_row(index: int, payload: CheckAnswered) -> CheckRow:
    basis = payload.answer.basis
    return CheckRow(
        id=payload.check,
        index=index,
        organisation=payload.organisation,
        decided_at=datetime.fromisoformat(payload.decided_at),
        purpose=payload.question.purpose,
        urgency=payload.question.urgency,
        outcome=payload.answer.outcome,
        basis=rests_on(basis.article_6, basis.part_3),
    )


def sharing_event_row(index: int, payload: SharingEventRecorded, companions: Sequence[Companion]) -> SharingEventRow:
    """The row of an event at `index`; `companions` are the entries right after it that belong to it, in order."""
    event = payload.event
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
        id=event.id,
        index=index,
        withheld_index=withheld_index,
        sha256=payload.sha256 if withheld is None else content_sha256(payload.jws, withheld),
        recipient=event.recipient if isinstance(event.recipient, str) else None,
        recipient_sees=recipient_sees(event),
        decision=event.decision,
        purpose=event.purpose,
        decided_at=datetime.fromisoformat(event.decided_at),
        flags=flags,
        retention=event.retention,
        urgency=event.urgency,
        basis=rests_on(event.basis.article_6, event.basis.part_3),
        check_id=event.check,
        corrects=event.corrects,
        late_entry=event.late_entry,
    )


def reference_rows(index: int, payload: SharingEventRecorded) -> list[ReferenceRow]:
    """The rows of an event's own references: its subjects', its case record and the request, each once."""
    event = payload.event
    named = {event.case_record, *[subject.ref for subject in event.subjects]}
    if event.request is not None:
        named.add(event.request)
    return [ReferenceRow(index, event.provider, one) for one in sorted(named)]


def acknowledgement_row(index: int, payload: SharingEventAcknowledged) -> AcknowledgementRow:
    said = read_acknowledgement(payload.jws)
    return AcknowledgementRow(
        index=index,
        provider=payload.provider,
        event=said.event,
        recipient=said.recipient,
        event_sha256=bytes.fromhex(said.event_sha256),
        matches=said.matches,
        received_at=datetime.fromisoformat(said.received_at),
    )


def consent_row(index: int, payload: ConsentPayload) -> ConsentRow:
    return ConsentRow(
        index=index,
        consent=payload.consent,
        organisation=payload.organisation,
        subject=payload.subject.ref if isinstance(payload, ConsentGiven | ConsentRefused) else None,
        event=kind_of(payload).partition(".")[2],
        at=datetime.fromisoformat(payload.found_at if isinstance(payload, ConsentInvalidated) else payload.answered_at),
    )


def challenge_row(index: int, payload: ChallengePayload) -> Mark:
    event: ChallengeEvent
    code, stage, partnership = "", None, None
    match payload:
        case ChallengeRaised():
            event, code, stage, partnership = "raised", payload.ground, payload.stage, payload.partnership
        case ChallengeMoved():
            event, code, stage = "moved", payload.step, payload.stage
        case ChallengeClosed():
            event, code = "closed", payload.outcome
    return Mark(
        index=index,
        challenge=payload.challenge,
        organisation=payload.organisation,
        other=payload.other,
        by_body=payload.organisation if isinstance(payload, ChallengeRaised) else payload.by_body,
        event=event,
        code=code,
        stage=stage,
        at=datetime.fromisoformat(payload.raised_at if isinstance(payload, ChallengeRaised) else payload.taken_at),
        partnership=partnership,
    )


def search_row(index: int, payload: RecordsSearched) -> SearchRow:
    return SearchRow(index=index, organisation=payload.organisation, what=payload.what)
