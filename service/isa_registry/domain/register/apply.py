"""The fold: how each register kind changes the register. One function a kind, one table of kinds."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from isa_registry.domain import access_entries, entries, keeping_entries
from isa_registry.domain.catalogue_loading import load_catalogue
from isa_registry.domain.log_key_entries import LogKeyRotated
from isa_registry.domain.register.facts import (
    AgreementVersion,
    Attestation,
    Client,
    Hold,
    KeyRotation,
    LawfulBasis,
    SigningKey,
)
from isa_registry.domain.register.register import Register
from isa_verify.continuation import INDEX


class Signatory(msgspec.Struct, frozen=True):
    role: str
    ref: str


class AttestationClaims(msgspec.Struct, frozen=True):
    """What the fold reads of an isa-attestation+jws; the signature was verified before the entry was made. `registry`
    is the origin of the log that it was made for."""

    agreement: str
    version: str
    text_sha256: str
    schedule_sha256: str
    organisation: str
    signatory: Signatory
    attested_at: str
    reservations: tuple[str, ...] = ()
    registry: str = ""


def _opened(register: Register, entry: int, at: str, fact: entries.RegistryOpened) -> None:
    register.opened.set(entry, fact)


def _continued(register: Register, entry: int, at: str, fact: entries.LogContinued) -> None:
    # Anywhere else it says nothing: a log cannot begin to continue another when it has a history of its own.
    if entry == INDEX:
        register.continued.set(entry, fact)


def _catalogue(register: Register, entry: int, at: str, fact: entries.CatalogueChanged) -> None:
    # Sorted as it stands in the log, whether it comes from there or was just made.
    files = {name: msgspec.json.encode(content, order="sorted") for name, content in fact.files.items()}
    register.catalogue.set(entry, load_catalogue(files))


def _organisation(register: Register, entry: int, at: str, fact: entries.OrganisationRegistered) -> None:
    register.organisations[fact.organisation].set(entry, fact)


def _issuer_registered(register: Register, entry: int, at: str, fact: access_entries.IssuerRegistered) -> None:
    timeline = register.issuers[fact.issuer]
    replaced = (fact.organisation, fact.value)
    kept = tuple(one for one in timeline.at(entry) or () if (one.organisation, one.value) != replaced)
    timeline.set(entry, (*kept, fact))


def _issuer_removed(register: Register, entry: int, at: str, fact: access_entries.IssuerRemoved) -> None:
    timeline = register.issuers[fact.issuer]
    timeline.set(entry, tuple(one for one in timeline.at(entry) or () if one.organisation != fact.organisation))


def _client_granted(register: Register, entry: int, at: str, fact: access_entries.ClientGranted) -> None:
    register.clients[f"{fact.organisation} {fact.client}"].set(
        entry, Client(organisation=fact.organisation, client=fact.client, scopes=fact.scopes, until=fact.until)
    )


def _client_revoked(register: Register, entry: int, at: str, fact: access_entries.ClientRevoked) -> None:
    register.clients[f"{fact.organisation} {fact.client}"].set(
        entry, Client(organisation=fact.organisation, client=fact.client, scopes=())
    )


def _key_registered(register: Register, entry: int, at: str, fact: access_entries.KeyRegistered) -> None:
    timeline = register.keys[f"{fact.organisation} {fact.kid}"]
    # A kid names one key for ever: whoever could append this anyway must not bring a revoked one back to life.
    if timeline.at(entry) is None:
        timeline.set(entry, SigningKey(registered=fact))


def _key_revoked(register: Register, entry: int, at: str, fact: access_entries.KeyRevoked) -> None:
    timeline = register.keys[f"{fact.organisation} {fact.kid}"]
    key = timeline.at(entry)
    if key is not None:
        timeline.set(entry, replace(key, revoked=True, reason=fact.reason, suspect_from=fact.suspect_from))


def _role_granted(register: Register, entry: int, at: str, fact: access_entries.RoleGranted) -> None:
    timeline = register.roles[f"{fact.issuer} {fact.subject}"]
    kept = tuple(r for r in timeline.at(entry) or () if (r.organisation, r.role) != (fact.organisation, fact.role))
    timeline.set(entry, (*kept, fact))


def _role_revoked(register: Register, entry: int, at: str, fact: access_entries.RoleRevoked) -> None:
    timeline = register.roles[f"{fact.issuer} {fact.subject}"]
    kept = tuple(r for r in timeline.at(entry) or () if (r.organisation, r.role) != (fact.organisation, fact.role))
    timeline.set(entry, kept)


def _agreement_published(register: Register, entry: int, at: str, fact: entries.AgreementPublished) -> None:
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
        ),
    )


def _agreement_decided(
    register: Register,
    entry: int,
    at: str,
    fact: entries.AgreementInForce | entries.AgreementSuspended | entries.AgreementWithdrawn,
) -> None:
    timeline = register.agreements[f"{fact.agreement} {fact.version}"]
    version = timeline.at(entry)
    if version is None:
        return
    match fact:
        case entries.AgreementInForce():
            version = replace(
                version, in_force_on=fact.on, review_due=fact.review_due, ends=fact.ends, suspended_on=None
            )
        case entries.AgreementSuspended():
            version = replace(version, suspended_on=fact.on)
        case entries.AgreementWithdrawn():
            version = replace(version, withdrawn_on=fact.on)
    timeline.set(entry, version)


def read_attestation(jws: str) -> AttestationClaims:
    """The claims of a compact isa-attestation+jws, unverified."""
    body = jws.split(".")[1]
    return msgspec.json.decode(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)), type=AttestationClaims)


def _attestation_made(register: Register, entry: int, at: str, fact: entries.AttestationMade) -> None:
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


def _attestation_withdrawn(register: Register, entry: int, at: str, fact: entries.AttestationWithdrawn) -> None:
    timeline = register.attestations[fact.attestation]
    attestation = timeline.at(entry)
    if attestation is not None:
        timeline.set(entry, replace(attestation, withdrawn_on=fact.on))


def _lawful_basis_recorded(register: Register, entry: int, at: str, fact: entries.LawfulBasisRecorded) -> None:
    timeline = register.lawful_bases[f"{fact.organisation} {fact.agreement} {fact.purpose}"]
    timeline.set(entry, (*(timeline.at(entry) or ()), LawfulBasis(recorded=fact)))


def _lawful_basis_ended(register: Register, entry: int, at: str, fact: entries.LawfulBasisEnded) -> None:
    for timeline in list(register.lawful_bases.values()):
        records = timeline.at(entry) or ()
        if any(one.recorded.record == fact.record for one in records):
            ended = tuple(
                replace(one, ended_on=fact.on) if one.recorded.record == fact.record else one for one in records
            )
            timeline.set(entry, ended)


def _retention_changed(register: Register, entry: int, at: str, fact: keeping_entries.RetentionChanged) -> None:
    register.retention[fact.organisation or ""].set(entry, fact.rules)


def _hold_placed(register: Register, entry: int, at: str, fact: keeping_entries.HoldPlaced) -> None:
    placed_at = fact.placed_at or at
    register.holds[fact.hold].set(
        entry, Hold(hold=fact.hold, reason=fact.reason, scope=fact.scope, placed_at=placed_at)
    )


def _hold_lifted(register: Register, entry: int, at: str, fact: keeping_entries.HoldLifted) -> None:
    timeline = register.holds[fact.hold]
    hold = timeline.at(entry)
    if hold is not None:
        timeline.set(entry, replace(hold, lifted_at=at))


def _log_key_rotated(register: Register, entry: int, at: str, fact: LogKeyRotated) -> None:
    timeline = register.log_key_rotations[""]
    timeline.set(entry, (*(timeline.at(entry) or ()), KeyRotation(entry=entry, rotated=fact)))


# The one table of kinds that are folded. `Any` because each row takes its own payload, which the key guarantees.
FOLD: dict[type, Callable[[Register, int, str, Any], None]] = {
    entries.RegistryOpened: _opened,
    entries.LogContinued: _continued,
    entries.CatalogueChanged: _catalogue,
    entries.OrganisationRegistered: _organisation,
    entries.OrganisationChanged: _organisation,
    access_entries.IssuerRegistered: _issuer_registered,
    access_entries.IssuerRemoved: _issuer_removed,
    access_entries.ClientGranted: _client_granted,
    access_entries.ClientRevoked: _client_revoked,
    access_entries.KeyRegistered: _key_registered,
    access_entries.KeyRevoked: _key_revoked,
    access_entries.RoleGranted: _role_granted,
    access_entries.RoleRevoked: _role_revoked,
    entries.AgreementPublished: _agreement_published,
    entries.AgreementInForce: _agreement_decided,
    entries.AgreementSuspended: _agreement_decided,
    entries.AgreementWithdrawn: _agreement_decided,
    entries.AttestationMade: _attestation_made,
    entries.AttestationWithdrawn: _attestation_withdrawn,
    entries.LawfulBasisRecorded: _lawful_basis_recorded,
    entries.LawfulBasisEnded: _lawful_basis_ended,
    keeping_entries.RetentionChanged: _retention_changed,
    keeping_entries.HoldPlaced: _hold_placed,
    keeping_entries.HoldLifted: _hold_lifted,
    LogKeyRotated: _log_key_rotated,
}


def apply(register: Register, entry: int, at: str, payload: entries.Payload) -> None:
    """Folds the entry at index `entry`, logged `at` (RFC 3339 UTC), into the register. Record kinds change nothing."""
    change = FOLD.get(type(payload))
    if change is not None:
        register.changed(entry)
        change(register, entry, at, payload)
