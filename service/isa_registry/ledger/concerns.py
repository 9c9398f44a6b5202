"""What an entry is about: which organisations and which agreements. Functions of the payload alone."""

from __future__ import annotations

from isa_registry.domain.agreement_entries import AttestationMade
from isa_registry.domain.attestations import read_attestation
from isa_registry.domain.entries import (
    CheckAnswered,
    LawfulBasisEnded,
    Payload,
    RecordPayload,
    SharingEventRecorded,
    kind_of,
)
from isa_registry.domain.party_entries import DelegationGiven
from isa_registry.ledger.readers import readers_of

# What the register shows to every body. The rest is shown to the body that it is about: who works there, with which
# clients, under which issuer, and what it relies on.
PUBLIC_KINDS = frozenset({
    "registry.opened", "partnership.registered", "partnership.changed", "organisation.registered",
    "organisation.changed", "agreement.published", "agreement.opened", "agreement.in-force", "agreement.suspended",
    "agreement.resumed", "agreement.withdrawn", "agreement.reviewed", "companion.published", "attestation.made",
    "attestation.declined", "attestation.withdrawn", "catalogue.changed", "law.verified", "law.verification-withdrawn",
    "retention.changed", "log-key.rotated", "log.continued",
})  # fmt: skip


def organisations_of(payload: Payload) -> tuple[str, ...]:
    """The bodies whose payload it is: of a record those that may read it, of a register entry the one that it is of."""
    if isinstance(payload, RecordPayload):
        return readers_of(payload) or ()
    if isinstance(payload, AttestationMade):
        return (read_attestation(payload.jws).organisation,)
    if isinstance(payload, DelegationGiven) and payload.to is not None:
        return (payload.organisation, payload.to)
    named = getattr(payload, "organisation", None)
    return (named,) if isinstance(named, str) else ()


def agreements_of(payload: Payload) -> tuple[str, ...]:
    """The agreements that the payload is about or was decided by. A withheld list and a flag name none: they belong to
    the event before them."""
    match payload:
        case CheckAnswered():
            return tuple(one.agreement for one in payload.answer.agreements)
        case SharingEventRecorded():
            agreement = payload.event.agreement
            return () if agreement is None else (agreement.id,)
        case AttestationMade():
            return (read_attestation(payload.jws).agreement,)
        case LawfulBasisEnded():
            return ()
        case _:
            named = getattr(payload, "agreement", None)
            return (named,) if isinstance(named, str) else ()


def shown_to(payload: Payload, organisation: str) -> bool:
    """Whether a register payload is shown to a body that is no auditor."""
    return kind_of(payload) in PUBLIC_KINDS or organisation in organisations_of(payload)
