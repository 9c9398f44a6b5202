"""What is due is found in time, overdue first; what has ended or been replaced is not due."""

from __future__ import annotations

import msgspec
import pytest

from demonstration import Demonstration, catalogue, lawful_basis
from isa_registry.domain.agreement_entries import AgreementWithdrawn
from isa_registry.domain.entries import LawfulBasisEnded, LawfulBasisRecorded
from isa_registry.domain.party_entries import DelegationEnded, DelegationGiven, PolicyDocument
from isa_registry.domain.reporting.reviews import Due, reviews_due
from isa_registry.domain.verifying import Point
from marking import S16LA, verified, withdrawn

TODAY = "2026-11-27"
MAPPA = Point(organisation_kind="police", purpose="mappa")


def due(demonstration: Demonstration, within: int = 90) -> list[Due]:
    return reviews_due(demonstration.view(), TODAY, within)


def with_document(day: str | None, **record: str) -> Demonstration:
    document = PolicyDocument(reference="APD-7", review_on=day)
    return Demonstration().body("harbour", "voluntary", policy_document=document, **record)  # type: ignore[arg-type]


def basis(record: str, *, ends: str | None, starts: str = "2026-06-01") -> LawfulBasisRecorded:
    law = catalogue()
    row = law.row(law.kinds["voluntary"].row or "", law.purposes["harm-outside-the-home"].matrix)
    assert row is not None
    whole = lawful_basis("harbour", "tier-2-hoth", "harm-outside-the-home", row)
    return msgspec.structs.replace(whole, record=record, starts=starts, ends=ends)


ORIGINAL = "lb-harbour-tier-2-hoth-harm-outside-the-home"


def delegation(until: str) -> DelegationGiven:
    return DelegationGiven(delegation="dlg-1", organisation="harbour", starts="2026-01-01", until=until, ref="POST-9")


def test_nothing_is_due_within_ninety_days_of_the_demonstration() -> None:
    assert [] == due(Demonstration())


def test_an_agreements_review_is_due_from_so_many_days_before_on() -> None:
    assert ["tier-2-hoth"] == [one.agreement for one in due(Demonstration(), 186)]
    assert [] == due(Demonstration(), 185)
    (found,) = due(Demonstration(), 186)
    assert ("agreement-review", "2027-06-01", 186, "1.0", ("durham",)) == (
        found.what, found.on, found.days, found.version, found.partnerships,
    )  # fmt: skip


def test_a_review_that_is_late_is_overdue_until_it_is_held() -> None:
    found = reviews_due(Demonstration().view(), "2027-06-02", 0)
    assert [("tier-2-hoth", -1)] == [(one.agreement, one.days) for one in found]


def test_the_law_that_was_checked_is_due_for_a_new_look_after_a_year() -> None:
    marked = Demonstration().then(verified(S16LA, checked_on="2026-01-10"), verified(MAPPA, checked_on="2026-01-09"))
    assert [] == due(marked, 43)
    first, second = due(marked, 45)
    assert ("law-check", "2027-01-10", 44, "row police mappa") == (first.what, first.on, first.days, first.record)
    assert ("2027-01-11", "provision ca-2004-s16la", ("durham",)) == (second.on, second.record, second.partnerships)
    assert catalogue().provisions["ca-2004-s16la"].title == second.name
    assert [] == due(marked.then(withdrawn(S16LA), withdrawn(MAPPA)), 100)


def test_an_agreement_that_was_withdrawn_is_due_for_nothing() -> None:
    demonstration = Demonstration().then(
        AgreementWithdrawn(agreement="tier-2-hoth", version="1.0", on=TODAY, reason="replaced")
    )
    assert [] == due(demonstration, 186)


@pytest.mark.parametrize(("day", "days"), [("2026-11-26", [-1]), ("2026-11-27", [0]), ("2027-02-25", [90]),
                                           ("2027-02-26", []), (None, [])])  # fmt: skip
def test_a_policy_document_is_due_on_its_own_day(day: str | None, days: list[int]) -> None:
    assert days == [one.days for one in due(with_document(day))]


def test_a_closed_body_has_nothing_due() -> None:
    assert [] == due(with_document("2026-11-26", closed_on="2026-11-01"))


def test_a_lawful_basis_is_due_when_it_ends_and_nothing_follows() -> None:
    ended = LawfulBasisEnded(record=ORIGINAL, organisation="harbour", on="2026-11-01")
    demonstration = Demonstration().then(ended, basis("lb-2", ends="2026-12-24"))
    (found,) = due(demonstration)
    assert ("lawful-basis-end", "harbour", "harm-outside-the-home", "lb-2", 27) == (
        found.what, found.organisation, found.purpose, found.record, found.days,
    )  # fmt: skip
    assert [] == due(demonstration.then(basis("lb-3", starts="2026-12-25", ends=None)))


def test_a_lawful_basis_that_was_ended_by_an_entry_is_not_due_again() -> None:
    ended = LawfulBasisEnded(record=ORIGINAL, organisation="harbour", on="2026-11-01")
    assert [] == due(Demonstration().then(ended))


def test_a_gap_before_the_next_record_is_due_and_stays_overdue_until_it_is_closed() -> None:
    ended = LawfulBasisEnded(record=ORIGINAL, organisation="harbour", on="2026-11-01")
    gap = Demonstration().then(ended, basis("lb-2", ends="2026-11-20"), basis("lb-3", starts="2027-03-01", ends=None))
    assert [("lawful-basis-end", "lb-2", "2026-11-20", -7)] == [
        (one.what, one.record, one.on, one.days) for one in due(gap)
    ]
    assert [] == due(gap.then(basis("lb-4", starts=TODAY, ends="2027-02-28")), 92)


def test_a_record_that_is_to_come_is_due_for_its_own_end() -> None:
    ended = LawfulBasisEnded(record=ORIGINAL, organisation="harbour", on="2026-06-01")
    to_come = Demonstration().then(ended, basis("lb-2", starts="2026-12-01", ends="2026-12-31"))
    assert [("lb-2", 34)] == [(one.record, one.days) for one in due(to_come)]


def test_a_records_own_policy_document_is_due_while_the_record_holds() -> None:
    ended = LawfulBasisEnded(record=ORIGINAL, organisation="harbour", on="2026-11-01")
    own = msgspec.structs.replace(basis("lb-2", ends=None), policy_document=PolicyDocument("APD-8", "2026-11-30"))
    demonstration = Demonstration().then(ended, own)
    assert [("policy-document-review", "APD-8", "lb-2", 3)] == [
        (one.what, one.reference, one.record, one.days) for one in due(demonstration)
    ]
    assert [] == due(demonstration.then(LawfulBasisEnded(record="lb-2", organisation="harbour", on=TODAY)))


def test_a_delegation_is_due_until_it_runs_out_or_is_ended() -> None:
    demonstration = Demonstration().then(delegation("2026-12-31"))
    assert [("delegation-end", "POST-9", 34)] == [(one.what, one.reference, one.days) for one in due(demonstration)]
    assert [] == due(demonstration.then(DelegationEnded(delegation="dlg-1", organisation="harbour", on=TODAY)))
    assert [] == due(Demonstration().then(delegation("2026-11-26")))


def test_overdue_comes_first_and_then_the_next_day() -> None:
    demonstration = with_document("2026-11-01").then(delegation("2026-12-31"))
    demonstration.body("cafcass", "cafcass", policy_document=PolicyDocument("APD-8", "2026-12-01"))  # type: ignore[arg-type]
    assert ["2026-11-01", "2026-12-01", "2026-12-31"] == [one.on for one in due(demonstration)]
