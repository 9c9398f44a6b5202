"""What a body relies on: recorded, replaced and ended by its own lead alone, held against the law at the very tail."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from actions.belonging import POLICE_UNIT, log, refusal
from deciding_people import COUNCIL, EVERYBODY, POLICE, POLICE_LEAD, Log
from isa_registry.actions import adopting, lawful_bases
from isa_registry.domain.agreement_entries import AgreementWithdrawn
from isa_registry.domain.entries import LawfulBasisEnded, LawfulBasisRecorded
from isa_registry.domain.party_entries import OrganisationChanged, PolicyDocument

TODAY, SOON, LATER = "2026-11-27", "2027-01-01", "2027-06-01"
DOCUMENT = PolicyDocument("APD-2026-1", "2027-03-31")
BASIS = LawfulBasisRecorded(
    record="lb_1",
    organisation=POLICE,
    agreement="tier-1",
    purpose="child-protection-enquiry",
    article_6=("art6-1-e",),
    article_9=("art9-2-g", "dpa-2018-sch1-para18"),
    article_10=("dpa-2018-sch1-para18",),
    part_3=(),
    gateways=("ca-1989-s47-1",),
    adopted="own",
    approved_by="siro",
    starts=TODAY,
    policy_document=DOCUMENT,
)


def record(kept: Log, fact: LawfulBasisRecorded, by: Any = POLICE_LEAD) -> str:
    return refusal(kept, lambda: lawful_bases.record_as(fact, by, kept.view))


def end(kept: Log, identifier: str, on: str, by: Any = POLICE_LEAD) -> str:
    ended = LawfulBasisEnded(record=identifier, organisation=POLICE, on=on)
    return refusal(kept, lambda: lawful_bases.end_as(ended, by, kept.view))


def holds(kept: Log, on: str) -> str | None:
    found = kept.view.lawful_basis(POLICE, "tier-1", "child-protection-enquiry", on)
    return None if found is None else found.recorded.record


@pytest.mark.parametrize("by", [*EVERYBODY, POLICE_UNIT], ids=lambda by: by.subject)
def test_a_bodys_own_lead_records_and_ends_and_nobody_else_and_the_entry_says_who(by: Any) -> None:
    kept = log()
    wanted = "taken" if by == POLICE_LEAD else "forbidden" if by.organisation == POLICE else "not-your-organisation"
    assert wanted == record(kept, BASIS, by)
    kept.add(replace(BASIS, record="lb_9", purpose="early-help"))
    assert wanted == end(kept, "lb_9", SOON, by)
    if by == POLICE_LEAD:
        made = kept.view.lawful_basis_record(POLICE, "lb_1")
        assert made is not None
        assert made.recorded.decided_by == (kept.view.first_known_by(*by.person),)


def test_the_law_is_asked_at_the_tail_and_every_fault_points_into_what_was_sent() -> None:
    kept = log()
    bad = replace(BASIS, article_6=("art6-1-ea",), policy_document=None, approved_by="teacher")
    told = refusal(kept, lambda: lawful_bases.record_as(bad, POLICE_LEAD, kept.view, at="/record"))
    assert told == (
        "unprocessable #/record/approved_by:unknown-code "
        "#/record/article_6/0:no-recognised-interest-for-public-bodies #/record/article_6/0:needs-beside "
        "#/record/article_9/1:needs-policy-document #/record/article_10/0:needs-policy-document"
    )
    # Another worker just made it a charity: what was drafted before is held against that.
    draft = lawful_bases.record_as(BASIS, POLICE_LEAD, kept.view)
    kept.add(OrganisationChanged(POLICE, "Police", "voluntary"))
    assert refusal(kept, lambda: draft).startswith("unprocessable #/article_6/0:no-borrowed-public-task")


@pytest.mark.parametrize(
    ("changes", "took"),
    [
        ({"agreement": "tier-9"}, "unprocessable #/agreement:unknown-agreement"),
        ({"purpose": "missing-now"}, "unprocessable #/purpose:not-in-the-agreement"),
        ({"starts": "2026-06-01", "ends": "2026-11-26"}, "unprocessable #/ends:over"),
        ({"starts": "2026-06-01"}, "taken"),
        ({"starts": "2020-06-01", "gateways": ()}, "unprocessable #/article_6/0:not-in-force"),
        ({"supersedes": "lb_0"}, "unprocessable #/supersedes:unknown-record"),
        ({"ends": TODAY}, "taken"),
    ],
)
def test_a_record_is_of_an_agreements_purpose_and_not_over_and_its_first_day_is_in_the_law(
    changes: dict[str, Any], took: str
) -> None:
    assert record(log(), replace(BASIS, **changes)).startswith(took)


def test_a_withdrawn_agreement_has_no_new_records() -> None:
    kept = log(AgreementWithdrawn(agreement="tier-1", version="1.0", on=TODAY, reason="replaced"))
    assert record(kept, BASIS) == "unprocessable #/agreement:unknown-agreement"


def test_two_records_never_hold_at_once_unless_one_takes_the_others_place() -> None:
    kept = log()
    assert record(kept, replace(BASIS, ends=SOON)) == "taken"
    second = replace(BASIS, record="lb_2", starts=SOON)
    assert record(kept, second) == "conflict #/supersedes:overlaps"
    assert record(kept, replace(second, starts="2027-01-02")) == "taken"
    assert record(kept, replace(second, record="lb_3", starts="2026-12-01", ends="2027-01-02")) == (
        "conflict #/supersedes:overlaps"
    )
    assert record(kept, replace(BASIS, record="lb_1", purpose="early-help")) == "unprocessable #/record:given-twice"


def test_a_successor_takes_its_place_from_its_first_day_and_the_first_never_comes_back() -> None:
    kept = log()
    assert record(kept, BASIS) == "taken"
    assert record(kept, replace(BASIS, record="lb_2", starts="2026-11-26", supersedes="lb_1")) == (
        "unprocessable #/starts:over"
    )
    assert record(kept, replace(BASIS, record="lb_2", starts=SOON, ends=LATER, supersedes="lb_1")) == "taken"
    assert [holds(kept, day) for day in (TODAY, "2026-12-31", SOON, LATER, "2027-06-02")] == [
        "lb_1", "lb_1", "lb_2", "lb_2", None,
    ]  # fmt: skip
    third = replace(BASIS, record="lb_3", starts=LATER, supersedes="lb_1")
    assert record(kept, third) == "conflict #/supersedes:superseded"
    assert record(kept, replace(third, supersedes="lb_2")) == "taken"
    first = kept.view.lawful_basis_record(POLICE, "lb_1")
    assert first is not None
    assert first.recorded == replace(BASIS, decided_by=first.recorded.decided_by)


def test_what_is_ended_before_it_began_never_held_and_its_predecessor_goes_on() -> None:
    kept = log()
    record(kept, BASIS)
    record(kept, replace(BASIS, record="lb_2", starts=SOON, supersedes="lb_1"))
    assert end(kept, "lb_2", TODAY) == "taken"
    assert [holds(kept, day) for day in (TODAY, SOON, LATER)] == ["lb_1", "lb_1", "lb_1"]
    assert record(kept, replace(BASIS, record="lb_3", starts=SOON, supersedes="lb_1")) == "taken"
    assert end(kept, "lb_3", LATER) == "taken"
    assert [holds(kept, day) for day in (TODAY, SOON, LATER)] == ["lb_1", "lb_3", None]


def test_a_record_ends_today_or_later_and_once() -> None:
    kept = log()
    record(kept, BASIS)
    assert end(kept, "lb_1", "2026-11-26") == "unprocessable #/on:over"
    assert end(kept, "lb_1", "tomorrow") == "unprocessable #/on:not-a-date"
    assert end(kept, "lb_7", SOON) == "not-found"
    assert end(kept, "lb_1", SOON) == "taken"
    assert end(kept, "lb_1", SOON) == "conflict"
    assert end(kept, "lb_1", "2026-12-01") == "taken"
    assert [holds(kept, day) for day in (TODAY, "2026-11-30", "2026-12-01")] == ["lb_1", "lb_1", None]


def test_another_bodys_record_is_not_found() -> None:
    kept = log()
    kept.add(replace(BASIS, organisation=COUNCIL))
    assert end(kept, "lb_1", SOON) == "not-found"
    assert kept.view.lawful_basis_record(COUNCIL, "lb_1") is not None


def test_of_two_leads_who_record_at_once_one_is_refused() -> None:
    kept = log()
    both = [lawful_bases.record_as(replace(BASIS, record=one), POLICE_LEAD, kept.view) for one in ("lb_1", "lb_2")]
    kept.append(both[0])
    assert refusal(kept, lambda: both[1]) == "conflict #/supersedes:overlaps"


def test_a_default_is_adopted_only_for_what_was_signed() -> None:
    kept = log(OrganisationChanged(POLICE, "Police", "local-authority", policy_document=DOCUMENT))
    wanted = (adopting.Purpose("tier-1", "child-protection-enquiry"),)
    made = refusal(
        kept,
        lambda: adopting.adopt(POLICE, wanted, POLICE_LEAD, kept.view, "2026-11-27T09:00:00.000Z", lambda: "lb_1"),
    )
    assert made == "conflict #/purposes/0:not-signed"
