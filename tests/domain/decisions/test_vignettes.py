"""The practitioner questions that every answer is measured by, where the shared material is at hand."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from demonstration import catalogue, demonstration_view
from isa_registry.domain.answers import Answer
from isa_registry.domain.decisions import check_question, decide
from isa_registry.domain.questions import Evidence, Question
from loudly import shared

TODAY = "2026-11-23"
VIGNETTES: list[dict[str, Any]] = json.loads(shared("vignettes.json").read_bytes())


def seen(answer: Answer) -> dict[str, Any]:
    """What an answer says, under the names that the vignettes use; lists where a vignette names a member."""
    basis = answer.basis
    return {
        "outcome": answer.outcome,
        "reason": [reason.code for reason in answer.reasons],
        "article_6": basis.article_6,
        "article_9": basis.article_9,
        "gateway": basis.gateways,
        "gateways": basis.gateways,
        "agreement": [cited.agreement for cited in answer.agreements],
        "consent_role": answer.consent.role,
        "consent_seek": answer.consent.seek,
        "inform_expected": answer.inform.expected,
        "inform_now": answer.inform.now,
        "duty_engaged": answer.duty.engaged if answer.duty else None,
        "duty_verified": answer.duty.verified if answer.duty else None,
        "condition": [condition.code for condition in answer.conditions],
        "missing": [missing.code for missing in answer.missing],
        "regime": answer.regime,
        "part_3": bool(basis.part_3),
        "category_outcomes": {category.code: category.outcome for category in answer.categories},
    }


def assert_expected(answer: Answer, expect: dict[str, Any]) -> None:
    found = seen(answer)
    for key, wanted in expect.items():
        name = key.removeprefix("not_")
        actual = found[name]
        each = wanted if isinstance(wanted, list) else [wanted]
        if key.startswith("not_"):
            assert not set(each) & set(actual), (key, actual)
        elif isinstance(actual, (list, tuple)):
            assert set(each) <= set(actual), (key, actual)
        else:
            assert wanted == actual, (key, actual)


@pytest.mark.parametrize("vignette", VIGNETTES, ids=[vignette["id"] for vignette in VIGNETTES])
def test_a_practitioners_question_gets_the_answer_it_should(vignette: dict[str, Any]) -> None:
    question = msgspec.convert({"provider": vignette["as"], **vignette["request"]}, Question, strict=True)
    faults = check_question(question, catalogue())
    expect = dict(vignette["expect"])
    status = expect.pop("status", None)
    assert status == (faults[0].status if faults else None)
    if not faults:
        assert_expected(decide(demonstration_view(), catalogue(), question, Evidence(), today=TODAY), expect)
