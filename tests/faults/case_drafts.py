"""Drafts of what is recorded about a case beside checks and events."""

from __future__ import annotations

import hashlib

from asking import COUNCIL, POLICE
from faults.drafts import COUNCIL_KID, COUNCILS_JWK, event_id
from isa_client.references import subject_reference
from isa_registry.domain.challenge_entries import ChallengeActor, ChallengeClosed, ChallengeRaised, ChallengeSubject
from isa_registry.domain.consent_entries import (
    ConsentGiven,
    ConsentRecorder,
    ConsentScope,
    ConsentStanding,
    ConsentStatement,
    ConsentSubject,
    ConsentWithdrawn,
)
from isa_registry.domain.entries import RecordsSearched, SharingEventAcknowledged
from isa_registry.identity.signing import sign_document
from isa_registry.ledger.drafts import Draft
from running import ORIGIN

_AT = "2026-11-23T09:00:00.000Z"
_BY = ConsentRecorder(role="social-worker", ref="STAFF-17")


def reference(number: int) -> str:
    return subject_reference(bytes(32), f"local-child-{number}")


def consent_id(number: int) -> str:
    return f"cns_{number:032x}"


def consent_draft(number: int, *, organisation: str = POLICE) -> Draft:
    """A consent that a parent gave."""
    payload = ConsentGiven(
        consent=consent_id(number),
        organisation=organisation,
        client=f"{organisation}-system",
        subject=ConsentSubject(kind="child", ref=reference(number)),
        role="the-basis",
        scope=ConsentScope(purposes=("early-help",), recipients=(COUNCIL,), categories=("identity",)),
        standing=ConsentStanding(by="parent", shown_by="parental-responsibility", evidence="CMS-77"),
        childs_view="agrees",
        explicit=True,
        statement=ConsentStatement(id="FORM-3", version="2", language="en"),
        method="in-person",
        evidence="CMS-1234",
        answered_at=_AT,
        recorded_by=_BY,
        review_on="2027-11-22",
    )
    return Draft(payloads=(payload,))


def withdrawal_draft(number: int, *, organisation: str = POLICE) -> Draft:
    payload = ConsentWithdrawn(
        consent=consent_id(number),
        organisation=organisation,
        client=f"{organisation}-system",
        by="parent",
        method="telephone",
        answered_at=_AT,
        recorded_by=_BY,
    )
    return Draft(payloads=(payload,))


def challenge_draft(number: int) -> Draft:
    """The council challenges what the police decided."""
    payload = ChallengeRaised(
        challenge=f"chl_{number:032x}",
        organisation=COUNCIL,
        other=POLICE,
        client="council-system",
        partnership="durham",
        about=ChallengeSubject(kind="event", provider=POLICE, id=event_id(number)),
        ground="should-be-shared",
        stage="stage-one",
        raised_by=ChallengeActor(role="team-manager", ref="STAFF-18"),
        raised_at=_AT,
        case_record="CMS-99",
    )
    return Draft(payloads=(payload,))


def closing_draft(number: int) -> Draft:
    payload = ChallengeClosed(
        challenge=f"chl_{number:032x}",
        organisation=COUNCIL,
        other=POLICE,
        by_body=POLICE,
        client="police-system",
        outcome="resolved",
        taken_by=ChallengeActor(role="team-manager", ref="STAFF-19"),
        taken_at=_AT,
    )
    return Draft(payloads=(payload,))


def acknowledgement_draft(number: int) -> Draft:
    """The council says that it has an event of the police's."""
    claims = {
        "v": 1,
        "registry": ORIGIN,
        "partnership": "durham",
        "event": event_id(number),
        "event_sha256": hashlib.sha256(b"event").hexdigest(),
        "recipient": COUNCIL,
        "received_at": _AT,
        "matches": True,
    }
    signed = sign_document(claims, "isa-acknowledgement+jws", COUNCILS_JWK, COUNCIL_KID)
    return Draft(payloads=(SharingEventAcknowledged(provider=POLICE, jws=signed),))


def search_draft() -> Draft:
    payload = RecordsSearched(organisation=POLICE, client="police-system", what="consents", references=1, found=0)
    return Draft(payloads=(payload,))
