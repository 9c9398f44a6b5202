"""A body that joins: by way of which issuer, and who its first lead is, are one decision of two people."""

from __future__ import annotations

import pytest

from deciding_people import BU_1, BU_2, CHARITY, ISSUERS, POLICE, POLICE_LEAD, Log, issuer, role
from isa_registry.actions.deciding import Change
from isa_registry.domain.refusals import Refused

NEW = "https://new-login.charity.example"
JOINS: Change = (issuer(CHARITY, issuer=NEW), role(CHARITY, "first", "ig-lead", by=NEW))


def refused(log: Log, change: Change) -> str:
    before = len(log.entries)
    with pytest.raises(Refused) as no:
        log.by_two(change, BU_1, BU_2)
    assert len(log.entries) == before
    return no.value.code


def test_two_people_let_in_an_issuer_with_its_first_lead() -> None:
    log = Log()
    numbers = tuple(log.view.first_known_by(*one.person) for one in (BU_1, BU_2))
    entered = log.by_two(JOINS, BU_1, BU_2)
    assert [one.approved_by for one in entered] == [numbers, numbers]  # type: ignore[union-attr]
    assert [one.subject for one in log.view.roles_of(CHARITY)] == ["first"]


def test_one_person_does_not() -> None:
    log = Log()
    with pytest.raises(Refused) as no:
        log.by_two(JOINS, BU_1, BU_1)
    assert no.value.code == "second-person"


@pytest.mark.parametrize(
    "change",
    [
        (JOINS[0], role(POLICE, "first", "ig-lead")),
        (JOINS[0], role(CHARITY, "first", "ig-lead")),
        (JOINS[1], JOINS[0]),
        (*JOINS, role(CHARITY, "second", "ig-lead", by=NEW)),
    ],
    ids=["of another body", "of another issuer", "the other way round", "with one more"],
)
def test_what_does_not_belong_together_is_not_one_decision(change: Change) -> None:
    assert refused(Log(), change) == "unprocessable"


def test_another_role_than_the_leads_comes_later() -> None:
    assert refused(Log(), (JOINS[0], role(CHARITY, "first", "signatory", by=NEW))) in ("forbidden", "unprocessable")


def test_a_body_that_has_a_lead_is_not_given_another_by_others() -> None:
    joins: Change = (issuer(POLICE, issuer=NEW), role(POLICE, "first", "ig-lead", by=NEW))
    assert refused(Log(), joins) == "conflict"
    assert POLICE_LEAD.organisation == POLICE


def test_what_each_of_them_is_refused_for_alone_refuses_both() -> None:
    assert (
        refused(Log(), (issuer(CHARITY, issuer=ISSUERS[POLICE]), role(CHARITY, "x", "ig-lead", by=ISSUERS[POLICE])))
        == "conflict"
    )
    assert refused(Log(), (JOINS[0], role(CHARITY, "first", "ig-lead", "2020-01-01", by=NEW))) == "unprocessable"
