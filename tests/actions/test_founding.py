"""A founding document that brings several partnerships, and bodies below bodies below bodies."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from deciding_people import AT
from isa_registry.actions.founding import Founding, FoundingOrganisation, FoundingPartnership, found
from isa_registry.data import data_directory
from isa_registry.domain.entries import RegisterPayload
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.register import Register, RegisterView
from isa_registry.domain.register.units import members_of, partnerships_of
from isa_registry.identity.signing import new_signing_key
from isa_registry.runtime.demonstration import demonstration_document

COUNCIL = FoundingOrganisation("council", "Council", "local-authority")
POLICE = FoundingOrganisation("police", "Police", "police", partnerships=("durham", "exploitation"))
TRUST = FoundingOrganisation("trust", "Trust", "academy-trust", ico_registration="ZA123456", designated=True)
ACADEMY = FoundingOrganisation("academy", "Academy", "academy", parent="trust", named_out=("tier-1",))
NURSERY = FoundingOrganisation("nursery", "Nursery", "early-years", parent="academy", commissioned=False)
DOCUMENT = Founding(
    partnership="durham",
    partnership_name="A partnership",
    lead_body="council",
    organisations=(NURSERY, ACADEMY, COUNCIL, POLICE, TRUST),
    partnerships=(FoundingPartnership("exploitation", "A group", "police"),),
)


def founded(document: Founding, *, demo: bool = False) -> RegisterView:
    """The register after every stage; within a stage each draft is held against what the stages before it left."""
    register, size = Register(), 0
    drafts = found(
        document,
        data_directory("agreements"),
        origin="registry.example.org/x",
        attestation_key=new_signing_key("registry-attestation-1")[0] if demo else {"kid": "k"},
        demo=demo,
    )
    for stage in drafts:
        view = register.at(size)
        for draft in stage:
            for holds in draft.preconditions:
                holds(view, AT)
        for draft in stage:
            for payload in draft.payloads:
                assert isinstance(payload, RegisterPayload)
                apply(register, size, AT, payload)
                size += 1
    return register.at(size)


def test_a_body_comes_after_its_parent_in_whatever_order_they_stand() -> None:
    view = founded(DOCUMENT)
    assert ["academy", "council", "nursery", "police", "trust"] == [one.organisation for one in view.organisations()]
    trust, academy, nursery = (view.organisation(one) for one in ("trust", "academy", "nursery"))
    assert trust is not None
    assert academy is not None
    assert nursery is not None
    assert ("ZA123456", True, ("tier-1",), False) == (
        trust.ico_registration,
        trust.designated,
        academy.named_out,
        nursery.commissioned,
    )


def test_partnerships_are_begun_with_it_and_who_belongs_to_which_is_said() -> None:
    view = founded(DOCUMENT)
    assert [("durham", "council"), ("exploitation", "police")] == [
        (one.partnership, one.lead_body) for one in view.partnerships()
    ]
    police = view.organisation("police")
    assert police is not None
    assert ("durham", "exploitation") == partnerships_of(view, police)
    assert ["police"] == [one.organisation for one in members_of(view, "exploitation")]


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        (replace(DOCUMENT, partnerships=()), "#/organisations/3/partnerships"),
        (replace(DOCUMENT, organisations=(COUNCIL, replace(TRUST, parent="nobody"))), "#/parent"),
        (replace(DOCUMENT, organisations=(replace(TRUST, parent="academy"), ACADEMY), partnerships=()), "#/parent"),
        (replace(DOCUMENT, organisations=(COUNCIL, TRUST)), "#/lead_body"),
        (replace(DOCUMENT, organisations=(replace(COUNCIL, contacts={"urgent": "Mr Smith"}),)), "#/contacts/urgent"),
    ],
)
def test_a_document_that_does_not_hold_together_is_refused(document: Founding, pointer: str) -> None:
    with pytest.raises(Refused) as refused:
        founded(document)
    assert [pointer] == [fault.pointer for fault in refused.value.faults]


def test_every_signatory_of_the_demonstration_adopted_the_rows_as_they_stand() -> None:
    view = founded(demonstration_document(), demo=True)
    law = view.catalogue()
    assert law is not None
    wanted = {
        (body.organisation, version.agreement, line.code): law.row(
            law.kinds[body.organisation_kind].row or "", law.purposes[line.code].matrix
        )
        for body in view.organisations()
        for version in view.agreement_versions()
        for line in version.schedule.purposes
        if any(
            one.organisation == body.organisation for one in view.attestations_of(version.agreement, version.version)
        )
    }
    assert len(wanted) > 80
    assert {body for body, _, _ in wanted} - {"way-through"} == {
        one.recorded.organisation for body in view.organisations() for one in view.lawful_bases_of(body.organisation)
    }
    for (body, agreement, purpose), row in wanted.items():
        record = view.lawful_basis(body, agreement, purpose, "2026-11-27")
        if body == "way-through":
            assert record is None
            continue
        assert record is not None, (body, purpose)
        assert row is not None
        for member in ("article_6", "article_9", "article_10", "part_3", "gateways"):
            codes = tuple(dict.fromkeys(use.code for use in getattr(row, member)))
            assert getattr(record.recorded, member) == codes, (body, purpose, member)
        assert record.recorded.adopted == "default"
