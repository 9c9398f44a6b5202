"""The practitioners' guide: short, plain, and it names nothing that is not there."""

from __future__ import annotations

import re

from guided import GUIDES
from isa_registry.api.access import ACCESS
from isa_registry.domain.agreement_lint.prose import file_lines
from isa_registry.domain.agreement_lint.reading_age import reading_age
from isa_registry.pages.answer_words import OUTCOMES
from isa_registry.pages.asking_choices import ASKED_SECONDS

TEXT = (GUIDES / "practitioner.md").read_text(encoding="utf-8")
MOST_WORDS, OLDEST_READER = 700, 10.0


def test_it_is_one_page_for_a_tired_person() -> None:
    assert len(TEXT.split()) <= MOST_WORDS
    age = reading_age(file_lines(TEXT))
    assert age is not None and age <= OLDEST_READER
    assert TEXT.index("999") < TEXT.index("`/ask`")


def test_every_page_of_its_table_is_there_and_a_practitioners() -> None:
    pages = re.findall(r"^\| .*? \| `(/[^`]+)` \|$", TEXT, re.MULTILINE)
    assert len(pages) == 5
    for page in pages:
        terms = ACCESS["GET", page]
        assert terms.public or "practitioner" in terms.roles, page
    assert ACCESS["GET", pages[0]].public


def test_its_outcomes_are_those_of_the_pages_in_their_order() -> None:
    table = TEXT.partition("| it says |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| (.+?) \| .+ \|$", table, re.MULTILINE) == list(OUTCOMES.values())


def test_what_it_says_is_remembered_is_so() -> None:
    assert f"for {ASKED_SECONDS // 86_400} days" in TEXT


def test_practitioners_find_it_from_the_front() -> None:
    assert "](docs/guides/practitioner.md)" in (GUIDES.parents[1] / "README.md").read_text(encoding="utf-8")
