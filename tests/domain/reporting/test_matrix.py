"""The matrix shows every body beside every version that is open or in force, where the register has it that day."""

from __future__ import annotations

import msgspec
import pytest

from demonstration import BODIES, Demonstration, attested, published
from isa_registry.domain.agreement_entries import (
    AgreementInForce,
    AgreementOpened,
    AgreementPublished,
    AgreementSuspended,
    AgreementWithdrawn,
    AttestationDeclined,
    InForceRule,
)
from isa_registry.domain.party_entries import PartnershipRegistered
from isa_registry.domain.register.attestation_states import State
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.reporting.matrix import (
    ORDER,
    Cell,
    Matrix,
    Narrowing,
    counted,
    matrix,
    narrowed,
    with_invitations,
    without_reasons,
)

TODAY = "2026-11-27"
TIER_2 = "tier-2-hoth"


def cell(found: Matrix, organisation: str, agreement: str = TIER_2, version: str | None = None) -> Cell:
    (row,) = (row for row in found.rows if row.organisation == organisation)
    (place,) = (
        place
        for place, one in enumerate(found.columns)
        if one.agreement == agreement and version in (None, one.version)
    )
    return row.cells[place]


def second(**changes: object) -> AgreementPublished:
    """A version 1.1 of Tier 2; its words do not matter here."""
    schedule = msgspec.structs.replace(published(TIER_2).schedule, version="1.1")
    return AgreementPublished(
        agreement=TIER_2,
        version="1.1",
        text="# Made up\n",
        text_sha256="1" * 64,
        schedule=schedule,
        schedule_sha256="1" * 64,
        published_at="2026-09-01T09:00:00.000Z",
        **changes,  # type: ignore[arg-type]
    )


def opened(*parties: str) -> AgreementOpened:
    return AgreementOpened(agreement=TIER_2, version="1.1", rule=InForceRule(), parties=parties)


def in_force(on: str) -> AgreementInForce:
    return AgreementInForce(agreement=TIER_2, version="1.1", on=on)


def test_every_body_stands_beside_every_version_in_force() -> None:
    found = matrix(Demonstration().view(), TODAY)
    assert [("tier-1", "1.0", "in-force"), (TIER_2, "1.0", "in-force")] == [
        (one.agreement, one.version, one.standing) for one in found.columns
    ]
    assert sorted(BODIES) == [row.organisation for row in found.rows]
    for organisation, (_, signed) in BODIES.items():
        for column in found.columns:
            expected = "attested" if column.agreement in signed else "none"
            assert expected == cell(found, organisation, column.agreement).state


def test_a_cell_says_by_whom_since_when_and_with_which_reservations() -> None:
    demonstration = Demonstration().body("a-charity", "voluntary")
    demonstration.signs("a-charity", TIER_2, reservations=("crime-prevention",))
    found = cell(matrix(demonstration.view(), TODAY), "a-charity")
    assert ("attested", True, "2026-05-18", "chief-officer", ("crime-prevention",)) == (
        found.state, found.counts, found.since, found.signatory_role, found.reservations,
    )  # fmt: skip
    assert demonstration.size - 1 == found.entry


def test_the_day_is_that_of_london() -> None:
    demonstration = Demonstration().then(
        attested("hmp-durham", TIER_2, at="2026-06-30T23:30:00.000Z", identifier="att-late")
    )
    assert "2026-07-01" == cell(matrix(demonstration.view(), TODAY), "hmp-durham").since


def test_a_child_stands_by_its_parent_unless_it_is_named_out() -> None:
    demonstration = Demonstration().signs("example-academy-trust", TIER_2)
    found = cell(matrix(demonstration.view(), TODAY), "example-academy")
    assert ("by-parent", True, "example-academy-trust") == (found.state, found.counts, found.through)
    named_out = demonstration.body(
        "example-academy",
        "academy",
        parent="example-academy-trust",
        named_out=(TIER_2,),  # type: ignore[arg-type]
    )
    assert "none" == cell(matrix(named_out.view(), TODAY), "example-academy").state


def test_who_declined_and_who_withdrew_and_why() -> None:
    demonstration = Demonstration().withdraws("harbour", TIER_2, "2026-10-01")
    demonstration.then(
        AttestationDeclined(agreement=TIER_2, version="1.0", organisation="cafcass", reason="no-lawful-basis")
    )
    found = matrix(demonstration.view(), TODAY)
    assert ("withdrawn", False, "2026-10-01", "other") == (
        *((one := cell(found, "harbour")).state, one.counts), one.since, one.reason,
    )  # fmt: skip
    assert ("declined", "no-lawful-basis") == (cell(found, "cafcass").state, cell(found, "cafcass").reason)
    hidden = without_reasons(found, lambda row: row.organisation == "cafcass")
    assert (None, "no-lawful-basis") == (cell(hidden, "harbour").reason, cell(hidden, "cafcass").reason)
    assert "withdrawn" == cell(hidden, "harbour").state


def test_a_version_that_is_open_has_a_column_beside_the_one_in_force() -> None:
    demonstration = Demonstration().then(second())
    assert 2 == len(matrix(demonstration.view(), TODAY).columns)
    demonstration.then(opened("harbour", "hmp-durham"))
    found = matrix(demonstration.view(), TODAY)
    assert ["in-force", "in-force", "open"] == [one.standing for one in found.columns]
    assert ("attested", "invited", "none") == (
        cell(found, "harbour", version="1.0").state,
        cell(found, "harbour", version="1.1").state,
        cell(found, "nenc-icb", version="1.1").state,
    )


def test_once_a_newer_version_is_in_force_who_signed_the_older_one_is_stale_there() -> None:
    demonstration = Demonstration().then(second(), opened("harbour", "hmp-durham"), in_force("2026-10-01"))
    demonstration.then(attested("durham-constabulary", TIER_2, version="1.1", at="2026-09-20T09:00:00.000Z"))
    before, after = matrix(demonstration.view(), "2026-09-30"), matrix(demonstration.view(), TODAY)
    assert [("1.0", "in-force"), ("1.1", "open")] == [
        (one.version, one.standing) for one in before.columns if one.agreement == TIER_2
    ]
    assert ["1.1"] == [one.version for one in after.columns if one.agreement == TIER_2]
    stale = cell(after, "harbour")
    assert ("stale", False, "1.0") == (stale.state, stale.counts, stale.attested_version)
    assert ("re-attested", True) == (
        cell(after, "durham-constabulary").state,
        cell(after, "durham-constabulary").counts,
    )
    assert "invited" == cell(after, "hmp-durham").state


def test_a_suspended_version_keeps_its_column_and_one_withdrawn_has_none() -> None:
    demonstration = Demonstration().then(
        AgreementSuspended(agreement=TIER_2, version="1.0", on="2026-11-01", reason="legal-advice")
    )
    assert "suspended" == matrix(demonstration.view(), TODAY).columns[-1].standing
    demonstration.then(AgreementWithdrawn(agreement=TIER_2, version="1.0", on="2026-11-27", reason="replaced"))
    assert ["tier-1"] == [one.agreement for one in matrix(demonstration.view(), TODAY).columns]


def test_a_suspended_body_does_not_count_although_it_attested() -> None:
    demonstration = Demonstration().body("harbour", "voluntary", suspended_on="2026-11-01")
    found = cell(matrix(demonstration.view(), TODAY), "harbour")
    assert ("attested", False) == (found.state, found.counts)


@pytest.mark.parametrize(
    ("organisation", "invitation", "state"),
    [
        ("hmp-durham", "queried", "queried"),
        ("hmp-durham", "asked", "asked"),
        ("hmp-durham", "turned-down", "turned-down"),
        ("cafcass", "viewed", "viewed"),
        ("harbour", "viewed", "attested"),
    ],
)
def test_an_invitation_shows_where_nothing_was_decided(organisation: str, invitation: str, state: State) -> None:
    found = matrix(Demonstration().view(), TODAY)
    shown = with_invitations(found, {(TIER_2, "1.0", organisation): (invitation, "2026-11-20")})
    assert state == cell(shown, organisation).state
    assert ("2026-11-20" == cell(shown, organisation).since) == (state != "attested")
    assert cell(found, "nenc-icb") == cell(shown, "nenc-icb")


def test_a_party_that_had_asked_to_join_is_invited() -> None:
    found = matrix(Demonstration().then(second(), opened("hmp-durham")).view(), TODAY)
    shown = with_invitations(found, {(TIER_2, "1.1", "hmp-durham"): ("asked", "2026-11-20")})
    assert "invited" == cell(shown, "hmp-durham", version="1.1").state


def rows(found: Matrix, **narrowing: object) -> list[str]:
    return [row.organisation for row in narrowed(found, Narrowing(**narrowing)).rows]  # type: ignore[arg-type]


def view_of_two() -> RegisterView:
    """Two partnerships: the second with two members and an agreement of its own."""
    demonstration = Demonstration().then(
        PartnershipRegistered(partnership="darlington", name="Darlington", lead_body="darlington-council")
    )
    demonstration.body("darlington-council", "local-authority", partnerships=("darlington",))  # type: ignore[arg-type]
    demonstration.body("durham-constabulary", "police", partnerships=("durham", "darlington"))  # type: ignore[arg-type]
    return demonstration.then(second(partnership="darlington"), opened("darlington-council")).view()


def test_it_is_narrowed_by_partnership_agreement_kind_and_state() -> None:
    found = matrix(view_of_two(), TODAY)
    theirs = narrowed(found, Narrowing(partnership="darlington"))
    assert ["darlington-council", "durham-constabulary"] == [row.organisation for row in theirs.rows]
    assert [(TIER_2, "1.1", "darlington")] == [(one.agreement, one.version, one.partnership) for one in theirs.columns]
    assert all(1 == len(row.cells) for row in theirs.rows)
    assert ["cafcass"] == rows(found, kind="cafcass")
    assert ["tier-1"] == [one.agreement for one in narrowed(found, Narrowing(agreement="tier-1")).columns]
    assert 12 == len(rows(found, agreement="tier-1", state="attested"))
    assert [] == rows(found, state="declined")


def test_it_is_sorted_by_name_kind_state_or_day_both_ways() -> None:
    found = matrix(Demonstration().withdraws("harbour", TIER_2, "2026-10-01").view(), TODAY)
    for sort in ("name", "organisation", "kind", "state", "since"):
        ordered = rows(found, sort=sort, agreement=TIER_2)
        assert sorted(BODIES) == sorted(ordered)
        assert ordered == rows(found, sort=f"-{sort}", agreement=TIER_2)[::-1]
    assert "harbour" == rows(found, sort="state", agreement=TIER_2)[0]
    assert "harbour" == rows(found, sort="-since", agreement=TIER_2)[0]


def test_counts_are_of_every_cell_in_the_order_of_the_states() -> None:
    found = matrix(Demonstration().view(), TODAY)
    counts = counted(found)
    assert len(found.rows) * len(found.columns) == sum(counts.values())
    assert {"none": 31, "attested": 21} == counts
    assert list(counts) == [one for one in ORDER if one in counts]


def test_every_state_has_its_place_in_the_order() -> None:
    assert set(ORDER) == set(State.__args__)  # type: ignore[attr-defined]


def test_it_is_worked_out_once_between_two_changes_of_the_register() -> None:
    demonstration = Demonstration()
    assert matrix(demonstration.view(), TODAY) is matrix(demonstration.view(), TODAY)
    first = matrix(demonstration.view(), TODAY)
    assert first is not matrix(demonstration.signs("cafcass", TIER_2).view(), TODAY)
