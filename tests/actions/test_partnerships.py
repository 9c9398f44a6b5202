"""Several partnerships in one registry: who begins them, who leads them, and who belongs to which."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from actions.belonging import GROUP, ICB, POLICE_UNIT, TRUST, body, log, refusal
from deciding_people import BU_1, CHARITY, COUNCIL, EVERYBODY, POLICE
from isa_registry.actions import organisation_changes as changes
from isa_registry.actions import organisations, partnerships
from isa_registry.domain.agreement_entries import AgreementInForce, AgreementPublished
from isa_registry.domain.party_entries import (
    OrganisationChanged,
    OrganisationRegistered,
    PartnershipChanged,
    PartnershipRegistered,
)
from isa_registry.domain.register.units import members_of, partnerships_of

NEW = PartnershipRegistered(partnership="teesside", name="Teesside", lead_body=ICB)
OWN = PartnershipChanged(partnership="durham", name="A partnership", lead_body=COUNCIL)
COMING = pytest.mark.parametrize("by", [*EVERYBODY, POLICE_UNIT], ids=lambda by: by.subject)


@COMING
def test_the_registrys_own_unit_begins_and_changes_partnerships_and_nobody_else(by: object) -> None:
    kept = log()
    wanted = "taken" if by == BU_1 else "forbidden"
    for draft in (
        partnerships.register(NEW),
        partnerships.change(PartnershipChanged(GROUP.partnership, "Another name", POLICE)),
    ):
        assert wanted == refusal(kept, lambda draft=draft: partnerships.on_the_word_of(draft, by, kept.view))  # type: ignore[arg-type]
    assert (NEW.partnership in [one.partnership for one in kept.view.partnerships()]) == (by == BU_1)


@pytest.mark.parametrize(
    ("record", "took"),
    [
        ({"partnership": "Teesside"}, "unprocessable #/partnership:malformed"),
        ({"partnership": "durham"}, "conflict #/partnership:taken"),
        ({"partnership": GROUP.partnership}, "conflict #/partnership:taken"),
        ({"name": ""}, "unprocessable #/name:malformed"),
        ({"lead_body": "nobody-known"}, "unprocessable #/lead_body:unknown-organisation"),
        ({"lead_body": "away"}, "unprocessable #/lead_body:not-taking-part"),
        ({"lead_body": "closing"}, "unprocessable #/lead_body:not-taking-part"),
        ({"ended_on": "2027-04-01"}, "unprocessable #/ended_on:not-begun"),
    ],
)
def test_a_partnership_that_cannot_begin_is_refused(record: dict[str, str], took: str) -> None:
    kept = log(
        OrganisationChanged("away", "Away", "voluntary", suspended_on="2026-11-01"),
        OrganisationChanged("closing", "Closing", "voluntary", closed_on="2027-11-01"),
    )
    assert took == refusal(kept, lambda: partnerships.register(replace(NEW, **record)))


@pytest.mark.parametrize(
    ("record", "took"),
    [
        (PartnershipChanged("unknown", "N", COUNCIL), "not-found"),
        (PartnershipChanged(GROUP.partnership, GROUP.name, POLICE), "conflict"),
        (PartnershipChanged(GROUP.partnership, GROUP.name, COUNCIL), "taken"),
        (PartnershipChanged(GROUP.partnership, GROUP.name, "x"), "unprocessable #/lead_body:unknown-organisation"),
        (replace(OWN, name="Durham and Darlington"), "taken"),
        (replace(OWN, lead_body=POLICE), "unprocessable #/lead_body:fixed"),
        (replace(OWN, ended_on="2027-04-01"), "unprocessable #/ended_on:fixed"),
        (PartnershipChanged(GROUP.partnership, GROUP.name, POLICE, "soon"), "unprocessable #/ended_on:not-a-date"),
    ],
)
def test_a_partnership_is_changed_within_its_bounds(record: PartnershipChanged, took: str) -> None:
    kept = log()
    assert took == refusal(kept, lambda: partnerships.change(record))


def test_whoever_changes_what_they_did_not_read_is_refused() -> None:
    kept = log()
    renamed = replace(OWN, name="Durham and Darlington")
    assert 0 == kept.view.partnership_since("durham")
    assert "taken" == refusal(kept, lambda: partnerships.change(renamed, changed_from=0))
    again = replace(OWN, name="Another")
    assert "conflict #/changed_from:changed-since" == refusal(kept, lambda: partnerships.change(again, changed_from=0))
    entry = len(kept.entries) - 1
    assert entry == kept.view.partnership_since("durham")
    assert "taken" == refusal(kept, lambda: partnerships.change(again, changed_from=entry))
    assert kept.view.partnership_since("unknown") is None


def test_a_partnership_does_not_end_while_an_agreement_of_it_is_in_force() -> None:
    kept = log()
    published = next(one for one in kept.entries if isinstance(one, AgreementPublished))
    schedule = replace(published.schedule, agreement="theirs")
    kept.add(
        replace(published, agreement="theirs", schedule=schedule, partnership=GROUP.partnership),
        AgreementInForce(agreement="theirs", version="1.0", on="2026-11-01", ends="2027-03-31"),
    )
    ends = PartnershipChanged(GROUP.partnership, GROUP.name, POLICE, "2027-03-31")
    assert "conflict #/ended_on:agreement-in-force" == refusal(kept, lambda: partnerships.change(ends))
    assert "taken" == refusal(kept, lambda: partnerships.change(replace(ends, ended_on="2027-04-01")))
    assert "conflict" == refusal(
        kept, lambda: changes.join_partnership(CHARITY, GROUP.partnership, POLICE_UNIT, kept.view)
    )
    new = OrganisationRegistered("new", "New", "voluntary", partnerships=("durham", GROUP.partnership))
    assert "unprocessable #/partnerships/1:ended" == refusal(kept, lambda: organisations.register(new))


def test_a_body_of_a_partnership_that_has_ended_can_still_join_another() -> None:
    kept = log(NEW, OrganisationChanged(CHARITY, "Charity", "voluntary", partnerships=("durham", "teesside")))
    kept.add(PartnershipChanged("teesside", "Teesside", ICB, "2026-11-01"))
    assert "taken" == refusal(
        kept, lambda: changes.join_partnership(CHARITY, GROUP.partnership, POLICE_UNIT, kept.view)
    )
    assert "taken" == refusal(kept, lambda: changes.leave_partnership(CHARITY, "durham", BU_1, kept.view))


# --- who belongs -----------------------------------------------------------------------------------------------------


def test_a_body_belongs_to_the_registrys_own_partnership_until_its_record_names_others_and_to_what_it_leads() -> None:
    kept = log(OrganisationChanged(ICB, "An ICB", "integrated-care-board", partnerships=("durham", "teesside")))
    kept.add(NEW, OrganisationChanged(CHARITY, "Charity", "voluntary", partnerships=(GROUP.partnership,)))
    belongs = {one: partnerships_of(kept.view, body(kept, one)) for one in (COUNCIL, POLICE, ICB, CHARITY, TRUST)}
    assert belongs == {
        COUNCIL: ("durham",),
        POLICE: (GROUP.partnership, "durham"),
        ICB: ("durham", "teesside"),
        CHARITY: (GROUP.partnership,),
        TRUST: ("durham",),
    }
    assert [CHARITY, POLICE] == [one.organisation for one in members_of(kept.view, GROUP.partnership)]


@COMING
@pytest.mark.parametrize(("partnership", "unit"), [("durham", BU_1), (GROUP.partnership, POLICE_UNIT)])
def test_a_partnerships_own_unit_decides_who_belongs_to_it_and_nobody_else(
    partnership: str, unit: object, by: object
) -> None:
    kept = log(
        OrganisationChanged("theirs", "T", "voluntary", partnerships=(GROUP.partnership,)),
        OrganisationChanged("both", "B", "voluntary", partnerships=(GROUP.partnership, "durham")),
    )
    other = "theirs" if partnership == "durham" else CHARITY
    wanted = "taken" if by == unit else "forbidden"
    assert wanted == refusal(kept, lambda: changes.join_partnership(other, partnership, by, kept.view))  # type: ignore[arg-type]
    assert wanted == refusal(kept, lambda: changes.leave_partnership("both", partnership, by, kept.view))  # type: ignore[arg-type]
    if by == unit:
        assert partnership in partnerships_of(kept.view, body(kept, other))
        assert partnership not in partnerships_of(kept.view, body(kept, "both"))


def test_a_body_belongs_to_one_partnership_at_least_and_a_leader_to_its_own() -> None:
    kept = log()
    cases = [
        (lambda: changes.join_partnership(CHARITY, "durham", BU_1, kept.view), "conflict"),
        (lambda: changes.leave_partnership(CHARITY, "durham", BU_1, kept.view), "conflict"),
        (lambda: changes.leave_partnership(POLICE, GROUP.partnership, POLICE_UNIT, kept.view), "conflict"),
        (lambda: changes.leave_partnership(CHARITY, GROUP.partnership, POLICE_UNIT, kept.view), "conflict"),
        (lambda: changes.join_partnership("nobody-known", "durham", BU_1, kept.view), "not-found"),
        (lambda: changes.join_partnership(CHARITY, "unknown", BU_1, kept.view), "forbidden"),
        (lambda: changes.join_partnership(CHARITY, GROUP.partnership, POLICE_UNIT, kept.view), "taken"),
        (lambda: changes.leave_partnership(CHARITY, "durham", BU_1, kept.view), "taken"),
        (lambda: changes.leave_partnership(CHARITY, GROUP.partnership, POLICE_UNIT, kept.view), "conflict"),
    ]
    assert [took for _, took in cases] == [refusal(kept, made) for made, _ in cases]


def test_who_belongs_changes_nothing_else_of_a_record() -> None:
    kept = log()
    before = organisations.members(body(kept, CHARITY))
    kept.append(changes.join_partnership(CHARITY, GROUP.partnership, POLICE_UNIT, kept.view))
    assert {**before, "partnerships": (GROUP.partnership, "durham")} == organisations.members(body(kept, CHARITY))
