"""The practitioner questions that every answer is measured by, where the shared material is at hand."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from asking import TODAY, assert_expected
from demonstration import catalogue, demonstration_view
from isa_registry.domain.decisions import check_question, decide
from isa_registry.domain.questions import Evidence, Question
from loudly import shared

VIGNETTES: list[dict[str, Any]] = json.loads(shared("vignettes.json").read_bytes())


@pytest.mark.parametrize("vignette", VIGNETTES, ids=[vignette["id"] for vignette in VIGNETTES])
def test_a_practitioners_question_gets_the_answer_it_should(vignette: dict[str, Any]) -> None:
    question = msgspec.convert({"provider": vignette["as"], **vignette["request"]}, Question, strict=True)
    faults = check_question(question, catalogue())
    expect = dict(vignette["expect"])
    status = expect.pop("status", None)
    assert status == (faults[0].status if faults else None)
    if not faults:
        assert_expected(decide(demonstration_view(), catalogue(), question, Evidence(), today=TODAY), expect)
