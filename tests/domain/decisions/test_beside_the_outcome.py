"""What an answer says beside its outcome: the law that governs, the basis, openness, what is missing, and why."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from asking import (
    CLUB,
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
from demonstration import BODIES, Demonstration, catalogue, demonstration_view
from isa_registry.domain import entries
from isa_registry.domain.catalogue import Catalogue, Use
from isa_registry.domain.decisions import decide
from isa_registry.domain.decisions.engine import RULES
from isa_registry.domain.questions import Evidence, Question

COMPETENT = (POLICE, "british-transport-police", PROBATION, "hmp-durham")
LE = {"law_enforcement_purpose": True}
NOT_LE = {"law_enforcement_purpose": False}

REGIMES = [
    *(row(f"{body} on {purpose} is under Part 3", question(body, POLICE, purpose, "identity", "adult"),
          regime="law-enforcement", part_3=True, article_6=[], article_9=[], article_10=[],
          not_missing=["s36-4-authority"])
      for body in COMPETENT for purpose in ("crime-prevention", "mappa")),
    *(row(f"{body} on {purpose} for another purpose is not", question(body, POLICE, purpose, **NOT_LE),
          regime="uk-gdpr", part_3=False, article_6="art6-1-e", missing="s36-4-authority")
      for body in COMPETENT for purpose in ("crime-prevention", "mappa")),
    *(row(f"{body} on {purpose} is under the UK GDPR", question(body, COUNCIL, purpose),
          regime="uk-gdpr", article_6="art6-1-e", missing="s36-4-authority", part_3=False)
      for body in COMPETENT for purpose in ("child-protection-enquiry", "harm-outside-the-home")),
    *(row(f"{body} on {purpose} for law enforcement is under Part 3", question(body, COUNCIL, purpose, **LE),
          regime="law-enforcement", part_3=True, article_6=[])
      for body in COMPETENT for purpose in ("early-help", "child-in-need", "practice-review")),
    *(row(f"{body} is never under Part 3", question(body, POLICE, "crime-prevention", **LE), regime="uk-gdpr",
          part_3=False, not_missing=["s36-4-authority"])
      for body in (COUNCIL, TRUST, SCHOOL, "harbour", FIRE, "cafcass", "aycliffe-secure-centre")),
    row("an authority stated is not missing",
        question(POLICE, COUNCIL, "child-in-need", s36_4_authority="common-law-police"),
        not_missing=["s36-4-authority"]),
    row("an authority not in force is still missing",
        question(POLICE, COUNCIL, "child-in-need", s36_4_authority="ca-2004-s16ea"), missing="s36-4-authority"),
]  # fmt: skip

BASES = [
    row("neither route without such information", question(COUNCIL, POLICE, "child-in-need", "identity housing"),
        article_9=[], article_10=[]),
    row("special-category information has its route", question(COUNCIL, POLICE, "child-in-need", "health"),
        article_9=["art9-2-h", "dpa-2018-sch1-para2", "art9-2-g", "dpa-2018-sch1-para18"], article_10=[]),
    row("criminal information has its route", question(COUNCIL, POLICE, "child-in-need", "criminal-record"),
        article_10=["dpa-2018-sch1-para18"], article_9=[]),
    row("information that may be either lists both", question(COUNCIL, POLICE, "child-in-need", "social-care"),
        article_9="art9-2-g", article_10="dpa-2018-sch1-para18"),
    row("paragraph 18 serves an adult's information where it protects a child",
        question(COUNCIL, POLICE, "child-protection-enquiry", "health", "adult", relates_to_child=True),
        article_9="dpa-2018-sch1-para18"),
    row("paragraph 18 serves an adult at risk",
        question(COUNCIL, POLICE, "child-protection-enquiry", "health", "adult-at-risk", relates_to_child=False),
        article_9="dpa-2018-sch1-para18"),
    row("to protect another adult it gives way to paragraph 6",
        question(COUNCIL, POLICE, "child-protection-enquiry", "health", "adult", relates_to_child=False),
        not_article_9=["dpa-2018-sch1-para18"], article_9="dpa-2018-sch1-para6"),
    row("section 115 is not named towards a charity", question(COUNCIL, "harbour", "harm-outside-the-home"),
        not_gateway="cda-1998-s115"),
    row("section 115 is named towards the police", question(COUNCIL, POLICE, "harm-outside-the-home"),
        gateway="cda-1998-s115"),
    row("the serious violence gateway is a council's", question(COUNCIL, POLICE, "harm-outside-the-home"),
        gateway="pcsca-2022-s16"),
    row("the serious violence gateway is no hospital's", question(TRUST, POLICE, "harm-outside-the-home"),
        not_gateway="pcsca-2022-s16"),
    row("the serious violence gateway reaches no hospital", question(COUNCIL, TRUST, "harm-outside-the-home"),
        not_gateway="pcsca-2022-s16"),
    row("the recognised interest comes with its condition", question("harbour", COUNCIL, "child-in-need"),
        article_6=["art6-1-ea", "uk-gdpr-annex1-para6"]),
    row("before the recognised interest existed it is not offered",
        question("harbour", COUNCIL, "child-in-need", on="2026-02-04"),
        not_article_6=["art6-1-ea", "uk-gdpr-annex1-para6"]),
    row("a council-run setting stands on the council's row",
        question("aycliffe-secure-centre", POLICE, "child-in-need"), article_6="art6-1-e",
        gateway="ca-1989-s17"),
]  # fmt: skip

EXPECTED_INFORM = {
    "early-help": "yes",
    **dict.fromkeys(
        ("child-in-need", "child-protection-enquiry", "pre-birth", "harm-outside-the-home", "missing-now",
         "missing-return-interview", "modern-slavery-referral", "practice-review"), "unless-unsafe"),
    "prevent-channel": "case-by-case",
    "mappa": "no",
    "crime-prevention": "no",
    "quality-assurance": "privacy-notice",
}  # fmt: skip

INFORMED = [
    *(row(f"{purpose} expects {expected}", question(COUNCIL, TRUST, purpose), inform_expected=expected)
      for purpose, expected in EXPECTED_INFORM.items()),
    row("early help is told before", question(COUNCIL, TRUST, "early-help"), inform_now=True,
        condition="tell-the-family"),
    row("not known whether it is safe, it depends", question(COUNCIL, TRUST, "child-in-need"), inform_now=None),
    row("known to be safe, they are told", question(COUNCIL, TRUST, "child-in-need",
                                                   informing_increases_risk=False),
        inform_now=True, condition="tell-the-family"),
    row("known to be unsafe, they are not", question(COUNCIL, TRUST, "early-help", informing_increases_risk=True),
        inform_now=False, condition="do-not-tell-the-family", not_condition="tell-the-family"),
    row("asking would prejudice, so would telling",
        question(COUNCIL, TRUST, "child-in-need", para18_reason="would-prejudice"), inform_now=False),
    row("Channel decides case by case", question(COUNCIL, POLICE, "prevent-channel",
                                                 informing_increases_risk=False), inform_now=None),
    row("crime is not told", question(COUNCIL, POLICE, "crime-prevention"), inform_now=False),
    row("a privacy notice is not a telling", question(COUNCIL, TRUST, "quality-assurance"), inform_now=False,
        not_condition="do-not-tell-the-family"),
]  # fmt: skip

MISSING = [
    row("paragraph 18 as the sole route needs its reason",
        question("harbour", COUNCIL, "child-protection-enquiry", "health"), missing="para18-reason"),
    row("a reason stated is not missing",
        question("harbour", COUNCIL, "child-protection-enquiry", "health", para18_reason="cannot-give"),
        not_missing=["para18-reason"]),
    row("another route beside it needs none", question(COUNCIL, POLICE, "child-protection-enquiry", "health"),
        not_missing=["para18-reason"]),
    row("information that needs no route needs none", question("harbour", COUNCIL, "child-protection-enquiry"),
        not_missing=["para18-reason"]),
    row("law enforcement needs none", question(POLICE, COUNCIL, "child-in-need", "health", **LE),
        not_missing=["para18-reason"]),
    *(row(f"{body} states how confidentiality is lifted", question(body, COUNCIL, "child-in-need"),
          missing="confidentiality-route") for body in (TRUST, ICB, "example-gp-practice")),
    row("a route stated is not missing",
        question(TRUST, COUNCIL, "child-in-need", confidentiality_route="public-interest"),
        not_missing=["confidentiality-route"]),
    row("who is not a health body is not asked", question(COUNCIL, TRUST, "child-in-need", "health"),
        not_missing=["confidentiality-route"]),
    row("a signatory with its papers lacks none", question("harbour", COUNCIL, "child-in-need"),
        not_missing=["appropriate-policy-document", "lawful-basis-record"], outcome="may-share"),
    row("a signatory without lacks both, and shares all the same",
        question("way-through", COUNCIL, "child-in-need"),
        missing=["appropriate-policy-document", "lawful-basis-record"], outcome="may-share"),
    row("a policy document is not needed for paragraph 10 towards the police",
        question("way-through", POLICE, "crime-prevention", "criminal-record"),
        not_missing=["appropriate-policy-document"]),
    row("it is towards a charity", question("way-through", "harbour", "crime-prevention", "criminal-record"),
        missing="appropriate-policy-document"),
    row("consent stated without a record", question(COUNCIL, TRUST, "early-help", agreement_to_service="given"),
        missing="consent-record"),
    row("consent refused is not a missing record",
        question(COUNCIL, TRUST, "early-help", agreement_to_service="given", consent="refused"),
        not_missing=["consent-record"]),
    row("advice says what is missing too", question("way-through", FIRE, "harm-outside-the-home"),
        outcome="seek-advice", missing="appropriate-policy-document"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "expect"), REGIMES)
def test_which_law_governs(asked: Question, expect: dict[str, Any]) -> None:
    check(asked, expect)


@pytest.mark.parametrize(("asked", "expect"), BASES)
def test_the_basis(asked: Question, expect: dict[str, Any]) -> None:
    check(asked, expect)


@pytest.mark.parametrize(("asked", "expect"), INFORMED)
def test_telling_the_family(asked: Question, expect: dict[str, Any]) -> None:
    check(asked, expect)


@pytest.mark.parametrize(("asked", "expect"), MISSING)
def test_what_is_missing(asked: Question, expect: dict[str, Any]) -> None:
    check(asked, expect)


NEEDED = {
    "para18-reason": ("to-be-lawful", "you"),
    "s36-4-authority": ("to-be-lawful", "you"),
    "confidentiality-route": ("to-be-lawful", "you"),
    "consent-record": ("good-record", "you"),
    "appropriate-policy-document": ("good-record", "your-ig-lead"),
    "lawful-basis-record": ("good-record", "your-ig-lead"),
    "dpia": ("good-record", "your-ig-lead"),
}


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        (("way-through", COUNCIL, "child-protection-enquiry", "health"),
         {"para18-reason", "appropriate-policy-document", "lawful-basis-record"}),
        ((POLICE, COUNCIL, "child-in-need"), {"s36-4-authority"}),
        ((TRUST, COUNCIL, "quality-assurance"), {"confidentiality-route", "dpia"}),
    ],
)  # fmt: skip
def test_what_is_missing_says_what_for_and_who_settles_it(asked: tuple[str, ...], codes: set[str]) -> None:
    found = {one.code: (one.needed, one.who) for one in ask(*asked).missing}
    assert found == {code: NEEDED[code] for code in codes}


def test_a_lawful_basis_record_that_ended_is_missing() -> None:
    register = Demonstration().then(
        entries.LawfulBasisEnded(record="lb-harbour-tier-1-child-in-need", organisation="harbour", on="2026-10-01")
    )
    asked = ("harbour", COUNCIL, "child-in-need")
    assert_expected(ask(*asked, register=register, on="2026-09-30"), {"not_missing": ["lawful-basis-record"]})
    assert_expected(ask(*asked, register=register), {"missing": "lawful-basis-record"})


@pytest.mark.parametrize("code", sorted(catalogue().categories))
def test_a_category_carries_its_flags(code: str) -> None:
    category = catalogue().categories[code]
    answered = ask(COUNCIL, POLICE, "child-in-need", code).categories[0]
    assert (answered.code, answered.special, answered.criminal) == (code, category.special, category.criminal)


def test_maybe_is_no_flag_but_lists_the_route() -> None:
    answer = ask(COUNCIL, POLICE, "child-in-need", "missing-episodes")
    assert (answer.categories[0].special, answer.categories[0].criminal) == (False, False)
    assert answer.basis.article_9 != ()
    assert answer.basis.article_10 != ()


def test_explaining_shows_every_rule_looked_at_in_order() -> None:
    explained = ask(COUNCIL, FIRE, "harm-outside-the-home", explain=True).explained
    assert [seen.rule for seen in explained] == [name for name, _ in RULES]
    assert [seen.effect for seen in explained] == ["passed"] * 9 + ["decided"]
    assert all(seen.text for seen in explained)


def test_explaining_stops_at_the_rule_that_decided_and_shows_what_others_added() -> None:
    explained = ask(POLICE, COUNCIL, "harm-outside-the-home", explain=True).explained
    effects = {seen.rule: (seen.effect, seen.codes) for seen in explained}
    assert effects["duty"] == ("added", ("duty-may-be-engaged",))
    assert effects["lawful-and-agreed"] == ("decided", ("agreement-covers",))
    assert "ask-for-advice" not in effects


def test_a_duty_that_may_be_engaged_says_each_thing_to_consider() -> None:
    reasons = {reason.code: reason.text for reason in ask(SCHOOL, COUNCIL, "child-in-need", who="adult").reasons}
    for part in ("in its list", "about a child", "May it help", "more harm than not"):
        assert part in reasons["duty-may-be-engaged"]


def test_without_asking_nothing_is_explained() -> None:
    assert ask(COUNCIL, FIRE, "harm-outside-the-home").explained == ()


def test_the_out_of_hours_contact_of_the_recipient_comes_first() -> None:
    register = Demonstration().body("a-council", "local-authority", contacts={"out-of-hours": "duty desk, 0191 000"})
    answer = ask(SCHOOL, "a-council", "child-in-need", register=register, urgency="urgent")
    assert answer.advice[-1].who == "A Council, duty desk, 0191 000"


def test_the_adviser_on_the_providers_record_is_named() -> None:
    register = Demonstration().body("a-club", "sports-club", contacts={"advice": "the welfare officer"})
    answer = ask("a-club", FIRE, "harm-outside-the-home", register=register)
    assert answer.advice[0].who == "the welfare officer"


@pytest.mark.parametrize("body", sorted(set(BODIES) - {"home-office", "national-panel"}))
def test_every_body_may_protect_a_child(body: str) -> None:
    answer = ask(body, COUNCIL, "child-protection-enquiry", "identity health", would_help_recipient=None)
    assert answer.outcome == "may-share"
    assert answer.basis.article_6 != ()


def test_a_note_on_other_people_comes_with_other_people() -> None:
    assert_expected(ask(COUNCIL, POLICE, "child-in-need", "identity", "child adult"), {"condition": "third-parties"})
    assert_expected(ask(COUNCIL, POLICE, "child-in-need"), {"not_condition": "third-parties"})


def test_police_information_separates_fact_from_opinion_and_asks_its_originator() -> None:
    answer = ask(POLICE, COUNCIL, "child-in-need", "intelligence")
    assert_expected(answer, {"condition": ["separate-fact-from-opinion", "originator-check"]})
    assert_expected(ask(CLUB, COUNCIL, "child-in-need"), {"not_condition": "separate-fact-from-opinion"})


def altered(organisation: str, purpose: str, **lists: str) -> Catalogue:
    """The catalogue with codes added to a matrix row that its loader would refuse."""
    law = catalogue()
    row = law.row(organisation, purpose)
    assert row is not None
    more = {name: (*getattr(row, name), Use(code)) for name, code in lists.items()}
    return replace(law, matrix={**law.matrix, f"{organisation} {purpose}": replace(row, **more)})


@pytest.mark.parametrize(
    ("body", "row_code", "added"),
    [
        (COUNCIL, "local-authority", {"article_6": "art6-1-ea"}),
        (COUNCIL, "local-authority", {"article_6": "art6-1-f"}),
        (POLICE, "police", {"article_6": "art6-1-f"}),
        ("harbour", "voluntary", {"article_6": "art6-1-e"}),
        (CLUB, "sports-club", {"article_6": "art6-1-e"}),
        (TRUST, "nhs-trust", {"gateways": "pcsca-2022-s16"}),
        (ICB, "integrated-care-board", {"gateways": "pcsca-2022-s16"}),
    ],
)
def test_a_guard_holds_whatever_the_matrix_says(body: str, row_code: str, added: dict[str, str]) -> None:
    law = altered(row_code, "harm-outside-the-home", **added)
    asked = question(body, "kind:police", "harm-outside-the-home")
    basis = decide(demonstration_view(), law, asked, Evidence(), today=TODAY).basis
    assert basis.article_6 != ()
    assert not set(added.values()) & {*basis.article_6, *basis.gateways}
