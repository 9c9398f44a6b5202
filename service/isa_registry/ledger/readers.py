"""Who may read the payload of an entry: a function of the payload alone."""

from __future__ import annotations

from isa_registry.domain.challenge_entries import ChallengeClosed, ChallengeMoved, ChallengeRaised
from isa_registry.domain.consent_entries import (
    ConsentGiven,
    ConsentInvalidated,
    ConsentRefused,
    ConsentRenewed,
    ConsentWithdrawn,
)
from isa_registry.domain.entries import (
    CheckAnswered,
    Payload,
    PayloadRead,
    RecordPayload,
    RecordsSearched,
    SharingEventAcknowledged,
    SharingEventFlagged,
    SharingEventRecorded,
    SharingEventWithheld,
)
from isa_registry.domain.keeping_entries import PayloadErased
from isa_registry.domain.sharing import read_acknowledgement
from isa_registry.ledger.record_rows import recipient_sees


def readers_of(payload: Payload) -> tuple[str, ...] | None:
    """The organisations that may read a payload, beside auditors; None is everybody that may see the register."""
    return _readers_of_record(payload) if isinstance(payload, RecordPayload) else None


def _readers_of_record(payload: RecordPayload) -> tuple[str, ...] | None:
    match payload:
        case SharingEventRecorded():
            event = payload.event
            if recipient_sees(event) and isinstance(event.recipient, str):
                return (event.provider, event.recipient)
            return (event.provider,)
        case SharingEventWithheld() | SharingEventFlagged():
            return (payload.provider,)
        case SharingEventAcknowledged():
            return (payload.provider, read_acknowledgement(payload.jws).recipient)
        case ChallengeRaised() | ChallengeMoved() | ChallengeClosed():
            return (payload.organisation, payload.other)
        case PayloadErased():
            # Whoever folds the register must know what is missing from it; of a case, auditors alone.
            return () if payload.until is None else None
        case PayloadRead():
            return tuple(dict.fromkeys((payload.organisation, *payload.owners)))
        case (
            CheckAnswered()
            | ConsentGiven()
            | ConsentRefused()
            | ConsentRenewed()
            | ConsentWithdrawn()
            | ConsentInvalidated()
            | RecordsSearched()
        ):
            return (payload.organisation,)
