"""What an attestation is held against at the very tail, where another worker may just have logged something else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from attesting import AGREEMENT, REFERENCE, wish
from demonstration import ATTESTATION_KEY, Demonstration
from isa_registry.actions import attestations, leaving
from isa_registry.actions.attestations import Target
from isa_registry.actions.deciding import Decider
from isa_registry.domain.access_entries import IssuerRegistered, RoleGranted, RoleRevoked
from isa_registry.domain.agreement_entries import (
    AgreementInForce,
    AgreementSuspended,
    AgreementWithdrawn,
    AttestationMade,
    SignInEvidence,
)
from isa_registry.domain.attestations import AttestationAuthority, Signatory
from isa_registry.domain.attesting import Said
from isa_registry.domain.entries import Payload
from isa_registry.domain.party_entries import OrganisationChanged
from isa_registry.domain.refusals import Refused
from isa_registry.identity.attestation_key import AttestationKey
from isa_registry.ledger.drafts import Draft

CLUB = "example-sports-club"
ISSUER = "https://idp.example"
TARGET = Target(AGREEMENT, "1.0")
BY = Decider(organisation=CLUB, issuer=ISSUER, subject="s-1")
NOW = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
AT = "2026-11-27T10:00:00.000Z"


@pytest.fixture
def register() -> Demonstration:
    return Demonstration().then(
        IssuerRegistered(organisation=CLUB, issuer=ISSUER, audiences=("a",), algorithms=("ES256",), profile="generic"),
        RoleGranted(organisation=CLUB, issuer=ISSUER, subject="s-1", role="signatory"),
    )


def draft_of(register: Demonstration, *, now: datetime = NOW) -> Draft:
    words = wish()
    return attestations.by_person(
        Said(
            text_sha256=words["text_sha256"],
            schedule_sha256=words["schedule_sha256"],
            signatory=Signatory(role="chief-officer", ref=REFERENCE),
            authority=AttestationAuthority(code="office-holder", reference="GOV-1"),
        ),
        TARGET,
        CLUB,
        BY,
        register.register.at(register.size),
        key=AttestationKey(ATTESTATION_KEY),
        sign_in=SignInEvidence(issuer=ISSUER, auth_time=AT),
        now=now,
    )


def held(draft: Draft, register: Demonstration) -> None:
    for holds in draft.preconditions:
        holds(register.register.at(register.size), AT)


def changed(**record: str) -> OrganisationChanged:
    return OrganisationChanged(organisation=CLUB, name="Club", organisation_kind="sports-club", **record)  # type: ignore[arg-type]


LOGGED_MEANWHILE: dict[str, tuple[Payload, str]] = {
    "the role was taken away": (
        RoleRevoked(organisation=CLUB, issuer=ISSUER, subject="s-1", role="signatory"), "forbidden",
    ),
    "the body was suspended": (changed(suspended_on="2026-11-27"), "unprocessable"),
    "the body was closed": (changed(closed_on="2026-11-01"), "unprocessable"),
    "the body left the partnership": (
        OrganisationChanged(organisation=CLUB, name="Club", organisation_kind="sports-club", partnerships=("other",)),
        "conflict",
    ),
    "the version was withdrawn": (
        AgreementWithdrawn(agreement=AGREEMENT, version="1.0", on="2026-12-24", reason="replaced"), "conflict",
    ),
    "the version was suspended": (
        AgreementSuspended(agreement=AGREEMENT, version="1.0", on="2026-11-27", reason="incident"), "conflict",
    ),
    "the version ended": (
        AgreementInForce(agreement=AGREEMENT, version="1.0", on="2026-06-01", ends="2026-11-26"), "conflict",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", LOGGED_MEANWHILE)
def test_what_was_just_logged_counts(register: Demonstration, what: str) -> None:
    draft = draft_of(register)
    held(draft, register)
    payload, code = LOGGED_MEANWHILE[what]
    with pytest.raises(Refused) as refused:
        held(draft, register.then(payload))
    assert refused.value.code == code


def test_the_same_body_does_not_attest_twice_by_two_workers(register: Demonstration) -> None:
    first, second = draft_of(register), draft_of(register)
    (made,) = first.payloads
    assert isinstance(made, AttestationMade)
    with pytest.raises(Refused, match="already") as refused:
        held(second, register.then(made))
    assert refused.value.code == "conflict"


def test_a_body_does_not_attest_twice_at_different_moments(register: Demonstration) -> None:
    """Two documents, of which neither is the other again."""
    first, second = draft_of(register), draft_of(register, now=NOW + timedelta(seconds=1))
    (made,) = first.payloads
    assert isinstance(made, AttestationMade)
    assert first.payloads != second.payloads
    with pytest.raises(Refused, match="attested this version already") as refused:
        held(second, register.then(made))
    assert refused.value.code == "conflict"


def test_a_withdrawal_holds_whatever_became_of_the_version(register: Demonstration) -> None:
    (made,) = draft_of(register).payloads
    assert isinstance(made, AttestationMade)
    ended = AgreementWithdrawn(agreement=AGREEMENT, version="1.0", on="2026-11-27", reason="replaced")
    register.then(made, ended, changed(suspended_on="2026-11-27"))
    view = register.register.at(register.size)
    held(leaving.withdraw(TARGET, made.attestation, "2026-11-27", "no-longer-shares", BY, view), register)
    with pytest.raises(Refused, match="withdrawn"):
        held(leaving.decline(TARGET, CLUB, "does-not-share", BY, view), register)


def test_the_registry_signs_with_the_key_that_the_log_names_and_with_no_other(register: Demonstration) -> None:
    opened = register.register.at(register.size).opened()
    assert opened is not None
    assert AttestationKey(ATTESTATION_KEY).is_named_by(opened)
    assert not AttestationKey({**ATTESTATION_KEY, "kid": "another"}).is_named_by(opened)
