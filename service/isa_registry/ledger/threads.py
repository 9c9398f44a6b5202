"""Which entries are about the same thing: what a draft that rests on what was read of it is held against.

A consent, the person that it is about, a challenge, an event that is acknowledged or corrected: each is a thread of
entries. Whoever reads a thread and then appends says so in the draft (`ledger.drafts.Unchanged`), and the sequencer
refuses it if the thread has grown since. A thread's name holds no more than its entries do, and goes with them.
"""

from __future__ import annotations

from isa_registry.domain.challenge_entries import ChallengePayload
from isa_registry.domain.consent_entries import ConsentGiven, ConsentPayload, ConsentRefused
from isa_registry.domain.entries import Payload, SharingEventAcknowledged, SharingEventRecorded
from isa_registry.domain.sharing import read_acknowledgement


def consent_thread(organisation: str, consent: str) -> str:
    """The thread of one consent."""
    return f"consent {organisation} {consent}"


def subject_thread(organisation: str, reference: str) -> str:
    """The thread of everything that a body was told about consent by or for one person: what is given or refused. What
    follows in a consent's life is in that consent's own thread."""
    return f"subject {organisation} {reference}"


def challenge_thread(challenge: str) -> str:
    """The thread of one challenge."""
    return f"challenge {challenge}"


def event_thread(provider: str, event: str) -> str:
    """The thread of what follows one sharing event: its acknowledgements and the event that corrects it. The event
    itself is not in it."""
    return f"event {provider} {event}"


def threads_of(payload: Payload) -> tuple[str, ...]:
    """The threads that an entry is in."""
    match payload:
        case SharingEventRecorded():
            event = payload.event
            return () if event.corrects is None else (event_thread(event.provider, event.corrects),)
        case SharingEventAcknowledged():
            return (event_thread(payload.provider, read_acknowledgement(payload.jws).event),)
        case ConsentGiven() | ConsentRefused():
            return (
                consent_thread(payload.organisation, payload.consent),
                subject_thread(payload.organisation, payload.subject.ref),
            )
    if isinstance(payload, ConsentPayload):
        return (consent_thread(payload.organisation, payload.consent),)
    if isinstance(payload, ChallengePayload):
        return (challenge_thread(payload.challenge),)
    return ()
