"""What the benchmark of AuthZEN sends is what it says: distinct evaluations, of the questions decided beside it."""

from __future__ import annotations

from typing import Any

from bench.bodies import questions

from asking import POLICE
from bench import authzen
from demonstration import catalogue, demonstration_view
from isa_registry.actions.authzen import Reader
from isa_registry.domain.authzen.messages import Evaluation, read_evaluations
from isa_registry.domain.decisions import check_question
from isa_registry.domain.questions import Question


def test_its_evaluations_are_the_questions_that_are_decided_beside_it() -> None:
    asked = questions(authzen.EVALUATIONS, record=False)
    found = read_evaluations(authzen.request(asked)).asked
    nobody: Any = None
    reader = Reader(nobody, demonstration_view())
    read = []
    for one in found:
        assert isinstance(one, Evaluation)
        question = reader.question(one, catalogue())
        assert isinstance(question, Question)
        assert check_question(question, catalogue()) == []
        assert (question.provider, question.record) == (POLICE, False)
        read.append(question)
    beside = [authzen._question(question) for question in asked]
    assert len(set(map(repr, read))) == authzen.EVALUATIONS
    assert [
        (one.recipient, one.purpose, one.categories, one.urgency, one.circumstances.would_help_recipient)
        for one in read
    ] == [
        (one.recipient, one.purpose, one.categories, one.urgency, one.circumstances.would_help_recipient)
        for one in beside
    ]
