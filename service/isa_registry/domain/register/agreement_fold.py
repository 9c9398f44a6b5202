"""The fold of agreements: versions, what is decided about them, and who attests them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from isa_registry.domain import agreement_entries
from isa_registry.domain.attestations import read_attestation
from isa_registry.domain.register.facts import AgreementVersion, Attestation, Companion, Declined, Suspension
from isa_registry.domain.register.register import Register

Decision = (
    agreement_entries.AgreementOpened
    | agreement_entries.AgreementInForce
    | agreement_entries.AgreementSuspended
    | agreement_entries.AgreementResumed
    | agreement_entries.AgreementWithdrawn
    | agreement_entries.AgreementReviewed
)


def _published(register: Register, entry: int, at: str, fact: agreement_entries.AgreementPublished) -> None:
    register.agreements[f"{fact.agreement} {fact.version}"].set(
        entry,
        AgreementVersion(
            agreement=fact.agreement,
            version=fact.version,
            title=fact.schedule.title,
            tier=fact.schedule.tier,
            text=fact.text,
            text_sha256=fact.text_sha256,
            schedule=fact.schedule,
            schedule_sha256=fact.schedule_sha256,
            published_at=fact.published_at or at,
            partnership=fact.partnership,
        ),
    )


def _decided(register: Register, entry: int, at: str, fact: Decision) -> None:
    timeline = register.agreements[f"{fact.agreement} {fact.version}"]
    version = timeline.at(entry)
    if version is not None:
        timeline.set(entry, _after(version, fact, at))


def _after(version: AgreementVersion, fact: Decision, at: str) -> AgreementVersion:
    match fact:
        case agreement_entries.AgreementOpened():
            return replace(version, opened=fact, opened_at=at)
        case agreement_entries.AgreementInForce():
            return replace(version, in_force_on=fact.on, review_due=fact.review_due, ends=fact.ends)
        case agreement_entries.AgreementSuspended():
            return replace(version, suspensions=(*version.suspensions, Suspension(on=fact.on, reason=fact.reason)))
        case agreement_entries.AgreementResumed():
            if not version.suspensions:
                return version
            ended = replace(version.suspensions[-1], until=fact.on)
            return replace(version, suspensions=(*version.suspensions[:-1], ended))
        case agreement_entries.AgreementWithdrawn():
            return replace(version, withdrawn=fact)
        case agreement_entries.AgreementReviewed():
            return replace(version, reviewed=fact, review_due=fact.review_due or version.review_due)


def _attested(register: Register, entry: int, at: str, fact: agreement_entries.AttestationMade) -> None:
    claims = read_attestation(fact.jws)
    register.attestations[fact.attestation].set(
        entry,
        Attestation(
            attestation=fact.attestation,
            agreement=claims.agreement,
            version=claims.version,
            organisation=claims.organisation,
            text_sha256=claims.text_sha256,
            signatory_role=claims.signatory.role,
            attested_at=claims.attested_at,
            entry=entry,
            reservations=claims.reservations,
        ),
    )
    signatories = register.signatories[f"{claims.agreement} {claims.version} {claims.organisation}"]
    signatories.set(entry, (*(signatories.at(entry) or ()), fact.attestation))


def _declined(register: Register, entry: int, at: str, fact: agreement_entries.AttestationDeclined) -> None:
    register.declined[f"{fact.agreement} {fact.version} {fact.organisation}"].set(
        entry, Declined(entry=entry, said=fact)
    )


def _withdrawn(register: Register, entry: int, at: str, fact: agreement_entries.AttestationWithdrawn) -> None:
    timeline = register.attestations[fact.attestation]
    attestation = timeline.at(entry)
    if attestation is not None:
        timeline.set(entry, replace(attestation, withdrawn_on=fact.on, withdrawal_reason=fact.reason))


def _accompanied(register: Register, entry: int, at: str, fact: agreement_entries.CompanionPublished) -> None:
    shown = register.companions[f"{fact.agreement} {fact.version}"]
    others = [one for one in shown.at(entry) or () if (one.companion, one.language) != (fact.companion, fact.language)]
    new = Companion(fact.companion, fact.language, fact.text, fact.text_sha256, entry, fact.published_at or at)
    shown.set(entry, tuple(sorted((*others, new), key=lambda one: (one.companion, one.language))))


FOLD: dict[type, Callable[[Register, int, str, Any], None]] = {
    agreement_entries.AgreementPublished: _published,
    agreement_entries.AgreementOpened: _decided,
    agreement_entries.AgreementInForce: _decided,
    agreement_entries.AgreementSuspended: _decided,
    agreement_entries.AgreementResumed: _decided,
    agreement_entries.AgreementWithdrawn: _decided,
    agreement_entries.AgreementReviewed: _decided,
    agreement_entries.CompanionPublished: _accompanied,
    agreement_entries.AttestationMade: _attested,
    agreement_entries.AttestationDeclined: _declined,
    agreement_entries.AttestationWithdrawn: _withdrawn,
}
