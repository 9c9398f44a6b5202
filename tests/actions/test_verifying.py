"""Two information-governance leads of the lead body say that a point of the law was checked: who, about what, and when
it is refused."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from actions.belonging import log
from deciding_people import BU_1, BU_2, COUNCIL, COUNCIL_LEAD, EVERYBODY, POLICE_LEAD, Log, issuer, person, role
from isa_registry.actions import verifying
from isa_registry.actions.deciding import Decider, LawPayload
from isa_registry.domain.access_entries import RoleRevoked
from isa_registry.domain.refusals import Refused
from isa_registry.domain.verifying import Point
from marking import POINTS, S16LA, verified, withdrawn

SECOND = person(COUNCIL, "second-lead")
ELSEWHERE = person(COUNCIL, "lead-elsewhere", by="https://other-login.council.example")
TODAY = "2026-11-27"
ROW = Point(organisation_kind="police", purpose="mappa")


def leads() -> Log:
    return log(
        role(COUNCIL, "second-lead", "ig-lead"),
        issuer(COUNCIL, issuer=ELSEWHERE.issuer),
        role(COUNCIL, "lead-elsewhere", "ig-lead", by=ELSEWHERE.issuer),
    )


def mark(point: Point = S16LA, **other: Any) -> LawPayload:
    return verified(point, organisation=COUNCIL, **other)


def taken(point: Point = S16LA, reason: str = "law-changed") -> LawPayload:
    return replace(withdrawn(point, reason), organisation=COUNCIL)


def decided(kept: Log, payload: LawPayload, first: Decider = COUNCIL_LEAD, second: Decider = SECOND) -> LawPayload:
    [logged] = kept.append(verifying.by_two((payload,), first, second, kept.view))
    assert isinstance(logged, LawPayload)
    return logged


def refused(kept: Log, payload: LawPayload, *by: Decider) -> tuple[str, list[str]]:
    size = len(kept.entries)
    with pytest.raises(Refused) as caught:
        decided(kept, payload, *by)
    assert size == len(kept.entries)
    return caught.value.code, [fault.pointer for fault in caught.value.faults]


def test_two_leads_of_the_lead_body_mark_a_point_and_the_entry_names_both() -> None:
    kept = leads()
    logged = decided(kept, mark())
    law = kept.view.catalogue()
    assert law is not None

    assert law.provisions["ca-2004-s16la"].verified
    numbers = tuple(kept.view.first_known_by(*by.person) for by in (COUNCIL_LEAD, SECOND))
    assert numbers == logged.approved_by


@pytest.mark.parametrize("by", [one for one in EVERYBODY if one != COUNCIL_LEAD], ids=lambda one: one.subject)
def test_nobody_else_proposes_or_approves(by: Decider) -> None:
    assert ("forbidden", []) == refused(leads(), mark(), COUNCIL_LEAD, replace(by, issuer=COUNCIL_LEAD.issuer))
    assert refused(leads(), mark(), by, SECOND)[0] in ("forbidden", "second-person")


def test_the_business_unit_decides_nothing_about_the_law() -> None:
    assert ("forbidden", []) == refused(leads(), mark(), BU_1, BU_2)


def test_one_person_is_not_two_and_two_issuers_tell_nobody_apart() -> None:
    for second in (COUNCIL_LEAD, ELSEWHERE):
        assert ("second-person", []) == refused(leads(), mark(), COUNCIL_LEAD, second)


def test_a_lead_who_lost_the_role_a_moment_ago_does_not_count() -> None:
    kept = leads()
    draft = verifying.by_two((mark(),), COUNCIL_LEAD, SECOND, kept.view)
    kept.add(RoleRevoked(COUNCIL, SECOND.issuer, SECOND.subject, "ig-lead"))
    with pytest.raises(Refused) as caught:
        kept.append(draft)
    assert "forbidden" == caught.value.code


def test_a_lead_of_another_body_marks_nothing_in_its_own_name() -> None:
    payload = replace(mark(), organisation=POLICE_LEAD.organisation)
    assert ("forbidden", []) == refused(leads(), payload)


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"sha256": "A" * 64}, "#/sha256"),
        ({"source": "https://example.org/law"}, "#/source"),
        ({"source": "http://www.legislation.gov.uk/ukpga/2004/31"}, "#/source"),
        ({"source": "https://www.legislation.gov.uk.example.org/ukpga/2004/31"}, "#/source"),
        ({"source": "https://www.legislation.gov.uk/ukpga?about=somebody"}, "#/source"),
        ({"source": "https://www.legislation.gov.uk/ukpga#somebody"}, "#/source"),
        ({"source": "https://a@www.gov.uk/x"}, "#/source"),
        ({"source": "https://www.gov.uk/" + "a" * 200}, "#/source"),
        ({"source": "read by Jo Smith"}, "#/source"),
        ({"source": "943 476 5919"}, "#/source"),
        ({"checked_on": "20 November 2026"}, "#/checked_on"),
        ({"checked_on": "2026-11-28"}, "#/checked_on"),
        ({"checked_on": "2025-11-26"}, "#/checked_on"),
        ({"profession": "wizard"}, "#/profession"),
        ({"provision": "ca-1800-s1"}, "#/provision"),
        ({"purpose": "mappa"}, "#/provision"),
        ({"provision": None}, "#/provision"),
        ({"provision": None, "organisation_kind": "police", "purpose": "tea"}, "#/purpose"),
    ],
)
def test_what_is_wrong_is_pointed_at(members: dict[str, Any], pointer: str) -> None:
    assert ("unprocessable", [pointer]) == refused(leads(), mark(**members))


@pytest.mark.parametrize(
    "members",
    [
        {"source": "https://www.gov.uk/government/publications/working-together"},
        {"source": "https://assets.publishing.service.gov.uk/media/1/guidance.pdf"},
        {"source": "LEGAL-2026/114"},
        {"checked_on": TODAY},
        {"checked_on": "2025-11-27"},
        {"profession": "data-protection-officer"},
    ],
)
def test_sources_and_days_that_are_taken(members: dict[str, Any]) -> None:
    decided(leads(), mark(**members))


def test_every_point_can_be_marked() -> None:
    kept = leads()
    for point in POINTS[::40]:
        decided(kept, mark(point))
    law = kept.view.law()
    assert law is not None
    assert {point.key for point in POINTS[::40]} == set(law.marks)


def test_what_the_catalogue_no_longer_says_is_not_marked() -> None:
    assert ("conflict", []) == refused(leads(), mark(sha256="0" * 64))


def test_the_same_mark_again_is_refused_and_a_newer_look_takes_its_place() -> None:
    kept = leads()
    decided(kept, mark())
    assert ("conflict", []) == refused(kept, mark())
    decided(kept, mark(checked_on=TODAY))
    law = kept.view.law()
    assert law is not None
    assert TODAY == law.marks[S16LA.key].said.checked_on


def test_two_take_a_mark_away_and_there_has_to_be_one() -> None:
    kept = leads()
    assert ("conflict", []) == refused(kept, taken())
    decided(kept, mark(ROW))
    decided(kept, taken(ROW))
    law = kept.view.law()
    assert law is not None
    assert {} == law.marks
    assert law.written is law.read
    assert ("unprocessable", ["#/reason"]) == refused(kept, taken(reason="a-whim"))
    assert ("unprocessable", ["#/provision"]) == refused(kept, taken(Point(provision="ca-1800-s1")))


def test_one_point_is_decided_at_a_time() -> None:
    with pytest.raises(Refused):
        verifying.preconditions_of((mark(), mark(ROW)))
