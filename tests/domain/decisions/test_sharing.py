"""Names taken out first, sharing under law and agreement, and whom to ask where the registry cannot say."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from asking import (
    CLUB,
    COUNCIL,
    FIRE,
    ICB,
    POLICE,
    PROBATION,
    SCHOOL,
    TRUST,
    ask,
    assert_expected,
    check,
    question,
    row,
)
from demonstration import Demonstration, catalogue, demonstration_view, published
from isa_registry.domain import entries
from isa_registry.domain.agreements import SchedulePurpose
from isa_registry.domain.questions import Question

NON_PUBLIC = ("harbour", "durham-cathedral", CLUB, "example-housing", "example-independent-school")

AUDITS = [
    *(row(f"{body} takes names out instead", question(body, COUNCIL, "quality-assurance", anonymised=False),
          outcome="do-not-share", reason="anonymise-instead") for body in NON_PUBLIC),
    *(row(f"{body} takes names out first", question(body, COUNCIL, "quality-assurance"),
          outcome="seek-advice", reason="anonymise-first") for body in NON_PUBLIC),
    row("a body with a basis goes on and takes out what it can",
        question(COUNCIL, TRUST, "quality-assurance", anonymised=False), outcome="may-share",
        condition="pseudonymise", agreement="tier-1", missing="dpia"),
    row("so it does where nothing is said", question(COUNCIL, TRUST, "quality-assurance"), outcome="may-share",
        condition="pseudonymise"),
]  # fmt: skip

AGREED = [
    *(row(f"{purpose} under Tier 1", question(COUNCIL, TRUST, purpose), outcome="may-share", agreement="tier-1",
          reason="agreement-covers")
      for purpose in ("early-help", "child-in-need", "child-protection-enquiry", "pre-birth", "practice-review",
                      "quality-assurance")),
    *(row(f"{purpose} under Tier 2", question(POLICE, "harbour", purpose), outcome="may-share",
          agreement="tier-2-hoth", reason="agreement-covers")
      for purpose in ("harm-outside-the-home", "missing-now", "missing-return-interview",
                      "modern-slavery-referral", "crime-prevention", "prevent-channel")),
    row("public protection is in neither", question(POLICE, "harbour", "mappa"), outcome="seek-advice",
        reason="purpose-not-covered", agreement=[]),
    row("one category outside is held", question(POLICE, "harbour", "crime-prevention", "identity finance"),
        outcome="may-share", reason=["some-categories-held", "category-not-covered"],
        category_outcomes={"identity": "may-share", "finance": "seek-advice"}),
    row("all outside needs advice", question(POLICE, "harbour", "crime-prevention", "finance immigration"),
        outcome="seek-advice", reason="category-not-covered",
        category_outcomes={"finance": "seek-advice", "immigration": "seek-advice"}),
    row("a category outside may go where the purpose protects and the recipient does",
        question(POLICE, COUNCIL, "prevent-channel", "identity finance"), outcome="may-share",
        reason=["agreement-covers", "no-agreement-needed"], condition="record-one-off",
        category_outcomes={"identity": "may-share", "finance": "may-share"}, not_reason=["some-categories-held"]),
    row("a category outside may go under an express power",
        question(TRUST, POLICE, "crime-prevention", "identity finance"), outcome="may-share",
        reason=["agreement-covers", "express-power"], not_reason=["some-categories-held"],
        category_outcomes={"identity": "may-share", "finance": "may-share"}),
    row("a body with powers of its own is held to its agreement",
        question(POLICE, PROBATION, "crime-prevention", "identity finance"), outcome="may-share",
        reason="some-categories-held"),
]  # fmt: skip

PROTECTING_PURPOSES = ("child-protection-enquiry", "pre-birth", "child-in-need", "harm-outside-the-home",
                       "missing-now", "missing-return-interview", "modern-slavery-referral",
                       "prevent-channel")  # fmt: skip
PROTECTING_KINDS = ("local-authority", "police", "british-transport-police", "integrated-care-board", "nhs-england",
                    "nhs-trust", "gp-practice", "probation", "youth-justice", "prison", "secure-setting",
                    "maintained-school", "academy", "academy-trust", "independent-school", "college", "early-years",
                    "childrens-home", "fostering-agency")  # fmt: skip
OTHER_KINDS = sorted(set(catalogue().kinds) - set(PROTECTING_KINDS))

NO_AGREEMENT = [
    *(row(f"{purpose} protects children", question(SCHOOL, COUNCIL, purpose), outcome="may-share",
          reason="no-agreement-needed", condition="record-one-off", agreement=[])
      for purpose in PROTECTING_PURPOSES),
    *(row(f"{purpose} does not by itself", question(SCHOOL, COUNCIL, purpose),
          outcome="seek-advice", not_reason=["no-agreement-needed"])
      for purpose in ("early-help", "practice-review", "quality-assurance", "mappa")),
    *(row(f"a {kind} protects or looks after them", question(SCHOOL, f"kind:{kind}", "child-protection-enquiry"),
          outcome="may-share", reason="no-agreement-needed") for kind in PROTECTING_KINDS),
    *(row(f"a {kind} does not", question(SCHOOL, f"kind:{kind}", "child-protection-enquiry"),
          outcome="seek-advice", reason="recipient-not-registered") for kind in OTHER_KINDS),
    row("early help of a charity that does not rest on consent",
        question(CLUB, COUNCIL, "early-help", para18_reason="not-reasonable"), outcome="may-share",
        reason="no-agreement-needed"),
    row("early help of a public body needs an agreement",
        question(SCHOOL, COUNCIL, "early-help", para18_reason="not-reasonable"), outcome="seek-advice"),
    row("a body that only receives has no basis", question("home-office", COUNCIL, "child-protection-enquiry"),
        outcome="seek-advice", reason="no-basis-known"),
]  # fmt: skip

MAPPA = ("police", "probation", "prison", "youth-justice", "local-authority", "integrated-care-board", "nhs-trust",
         "housing-provider")  # fmt: skip
S115 = ("police", "local-authority", "probation", "youth-justice", "integrated-care-board", "nhs-trust", "fire",
        "housing-provider")  # fmt: skip
POWERS = [
    *(row(f"public protection to a {kind}", question(POLICE, f"kind:{kind}", "mappa", "identity", "adult"),
          outcome="may-share", reason="express-power", gateway="cja-2003-s325") for kind in MAPPA),
    *(row(f"public protection not to a {kind}", question(POLICE, f"kind:{kind}", "mappa", "identity", "adult"),
          outcome="seek-advice", not_gateway="cja-2003-s325")
      for kind in sorted(set(catalogue().kinds) - set(MAPPA))),
    *(row(f"public protection by {body}", question(body, POLICE, "mappa"), outcome="may-share",
          reason="express-power") for body in ("hmp-durham", ICB, TRUST, PROBATION, COUNCIL, "example-housing")),
    *(row(f"public protection not by {body}", question(body, POLICE, "mappa"), outcome="seek-advice",
          reason="purpose-not-covered")
      for body in ("harbour", SCHOOL, "example-gp-practice", FIRE, "british-transport-police", "cafcass")),
    *(row(f"crime to a {kind}", question(SCHOOL, f"kind:{kind}", "crime-prevention", "identity", "adult"),
          outcome="may-share", reason="express-power", gateway="cda-1998-s115") for kind in S115),
    *(row(f"crime not to a {kind}", question(SCHOOL, f"kind:{kind}", "crime-prevention", "identity", "adult"),
          outcome="seek-advice", not_gateway="cda-1998-s115")
      for kind in sorted(set(catalogue().kinds) - set(S115))),
    row("anybody may tell the police about crime", question(CLUB, POLICE, "crime-prevention"), outcome="may-share",
        reason="express-power", article_6="art6-1-ea"),
    row("the police may tell the fire service", question(POLICE, FIRE, "crime-prevention"), outcome="may-share",
        reason="express-power", regime="law-enforcement"),
    row("consent lets a charity tell anybody once",
        question(CLUB, "durham-cathedral", "early-help", consent="given"), outcome="may-share",
        reason="consent-given", condition="record-one-off"),
    row("consent lets it tell a body that is not registered",
        question(CLUB, "nobody-here", "early-help", consent="given"), outcome="may-share", reason="consent-given"),
]  # fmt: skip

ADVICE = [
    row("a recipient that nobody knows", question(COUNCIL, "nobody-here", "harm-outside-the-home"),
        outcome="seek-advice", reason="recipient-not-registered"),
    row("a recipient by kind", question(COUNCIL, "kind:fire", "harm-outside-the-home"),
        outcome="seek-advice", reason="recipient-not-registered"),
    row("before the agreement came into force", question(COUNCIL, TRUST, "early-help", on="2026-03-31"),
        outcome="seek-advice", reason="agreement-not-in-force", not_reason=["provider-not-signatory"]),
    row("on the day it came into force", question(COUNCIL, TRUST, "early-help", on="2026-04-01"),
        outcome="may-share"),
    row("before Tier 2 came into force", question(POLICE, "harbour", "crime-prevention", on="2026-05-31"),
        outcome="seek-advice", reason="agreement-not-in-force"),
    row("an overdue review lapses nothing", question(COUNCIL, TRUST, "early-help", on="2029-01-01"),
        outcome="may-share"),
    row("a provider that signed nothing", question(SCHOOL, TRUST, "early-help"), outcome="seek-advice",
        reason="provider-not-signatory", not_reason=["recipient-not-signatory"]),
    row("a recipient that signed nothing", question(COUNCIL, SCHOOL, "early-help"), outcome="seek-advice",
        reason="recipient-not-signatory", not_reason=["provider-not-signatory"]),
    row("a recipient that signed Tier 1 only", question(COUNCIL, FIRE, "harm-outside-the-home"),
        reason="recipient-not-signatory", not_reason=["tier-1-lapsed", "provider-not-signatory"]),
    row("Tier 1 has not lapsed for one who never signed Tier 2", question(SCHOOL, "harbour", "crime-prevention"),
        reason="provider-not-signatory", not_reason=["tier-1-lapsed"]),
    row("consent is no basis where it is not sought",
        question("harbour", COUNCIL, "early-help", on="2026-01-15", para18_reason="cannot-give"),
        outcome="seek-advice", reason="no-basis-known"),
    row("every reason, in order",
        question(SCHOOL, "nobody-here", "crime-prevention", "identity finance"),
        reason=["recipient-not-registered", "provider-not-signatory", "recipient-not-signatory",
                "category-not-covered"]),
    row("a one-off may still be lawful", question(COUNCIL, FIRE, "harm-outside-the-home"),
        condition="record-one-off"),
    row("a worry about early help is another question", question(SCHOOL, TRUST, "early-help"),
        condition="concern-changes-answer"),
    row("the person to ask is named", question(SCHOOL, TRUST, "early-help"),
        advice=["your designated safeguarding lead"]),
    row("urgent names the out-of-hours contact", question(SCHOOL, TRUST, "early-help", urgency="urgent"),
        advice=["Children’s social care, outside office hours, 03000 267 979"]),
    row("a provider that nobody knows is answered", question("nobody-here", COUNCIL, "early-help"),
        outcome="seek-advice", reason=["provider-not-signatory", "no-basis-known"]),
    row("before any of the law is known", question(COUNCIL, TRUST, "early-help", on="1999-01-01"),
        outcome="seek-advice", reason=["agreement-not-in-force", "no-basis-known"], article_6=[]),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "expect"), AUDITS)
def test_quality_assurance(asked: Question, expect: dict[str, Any]) -> None:
    check(asked, expect)


@pytest.mark.parametrize(("asked", "expect"), AGREED)
def test_sharing_under_an_agreement(asked: Question, expect: dict[str, Any]) -> None:
    check(asked, expect)


@pytest.mark.parametrize(("asked", "expect"), NO_AGREEMENT)
def test_sharing_without_an_agreement(asked: Question, expect: dict[str, Any]) -> None:
    check(asked, expect)


@pytest.mark.parametrize(("asked", "expect"), POWERS)
def test_sharing_under_a_power_or_consent(asked: Question, expect: dict[str, Any]) -> None:
    check(asked, expect)


@pytest.mark.parametrize(("asked", "expect"), ADVICE)
def test_where_the_registry_cannot_say(asked: Question, expect: dict[str, Any]) -> None:
    check(asked, expect)


def test_the_reasons_stand_in_their_order() -> None:
    answer = ask(SCHOOL, "nobody-here", "crime-prevention", "identity finance", on="1999-01-01")
    assert [reason.code for reason in answer.reasons] == [
        "recipient-not-registered",
        "agreement-not-in-force",
        "provider-not-signatory",
        "recipient-not-signatory",
        "tier-1-lapsed",
        "category-not-covered",
        "no-basis-known",
    ]


HOTH = ("harbour", "way-through", "harm-outside-the-home")


def test_charities_share_under_tier_2() -> None:
    assert ask(*HOTH).outcome == "may-share"


@pytest.mark.parametrize("agreement", ["tier-1", "tier-2-hoth"])
@pytest.mark.parametrize("change", [entries.AgreementSuspended, entries.AgreementWithdrawn])
def test_suspending_or_withdrawing_ends_it_from_that_day(agreement: str, change: type) -> None:
    register = Demonstration().then(change(agreement=agreement, version="1.0", on="2026-10-01", reason="other"))
    assert ask(*HOTH, register=register, on="2026-09-30").outcome == "may-share"
    answer = ask(*HOTH, register=register, on="2026-10-01")
    reason = "tier-1-lapsed" if agreement == "tier-1" else "agreement-not-in-force"
    assert_expected(answer, {"outcome": "seek-advice", "reason": reason})


def test_an_end_date_ends_it() -> None:
    register = Demonstration().then(
        entries.AgreementInForce(agreement="tier-2-hoth", version="1.0", on="2026-06-01", ends="2026-09-30")
    )
    assert ask(*HOTH, register=register, on="2026-09-30").outcome == "may-share"
    assert ask(*HOTH, register=register, on="2026-10-01").outcome == "seek-advice"


def test_a_withdrawn_signature_of_tier_1_lapses_tier_2() -> None:
    register = Demonstration().withdraws("way-through", "tier-1", "2026-10-01")
    answer = ask(*HOTH, register=register)
    assert_expected(answer, {"outcome": "seek-advice", "reason": "tier-1-lapsed",
                             "not_reason": ["recipient-not-signatory"]})  # fmt: skip


@pytest.mark.parametrize(
    ("body", "reason"), [("harbour", "provider-not-signatory"), ("way-through", "recipient-not-signatory")]
)
def test_a_withdrawn_signature_no_longer_counts(body: str, reason: str) -> None:
    register = Demonstration().withdraws(body, "tier-2-hoth", "2026-10-01")
    assert_expected(ask(*HOTH, register=register), {"outcome": "seek-advice", "reason": reason})
    assert ask(*HOTH, register=register, on="2026-09-30").outcome == "may-share"


@pytest.mark.parametrize("body", ["harbour", "way-through"])
def test_a_purpose_reserved_is_not_covered_for_that_body(body: str) -> None:
    register = Demonstration().withdraws(body, "tier-2-hoth", "2026-10-01")
    register.signs(body, "tier-2-hoth", reservations=("harm-outside-the-home",))
    assert_expected(ask(*HOTH, register=register), {"outcome": "seek-advice", "reason": "purpose-not-covered"})
    assert ask("harbour", "way-through", "missing-now", register=register).outcome == "may-share"


def test_a_trust_signs_for_its_academy() -> None:
    register = Demonstration().signs("example-academy-trust", "tier-1")
    answer = ask("example-academy", TRUST, "early-help", register=register)
    assert_expected(answer, {"outcome": "may-share", "agreement": "tier-1"})


def test_a_later_version_needs_its_own_signatures() -> None:
    first = published("tier-1").schedule
    later = msgspec.structs.replace(first, version="2.0")
    register = Demonstration().publishes(later, on="2026-10-01")
    assert ask(COUNCIL, TRUST, "early-help", register=register, on="2026-09-30").outcome == "may-share"
    answer = ask(COUNCIL, TRUST, "early-help", register=register)
    assert_expected(answer, {"outcome": "seek-advice",
                             "reason": ["provider-not-signatory", "recipient-not-signatory"]})  # fmt: skip


def test_two_agreements_may_each_cover_a_part() -> None:
    line = SchedulePurpose(code="crime-prevention", clause="9.9", categories=("finance",))
    other = msgspec.structs.replace(published("tier-1").schedule, agreement="money", purposes=(line,))
    register = Demonstration().publishes(other, on="2026-06-01")
    register.signs("harbour", "money").signs(POLICE, "money")
    answer = ask(POLICE, "harbour", "crime-prevention", "identity finance", register=register)
    assert_expected(answer, {"outcome": "may-share", "agreement": ["money", "tier-2-hoth"],
                             "not_reason": ["some-categories-held"]})  # fmt: skip


def test_urgent_early_help_outside_the_schedule_is_never_less_than_asking() -> None:
    line = SchedulePurpose(code="early-help", clause="9.9", categories=("identity",))
    other = msgspec.structs.replace(published("tier-1").schedule, agreement="clubs", purposes=(line,))
    register = Demonstration().publishes(other, on="2026-06-01")
    register.signs(CLUB, "clubs").signs("durham-cathedral", "clubs")
    answer = ask(CLUB, "durham-cathedral", "early-help", "identity finance", register=register, urgency="urgent")
    outcomes = {"identity": "may-share", "finance": "ask-consent"}
    assert_expected(answer, {"outcome": "may-share", "category_outcomes": outcomes})


def test_the_answer_cites_the_clause_its_page_and_the_words_hash() -> None:
    cited = ask(POLICE, COUNCIL, "harm-outside-the-home").agreements[0]
    version = demonstration_view().agreement_version("tier-2-hoth", "1.0")
    assert version is not None
    assert (cited.url, cited.sha256) == (f"/agreements/tier-2-hoth/1.0#{cited.clause}", version.text_sha256)
    assert cited.clause in {line.clause for line in version.schedule.purposes}


def test_what_is_asked_of_nobody_known_repeats_no_identifier() -> None:
    answer = ask(COUNCIL, "nobody-here", "harm-outside-the-home", would_help_recipient=True)
    assert b"nobody-here" not in msgspec.json.encode(answer)
