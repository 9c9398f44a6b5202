"""Every reviewed question gets the answer that the law gives it, whole and in order."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from demonstration import catalogue
from isa_registry.domain.decisions import check_question
from law.draft import drafted, written
from law.questions import DATES, DIRECTORY, Asked, differences, reviewed
from law.register import law_view
from loudly import LOUD

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = reviewed()
CITED = re.compile(r"^[0-9]+(?:\.[0-9]+)? \S")


@pytest.mark.parametrize("asked", QUESTIONS, ids=[asked.id for asked in QUESTIONS])
def test_the_question_gets_the_answer_that_the_law_gives_it(asked: Asked) -> None:
    if asked.disputed:
        pytest.skip(f"{LOUD}{asked.id} is disputed: the engine answers otherwise than the law as it was read")
    assert not check_question(asked.question, catalogue())
    found = differences(asked, law_view(), catalogue())
    assert not found, "\n".join([f"{asked.id}: {asked.why}", *found])


def test_there_are_at_least_two_hundred_and_fifty_with_full_answers() -> None:
    assert sum(asked.file != DATES for asked in QUESTIONS) >= 250


def test_no_two_questions_have_the_same_id() -> None:
    twice = [one for one, times in Counter(asked.id for asked in QUESTIONS).items() if times > 1]
    assert twice == []


@pytest.mark.parametrize("file", sorted({asked.file for asked in QUESTIONS}))
def test_each_question_cites_the_brief_by_section(file: str) -> None:
    of = [asked for asked in QUESTIONS if asked.file == file]
    without = [asked.id for asked in of if not asked.brief or not all(CITED.match(one) for one in asked.brief)]
    assert without == []


@pytest.mark.parametrize("file", sorted({asked.file for asked in QUESTIONS}))
def test_each_question_says_why_in_a_sentence(file: str) -> None:
    of = [asked for asked in QUESTIONS if asked.file == file]
    without = [asked.id for asked in of if not re.match(r"^[A-Z‘“].{30,}[.?]$", asked.why)]
    assert without == []


def test_every_matrix_row_is_asked_about() -> None:
    law = catalogue()
    asked_about = set()
    for asked in QUESTIONS:
        body = law_view().organisation(asked.question.provider or "")
        assert body is not None, asked.id
        kind = law.kinds[body.organisation_kind]
        row = kind.row_if_council_run if body.council_run and kind.row_if_council_run else kind.row
        danger = asked.question.urgency == "immediate-danger"
        column = "immediate-danger" if danger else law.purposes[asked.question.purpose].matrix
        asked_about.add(f"{row} {column}")
    assert set(law.matrix) - asked_about == set()


def test_every_kind_of_organisation_asks_at_least_five_questions() -> None:
    asks = Counter(_kind(asked) for asked in QUESTIONS if asked.file != DATES)
    few = {kind for kind in catalogue().kinds if asks[kind] < 5}
    assert few == {"home-office", "national-panel"}  # they only receive


def test_every_provision_is_asked_about_on_its_days() -> None:
    asked = {one.question.circumstances.statutory_request for one in QUESTIONS if one.file == DATES}
    assert set(catalogue().provisions) - asked == set()


def _kind(asked: Asked) -> str:
    body = law_view().organisation(asked.question.provider or "")
    assert body is not None, asked.id
    return body.organisation_kind


def test_the_draft_is_written_apart_from_the_engine() -> None:
    """What drafts the expected answers runs in an interpreter that cannot import the service."""
    program = (
        "import sys; sys.path.insert(0, 'tests'); import law.draft; law.draft.drafted(); print(sorted(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-I", "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "law.draft_beside" in run.stdout
    assert "isa_registry" not in run.stdout
    assert not [path.name for path in (ROOT / "tests" / "law").glob("draft*.py") if "isa_registry" in path.read_text()]


def test_the_drafted_questions_are_as_the_draft_writes_them() -> None:
    """So that nobody mends an answer in the file alone, and a change of the catalogue is drafted and read anew."""
    stale = [name for name, lines in drafted().items() if (DIRECTORY / name).read_text("utf-8") != written(lines)]
    assert stale == [], "run python tests/law/draft.py, and read what it changes"
