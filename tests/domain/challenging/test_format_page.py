"""docs/formats/professional-differences.md: its example, its times, and the life that it tells."""

from __future__ import annotations

import re
from pathlib import Path

from challenge_marks import CHALLENGED, RAISER, STAGES, moved, raised
from isa_registry.domain.challenging.codes import ANSWERS, GROUNDS, OUTCOMES
from isa_registry.domain.challenging.life import STATES, Mark, standing, steps_open_to
from isa_registry.domain.challenging.stages import TIME_TO_CONFIRM, read_stages
from isa_registry.domain.dates import instant, parse_instant

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "formats" / "professional-differences.md").read_text()
(EXAMPLE,) = re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_example_is_taken_and_its_times_are_as_told() -> None:
    stages = read_stages(EXAMPLE.encode())
    assert [stage.to_confirm for stage in stages.stages] == [None, TIME_TO_CONFIRM]
    rows = re.findall(r"^\| `([a-z]+)`, (\S+Z) \| (\S+Z) \|$", PAGE, re.MULTILINE)
    assert len(rows) == 3
    for stage, began, over in rows:
        due = stages.due(stage, parse_instant(began))
        assert due is not None
        assert instant(due.at) == over


def test_the_life_is_told_as_the_table_has_it() -> None:
    lives: dict[str, list[Mark]] = {
        "awaiting-answer": [raised("2026-11-02")],
        "awaiting-detail": [raised("2026-11-02"), moved("2026-11-03", "ask-more")],
        "answered": [raised("2026-11-02"), moved("2026-11-03", "answer-stands")],
    }
    assert {*lives, "closed"} == set(STATES)
    for state, marks in lives.items():
        found = standing(marks)
        assert found is not None
        assert found.state == state
        (told,) = re.findall(rf"^\| `{state}` \| (.*) \| (.*) \|$", PAGE, re.MULTILINE)
        for body, words in zip((CHALLENGED, RAISER), told, strict=True):
            steps = steps_open_to(found, body, STAGES)
            assert set(re.findall(r"`([a-z-]+)`", words)) == set(steps) - set(ANSWERS)
            assert ("answer" in re.sub("`.*?`", "", words)) is (ANSWERS[0] in steps)


def test_every_code_is_there() -> None:
    assert all(f"`{code}`" in PAGE for code in (*GROUNDS, *OUTCOMES, *ANSWERS))
