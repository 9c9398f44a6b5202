"""The to-do list of lawful bases names each thing once, in the order in which it is seen to, and empties."""

from __future__ import annotations

import msgspec
import pytest

from demonstration import Demonstration, catalogue, lawful_basis
from isa_registry.domain.entries import LawfulBasisEnded, LawfulBasisRecorded
from isa_registry.domain.lawful_bases.to_do import ToDo, differences, to_do
from isa_registry.domain.party_entries import PolicyDocument

TODAY = "2026-11-27"
PURPOSE = "harm-outside-the-home"
ORIGINAL = f"lb-harbour-tier-2-hoth-{PURPOSE}"


def default(agreement: str, purpose: str) -> LawfulBasisRecorded:
    """What the demonstration's voluntary bodies adopted."""
    law = catalogue()
    row = law.row(law.kinds["voluntary"].row or "", law.purposes[purpose].matrix)
    assert row is not None
    return lawful_basis("harbour", agreement, purpose, row)


def whole() -> Demonstration:
    """The demonstration, with a policy document of harbour's that is not due for long."""
    return with_document("2030-01-01")


def with_document(review_on: str | None) -> Demonstration:
    document = PolicyDocument("APD-7", review_on)
    return Demonstration().body("harbour", "voluntary", policy_document=document)  # type: ignore[arg-type]


def found(demonstration: Demonstration, body: str = "harbour", on: str = TODAY) -> list[ToDo]:
    return list(to_do(demonstration.view(), body, on, default))


def kinds(demonstration: Demonstration, body: str = "harbour", on: str = TODAY) -> list[tuple[str, str | None]]:
    return [(one.why, one.on) for one in found(demonstration, body, on)]


def record(**changes: object) -> LawfulBasisRecorded:
    return msgspec.structs.replace(default("tier-2-hoth", PURPOSE), record="lb-new", **changes)


def ended(on: str) -> Demonstration:
    return whole().then(LawfulBasisEnded(record=ORIGINAL, organisation="harbour", on=on))


def test_nothing_is_left_for_a_body_with_all_its_paperwork() -> None:
    assert found(whole()) == []


def test_each_purpose_that_was_signed_without_a_record_is_there_and_the_document_too() -> None:
    left = found(Demonstration(), "way-through")
    assert [one.why for one in left] == ["policy-document-missing"] + ["no-record"] * 12
    assert len({(one.agreement, one.purpose) for one in left}) == 13


def test_a_body_that_was_never_registered_or_is_closed_has_nothing_to_do() -> None:
    assert found(whole(), "nobody-here") == []
    assert found(Demonstration().body("way-through", "voluntary", closed_on=TODAY), "way-through") == []


def test_a_record_lapses_soon_from_thirty_days_before_its_last_day_and_then_has_lapsed() -> None:
    ends = ended("2026-12-28")
    assert kinds(ends, on="2026-11-26") == []
    assert kinds(ends, on="2026-11-27") == [("lapses-soon", "2026-12-27")]
    assert kinds(ends, on="2026-12-27") == [("lapses-soon", "2026-12-27")]
    assert kinds(ends, on="2026-12-28") == [("lapsed", "2026-12-27")]


def test_a_record_that_another_follows_without_a_gap_lapses_not() -> None:
    assert kinds(ended("2026-12-28").then(record(starts="2026-12-28"))) == []
    assert kinds(ended("2026-12-28").then(record(starts="2026-12-29"))) == [("lapses-soon", "2026-12-27")]


@pytest.mark.parametrize(
    ("review_on", "left"),
    [
        ("2026-12-28", []),
        ("2026-12-27", [("policy-document-due", "2026-12-27")]),
        ("2026-11-01", [("policy-document-due", "2026-11-01")]),
    ],
)
def test_a_policy_document_is_due_from_thirty_days_before_its_review(
    review_on: str, left: list[tuple[str, str]]
) -> None:
    assert kinds(with_document(review_on)) == left
    document = PolicyDocument("APD-7", review_on)
    records = whole().then(record(adopted="own", policy_document=document, starts="2026-06-02"))
    assert kinds(records) == left


def test_a_policy_document_of_the_bodys_without_a_day_of_review_wants_one() -> None:
    assert kinds(with_document(None)) == [("policy-document-undated", None)]


def test_a_record_that_rests_on_law_not_in_force_is_named_with_it() -> None:
    (one,) = found(whole().then(record(adopted="own", gateways=("ca-2004-s16ea", "ca-2004-s11"))))
    assert (one.why, one.codes, one.record) == ("not-in-force", ("ca-2004-s16ea",), "lb-new")


def test_a_default_that_is_no_longer_the_default_is_named_with_what_differs_and_a_bodys_own_is_not() -> None:
    other = {"gateways": ("ca-2004-s10",)}
    (one,) = found(whole().then(record(**other)))
    assert (one.why, one.purpose) == ("differs-from-default", PURPOSE)
    assert set(one.codes) == set(record().gateways) ^ {"ca-2004-s10"}
    assert found(whole().then(record(adopted="own", **other))) == []


def test_a_provision_in_another_list_is_a_difference_and_another_order_is_none() -> None:
    base = record(article_9=("art9-2-g", "dpa-2018-sch1-para18"), article_10=("dpa-2018-sch1-para18",))
    moved = msgspec.structs.replace(base, article_10=(), article_9=("dpa-2018-sch1-para18", "art9-2-g"))
    assert differences(moved, base) == ("dpa-2018-sch1-para18",)
