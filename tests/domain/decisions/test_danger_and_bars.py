"""Immediate danger, what courts and statutes bar, and information that is not personal."""

from __future__ import annotations

from typing import Any

import pytest

from asking import CLUB, COUNCIL, FIRE, POLICE, SCHOOL, TODAY, TRUST, ask, check, question, row
from demonstration import catalogue, demonstration_view
from isa_registry.domain.decisions import decide
from isa_registry.domain.questions import Circumstances, Evidence, Question, Subject

NOW = {"urgency": "immediate-danger"}
REFERENCE = "s1_" + "A" * 43

DANGER = [
    row("the answer is share now", question(SCHOOL, POLICE, "child-protection-enquiry", **NOW), outcome="share-now"),
    row("consent must not be sought", question(SCHOOL, POLICE, "early-help", **NOW), consent_seek="must-not"),
    row("the family is told afterwards", question(SCHOOL, POLICE, "early-help", **NOW),
        inform_expected="after", inform_now=False),
    row("four conditions say how", question(SCHOOL, POLICE, "early-help", **NOW),
        condition=["call-999", "minimum-necessary", "only-those-who-can-act", "review-by-lead"]),
    row("an unknown recipient changes nothing", question(SCHOOL, "nobody-here", "mappa", **NOW), outcome="share-now"),
    row("a recipient by kind changes nothing", question(SCHOOL, "kind:faith", "mappa", **NOW), outcome="share-now"),
    row("an unknown provider is answered too", question("nobody-here", POLICE, "mappa", **NOW), outcome="share-now"),
    row("a court order does not weaken it",
        question(SCHOOL, POLICE, "early-help", restriction="court-order-forbids", **NOW), outcome="share-now"),
    row("a refusal does not weaken it",
        question("harbour", COUNCIL, "early-help", consent="refused", **NOW), outcome="share-now"),
    row("detriment does not weaken it",
        question(POLICE, COUNCIL, "child-protection-enquiry", more_detrimental_to_share=True,
                 detriment_confirmed_by="service-manager", **NOW), outcome="share-now"),
    row("no basis for the purpose does not weaken it",
        question(CLUB, COUNCIL, "quality-assurance", anonymised=False, **NOW), outcome="share-now"),
    row("a public body relies on life and its task",
        question(SCHOOL, POLICE, "early-help", **NOW), article_6=["art6-1-d", "art6-1-e"]),
    row("a charity relies on life and a recognised interest",
        question("harbour", POLICE, "early-help", **NOW), article_6=["art6-1-d", "art6-1-ea"],
        not_article_6=["art6-1-e"]),
    row("no paperwork is asked for", question("way-through", POLICE, "early-help", "health", **NOW), missing=[]),
    row("the police are named", question(SCHOOL, POLICE, "early-help", **NOW),
        advice=["the police on 999, and the council's children's services"]),
    row("each category goes", question(SCHOOL, POLICE, "early-help", "identity health", **NOW),
        category_outcomes={"identity": "share-now", "health": "share-now"}),
]  # fmt: skip

BARS = [
    row("a court order that forbids it bars it",
        question(COUNCIL, POLICE, "child-protection-enquiry", restriction="court-order-forbids"),
        outcome="do-not-share", reason="court-order"),
    row("a court order bars what was anonymised too",
        question(COUNCIL, POLICE, "quality-assurance", "education", None, restriction="court-order-forbids",
                 anonymised=True), outcome="do-not-share"),
    *(row(f"court papers may go to the {recipient} for {purpose}",
          question("cafcass", recipient, purpose, restriction="court-papers"),
          condition="court-rules-check", not_reason="court-restriction", outcome="may-share")
      for recipient, purpose in ((COUNCIL, "child-protection-enquiry"), (POLICE, "pre-birth"),
                                 (COUNCIL, "harm-outside-the-home"), (POLICE, "missing-now"))),
    row("court papers to a hospital need advice",
        question("cafcass", TRUST, "child-protection-enquiry", restriction="court-papers"),
        outcome="seek-advice", reason="court-restriction"),
    row("court papers to transport police need advice",
        question("cafcass", "british-transport-police", "child-protection-enquiry", restriction="court-papers"),
        outcome="seek-advice", reason="court-restriction"),
    row("court papers for support need advice",
        question("cafcass", COUNCIL, "child-in-need", restriction="court-papers"),
        outcome="seek-advice", reason="court-restriction"),
    row("court papers to a council given by kind may go",
        question("cafcass", "kind:local-authority", "child-protection-enquiry", restriction="court-papers"),
        outcome="may-share", condition="court-rules-check"),
    row("court papers without a name still want the court's rules checked",
        question("cafcass", COUNCIL, "child-protection-enquiry", "education", restriction="court-papers",
                 anonymised=True),
        outcome="may-share", regime="none", condition=["court-rules-check", "minimum-necessary"]),
    *(row(f"{restriction} needs advice",
          question(COUNCIL, POLICE, "child-protection-enquiry", restriction=restriction),
          outcome="seek-advice", reason="restricted-record")
      for restriction in ("adoption-record", "legal-privilege", "gender-recognition", "source-protection")),
]  # fmt: skip

ANONYMOUS = [
    row("what identifies nobody may be shared",
        question(CLUB, COUNCIL, "quality-assurance", "education housing", "child", anonymised=True),
        outcome="may-share", reason="not-personal-data", regime="none"),
    row("no basis is needed", question(CLUB, COUNCIL, "quality-assurance", "health", None, anonymised=True),
        article_6=[], missing=[], part_3=False, consent_role="not-the-basis"),
    row("a recipient that is not registered changes nothing",
        question(CLUB, "nobody-here", "quality-assurance", "health", None, anonymised=True), outcome="may-share"),
    *(row(f"{category} is not anonymous",
          question(COUNCIL, POLICE, "child-protection-enquiry", category, anonymised=True),
          reason="not-anonymous", regime="uk-gdpr")
      for category in ("identity", "contact", "family", "photos-media", "locations", "vehicles-devices",
                       "exploitation-network")),
    row("what is not anonymous counts as identifiable",
        question(CLUB, COUNCIL, "quality-assurance", "identity", anonymised=True),
        outcome="do-not-share", reason=["not-anonymous", "anonymise-instead"]),
    row("not anonymised goes on", question(COUNCIL, POLICE, "child-protection-enquiry", "education",
                                           anonymised=False), not_reason="not-personal-data"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "expect"), DANGER)
def test_in_immediate_danger(asked: Question, expect: dict[str, Any]) -> None:
    check(asked, expect)


@pytest.mark.parametrize(("asked", "expect"), BARS)
def test_a_restriction(asked: Question, expect: dict[str, Any]) -> None:
    check(asked, expect)


@pytest.mark.parametrize(("asked", "expect"), ANONYMOUS)
def test_information_that_identifies_nobody(asked: Question, expect: dict[str, Any]) -> None:
    check(asked, expect)


@pytest.mark.parametrize(
    "restriction", sorted(catalogue().codes.restrictions)
)  # each of them, so that a new one is noticed
def test_every_restriction_says_that_facts_known_independently_are_not_barred(restriction: str) -> None:
    answer = ask(COUNCIL, FIRE, "child-in-need", restriction=restriction)
    assert "known independently are not barred" in answer.reasons[0].text


def test_a_subject_reference_makes_it_not_anonymous() -> None:
    asked = Question(
        provider=COUNCIL,
        recipient=POLICE,
        purpose="quality-assurance",
        categories=("education",),
        subjects=(Subject("child", ref=REFERENCE),),
        circumstances=Circumstances(anonymised=True),
    )
    answer = decide(demonstration_view(), catalogue(), asked, Evidence(), today=TODAY)
    assert [reason.code for reason in answer.reasons][-1] == "not-anonymous"


def test_in_immediate_danger_exactly_four_conditions_stand() -> None:
    answer = ask("harbour", COUNCIL, "early-help", consent="refused", **NOW)
    assert [condition.code for condition in answer.conditions] == [
        "call-999",
        "minimum-necessary",
        "only-those-who-can-act",
        "review-by-lead",
    ]
