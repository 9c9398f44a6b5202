"""Who may bind a body beside its office holders: given and ended by its own lead, never round in a ring."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from actions.belonging import ICB, POLICE_UNIT, TRUST, log, refusal
from deciding_people import CHARITY, COUNCIL, EVERYBODY, POLICE, POLICE_LEAD
from isa_registry.actions import delegations
from isa_registry.domain.party_entries import DelegationEnded, DelegationGiven, OrganisationChanged

TODAY, SOON, LATER = "2026-11-27", "2027-01-31", "2027-03-31"
POST = DelegationGiven(delegation="dlg_1", organisation=POLICE, starts=TODAY, until=LATER, ref="POST-17")
TO_COUNCIL = DelegationGiven(delegation="dlg_2", organisation=POLICE, starts=TODAY, until=LATER, to=COUNCIL)
ENDED = DelegationEnded(delegation="dlg_1", organisation=POLICE, on=SOON)


@pytest.mark.parametrize("by", [*EVERYBODY, POLICE_UNIT], ids=lambda by: by.subject)
def test_a_bodys_own_lead_gives_and_ends_and_nobody_else(by: object) -> None:
    kept = log()
    wanted = "taken" if by == POLICE_LEAD else "forbidden" if by.organisation == POLICE else "not-your-organisation"  # type: ignore[attr-defined]
    assert wanted == refusal(kept, lambda: delegations.give_as(POST, by, kept.view))  # type: ignore[arg-type]
    kept.add(replace(POST, delegation="dlg_9"))
    ended = replace(ENDED, delegation="dlg_9")
    assert wanted == refusal(kept, lambda: delegations.end_as(ended, by, kept.view))  # type: ignore[arg-type]
    found = kept.view.delegations_of(POLICE)
    assert found[-1].ended_on == (SOON if by == POLICE_LEAD else None)


@pytest.mark.parametrize(
    ("changes", "took"),
    [
        ({"starts": "today"}, "#/starts:not-a-date"),
        ({"until": "2027-02-30"}, "#/until:not-a-date"),
        ({"starts": SOON, "until": TODAY}, "#/until:term"),
        ({"starts": "2026-11-26"}, "#/starts:over"),
        ({"to": COUNCIL}, "#/to:one-of-two"),
        ({"ref": None}, "#/to:one-of-two"),
        ({"ref": None, "to": POLICE}, "#/to:cycle"),
        ({"ref": None, "to": "nobody-known"}, "#/to:unknown-organisation"),
        ({"ref": None, "to": "away"}, "#/to:not-taking-part"),
        ({"ref": "Jane Smith"}, "#/ref:malformed"),
        ({"ref": "jane.smith2@police.example"}, "#/ref:malformed"),
        ({"ref": "AB123456C"}, "#/ref:malformed"),
        ({"agreements": ("tier-1", "tier-1")}, "#/agreements:count"),
        ({"agreements": ("tier-1", "tier-9")}, "#/agreements/1:unknown-agreement"),
    ],
)
def test_a_delegation_that_cannot_be_given_is_refused(changes: dict[str, object], took: str) -> None:
    kept = log(OrganisationChanged("away", "Away", "voluntary", suspended_on="2026-11-01"))
    assert f"unprocessable {took}" == refusal(kept, lambda: delegations.give(replace(POST, **changes)))


def test_delegations_never_go_round_in_a_ring_however_long() -> None:
    kept = log()
    onward = DelegationGiven(delegation="dlg_3", organisation=COUNCIL, starts=TODAY, until=LATER, to=ICB)
    for given in (TO_COUNCIL, onward):
        assert "taken" == refusal(kept, lambda given=given: delegations.give(given))
    for organisation, to in ((COUNCIL, POLICE), (ICB, POLICE), (ICB, COUNCIL)):
        back = DelegationGiven(delegation="dlg_4", organisation=organisation, starts=TODAY, until=LATER, to=to)
        assert "unprocessable #/to:cycle" == refusal(kept, lambda back=back: delegations.give(back))
    kept.append(delegations.end(DelegationEnded(delegation="dlg_2", organisation=POLICE, on=TODAY)))
    back = DelegationGiven(delegation="dlg_4", organisation=ICB, starts=TODAY, until=LATER, to=POLICE)
    assert "taken" == refusal(kept, lambda: delegations.give(back))


def test_two_that_delegate_to_each_other_at_once_make_no_ring() -> None:
    kept = log()
    back = DelegationGiven(delegation="dlg_3", organisation=COUNCIL, starts=TODAY, until=LATER, to=POLICE)
    drafts = [delegations.give(TO_COUNCIL), delegations.give(back)]
    assert ["taken", "unprocessable #/to:cycle"] == [refusal(kept, lambda draft=draft: draft) for draft in drafts]


@pytest.mark.parametrize(
    ("changes", "took"),
    [
        ({}, "conflict"),
        ({"starts": LATER, "until": "2028-01-01"}, "conflict"),
        ({"agreements": ("tier-1",)}, "conflict"),
        ({"starts": "2027-04-01", "until": "2028-01-01"}, "taken"),
        ({"ref": "POST-18"}, "taken"),
        ({"ref": None, "to": TRUST}, "taken"),
    ],
)
def test_the_same_is_not_given_twice_for_the_same_time(changes: dict[str, object], took: str) -> None:
    kept = log(POST)
    again = replace(POST, delegation="dlg_5", **changes)
    assert took == refusal(kept, lambda: delegations.give(again))


def test_what_was_ended_can_be_given_again_from_then_on() -> None:
    kept = log(POST, ENDED)
    assert "conflict" == refusal(kept, lambda: delegations.give(replace(POST, delegation="dlg_5")))
    assert "taken" == refusal(kept, lambda: delegations.give(replace(POST, delegation="dlg_5", starts=SOON)))


@pytest.mark.parametrize(
    ("changes", "took"),
    [
        ({}, "taken"),
        ({"on": TODAY}, "taken"),
        ({"on": LATER}, "taken"),
        ({"on": "2027-04-01"}, "conflict"),
        ({"on": "2026-11-26"}, "unprocessable #/on:over"),
        ({"on": "soon"}, "unprocessable #/on:not-a-date"),
        ({"delegation": "dlg_9"}, "not-found"),
        ({"organisation": CHARITY}, "not-found"),
    ],
)
def test_a_delegation_ends_today_or_later_and_before_its_time(changes: dict[str, str], took: str) -> None:
    kept = log(POST)
    assert took == refusal(kept, lambda: delegations.end(replace(ENDED, **changes)))


def test_a_delegation_that_was_ended_can_be_ended_sooner_and_not_later() -> None:
    kept = log(POST, ENDED)
    assert "conflict" == refusal(kept, lambda: delegations.end(replace(ENDED, on="2027-02-01")))
    assert "taken" == refusal(kept, lambda: delegations.end(replace(ENDED, on="2026-12-31")))


def test_only_so_many_hold_at_once() -> None:
    kept = log(
        *(replace(POST, delegation=f"d{n}", ref=f"POST-{n}") for n in range(delegations.MOST_DELEGATIONS - 1)),
        replace(POST, delegation="over", ref="POST-OVER-1", starts="2026-01-01", until="2026-11-26"),
    )
    more = [replace(POST, delegation=f"more-{n}", ref=f"MORE-{n}") for n in range(2)]
    assert ["taken", "conflict"] == [refusal(kept, lambda one=one: delegations.give(one)) for one in more]
