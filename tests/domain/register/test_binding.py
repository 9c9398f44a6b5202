"""Who may bind a body for an agreement on a day: a table of bodies, delegations and signers."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from demonstration import Demonstration
from isa_registry.domain.party_entries import DelegationEnded, DelegationGiven
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.binding import Binder, Signer, binder_of, who_may_bind

ON = "2026-11-27"
POST = DelegationGiven(
    delegation="dlg_1", organisation="harbour", starts="2026-11-01", until="2027-03-31", ref="POST-17"
)
BODY = DelegationGiven(
    delegation="dlg_2", organisation="harbour", starts="2026-11-01", until="2027-03-31", to="durham-community-action"
)
ENDED = DelegationEnded(delegation="dlg_2", organisation="harbour", on="2026-11-20")


def binds(
    demonstration: Demonstration,
    signer: Signer,
    *,
    body: str = "harbour",
    agreement: str = "tier-1",
    on: str = ON,
) -> str:
    """By what somebody may bind a body, or the pointer and the code of the refusal."""
    view = demonstration.view()
    version = view.agreement_version(agreement, "1.0")
    assert version is not None
    try:
        found = binder_of(view, body, version, on, signer)
    except Refused as refused:
        return f"{refused.faults[0].pointer} {refused.faults[0].code}" if refused.faults else refused.code
    assert found in who_may_bind(view, body, version, on)
    return found.delegation or "office"


def own(role: str, ref: str = "HO-1", body: str = "harbour") -> Signer:
    return Signer(organisation=body, role=role, ref=ref)


OTHERS = own("chief-officer", body="durham-community-action")
NO_ROLE, NO_DELEGATE, NOT_DELEGATED = (
    "#/signatory/role role-not-allowed",
    "#/signatory/ref no-delegation",
    "#/signatory/role no-delegation",
)


@pytest.mark.parametrize(
    ("signer", "by"),
    [
        (own("chief-officer"), "office"),
        (own("chair-of-trustees"), "office"),
        (own("head-teacher"), NO_ROLE),
        (own("siro"), NO_ROLE),
        (own("delegate", "POST-17"), "dlg_1"),
        (own("delegate", "POST-18"), NO_DELEGATE),
        (OTHERS, "dlg_2"),
        (own("delegate", "POST-17", "durham-community-action"), NOT_DELEGATED),
        (own("siro", body="durham-community-action"), NOT_DELEGATED),
        (own("chief-officer", body="way-through"), NOT_DELEGATED),
        (own("chief-officer", body="nobody-known"), NOT_DELEGATED),
    ],
)
def test_office_holders_and_those_delegated_to_bind_a_body(signer: Signer, by: str) -> None:
    assert by == binds(Demonstration().then(POST, BODY), signer)


@pytest.mark.parametrize("on", ["2026-10-31", "2027-04-01"])
def test_a_delegation_holds_from_its_first_day_to_the_end_of_its_last(on: str) -> None:
    given = Demonstration().then(POST, BODY)
    for day in ("2026-11-01", "2027-03-31"):
        assert ["dlg_1", "dlg_2"] == [binds(given, one, on=day) for one in (own("delegate", "POST-17"), OTHERS)]
    assert [NO_DELEGATE, NOT_DELEGATED] == [binds(given, one, on=on) for one in (own("delegate", "POST-17"), OTHERS)]


def test_a_delegation_that_was_ended_holds_until_the_day_before() -> None:
    ended = Demonstration().then(BODY, ENDED)
    assert "dlg_2" == binds(ended, OTHERS, on="2026-11-19")
    assert NOT_DELEGATED == binds(ended, OTHERS, on="2026-11-20")


def test_a_delegation_for_one_agreement_is_none_for_another() -> None:
    bounded = Demonstration().then(replace(BODY, agreements=("tier-2-hoth",)))
    assert "dlg_2" == binds(bounded, OTHERS, agreement="tier-2-hoth")
    assert NOT_DELEGATED == binds(bounded, OTHERS)


def test_what_was_delegated_is_not_delegated_on() -> None:
    onward = replace(BODY, delegation="dlg_3", organisation="durham-community-action", to="way-through")
    given = Demonstration().then(BODY, onward)
    third = own("chief-officer", body="way-through")
    assert "dlg_3" == binds(given, third, body="durham-community-action")
    assert NOT_DELEGATED == binds(given, third)


def test_nobody_binds_a_body_while_it_is_suspended_or_once_it_is_closed() -> None:
    for record in ({"suspended_on": "2026-11-27"}, {"closed_on": "2026-11-27"}):
        apart = Demonstration().then(POST, BODY).body("harbour", "voluntary", **record)
        for signer in (own("chief-officer"), own("delegate", "POST-17"), OTHERS):
            assert "#/organisation not-taking-part" == binds(apart, signer)
            assert "#/organisation not-taking-part" != binds(apart, signer, on="2026-11-26")


def test_a_body_that_is_suspended_itself_binds_no_other() -> None:
    given = Demonstration().then(BODY).body("durham-community-action", "voluntary", suspended_on="2026-11-27")
    assert NOT_DELEGATED == binds(given, OTHERS)
    assert "office" == binds(given, own("chief-officer"))


def test_where_the_schedule_lets_no_delegate_sign_a_delegation_to_a_post_gives_nothing() -> None:
    given = Demonstration().then(POST)
    version = given.view().agreement_version("tier-1", "1.0")
    assert version is not None
    roles = {**version.schedule.signatory_roles, "voluntary": ("chief-officer",)}
    narrower = replace(version.schedule, agreement="narrow", signatory_roles=roles)
    given.publishes(narrower, on="2026-11-01")
    assert NO_ROLE == binds(given, own("delegate", "POST-17"), agreement="narrow")
    assert "office" == binds(given, own("chief-officer"), agreement="narrow")


def test_who_may_bind_is_told_whole_and_one_that_is_not_registered_has_nobody() -> None:
    view = Demonstration().then(POST, BODY).view()
    version = view.agreement_version("tier-1", "1.0")
    assert version is not None
    offices = ("chief-officer", "chair-of-trustees")
    assert (
        Binder("harbour", offices),
        Binder("harbour", ("delegate",), ref="POST-17", delegation="dlg_1"),
        Binder("durham-community-action", offices, delegation="dlg_2"),
    ) == who_may_bind(view, "harbour", version, ON)
    assert () == who_may_bind(view, "nobody-known", version, ON)
    apart = Demonstration().body("harbour", "voluntary", suspended_on=ON).view()
    assert () == who_may_bind(apart, "harbour", version, ON)
    assert "not-found" == binds(Demonstration(), own("chief-officer"), body="nobody-known")


def test_a_kind_for_which_the_schedule_has_no_signatory_is_bound_by_nobody() -> None:
    assert NO_ROLE == binds(Demonstration(), own("chief-officer", body="home-office"), body="home-office")
