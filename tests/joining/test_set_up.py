"""What a body has still to set up: derived from the register and the day, in order, until nothing is left."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from demonstration import Demonstration, attested, demonstration_entries, lawful_basis
from demonstration import catalogue as law
from isa_registry.domain.access_entries import (
    ClientGranted,
    IssuerRegistered,
    KeyRegistered,
    KeyRevoked,
    RoleGranted,
    RoleMapping,
)
from isa_registry.domain.party_entries import OrganisationChanged, OrganisationRegistered, PolicyDocument
from isa_registry.domain.set_up import KINDS, Step, left, steps

DAY = "2026-11-27"
BODY = "hill-school"
ISSUER = "https://login.hill-school.example"
RECORD = OrganisationRegistered(BODY, "Hill School", "maintained-school")
SIGN_IN = IssuerRegistered(
    organisation=BODY, issuer=ISSUER, audiences=("urn:isa-registry",), algorithms=("ES256",), profile="rfc9068"
)


@pytest.fixture
def register() -> Demonstration:
    return Demonstration().then(RECORD)


def changed(**members: object) -> OrganisationChanged:
    return OrganisationChanged(**{one: getattr(RECORD, one) for one in RECORD.__struct_fields__} | members)  # type: ignore[arg-type]


def role(name: str, until: str | None = None) -> RoleGranted:
    return RoleGranted(organisation=BODY, issuer=ISSUER, subject=f"the-{name}", role=name, until=until)


def codes(register: Demonstration, on: str = DAY) -> list[str]:
    return [one.kind.code for one in left(register.view(), BODY, on)]


def step(register: Demonstration, code: str, on: str = DAY) -> Step:
    (found,) = (one for one in steps(register.view(), BODY, on) if one.kind.code == code)
    return found


def test_a_new_body_has_everything_before_it_in_order_and_a_key_only_if_it_wants_one(register: Demonstration) -> None:
    assert codes(register) == [
        "issuer",
        "ig-lead",
        "signatory",
        "policy-document",
        "urgent-contact",
        "ico-registration",
    ]
    assert not step(register, "event-key").needed
    assert [one.kind.who for one in left(register.view(), BODY, DAY)] == ["business-unit"] * 2 + ["ig-lead"] * 4


def test_the_list_empties_step_by_step_and_stays_visible_as_done(register: Demonstration) -> None:
    document = PolicyDocument("APD-1", "2027-03-31")
    whole = changed(policy_document=document, contacts={"urgent": "The office"}, ico_registration="Z1234567")
    remaining = len(codes(register))
    for payload in (SIGN_IN, role("ig-lead"), role("signatory")):
        register.then(payload)
        remaining -= 1
        assert len(codes(register)) == remaining
    register.then(whole)
    assert codes(register) == []
    assert len(steps(register.view(), BODY, DAY)) == len(KINDS) - 1
    assert all(one.done for one in steps(register.view(), BODY, DAY) if one.needed)


def test_each_purpose_of_what_it_signed_asks_for_a_lawful_basis_and_no_other(register: Demonstration) -> None:
    register.then(attested(BODY, "tier-1", reservations=("pre-birth",), at="2026-10-01T09:00:00.000Z"))
    wanted = [
        (one.agreement, one.purpose) for one in left(register.view(), BODY, DAY) if one.kind.code == "lawful-basis"
    ]
    assert ("tier-1", "early-help") in wanted
    assert ("tier-1", "pre-birth") not in wanted
    assert {agreement for agreement, _ in wanted} == {"tier-1"}
    row = law().row(law().kinds["maintained-school"].row or "", law().purposes["early-help"].matrix)
    assert row is not None
    register.then(lawful_basis(BODY, "tier-1", "early-help", row))
    assert len([one for one in left(register.view(), BODY, DAY) if one.kind.code == "lawful-basis"]) == len(wanted) - 1


def test_a_body_that_its_parent_signs_for_needs_no_signatory_but_bases_for_what_was_signed() -> None:
    child = replace(RECORD, parent="durham-county-council")
    register = Demonstration().then(child)
    assert not step(register, "signatory").needed
    assert "lawful-basis" in codes(register)
    assert step(Demonstration().then(replace(child, named_out=("tier-1",))), "signatory").needed
    assert step(Demonstration().then(replace(child, named_out=("*",))), "signatory").needed


def test_a_policy_document_without_a_day_or_past_it_is_still_to_do(register: Demonstration) -> None:
    assert not step(register.then(changed(policy_document=PolicyDocument("APD-1"))), "policy-document").done
    register.then(changed(policy_document=PolicyDocument("APD-1", DAY)))
    assert step(register, "policy-document").done
    late = step(register, "policy-document", on="2026-11-28")
    assert (late.done, late.overdue) == (False, True)


def test_a_key_is_needed_once_a_system_may_record_events_and_one_that_is_revoked_is_none(
    register: Demonstration,
) -> None:
    register.then(SIGN_IN, ClientGranted(organisation=BODY, client="system", scopes=("events:write",)))
    assert "event-key" in codes(register)
    key = KeyRegistered(
        organisation=BODY, kid="k1", algorithm="Ed25519", jwk={}, uses=("event",), valid_from="2026-01-01T00:00:00.000Z"
    )
    assert "event-key" not in codes(register.then(key))
    assert "event-key" in codes(register.then(KeyRevoked(organisation=BODY, kid="k1", reason="ceased")))


def test_a_role_that_lapsed_or_came_by_a_claim_is_no_lead(register: Demonstration) -> None:
    by_claim = (RoleMapping("roles", "lead", "ig-lead"), RoleMapping("roles", "head", "signatory"))
    register.then(replace(SIGN_IN, roles_from=by_claim), role("ig-lead", until="2026-11-26"))
    assert codes(register)[0] == "ig-lead"
    assert step(register, "signatory").done


def test_a_body_that_is_closed_or_unknown_has_nothing_to_do(register: Demonstration) -> None:
    assert left(register.then(changed(closed_on=DAY)).view(), BODY, DAY) == ()
    assert left(register.view(), BODY, "2026-11-26") != ()
    assert steps(register.view(), "nobody-here", DAY) == ()


def test_every_step_says_where_and_why_and_names_no_route_that_is_not_there() -> None:
    assert list(KINDS)[:3] == ["issuer", "ig-lead", "signatory"]
    for kind in KINDS.values():
        assert kind.page.format(organisation=BODY).startswith("/")
        assert kind.interface.startswith("/api/v1/organisations/{organisation}")
        assert kind.why.endswith(".")
        assert not kind.title.endswith(".")
    assert len(list(demonstration_entries())) > 0
