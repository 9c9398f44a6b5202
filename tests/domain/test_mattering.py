"""Which facts a question is worth asking about: all that could change its answer, and no others."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from asking import CLUB, COUNCIL, POLICE, SCHOOL, TODAY, TRUST, question
from demonstration import catalogue, demonstration_view
from isa_registry.domain.decisions import decide
from isa_registry.domain.mattering import BINDING_REQUESTS, facts_that_matter, roles_that_matter
from isa_registry.domain.questions import Evidence, Question

QUESTIONS = {
    "police, harm outside the home": question(POLICE, COUNCIL, "harm-outside-the-home", "identity intelligence"),
    "a club, early help": question(CLUB, COUNCIL, "early-help", "identity health"),
    "a trust, enquiry": question(TRUST, COUNCIL, "child-protection-enquiry", "health", "child parent-carer"),
    "the council, an adult's referral": question(
        COUNCIL, "home-office", "modern-slavery-referral", "identity", "adult"
    ),
    "a school, Channel": question(SCHOOL, POLICE, "prevent-channel", "radicalisation"),
    "police, quality assurance": question(POLICE, "kind:housing-provider", "quality-assurance", "housing"),
    "police, crime": question(POLICE, COUNCIL, "crime-prevention", "intelligence", "adult"),
}
EVERY = pytest.mark.parametrize("asked", QUESTIONS.values(), ids=QUESTIONS.keys())
ALONE: dict[str, tuple[Any, ...]] = {
    "would_help_recipient": (True, False),
    "more_detrimental_to_share": (True, False),
    "informing_increases_risk": (True, False),
    "relates_to_child": (True, False),
    "consent": ("given", "refused", "withdrawn", "not-sought"),
    "agreement_to_service": ("given", "refused", "withdrawn", "not-sought"),
    "support_stage": (True, False),
    "statutory_request": BINDING_REQUESTS,
    "restriction": ("court-papers", "court-order-forbids", "adoption-record"),
    "anonymised": (True, False),
    "law_enforcement_purpose": (True, False),
    "para18_reason": ("cannot-give", "not-reasonable", "would-prejudice"),
    "confidentiality_route": ("consent", "statute"),
}


def outcome(asked: Question, **facts: Any) -> str:
    known = replace(asked, circumstances=replace(asked.circumstances, **facts))
    return decide(demonstration_view(), catalogue(), known, Evidence(), today=TODAY).outcome


def weights(asked: Question) -> dict[str, str]:
    found = facts_that_matter(demonstration_view(), catalogue(), asked, today=TODAY)
    return {one.fact: one.weight for one in found}


@EVERY
def test_a_fact_that_changes_the_outcome_is_asked_as_one_that_decides(asked: Question) -> None:
    now, found = outcome(asked), weights(asked)
    changing = {fact for fact, values in ALONE.items() if any(outcome(asked, **{fact: one}) != now for one in values)}
    assert changing, "the question has facts that decide it"
    assert changing <= {fact for fact, weight in found.items() if weight == "decides"}


def test_the_facts_follow_the_purpose() -> None:
    facts = {name: set(weights(asked)) for name, asked in QUESTIONS.items()}
    assert {name for name, found in facts.items() if "support_stage" in found} == {"a school, Channel"}
    assert {name for name, found in facts.items() if "anonymised" in found} >= {"police, quality assurance"}
    assert {name for name, found in facts.items() if "confidentiality_route" in found} == {"a trust, enquiry"}
    assert "law_enforcement_purpose" not in facts["a club, early help"]
    assert weights(QUESTIONS["a club, early help"])["consent"] == "decides"
    assert weights(QUESTIONS["a trust, enquiry"])["consent"] == "refines"


def test_only_requests_that_would_bind_are_offered() -> None:
    found = facts_that_matter(demonstration_view(), catalogue(), QUESTIONS["a trust, enquiry"], today=TODAY)
    offered = next(one.values for one in found if one.fact == "statutory_request")
    assert set(offered) == {"ca-1989-s47", "ca-2004-s16h"}
    assert "statutory_request" not in weights(QUESTIONS["a club, early help"])


def test_who_confirmed_it_is_asked_unless_nobody_judged_so() -> None:
    asked = QUESTIONS["police, harm outside the home"]
    assert weights(asked)["detriment_confirmed_by"] == "decides"
    judged = replace(asked, circumstances=replace(asked.circumstances, more_detrimental_to_share=False))
    assert "detriment_confirmed_by" not in weights(judged)


def test_what_is_known_is_not_asked_again() -> None:
    asked = QUESTIONS["police, harm outside the home"]
    known = replace(asked, circumstances=replace(asked.circumstances, would_help_recipient=True))
    assert "would_help_recipient" in weights(asked)
    assert "would_help_recipient" not in weights(known)


def test_in_immediate_danger_nothing_is_asked() -> None:
    for asked in QUESTIONS.values():
        danger = replace(asked, urgency="immediate-danger")
        assert weights(danger) == {}
        assert roles_that_matter(demonstration_view(), catalogue(), danger, today=TODAY) == ()


def test_a_suspected_parent_and_a_victim_matter_where_they_change_something() -> None:
    enquiry, referral = QUESTIONS["a trust, enquiry"], QUESTIONS["police, crime"]
    found = roles_that_matter(demonstration_view(), catalogue(), enquiry, today=TODAY)
    assert ("parent-carer", "suspect") in {(one.kind, one.role) for one in found}
    assert ("adult", "witness") not in {
        (one.kind, one.role) for one in roles_that_matter(demonstration_view(), catalogue(), referral, today=TODAY)
    }
