"""What each side's own lawful-basis records do to an answer: never its outcome, but its basis and what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from asking import COUNCIL, POLICE, TODAY, TRUST, ask, question
from demonstration import Demonstration, catalogue
from isa_registry.domain.answers import Answer
from isa_registry.domain.decisions import decide
from isa_registry.domain.entries import LawfulBasisEnded, LawfulBasisRecorded
from isa_registry.domain.party_entries import PolicyDocument
from isa_registry.domain.questions import Evidence

HOTH = "harm-outside-the-home"


def record(body: str, starts: str = "2026-06-01", **said: Any) -> LawfulBasisRecorded:
    given: dict[str, Any] = {
        "record": "own-1",
        "agreement": "tier-2-hoth",
        "purpose": HOTH,
        "article_6": ("art6-1-e",),
        "article_9": (),
        "article_10": (),
        "part_3": (),
        "gateways": (),
        "adopted": "own",
        "approved_by": "data-protection-officer",
    }
    return LawfulBasisRecorded(organisation=body, starts=starts, **{**given, **said})


def without(*bodies: str, on: str = "2026-06-01") -> Demonstration:
    """The demonstration, the records of these bodies for harm outside the home ended."""
    register = Demonstration()
    for body in bodies:
        kept = register.view().lawful_bases_for(body, "tier-2-hoth", HOTH)
        register.then(*(LawfulBasisEnded(record=one.recorded.record, organisation=body, on=on) for one in kept))
    return register


def missing(answer: Answer) -> dict[str, tuple[str, str]]:
    return {one.code: (one.who, one.text) for one in answer.missing if one.code.endswith("lawful-basis-record")}


def test_where_both_sides_have_a_record_none_is_missing() -> None:
    assert missing(ask(POLICE, COUNCIL, HOTH)) == {}


def test_a_lapsed_record_of_the_provider_says_since_when_and_who_can_mend_it() -> None:
    found = missing(ask(POLICE, COUNCIL, HOTH, register=without(POLICE, on="2026-11-20")))
    who, text = found["lawful-basis-record"]
    assert who == "your-ig-lead"
    assert "has not held since 20 November 2026" in text


def test_since_when_is_the_first_day_without_it_also_where_the_record_names_its_last() -> None:
    register = without(POLICE, on="2026-06-01").then(record(POLICE, starts="2026-06-01", ends="2026-11-19"))
    for on, lacking in (("2026-11-19", False), ("2026-11-20", True)):
        found = missing(ask(POLICE, COUNCIL, HOTH, on=on, register=register))
        assert ("lawful-basis-record" in found) is lacking
    assert "has not held since 20 November 2026" in found["lawful-basis-record"][1]


def test_a_lapsed_record_of_the_recipient_is_for_its_own_lead_to_mend() -> None:
    found = missing(ask(POLICE, COUNCIL, HOTH, register=without(COUNCIL, on="2026-11-20")))
    assert set(found) == {"recipient-lawful-basis-record"}
    who, text = found["recipient-lawful-basis-record"]
    assert who == "their-ig-lead"
    assert text.startswith("Durham County Council's record")
    assert "You need not wait for that." in text


def test_a_recipient_that_never_had_a_record_is_named() -> None:
    found = missing(ask(POLICE, "way-through", HOTH))
    assert found["recipient-lawful-basis-record"][1].startswith("Way Through has not recorded")


def test_of_a_recipient_that_signed_nothing_no_record_is_wanted() -> None:
    assert missing(ask(POLICE, "example-primary-school", HOTH)) == {}


@pytest.mark.parametrize(("on", "lacking"), [("2026-11-19", False), ("2026-11-20", True)])
def test_a_record_holds_up_to_the_day_it_ended(on: str, lacking: bool) -> None:
    for side in (POLICE, COUNCIL):
        answer = ask(POLICE, COUNCIL, HOTH, on=on, register=without(side, on="2026-11-20"))
        assert bool(missing(answer)) is lacking


def test_nothing_of_records_is_said_in_immediate_danger() -> None:
    answer = ask(POLICE, COUNCIL, HOTH, urgency="immediate-danger", register=without(POLICE, COUNCIL))
    assert answer.missing == ()


@pytest.mark.parametrize("body", [POLICE, COUNCIL, TRUST])
def test_records_never_change_an_outcome(body: str) -> None:
    to, register = (POLICE if body == COUNCIL else COUNCIL), without(body, COUNCIL, POLICE)
    for categories in ("identity", "identity health criminal-record"):
        with_records = ask(body, to, HOTH, categories)
        lacking = ask(body, to, HOTH, categories, register=register)
        assert with_records.outcome == lacking.outcome
        assert with_records.basis == lacking.basis


def test_an_own_record_gives_the_basis_in_its_own_order() -> None:
    register = Demonstration().then(
        record(TRUST, article_9=("art9-2-h", "dpa-2018-sch1-para2", "art9-2-g", "dpa-2018-sch1-para18"))
    )
    basis = ask(TRUST, COUNCIL, HOTH, "health", register=register).basis
    assert basis.article_9 == ("art9-2-h", "dpa-2018-sch1-para2", "art9-2-g", "dpa-2018-sch1-para18")
    assert basis.article_6 == ("art6-1-e",)


def test_two_bodies_whose_records_bear_one_name_each_have_their_own_basis() -> None:
    other = "county-durham-darlington-nhs-ft"
    first = ("art9-2-h", "dpa-2018-sch1-para2")
    second = ("art9-2-g", "dpa-2018-sch1-para18")
    register = Demonstration().then(record(TRUST, article_9=first), record(other, article_9=second))
    view = register.view()
    for body, wanted in ((TRUST, first), (other, second), (TRUST, first)):
        asked = question(body, COUNCIL, HOTH, "health")
        assert decide(view, catalogue(), asked, Evidence(), today=TODAY).basis.article_9 == wanted


def test_what_an_own_record_says_nothing_about_stays_as_the_law_as_data_has_it() -> None:
    plain = ask(TRUST, COUNCIL, HOTH, "criminal-record").basis
    own = ask(TRUST, COUNCIL, HOTH, "criminal-record", register=Demonstration().then(record(TRUST))).basis
    assert own.article_10 == plain.article_10
    assert own.gateways == plain.gateways


def test_a_record_for_later_gives_no_basis_today() -> None:
    register = Demonstration().then(record(TRUST, "2026-12-01", article_9=("art9-2-h",)))
    assert ask(TRUST, COUNCIL, HOTH, "health", register=register).basis == ask(TRUST, COUNCIL, HOTH, "health").basis


def codes_missing(answer: Answer) -> set[str]:
    return {one.code for one in answer.missing}


def test_a_record_may_bring_the_authority_for_a_use_beyond_law_enforcement() -> None:
    assert "s36-4-authority" in codes_missing(ask(POLICE, COUNCIL, HOTH))
    for authority, due in (("ca-2004-s11", False), ("art6-1-e", True)):
        register = Demonstration().then(record(POLICE, s36_4_authority=authority))
        assert ("s36-4-authority" in codes_missing(ask(POLICE, COUNCIL, HOTH, register=register))) is due


def test_a_record_may_bring_the_impact_assessment() -> None:
    assert "dpia" in codes_missing(ask(COUNCIL, POLICE, "quality-assurance"))
    register = Demonstration().then(
        record(COUNCIL, agreement="tier-1", purpose="quality-assurance", dpia="DPIA-2026-4")
    )
    assert "dpia" not in codes_missing(ask(COUNCIL, POLICE, "quality-assurance", register=register))


def test_a_record_may_bring_a_policy_document_of_its_own() -> None:
    lacking = ask("way-through", COUNCIL, HOTH, "health")
    assert "appropriate-policy-document" in {one.code for one in lacking.missing}
    document = PolicyDocument("APD-7", "2027-03-31")
    register = Demonstration().then(record("way-through", article_6=("art6-1-ea",), policy_document=document))
    mended = ask("way-through", COUNCIL, HOTH, "health", register=register)
    assert "appropriate-policy-document" not in {one.code for one in mended.missing}
