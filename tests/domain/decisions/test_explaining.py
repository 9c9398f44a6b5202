"""What `explain` adds: every rule looked at with what it saw, and what one more fact would change."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from asking import COUNCIL, FIRE, POLICE, SCHOOL, TODAY, ask
from demonstration import catalogue, demonstration_view
from domain.decisions.test_properties import questions, records
from isa_registry.domain.answers import Answer, OneMoreFact
from isa_registry.domain.decisions import decide
from isa_registry.domain.decisions.explaining import NOT_KNOWN
from isa_registry.domain.questions import Evidence, Question

HELPING = OneMoreFact(
    "would_help_recipient",
    True,
    "duty-to-share",
    "If it would help Durham County Council to protect a child or promote their welfare, "
    "you would have a duty to share.",
)


def explained(*parts: Any, **rest: Any) -> Answer:
    return ask(*parts, explain=True, **rest)


def saw(answer: Answer, rule: str) -> dict[str, object]:
    return next({one.fact: one.value for one in seen.saw} for seen in answer.explained if seen.rule == rule)


def test_if_you_knew_that_it_would_help_the_recipient_the_duty_would_apply() -> None:
    answer = explained(POLICE, COUNCIL, "harm-outside-the-home")
    assert HELPING in answer.one_more_fact


def test_a_fact_that_is_known_is_not_told() -> None:
    answer = explained(POLICE, COUNCIL, "harm-outside-the-home", would_help_recipient=False)
    assert "would_help_recipient" not in {one.fact for one in answer.one_more_fact}


def test_a_duty_says_what_it_saw_of_each_of_its_parts() -> None:
    answer = explained(SCHOOL, COUNCIL, "child-in-need", who="adult")
    assert saw(answer, "duty") == {
        "duty-in-force": True,
        "purpose-carries-the-duty": True,
        "provider-in-its-list": None,
        "recipient-in-its-list": True,
        "about-a-child": None,
        "would_help_recipient": None,
    }


def test_a_rule_that_decided_says_why_in_sentences_and_in_codes() -> None:
    decided = explained(POLICE, COUNCIL, "harm-outside-the-home").explained[-1]
    assert (decided.rule, decided.effect, decided.codes) == ("lawful-and-agreed", "decided", ("agreement-covers",))
    assert decided.text.endswith(".")


def test_a_rule_that_passed_says_why_it_did_not_apply() -> None:
    first = explained(COUNCIL, FIRE, "harm-outside-the-home").explained[0]
    assert (first.effect, first.codes, first.text) == ("passed", (), "Nobody is said to be in immediate danger.")


def test_no_request_is_told_that_would_not_bind() -> None:
    requests = [one.value for one in explained(COUNCIL, POLICE, "child-in-need").one_more_fact
                if one.fact == "statutory_request"]  # fmt: skip
    assert requests == []
    asked = explained("nenc-icb", COUNCIL, "child-in-need").one_more_fact
    assert [one.value for one in asked if one.fact == "statutory_request"] == ["ca-1989-s27"]


def test_in_immediate_danger_one_more_fact_would_change_nothing() -> None:
    assert explained(POLICE, COUNCIL, "harm-outside-the-home", urgency="immediate-danger").one_more_fact == ()


def test_each_fact_that_may_be_told_has_words_of_its_own() -> None:
    words = {one.text for one in explained("harbour", COUNCIL, "early-help").one_more_fact}
    assert len(words) == len(explained("harbour", COUNCIL, "early-help").one_more_fact) > 2


@settings(max_examples=60, deadline=None, derandomize=True)
@given(questions, records)
def test_explaining_agrees_with_the_answer(asked: Question, evidence: Evidence) -> None:
    view, law = demonstration_view(), catalogue()
    plain = decide(view, law, replace(asked, explain=False), evidence, today=TODAY)
    answer = decide(view, law, replace(asked, explain=True), evidence, today=TODAY)
    assert replace(answer, explained=(), one_more_fact=()) == plain
    assert answer.explained[-1].effect == "decided"
    assert {reason.code for reason in plain.reasons} == {code for seen in answer.explained for code in seen.codes} & {
        reason.code for reason in plain.reasons
    }

    told = {(one.fact, one.value): one.outcome for one in answer.one_more_fact}
    for fact, value in NOT_KNOWN:
        if getattr(asked.circumstances, fact) is not None or asked.urgency == "immediate-danger":
            assert (fact, value) not in told
            continue
        supposed = replace(asked, circumstances=replace(asked.circumstances, **{fact: value}))
        then = decide(view, law, supposed, evidence, today=TODAY).outcome
        assert told.get((fact, value), plain.outcome) == then


@pytest.mark.parametrize("purpose", sorted(catalogue().purposes))
def test_every_rule_of_every_purpose_can_say_what_it_saw(purpose: str) -> None:
    for provider in (COUNCIL, "harbour", POLICE):
        assert all(seen.text for seen in explained(provider, FIRE, purpose).explained)
