"""While the consent records cannot be read: advice where a refusal would decide, and no change anywhere else."""

from __future__ import annotations

import pytest

from asking import COUNCIL, POLICE, TODAY, question
from demonstration import catalogue, demonstration_view
from isa_registry.domain.answers import Answer
from isa_registry.domain.decisions import decide
from isa_registry.domain.questions import Evidence, Question

UNREAD = Evidence(references=True, consent_register="unavailable")
FAMILY = ("harbour", COUNCIL, "early-help")
NRM = (POLICE, "home-office", "modern-slavery-referral", "identity", "adult:victim")
CHANNEL = (POLICE, COUNCIL, "prevent-channel")


def answered(asked: Question, evidence: Evidence = UNREAD) -> Answer:
    return decide(demonstration_view(), catalogue(), asked, evidence, today=TODAY)


@pytest.mark.parametrize("stated", [None, "not-sought", "given"])
@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(lambda said: question(*FAMILY, consent=said), id="early help of a charity"),
        pytest.param(lambda said: question(*NRM, agreement_to_service=said), id="referral of an adult"),
        pytest.param(lambda said: question(*CHANNEL, support_stage=True, agreement_to_service=said), id="channel"),
    ],
)
def test_a_refusal_that_cannot_be_looked_up_is_advice_and_not_a_no(asked: object, stated: str | None) -> None:
    assert callable(asked)
    answer = answered(asked(stated))
    assert (answer.outcome, answer.reasons[0].code) == ("seek-advice", "consent-register-unavailable")
    assert "concern-changes-answer" in {one.code for one in answer.conditions}
    assert answer.advice


def test_a_refusal_that_is_stated_decides_all_the_same() -> None:
    assert answered(question(*FAMILY, consent="refused")).outcome == "do-not-share"


@pytest.mark.parametrize(
    ("asked", "outcome"),
    [
        (question(POLICE, COUNCIL, "harm-outside-the-home", would_help_recipient=True), "duty-to-share"),
        (question(*FAMILY, urgency="immediate-danger"), "share-now"),
        (question(POLICE, "home-office", "modern-slavery-referral", who="child:victim"), "duty-to-share"),
        (question(POLICE, COUNCIL, "child-protection-enquiry", would_help_recipient=False), "may-share"),
    ],
    ids=["duty", "danger", "child victim", "protects a child"],
)
def test_what_a_refusal_would_not_block_is_answered_as_ever(asked: Question, outcome: str) -> None:
    assert answered(asked).outcome == answered(asked, Evidence()).outcome == outcome


def test_a_recorded_question_without_its_references_is_still_known_to_have_had_them() -> None:
    asked = question(POLICE, COUNCIL, "quality-assurance", "antisocial-behaviour", anonymised=True)
    assert "not-personal-data" in {one.code for one in answered(asked, Evidence()).reasons}
    named = answered(asked, Evidence(references=True))
    assert "not-anonymous" in {one.code for one in named.reasons}
