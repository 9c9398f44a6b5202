"""Who is told of an entry of the log."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from faults.drafts import REGISTERED
from isa_registry.domain import agreement_entries as entries
from isa_registry.domain.access_entries import KeySignatory
from isa_registry.domain.entries import Payload
from isa_registry.domain.party_entries import OrganisationChanged, PartnershipRegistered
from notices.happening import COUNCIL, HARBOUR, POLICE, TIER_2, Log, attested, next_version, opened, told

SIGNERS = {
    "durham-county-council", "durham-constabulary", "nenc-icb", "harrogate-district-nhs-ft",
    "county-durham-darlington-nhs-ft", "tees-esk-wear-valleys-nhs-ft", "probation-north-east", "harbour", "way-through",
}  # fmt: skip
EVIDENCE = entries.SignInEvidence(issuer="https://idp.test", auth_time="2026-11-02T08:59:00.000Z")


@pytest.fixture
def log() -> Log:
    return Log()


def test_the_parties_of_an_opened_version_are_asked_to_attest_it(log: Log) -> None:
    log.happens(next_version())
    asked = log.happens(opened(COUNCIL, POLICE, "no-such-body"))
    assert told(asked, "agreement-opened") == {COUNCIL: ("signatory",), POLICE: ("signatory",)}


def test_whom_a_parent_attests_for_is_not_asked(log: Log) -> None:
    log.happens(next_version())
    log.happens(attested("example-academy-trust", TIER_2, version="1.1", at="2026-11-01T00:00:00.000Z"))
    asked = log.happens(opened("example-academy", "example-academy-trust", HARBOUR))
    assert told(asked, "agreement-opened") == {HARBOUR: ("signatory",)}


def test_a_version_that_comes_into_force_is_told_to_its_parties_and_the_unit_and_to_signers_of_the_old_one(
    log: Log,
) -> None:
    log.happens(next_version())
    log.happens(opened(COUNCIL, POLICE, "cafcass"))
    for body in (COUNCIL, POLICE):
        log.happens(attested(body, TIER_2, version="1.1", at="2026-11-01T00:00:00.000Z"))
    found = log.happens(entries.AgreementInForce(agreement=TIER_2, version="1.1", on="2026-11-03"))
    assert told(found, "agreement-in-force") == {
        COUNCIL: ("signatory", "business-unit"), POLICE: ("signatory",), "cafcass": ("signatory",),
    }  # fmt: skip
    assert set(told(found, "attestation-stale")) == SIGNERS - {COUNCIL, POLICE}
    assert {one.parameters["older"] for one in found if one.template == "attestation-stale"} == {"1.0"}


def test_a_first_version_makes_nobody_stale(log: Log) -> None:
    first = replace(next_version("1.0"), agreement="another")
    log.happens(first)
    found = log.happens(entries.AgreementInForce(agreement="another", version="1.0", on="2026-11-03"))
    assert set(told(found, "agreement-in-force")) == {COUNCIL}
    assert not told(found, "attestation-stale")


DECISIONS = {
    "agreement-suspended": entries.AgreementSuspended(agreement=TIER_2, version="1.0", on="2026-11-03", reason="law"),
    "agreement-resumed": entries.AgreementResumed(agreement=TIER_2, version="1.0", on="2026-11-03"),
    "agreement-withdrawn": entries.AgreementWithdrawn(agreement=TIER_2, version="1.0", on="2026-11-03", reason="law"),
}  # fmt: skip


@pytest.mark.parametrize(("template", "decided"), DECISIONS.items(), ids=list(DECISIONS))
def test_what_is_decided_about_a_version_is_told_to_every_signatory_and_the_unit(
    log: Log, template: str, decided: Payload
) -> None:
    found = told(log.happens(decided), template)
    assert set(found) == SIGNERS
    assert found[COUNCIL] == ("signatory", "business-unit")
    assert found[POLICE] == ("signatory",)


def test_a_withdrawal_is_told_to_every_other_signatory_to_the_body_itself_and_to_the_unit(log: Log) -> None:
    left = entries.AttestationWithdrawn(
        attestation=f"att-{HARBOUR}-{TIER_2}-1.0", agreement=TIER_2, version="1.0", organisation=HARBOUR,
        on="2026-11-03", reason="merged",
    )  # fmt: skip
    found = told(log.happens(left, "2026-11-02T09:00:00.000Z"), "attestation-withdrawn")
    assert set(found) == SIGNERS
    assert found[COUNCIL] == ("signatory", "business-unit")


def test_a_refusal_is_told_to_the_signatories_and_the_unit_and_not_to_who_declined(log: Log) -> None:
    log.happens(next_version())
    log.happens(attested(POLICE, TIER_2, version="1.1", at="2026-11-01T00:00:00.000Z"))
    said = entries.AttestationDeclined(agreement=TIER_2, version="1.1", organisation=HARBOUR, reason="not-ours")
    found = told(log.happens(said), "attestation-declined")
    assert found == {POLICE: ("signatory",), COUNCIL: ("business-unit",)}


def test_others_of_a_body_hear_of_an_attestation_that_was_made_on_a_page(log: Log) -> None:
    made = attested(HARBOUR, TIER_2, identifier="att-2")
    assert not log.happens(made), "a body that signs by its own system knows"
    found = log.happens(replace(made, attestation="att-3", sign_in=EVIDENCE))
    assert told(found, "attestation-made-on-page") == {HARBOUR: ("ig-lead", "signatory")}
    assert found[0].parameters["attestation"] == "att-3"


def test_a_lead_hears_of_a_key_that_can_sign_attestations_and_of_no_other(log: Log) -> None:
    assert not log.happens(REGISTERED)
    key = replace(REGISTERED, kid="k2", uses=("attestation",), signatory=KeySignatory(role="siro", ref="post-2"))
    assert told(log.happens(key), "attestation-key-registered") == {POLICE: ("ig-lead",)}


def test_the_unit_is_that_of_the_agreements_own_partnership(log: Log) -> None:
    log.happens(PartnershipRegistered(partnership="icb", name="The board", lead_body="nenc-icb"))
    log.happens(replace(next_version("1.0"), agreement="boards", partnership="icb"))
    found = log.happens(entries.AgreementInForce(agreement="boards", version="1.0", on="2026-11-03"))
    assert told(found, "agreement-in-force") == {"nenc-icb": ("business-unit",)}


def test_a_body_that_is_suspended_or_closed_is_told_nothing(log: Log) -> None:
    body = log.view.organisation(HARBOUR)
    assert body is not None
    values = {name: getattr(body, name) for name in body.__struct_fields__}
    log.happens(OrganisationChanged(**{**values, "closed_on": "2026-11-01"}))
    assert HARBOUR not in told(log.happens(DECISIONS["agreement-suspended"]), "agreement-suspended")


def test_each_entry_is_a_thing_of_its_own(log: Log) -> None:
    again = DECISIONS["agreement-suspended"]
    first = {one.key for one in log.happens(again)}
    log.happens(DECISIONS["agreement-resumed"])
    assert not first & {one.key for one in log.happens(again)}
