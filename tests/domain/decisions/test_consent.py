"""Where agreement or consent is needed, what counts as evidence of it, and what a refusal does and does not do."""

from __future__ import annotations

from typing import Any

import pytest

from asking import COUNCIL, FIRE, POLICE, SCHOOL, TRUST, ask, assert_expected, check, question, row
from demonstration import Demonstration
from isa_registry.domain.decisions.consent_standing import Standing, standing
from isa_registry.domain.questions import ConsentOnRecord, Evidence, Question

FAMILY = ("harbour", COUNCIL, "early-help", "identity family", "child parent-carer")
CHANNEL = ("durham-constabulary", COUNCIL, "prevent-channel", "identity radicalisation", "child")
NRM = ("durham-constabulary", "home-office", "modern-slavery-referral", "identity", "adult:victim")
ADULT_NRM = {"who": "adult:victim"}

EARLY_HELP = [
    *(row(f"{body} asks the family", question(body, COUNCIL, "early-help"),
          outcome="ask-consent", consent_role="the-basis", consent_seek="yes", condition="ask-safely",
          article_6="art6-1-a", not_article_6=["art6-1-ea", "art6-1-e"])
      for body in ("harbour", "example-independent-school", "durham-cathedral", "example-sports-club",
                   "example-housing")),
    *(row(f"{body} does not rest on consent", question(body, COUNCIL, "early-help"),
          consent_role="agreement-to-service", not_article_6=["art6-1-a"], article_6="art6-1-e")
      for body in (SCHOOL, TRUST, POLICE, "example-college", "hmp-durham")),
    row("not sought is not on record", question(*FAMILY, consent="not-sought"), outcome="ask-consent"),
    row("agreement to a service is not consent", question(*FAMILY, agreement_to_service="given"),
        outcome="ask-consent"),
    row("given, it rests on consent", question(*FAMILY, consent="given"), outcome="may-share",
        article_6=["art6-1-a"], consent_role="the-basis", consent_seek="no", missing="consent-record"),
    row("given, special categories rest on explicit consent",
        question("harbour", COUNCIL, "early-help", "health criminal-record", consent="given"),
        article_9=["art9-2-a"], article_10=["dpa-2018-sch1-para29"], not_missing=["para18-reason"]),
    row("given beside a service declined, the refusal is written down and the consent wants its record",
        question(*FAMILY, consent="given", agreement_to_service="refused"), outcome="may-share",
        article_6=["art6-1-a"], condition="agreement-refused", missing="consent-record"),
    row("a service declined, urgent help without consent needs a reason",
        question("example-sports-club", FIRE, "early-help", urgency="urgent", agreement_to_service="refused"),
        outcome="ask-consent", condition="agreement-refused", missing="para18-reason"),
    row("not given, a service declined is no reason to share without asking",
        question(*FAMILY, agreement_to_service="refused"), outcome="ask-consent", not_condition="agreement-refused"),
    row("given, it is consent that lets it go once",
        question("example-sports-club", COUNCIL, "early-help", consent="given"), outcome="may-share",
        reason="consent-given", not_reason=["no-agreement-needed"]),
    row("nobody refused, so nothing is said of refusing", question(SCHOOL, COUNCIL, "child-in-need"),
        not_condition="agreement-refused"),
    row("refused, it does not go", question(*FAMILY, consent="refused"), outcome="do-not-share",
        reason="consent-refused", condition="concern-changes-answer", consent_seek="no"),
    row("withdrawn, it does not go", question(*FAMILY, consent="withdrawn"), outcome="do-not-share",
        reason="consent-withdrawn", condition="concern-changes-answer"),
    row("a refusal is not the condition of going ahead", question(*FAMILY, consent="refused"),
        not_condition="agreement-refused"),
    row("a reason under paragraph 18 takes consent's place",
        question(*FAMILY, consent="refused", para18_reason="not-reasonable"), outcome="may-share",
        article_6="art6-1-ea", not_article_6=["art6-1-a"], consent_role="not-the-basis",
        condition="agreement-refused"),
    row("unsafe to ask takes consent's place", question(*FAMILY, informing_increases_risk=True),
        outcome="may-share", consent_seek="must-not", article_6="art6-1-ea"),
    row("asking that would prejudice is unsafe", question(*FAMILY, para18_reason="would-prejudice"),
        outcome="may-share", consent_seek="must-not"),
    row("urgent, nobody waits for consent", question(*FAMILY, urgency="urgent"), outcome="may-share",
        article_6="art6-1-ea", consent_seek="no"),
    row("urgent after a refusal it goes, with the reason to state",
        question(*FAMILY, urgency="urgent", consent="refused"), outcome="may-share",
        condition="agreement-refused", missing="para18-reason"),
    row("urgent after a refusal with the reason stated nothing is missing",
        question(*FAMILY, urgency="urgent", consent="refused", para18_reason="cannot-give"),
        not_missing=["para18-reason"]),
    row("urgent with consent given it goes anywhere",
        question("example-sports-club", "durham-cathedral", "early-help", urgency="urgent", consent="given"),
        outcome="may-share", reason="consent-given"),
    row("urgent and not asked it is never less than asking",
        question("example-sports-club", "durham-cathedral", "early-help", urgency="urgent"),
        outcome="ask-consent", condition="ask-safely"),
    row("a refusal to a public body is a condition, never a bar",
        question(SCHOOL, COUNCIL, "child-in-need", consent="refused"), outcome="may-share",
        condition="agreement-refused"),
    row("a refusal does not bar protection", question("harbour", COUNCIL, "child-protection-enquiry",
                                                      consent="refused"),
        outcome="may-share", condition="agreement-refused"),
    row("a withdrawal does not bar protection", question("harbour", COUNCIL, "child-protection-enquiry",
                                                         agreement_to_service="withdrawn"),
        outcome="may-share", condition="agreement-refused"),
]  # fmt: skip

SERVICES = [
    row("an adult victim is asked", question(*NRM), outcome="ask-consent", condition="ask-safely",
        consent_role="agreement-to-service", consent_seek="yes"),
    row("an adult at risk is an adult", question(*NRM[:4], "adult-at-risk:victim"), outcome="ask-consent"),
    row("a parent is an adult", question(*NRM[:4], "parent-carer:victim"), outcome="ask-consent"),
    row("any body asks before the Home Office", question(TRUST, *NRM[1:]), outcome="ask-consent"),
    row("an adult's no is kept, and the Home Office may be told without a name",
        question(*NRM, agreement_to_service="refused"), outcome="do-not-share", reason="consent-refused",
        condition=["notify-without-identity", "concern-changes-answer"]),
    row("an adult's withdrawal is kept", question(*NRM, agreement_to_service="withdrawn"),
        outcome="do-not-share", reason="consent-withdrawn", condition="notify-without-identity"),
    row("the basis stays the body's own", question(*NRM), article_6="art6-1-e", not_article_6=["art6-1-a"]),
    row("where asking is unsafe the rest decides", question(*NRM, informing_increases_risk=True),
        outcome="seek-advice", consent_seek="must-not", reason="recipient-not-signatory"),
    row("urgent, the adult is asked and nobody waits", question(*NRM, urgency="urgent"), outcome="ask-consent",
        condition="concern-changes-answer"),
    row("support through Channel is by agreement", question(*CHANNEL, support_stage=True), outcome="ask-consent",
        consent_role="agreement-to-service", condition="ask-safely"),
    row("agreed, it goes", question(*CHANNEL, support_stage=True, agreement_to_service="given"),
        outcome="may-share", consent_role="agreement-to-service", missing="consent-record"),
    row("a charity's own basis stays its own", question("harbour", *CHANNEL[1:], support_stage=True,
                                                        agreement_to_service="given"),
        article_6="art6-1-ea", not_article_6=["art6-1-a"]),
    row("refused, it takes advice", question(*CHANNEL, support_stage=True, agreement_to_service="refused"),
        outcome="seek-advice", reason="consent-refused"),
    row("withdrawn, it takes advice", question(*CHANNEL, support_stage=True, consent="withdrawn"),
        outcome="seek-advice", reason="consent-withdrawn"),
    row("where asking is unsafe it goes on", question(*CHANNEL, support_stage=True,
                                                      informing_increases_risk=True),
        outcome="may-share", reason="unsafe-to-ask", consent_seek="must-not"),
    row("a referral to Channel needs no agreement", question(*CHANNEL), outcome="may-share",
        consent_role="not-the-basis"),
    row("before the support stage a refusal is a condition", question(*CHANNEL, consent="refused"),
        outcome="may-share", condition="agreement-refused"),
]  # fmt: skip

SEEK = [
    row("must not, where telling raises the risk, on a bar",
        question(COUNCIL, POLICE, "child-in-need", restriction="court-order-forbids",
                 informing_increases_risk=True), consent_seek="must-not"),
    row("must not, on a duty", question(POLICE, COUNCIL, "child-in-need", would_help_recipient=True,
                                        para18_reason="would-prejudice"), consent_seek="must-not"),
    row("must not, on advice", question(COUNCIL, FIRE, "harm-outside-the-home", informing_increases_risk=True),
        consent_seek="must-not"),
    row("must not, where nothing is personal", question(COUNCIL, FIRE, "quality-assurance", "health", None,
                                                        anonymised=True, informing_increases_risk=True),
        consent_seek="must-not"),
    row("must not, on a refusal", question(*NRM, agreement_to_service="refused", informing_increases_risk=True),
        outcome="do-not-share", consent_seek="must-not"),
    row("no, where consent is not the basis", question(COUNCIL, POLICE, "child-protection-enquiry"),
        consent_seek="no", consent_role="not-the-basis"),
    row("yes, for a service of a public body", question(COUNCIL, TRUST, "early-help"), consent_seek="yes",
        consent_role="agreement-to-service", outcome="may-share"),
    row("no, for a service where it is urgent", question(COUNCIL, TRUST, "early-help", urgency="urgent"),
        consent_seek="no"),
    row("no, where there is a duty", question(COUNCIL, TRUST, "early-help", would_help_recipient=True),
        outcome="duty-to-share", consent_seek="no"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "expect"), EARLY_HELP)
def test_consent_to_early_help(asked: Question, expect: dict[str, Any]) -> None:
    check(asked, expect)


@pytest.mark.parametrize(("asked", "expect"), SERVICES)
def test_agreement_to_a_service(asked: Question, expect: dict[str, Any]) -> None:
    check(asked, expect)


@pytest.mark.parametrize(("asked", "expect"), SEEK)
def test_whether_to_seek_consent(asked: Question, expect: dict[str, Any]) -> None:
    check(asked, expect)


def record(subject: int, status: str, *, entry: int = 10, role: str = "the-basis") -> ConsentOnRecord:
    return ConsentOnRecord(entry=entry, subject=subject, role=role, status=status)


@pytest.mark.parametrize(
    ("stated", "records", "expected"),
    [
        (None, (), Standing(None, False)),
        ("not-sought", (), Standing(None, False)),
        ("given", (), Standing("given", False)),
        ("refused", (), Standing("refused", False)),
        (None, (record(0, "given"), record(1, "given")), Standing("given", True)),
        ("given", (record(0, "given"), record(1, "given")), Standing("given", True)),
        (None, (record(0, "given"),), Standing(None, False)),
        ("given", (record(0, "given"),), Standing("given", False)),
        ("refused", (record(0, "given"), record(1, "given")), Standing("refused", False)),
        ("withdrawn", (record(0, "given"), record(1, "given")), Standing("withdrawn", False)),
        ("given", (record(1, "refused"),), Standing("refused", True)),
        (None, (record(0, "given"), record(1, "withdrawn")), Standing("withdrawn", True)),
        (None, (record(0, "refused"), record(0, "given", entry=11), record(1, "given")), Standing("given", True)),
        (None, (record(0, "refused", entry=11), record(0, "given"), record(1, "given")), Standing("refused", True)),
        (None, (record(0, "given", role="agreement-to-service"), record(1, "given")), Standing(None, False)),
        (None, (record(2, "refused"),), Standing(None, False)),
    ],
)
def test_how_consent_stands_of_two_people(
    stated: str | None, records: tuple[ConsentOnRecord, ...], expected: Standing
) -> None:
    assert standing(stated, Evidence(consents=records), "the-basis", (0, 1)) == expected


def test_nobody_named_has_no_record() -> None:
    assert standing(None, Evidence(consents=(record(0, "given"),)), "the-basis", ()) == Standing(None, False)


def test_a_record_makes_the_consent_record_not_missing() -> None:
    records = (record(0, "given"), record(1, "given"))
    assert_expected(ask(*FAMILY, records=records, consent="given"), {"not_missing": ["consent-record"]})


def test_consent_on_record_is_enough() -> None:
    assert ask(*FAMILY, records=(record(0, "given"), record(1, "given"))).outcome == "may-share"


def test_a_refusal_on_record_beats_a_consent_stated() -> None:
    answer = ask(*FAMILY, records=(record(1, "refused"),), consent="given")
    assert_expected(answer, {"outcome": "do-not-share", "reason": "consent-refused"})


@pytest.mark.parametrize(
    ("would_help", "outcome"), [(None, "seek-advice"), (True, "duty-to-share"), (False, "do-not-share")]
)
def test_a_refusal_cannot_decide_where_a_duty_of_listed_bodies_is_open(would_help: bool | None, outcome: str) -> None:
    register = Demonstration().body("a-charity", "voluntary", commissioned=True)
    answer = ask(
        "a-charity", COUNCIL, "early-help", register=register, consent="refused", would_help_recipient=would_help
    )
    assert answer.outcome == outcome


def test_a_commissioned_charitys_duty_is_not_consent() -> None:
    register = Demonstration().body("a-charity", "voluntary", commissioned=True)
    answer = ask("a-charity", COUNCIL, "early-help", register=register, would_help_recipient=True)
    assert_expected(
        answer, {"article_6": ["art6-1-c", "art6-1-ea"], "not_article_6": ["art6-1-a"], "consent_seek": "no"}
    )


def test_a_council_run_nursery_does_not_rest_on_consent() -> None:
    register = Demonstration().body("a-nursery", "early-years", council_run=True)
    register.body("another-nursery", "early-years")
    assert ask("a-nursery", COUNCIL, "early-help", register=register).outcome != "ask-consent"
    assert ask("another-nursery", COUNCIL, "early-help", register=register).outcome == "ask-consent"


@pytest.mark.parametrize("asked", [question(*NRM, urgency="urgent"), question(*CHANNEL, urgency="urgent",
                                                                             support_stage=True)])  # fmt: skip
def test_urgent_asking_says_that_nobody_has_to_wait(asked: Question) -> None:
    check(asked, {"outcome": "ask-consent"})
    answer = ask(
        asked.provider, "home-office" if asked.recipient == "home-office" else COUNCIL, asked.purpose,
        who="adult:victim", urgency="urgent", support_stage=True,
    )  # fmt: skip
    assert "You need not wait" in answer.consent.text
    assert "do not hold back protection" in answer.headline


def test_a_refusal_that_decides_is_not_said_to_block_nothing() -> None:
    decided = ask(*NRM, agreement_to_service="refused").consent.text
    beside = ask(COUNCIL, TRUST, "early-help", agreement_to_service="refused").consent.text
    assert "This needs the person's agreement" in decided
    assert "a refusal does not block it" in beside
