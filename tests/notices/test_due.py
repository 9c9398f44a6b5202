"""What a day brings: steps before and after, the latest only, and once."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from demonstration import attested
from faults.drafts import REGISTERED
from isa_registry.domain import agreement_entries as entries
from isa_registry.domain.notices.notice import Notice
from isa_registry.domain.notices.steps import CHASING_DAYS, REVIEW_DAYS, step_after, step_before
from isa_registry.domain.party_entries import DelegationEnded, DelegationGiven, OrganisationChanged, PolicyDocument
from notices.happening import COUNCIL, HARBOUR, POLICE, TIER_2, Log, next_version, opened, told


@pytest.fixture
def log() -> Log:
    return Log()


def of(notices: list[Notice], *templates: str) -> list[Notice]:
    return [one for one in notices if one.template in templates]


@pytest.mark.parametrize(
    ("today", "step"),
    [
        ("2027-03-02", None), ("2027-03-03", 90), ("2027-04-01", 90), ("2027-04-02", 60), ("2027-05-01", 60),
        ("2027-05-02", 30), ("2027-05-31", 30), ("2027-06-01", 0), ("2027-06-02", 0), ("2031-01-01", 0),
    ],
)  # fmt: skip
def test_a_step_begins_on_its_day_and_lasts_until_the_next(today: str, step: int | None) -> None:
    assert step_before("2027-06-01", today, REVIEW_DAYS) == step


@pytest.mark.parametrize(
    ("today", "step"), [("2026-11-08", None), ("2026-11-09", 7), ("2026-11-16", 14), ("2026-12-31", 28)]
)
def test_chasing_goes_by_days_since(today: str, step: int | None) -> None:
    assert step_after("2026-11-02", today, CHASING_DAYS) == step


def test_a_review_is_told_to_the_unit_and_every_signatory_on_each_step_once(log: Log) -> None:
    assert not of(log.due("2027-03-02"), "review-due")
    first = of(log.due("2027-03-03"), "review-due")
    assert told(first, "review-due")[COUNCIL] == ("business-unit", "signatory")
    assert len(first) == 9
    assert first[0].parameters == {"agreement": TIER_2, "version": "1.0", "due": "2027-06-01", "days": "90"}
    assert {one.key for one in of(log.due("2027-03-20"), "review-due")} == {one.key for one in first}
    assert not {one.key for one in of(log.due("2027-04-02"), "review-due")} & {one.key for one in first}


def test_what_was_missed_is_told_late_with_the_days_that_are_really_left_and_not_four_times(log: Log) -> None:
    """Nothing ran from before the first step until five days before the day."""
    found = [one for one in of(log.due("2027-05-27"), "review-due") if one.organisation == COUNCIL]
    assert [one.parameters["days"] for one in found] == ["5"]
    assert [one.template for one in log.due("2027-06-01") if one.organisation == COUNCIL] == ["review-overdue"]


def test_a_review_that_took_place_is_due_again_on_its_new_day(log: Log) -> None:
    before = {one.key for one in of(log.due("2027-04-02"), "review-due")}
    log.happens(
        entries.AgreementReviewed(
            agreement=TIER_2, version="1.0", on="2027-04-02", outcome="no-change", review_due="2028-06-01"
        )
    )
    assert not of(log.due("2027-06-01"), "review-due", "review-overdue")
    assert not before & {one.key for one in of(log.due("2028-04-02"), "review-due")}


def test_days_are_those_of_london(log: Log) -> None:
    """An hour before midnight UTC in summer it is the next day there."""
    log.add(next_version(), "2026-07-01T00:00:00.000Z")
    log.add(opened(HARBOUR), "2026-07-01T23:30:00.000Z")
    assert not of(log.due("2026-07-08"), "attestation-chased")
    assert told(log.due("2026-07-09"), "attestation-chased") == {HARBOUR: ("signatory",)}


def test_only_whoever_has_not_answered_is_chased(log: Log) -> None:
    log.happens(next_version())
    log.happens(opened(COUNCIL, POLICE, HARBOUR, "cafcass"))
    log.happens(attested(COUNCIL, TIER_2, version="1.1", at="2026-11-03T00:00:00.000Z"))
    log.happens(entries.AttestationDeclined(agreement=TIER_2, version="1.1", organisation="cafcass", reason="not-ours"))
    assert set(told(log.due("2026-11-09"), "attestation-chased")) == {POLICE, HARBOUR}
    steps = {
        one.about.split()[-1] for day in ("09", "16", "30") for one in log.due(f"2026-11-{day}") if "1.1" in one.about
    }
    assert steps == {"7", "14", "28"}  # fmt: skip


@pytest.mark.parametrize("ending", ["withdrawn", "replaced"])
def test_nobody_is_chased_for_a_version_that_is_over(log: Log, ending: str) -> None:
    log.happens(next_version())
    log.happens(opened(HARBOUR))
    if ending == "withdrawn":
        log.happens(entries.AgreementWithdrawn(agreement=TIER_2, version="1.1", on="2026-11-05", reason="replaced"))
    else:
        log.add(next_version("1.2"), "2026-11-04T00:00:00.000Z")
        log.happens(entries.AgreementInForce(agreement=TIER_2, version="1.2", on="2026-11-05"))
    assert not of(log.due("2026-11-20"), "attestation-chased")


TIER_1_ENDS: dict[str, Any] = {
    "withdrawn": entries.AgreementWithdrawn(agreement="tier-1", version="1.0", on="2026-11-05", reason="law"),
    "suspended": entries.AgreementSuspended(agreement="tier-1", version="1.0", on="2026-11-05", reason="review"),
    "ended": entries.AgreementInForce(agreement="tier-1", version="1.0", on="2026-04-01", ends="2026-11-04"),
}


@pytest.mark.parametrize("end", TIER_1_ENDS.values(), ids=list(TIER_1_ENDS))
def test_a_tier_1_that_lapses_takes_its_tier_2_along_on_the_day(log: Log, end: Any) -> None:
    log.happens(end)
    assert not of(log.due("2026-11-04"), "tier-1-lapsed")
    found = of(log.due("2026-11-05"), "tier-1-lapsed")
    assert len(found) == 9
    assert told(found, "tier-1-lapsed")[COUNCIL] == ("signatory", "business-unit")
    assert {one.key for one in found} == {one.key for one in of(log.due("2026-12-24"), "tier-1-lapsed")}


def test_a_second_lapse_is_told_again(log: Log) -> None:
    log.happens(TIER_1_ENDS["suspended"])
    first = {one.key for one in of(log.due("2026-11-05"), "tier-1-lapsed")}
    log.happens(entries.AgreementResumed(agreement="tier-1", version="1.0", on="2026-11-10"))
    assert not of(log.due("2026-11-10"), "tier-1-lapsed")
    log.happens(entries.AgreementSuspended(agreement="tier-1", version="1.0", on="2026-11-20", reason="review"))
    second = {one.key for one in of(log.due("2026-11-20"), "tier-1-lapsed")}
    assert second
    assert not first & second


def test_a_body_is_reminded_of_its_policy_document(log: Log) -> None:
    body = log.view.organisation(HARBOUR)
    assert body is not None
    values = {name: getattr(body, name) for name in body.__struct_fields__}
    document = PolicyDocument(reference="APD-1", review_on="2026-12-31")
    log.happens(OrganisationChanged(**{**values, "policy_document": document}))
    assert told(log.due("2026-12-01"), "policy-review-due") == {HARBOUR: ("ig-lead",)}
    assert told(log.due("2026-12-31"), "policy-review-overdue") == {HARBOUR: ("ig-lead",)}


def test_a_delegation_that_ends_is_told_to_both_sides_until_it_has(log: Log) -> None:
    given = DelegationGiven(
        delegation="del-1", organisation=HARBOUR, starts="2026-11-01", until="2026-12-31", to="way-through"
    )
    log.happens(given)
    assert not of(log.due("2026-11-30"), "delegation-ends")
    assert told(log.due("2026-12-01"), "delegation-ends") == {
        HARBOUR: ("ig-lead", "signatory"), "way-through": ("signatory",),
    }  # fmt: skip
    assert of(log.due("2026-12-31"), "delegation-ends")[0].parameters["days"] == "0"
    assert not of(log.due("2027-01-01"), "delegation-ends")
    log.happens(DelegationEnded(delegation="del-1", organisation=HARBOUR, on="2026-12-10"))
    assert not of(log.due("2026-12-24"), "delegation-ends")


def test_a_key_that_ends_is_told_where_no_other_goes_on(log: Log) -> None:
    log.happens(replace(REGISTERED, kid="k2", valid_until="2026-12-31T00:00:00.000Z"))
    assert told(log.due("2026-12-01"), "key-ends") == {POLICE: ("ig-lead",)}
    assert not of(log.due("2027-01-01"), "key-ends")
    log.happens(replace(REGISTERED, kid="k3"))
    assert not of(log.due("2026-12-01"), "key-ends")


def test_the_demonstration_owes_nobody_anything_on_its_day(log: Log) -> None:
    assert log.due("2026-11-27") == []
