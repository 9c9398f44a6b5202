"""Requests that bind, judged detriment, and statutory duties."""

from __future__ import annotations

from typing import Any

import pytest

from asking import (
    COUNCIL,
    FIRE,
    ICB,
    POLICE,
    PROBATION,
    SCHOOL,
    TODAY,
    TRUST,
    ask,
    assert_expected,
    check,
    question,
    row,
)
from demonstration import Demonstration, catalogue
from isa_registry.domain.questions import ConsentOnRecord, Question

HELP = {"would_help_recipient": True}
KNOWN = {"would_help_recipient": True, "more_detrimental_to_share": False}

REQUESTED = [
    *(row(f"a partner's request binds a charity for {purpose}",
          question("harbour", COUNCIL, purpose, statutory_request="ca-2004-s16h"),
          outcome="duty-to-share", reason="statutory-request", duty_engaged=True, duty="ca-2004-s16h",
          article_6="art6-1-c", gateway="ca-2004-s16h")
      for purpose in ("practice-review", "quality-assurance", "child-protection-enquiry", "harm-outside-the-home")),
    row("a request under one section does not stand for one under another",
        question(TRUST, COUNCIL, "child-protection-enquiry", statutory_request="ca-2004-s16h"),
        outcome="duty-to-share", gateway="ca-2004-s16h", not_gateway="ca-1989-s47"),
    row("the police may ask under it", question(SCHOOL, POLICE, "practice-review", statutory_request="ca-2004-s16h"),
        outcome="duty-to-share"),
    row("the integrated care board may ask under it",
        question(SCHOOL, ICB, "practice-review", statutory_request="ca-2004-s16h"), outcome="duty-to-share"),
    row("a hospital may not ask under it",
        question(SCHOOL, TRUST, "practice-review", statutory_request="ca-2004-s16h"),
        reason="request-does-not-bind", outcome="seek-advice"),
    row("it does not bind for early help",
        question(SCHOOL, COUNCIL, "early-help", statutory_request="ca-2004-s16h"), reason="request-does-not-bind"),
    row("a council given by kind may ask",
        question(SCHOOL, "kind:local-authority", "practice-review", statutory_request="ca-2004-s16h"),
        outcome="duty-to-share"),
    row("the body's own basis comes after the obligation",
        question(TRUST, COUNCIL, "practice-review", statutory_request="ca-2004-s16h"),
        article_6=["art6-1-c", "art6-1-e"]),
    row("detriment does not undo it, and is considered",
        question(TRUST, COUNCIL, "practice-review", statutory_request="ca-2004-s16h",
                 more_detrimental_to_share=True, detriment_confirmed_by="service-manager"),
        outcome="duty-to-share", condition="consider-detriment", advice=["your organisation's legal adviser"]),
    row("the national panel binds anybody",
        question("durham-cathedral", "national-panel", "practice-review", statutory_request="ca-2004-s16d"),
        outcome="duty-to-share", duty="ca-2004-s16d"),
    row("only the national panel asks under its section",
        question(SCHOOL, COUNCIL, "practice-review", statutory_request="ca-2004-s16d"),
        reason="request-does-not-bind"),
    *(row(f"a council's request about an enquiry binds {provider}",
          question(provider, COUNCIL, "child-protection-enquiry", statutory_request="ca-1989-s47"),
          outcome="duty-to-share", duty="ca-1989-s47") for provider in (TRUST, ICB)),
    row("before birth too", question(TRUST, COUNCIL, "pre-birth", statutory_request="ca-1989-s47"),
        outcome="duty-to-share"),
    row("the police are not in that list",
        question(POLICE, COUNCIL, "child-protection-enquiry", statutory_request="ca-1989-s47"),
        reason="request-does-not-bind", outcome="may-share"),
    row("a school is not in that list",
        question(SCHOOL, COUNCIL, "child-protection-enquiry", statutory_request="ca-1989-s47"),
        reason="request-does-not-bind", outcome="may-share"),
    row("it does not serve support", question(TRUST, COUNCIL, "child-in-need", statutory_request="ca-1989-s47"),
        reason="request-does-not-bind"),
    row("help for a child in need is asked under section 27",
        question(TRUST, COUNCIL, "child-in-need", statutory_request="ca-1989-s27"), outcome="duty-to-share"),
    row("section 27 does not serve an enquiry",
        question(TRUST, COUNCIL, "child-protection-enquiry", statutory_request="ca-1989-s27"),
        reason="request-does-not-bind"),
    *(row(f"{code} may be declined where it is unreasonable, with advice",
          question(TRUST, COUNCIL, purpose, statutory_request=code, more_detrimental_to_share=True,
                   detriment_confirmed_by="service-manager"),
          outcome="seek-advice", reason="may-be-unreasonable")
      for code, purpose in (("ca-1989-s47", "pre-birth"), ("ca-1989-s27", "child-in-need"))),
    row("another provision is no request", question(TRUST, COUNCIL, "pre-birth", statutory_request="hra-1998-art8"),
        reason="request-does-not-bind", outcome="may-share"),
    row("under law enforcement the request is authority, not an Article 6 point",
        question(POLICE, COUNCIL, "harm-outside-the-home", statutory_request="ca-2004-s16h",
                 law_enforcement_purpose=True),
        outcome="duty-to-share", article_6=[], gateway="ca-2004-s16h", not_article_6=["art6-1-c"], part_3=True),
]  # fmt: skip

CONFIRMED = ("team-manager", "service-manager", "designated-safeguarding-lead", "named-professional",
             "caldicott-guardian", "legal-adviser")  # fmt: skip
JUDGED = [
    *(row(f"confirmed by a {role} it holds",
          question(POLICE, COUNCIL, "harm-outside-the-home", more_detrimental_to_share=True,
                   detriment_confirmed_by=role, **HELP),
          outcome="do-not-share", reason="more-detrimental") for role in CONFIRMED),
    *(row(f"confirmed by a {role} it is not confirmed",
          question(POLICE, COUNCIL, "harm-outside-the-home", more_detrimental_to_share=True,
                   detriment_confirmed_by=role),
          outcome="seek-advice", reason="confirm-detriment")
      for role in sorted(set(catalogue().codes.roles) - set(CONFIRMED))),
    row("confirmed by nobody it needs advice",
        question(POLICE, COUNCIL, "harm-outside-the-home", more_detrimental_to_share=True),
        outcome="seek-advice", reason="confirm-detriment"),
    row("where no child is concerned it does not decide",
        question(POLICE, COUNCIL, "harm-outside-the-home", "identity", "adult", relates_to_child=False,
                 more_detrimental_to_share=True, detriment_confirmed_by="service-manager"),
        outcome="may-share", not_reason=["more-detrimental"]),
    row("where it is not known whether a child is concerned it does",
        question(POLICE, COUNCIL, "harm-outside-the-home", "identity", "adult", more_detrimental_to_share=True,
                 detriment_confirmed_by="service-manager"), outcome="do-not-share"),
]  # fmt: skip

S16LA = [
    row("it is engaged between listed bodies",
        question(POLICE, COUNCIL, "child-in-need", **HELP), outcome="duty-to-share", reason="duty-engaged",
        duty="ca-2004-s16la", duty_engaged=True),
    row("the obligation comes first, the own basis after it",
        question(POLICE, COUNCIL, "child-in-need", **HELP), article_6=["art6-1-c", "art6-1-e"],
        gateway="ca-2004-s16la", duty_verified=False),
    row("detriment not considered is to be considered",
        question(POLICE, COUNCIL, "child-in-need", **HELP), condition="consider-detriment"),
    row("detriment considered is not asked again",
        question(POLICE, COUNCIL, "child-in-need", **KNOWN), not_condition="consider-detriment"),
    row("it cites the clause of an agreement that covers it",
        question(POLICE, COUNCIL, "harm-outside-the-home", **HELP), agreement="tier-2-hoth"),
    row("an unborn child is a child", question(TRUST, COUNCIL, "pre-birth", "identity", "unborn-child", **HELP),
        outcome="duty-to-share"),
    row("another child is a child", question(TRUST, COUNCIL, "child-in-need", "identity", "adult other-child", **HELP),
        outcome="duty-to-share"),
    row("an adult's information may relate to a child",
        question(TRUST, COUNCIL, "child-in-need", "identity", "adult", relates_to_child=True, **HELP),
        outcome="duty-to-share"),
    row("with nobody named it is about a child",
        question(TRUST, COUNCIL, "child-in-need", "identity", None, **HELP), outcome="duty-to-share"),
    row("with nobody named and no child it is not",
        question(TRUST, COUNCIL, "child-in-need", "identity", None, relates_to_child=False, **HELP),
        outcome="may-share", duty_engaged=False),
    row("an adult alone leaves it open",
        question(TRUST, COUNCIL, "child-in-need", "identity", "adult", **HELP),
        outcome="may-share", reason="duty-may-be-engaged", duty_engaged=None, duty="ca-2004-s16la"),
    row("help not judged leaves it open", question(POLICE, COUNCIL, "child-in-need"),
        reason="duty-may-be-engaged", outcome="may-share"),
    row("no help, no duty", question(POLICE, COUNCIL, "child-in-need", would_help_recipient=False),
        not_reason="duty-may-be-engaged", duty_engaged=False, outcome="may-share"),
    row("before it came into force it is no duty",
        question(POLICE, COUNCIL, "child-in-need", on="2026-09-29", **HELP),
        outcome="may-share", not_reason="duty-may-be-engaged", duty=None, not_gateway="ca-2004-s16la"),
    row("on the day it came into force it is",
        question(POLICE, COUNCIL, "child-in-need", on="2026-09-30", **HELP), outcome="duty-to-share"),
    *(row(f"{body} is listed", question(POLICE, body, "child-in-need", **HELP), outcome="duty-to-share")
      for body in (COUNCIL, ICB, TRUST, PROBATION, "hmp-durham", "aycliffe-secure-centre", "kind:nhs-england",
                   "kind:youth-justice", "kind:secure-setting", "kind:police")),
    *(row(f"{body} is perhaps listed", question(POLICE, body, "child-protection-enquiry", **HELP),
          reason="duty-may-be-engaged", duty_engaged=None)
      for body in (SCHOOL, "example-academy", "example-academy-trust", "example-independent-school",
                   "example-college", "harbour", "example-gp-practice", "british-transport-police",
                   "kind:early-years", "kind:childrens-home", "kind:fostering-agency", "nobody-here")),
    *(row(f"{body} is not listed", question(POLICE, body, "child-protection-enquiry", **HELP),
          not_reason="duty-may-be-engaged", duty=None)
      for body in ("cafcass", FIRE, "durham-cathedral", "example-sports-club", "example-housing", "home-office",
                   "national-panel")),
    *(row(f"{purpose} does not carry it", question(POLICE, COUNCIL, purpose, **HELP),
          not_reason=["duty-may-be-engaged", "duty-engaged"], duty=None)
      for purpose in ("crime-prevention", "mappa", "practice-review", "quality-assurance",
                      "modern-slavery-referral")),
    row("a provider that is not listed has no such duty", question(FIRE, COUNCIL, "child-in-need", **HELP),
        outcome="may-share", duty=None),
    row("a charity is perhaps listed", question("harbour", COUNCIL, "child-in-need", **HELP),
        outcome="may-share", reason="duty-may-be-engaged"),
    row("a duty found open is said with a bar too",
        question("harbour", COUNCIL, "early-help", consent="refused", **HELP),
        outcome="do-not-share", reason=["consent-refused", "duty-may-be-engaged"]),
    row("under law enforcement it is authority, not an Article 6 point",
        question(POLICE, COUNCIL, "child-in-need", law_enforcement_purpose=True, **HELP),
        outcome="duty-to-share", regime="law-enforcement", article_6=[], not_article_6=["art6-1-c"],
        gateway="ca-2004-s16la", part_3=True),
    row("a refusal does not block it, and is recorded",
        question(TRUST, COUNCIL, "early-help", agreement_to_service="refused", **HELP),
        outcome="duty-to-share", condition="agreement-refused"),
]  # fmt: skip

S52 = [
    *(row(f"{provider} refers a child",
          question(provider, "home-office", "modern-slavery-referral", "identity modern-slavery", "child:victim"),
          outcome="duty-to-share", duty="msa-2015-s52", duty_engaged=True, article_6="art6-1-c")
      for provider in (COUNCIL, POLICE, "british-transport-police")),
    row("a checked duty needs no fallback",
        question(COUNCIL, "home-office", "modern-slavery-referral"), not_article_6=["art6-1-e"], duty_verified=True),
    row("an adult who agreed is referred",
        question(COUNCIL, "home-office", "modern-slavery-referral", "identity", "adult:victim",
                 agreement_to_service="given"), outcome="duty-to-share"),
    row("consent counts where nothing was said of agreement",
        question(COUNCIL, "home-office", "modern-slavery-referral", "identity", "adult:victim", consent="given"),
        outcome="duty-to-share"),
    row("what was said of agreement comes before consent",
        question(COUNCIL, "home-office", "modern-slavery-referral", "identity", "adult:victim", consent="given",
                 agreement_to_service="not-sought"), outcome="ask-consent"),
    row("a refusal in either wins",
        question(COUNCIL, "home-office", "modern-slavery-referral", "identity", "adult:victim",
                 agreement_to_service="given", consent="refused"), outcome="do-not-share"),
    row("an adult suspect beside a child victim does not matter",
        question(COUNCIL, "home-office", "modern-slavery-referral", "identity", "child:victim adult:suspect"),
        outcome="duty-to-share"),
    row("with no role named everybody is a victim",
        question(COUNCIL, "home-office", "modern-slavery-referral", "identity", "child adult"),
        outcome="ask-consent", reason="child-goes-alone"),
    row("one adult who did not agree decides for the whole, and the child goes alone",
        question(POLICE, "home-office", "modern-slavery-referral", "identity", "child:victim adult:victim",
                 agreement_to_service="refused"),
        outcome="do-not-share", reason=["consent-refused", "child-goes-alone"]),
    row("a hospital has no such duty", question(TRUST, "home-office", "modern-slavery-referral"),
        outcome="seek-advice", duty=None),
    row("only the Home Office is notified", question(COUNCIL, POLICE, "modern-slavery-referral"), duty=None,
        outcome="may-share"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "expect"), REQUESTED)
def test_a_statutory_request(asked: Question, expect: dict[str, Any]) -> None:
    check(asked, expect)


@pytest.mark.parametrize(("asked", "expect"), JUDGED)
def test_detriment(asked: Question, expect: dict[str, Any]) -> None:
    check(asked, expect)


@pytest.mark.parametrize(("asked", "expect"), S16LA)
def test_the_duty_to_share(asked: Question, expect: dict[str, Any]) -> None:
    check(asked, expect)


@pytest.mark.parametrize(("asked", "expect"), S52)
def test_the_duty_to_notify_the_home_office(asked: Question, expect: dict[str, Any]) -> None:
    check(asked, expect)


@pytest.mark.parametrize(
    ("record", "engaged"),
    [
        ({"commissioned": True}, True),
        ({"designated": True}, True),
        ({"designated": True, "commissioned": False}, True),
        ({"designated": False, "commissioned": False}, False),
        ({"designated": False}, None),
        ({"commissioned": False}, None),
        ({}, None),
    ],
)
def test_a_record_says_whether_a_charity_is_listed(record: dict[str, bool], engaged: bool | None) -> None:
    register = Demonstration().body("a-charity", "voluntary", **record)
    answer = ask("a-charity", COUNCIL, "child-in-need", register=register, **HELP)
    assert (answer.outcome == "duty-to-share", "duty-may-be-engaged" in [r.code for r in answer.reasons]) == (
        engaged is True,
        engaged is None,
    )


def test_a_body_of_a_kind_that_is_out_is_in_once_it_is_commissioned() -> None:
    register = Demonstration().body("a-club", "sports-club", commissioned=True)
    assert ask("a-club", COUNCIL, "child-in-need", register=register, **HELP).outcome == "duty-to-share"


def test_a_council_run_home_is_listed() -> None:
    register = Demonstration().body("a-home", "childrens-home", council_run=True)
    answer = ask("a-home", COUNCIL, "child-in-need", register=register, **HELP)
    assert_expected(answer, {"outcome": "duty-to-share", "article_6": ["art6-1-c", "art6-1-e"]})


def test_each_adult_victims_agreement_is_needed_and_a_childs_is_not() -> None:
    who = "child:victim adult:victim adult:victim"
    one = ConsentOnRecord(entry=7, subject=1, role="agreement-to-service", status="given")
    two = ConsentOnRecord(entry=8, subject=2, role="agreement-to-service", status="given")
    asked = (COUNCIL, "home-office", "modern-slavery-referral", "identity", who)
    assert ask(*asked, records=(one,)).outcome == "ask-consent"
    assert_expected(ask(*asked, records=(one, two)), {"outcome": "duty-to-share", "not_missing": ["consent-record"]})


def test_a_duty_not_checked_by_a_person_says_so() -> None:
    text = ask(POLICE, COUNCIL, "child-in-need", **HELP).reasons[0].text
    assert "reported in force from 30 September 2026" in text
    assert "not yet checked by a person" in text


def test_the_reason_cites_the_provision_and_the_clause() -> None:
    cites = ask(POLICE, COUNCIL, "child-in-need", today=TODAY, **HELP).reasons[0].cites
    assert cites[0] == "ca-2004-s16la"
    assert cites[1].startswith("tier-1/1.0#")


def test_a_section_not_in_force_on_the_date_does_not_bind() -> None:
    asked = (SCHOOL, COUNCIL, "practice-review")
    answer = ask(*asked, on="2020-12-31", statutory_request="ca-2004-s16h")
    assert_expected(answer, {"outcome": "seek-advice", "reason": "request-does-not-bind", "duty": None})
