"""Whose word one decision takes: a partnership's unit, a body's own lead, a body's signatory."""

from __future__ import annotations

import pytest

from deciding_people import (
    AT,
    BU_1,
    BU_2,
    CHARITY,
    COUNCIL,
    COUNCIL_LEAD,
    EVERYBODY,
    POLICE,
    POLICE_LEAD,
    SOON,
    Log,
    person,
    role,
)
from isa_registry.actions import leading
from isa_registry.actions.deciding import Decider
from isa_registry.domain.access_entries import RoleRevoked
from isa_registry.domain.agreement_entries import AgreementWithdrawn
from isa_registry.domain.party_entries import PartnershipChanged, PartnershipRegistered
from isa_registry.domain.refusals import Refused
from isa_registry.ledger.drafts import Draft

GROUP = PartnershipRegistered(partnership="darlington-exploitation", name="A group", lead_body=POLICE)
OTHER_UNIT = role(POLICE, "police-unit", "business-unit", SOON)
POLICE_UNIT, SIGNATORY = person(POLICE, "police-unit"), person(POLICE, "police-signatory")
COMING = (*EVERYBODY, POLICE_UNIT)
DRAFT = Draft(payloads=(AgreementWithdrawn(agreement="tier-1", version="1.0", on="2026-12-01", reason="superseded"),))


def log() -> Log:
    return Log(GROUP, OTHER_UNIT)


@pytest.mark.parametrize("by", COMING, ids=lambda by: by.subject)
@pytest.mark.parametrize(
    ("partnership", "unit"), [(None, BU_1), ("durham", BU_1), (GROUP.partnership, POLICE_UNIT), ("unknown", None)]
)
def test_a_partnerships_unit_decides_about_it_and_nobody_else(
    partnership: str | None, unit: Decider | None, by: Decider
) -> None:
    kept = log()
    if by == unit:
        (entry,) = kept.append(leading.on_the_word_of(DRAFT, leading.unit_of(partnership, by, kept.view)))
        assert (kept.view.first_known_by(*by.person),) == getattr(entry, "approved_by", None)
        return
    with pytest.raises(Refused) as refused:
        kept.append(leading.on_the_word_of(DRAFT, leading.unit_of(partnership, by, kept.view)))
    assert "forbidden" == refused.value.code


@pytest.mark.parametrize("by", COMING, ids=lambda by: by.subject)
def test_what_the_registrys_own_unit_decides_is_no_other_units(by: Decider) -> None:
    kept = log()
    if by == BU_1:
        kept.append(leading.on_the_word_of(DRAFT, leading.unit_of_the_registry(by, kept.view)))
        return
    with pytest.raises(Refused) as refused:
        kept.append(leading.on_the_word_of(DRAFT, leading.unit_of_the_registry(by, kept.view)))
    assert "forbidden" == refused.value.code


@pytest.mark.parametrize("by", COMING, ids=lambda by: by.subject)
@pytest.mark.parametrize(("asks", "one"), [(leading.ig_lead_of, POLICE_LEAD), (leading.signatory_of, SIGNATORY)])
def test_a_body_decides_by_its_own_people(asks: object, one: Decider, by: Decider) -> None:
    kept = log()
    assert callable(asks)
    if by == one:
        kept.append(leading.on_the_word_of(DRAFT, asks(POLICE, by, kept.view)))
        return
    with pytest.raises(Refused) as refused:
        kept.append(leading.on_the_word_of(DRAFT, asks(POLICE, by, kept.view)))
    assert ("forbidden" if by.organisation == POLICE else "not-your-organisation") == refused.value.code


def test_a_role_that_was_just_taken_away_does_not_count() -> None:
    kept = log()
    drafts = [
        leading.on_the_word_of(DRAFT, leading.unit_of(GROUP.partnership, POLICE_UNIT, kept.view)),
        leading.on_the_word_of(DRAFT, leading.ig_lead_of(POLICE, POLICE_LEAD, kept.view)),
    ]
    for by, name in ((POLICE_UNIT, "business-unit"), (POLICE_LEAD, "ig-lead")):
        kept.add(RoleRevoked(organisation=POLICE, issuer=by.issuer, subject=by.subject, role=name))
    for draft in drafts:
        with pytest.raises(Refused, match="takes the role"):
            kept.append(draft)


def test_a_unit_whose_body_just_gave_up_the_lead_decides_no_longer() -> None:
    kept = log()
    draft = leading.on_the_word_of(DRAFT, leading.unit_of(GROUP.partnership, POLICE_UNIT, kept.view))
    kept.add(PartnershipChanged(partnership=GROUP.partnership, name="A group", lead_body=COUNCIL))
    with pytest.raises(Refused, match="leads the partnership"):
        kept.append(draft)
    kept.append(leading.on_the_word_of(DRAFT, leading.unit_of(GROUP.partnership, BU_1, kept.view)))


def test_two_peoples_words_are_both_held_and_named_in_order() -> None:
    kept = log()
    words = leading.unit_of(None, BU_1, kept.view), leading.ig_lead_of(COUNCIL, COUNCIL_LEAD, kept.view)
    (entry,) = kept.append(leading.on_the_word_of(DRAFT, *words), AT)
    assert tuple(word.number for word in words) == getattr(entry, "approved_by", None)
    kept.add(RoleRevoked(organisation=COUNCIL, issuer=COUNCIL_LEAD.issuer, subject="council-lead", role="ig-lead"))
    with pytest.raises(Refused):
        kept.append(leading.on_the_word_of(DRAFT, *words))


@pytest.mark.parametrize(
    ("body", "name", "until", "taken"),
    [
        (POLICE, "business-unit", SOON, True),
        (POLICE, "business-unit", None, False),
        (POLICE, "auditor", SOON, False),
        (CHARITY, "business-unit", SOON, False),
        (COUNCIL, "business-unit", SOON, True),
    ],
)
def test_two_of_the_registrys_unit_let_people_into_the_unit_of_a_body_that_leads(
    body: str, name: str, until: str | None, taken: bool
) -> None:
    kept = log()
    wanted = (role(body, "new", name, until),)
    if taken:
        kept.by_two(wanted, BU_1, BU_2)
        return
    with pytest.raises(Refused):
        kept.by_two(wanted, BU_1, BU_2)


def test_two_of_another_partnerships_unit_let_nobody_in() -> None:
    kept = Log(GROUP, OTHER_UNIT, role(POLICE, "police-unit-2", "business-unit", SOON))
    with pytest.raises(Refused, match="lead body's business unit"):
        kept.by_two((role(POLICE, "new", "business-unit", SOON),), POLICE_UNIT, person(POLICE, "police-unit-2"))
