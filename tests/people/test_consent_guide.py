"""The guide on consent: short, plain, and what it says of the pages is so."""

from __future__ import annotations

import re

import pytest

from api.speaking import Database
from guided import GUIDES
from isa_registry.api.access import ACCESS
from isa_registry.domain.agreement_lint.prose import file_lines
from isa_registry.domain.agreement_lint.reading_age import reading_age
from isa_registry.domain.consents.life import takes
from isa_registry.pages.consent_choices import REVIEW_DAYS
from isa_registry.pages.consent_steps import STEPS
from isa_registry.pages.consents import DUE_DAYS
from live import LEAD
from people.test_consents import CHOSEN, TYPED, recorded, reference, sent, words
from people.visiting import Browser

TEXT = (GUIDES / "consent.md").read_text(encoding="utf-8")
PLAIN = re.sub(r"\s+", " ", TEXT)
MOST_WORDS, OLDEST_READER = 850, 10.0


def test_it_is_short_and_plain_and_danger_comes_first() -> None:
    assert len(TEXT.split()) <= MOST_WORDS
    age = reading_age(file_lines(TEXT))
    assert age is not None and age <= OLDEST_READER
    assert TEXT.index("999") < TEXT.index("`/consents`")
    assert TEXT.index("Usually not") < TEXT.index("## Record a yes or a no")


def test_its_table_has_every_page_of_consents_and_each_is_a_practitioners() -> None:
    pages = re.findall(r"^\| .*? \| `(/[^`]+)` \|$", TEXT, re.MULTILINE)
    assert set(pages) == {path for method, path in ACCESS if method == "GET" and path.startswith("/consents")}
    assert all("practitioner" in ACCESS["GET", page].roles for page in pages)


def test_its_figures_are_those_of_the_pages() -> None:
    assert f"in the next {DUE_DAYS} days" in PLAIN
    assert "within 12 months" in PLAIN and REVIEW_DAYS == 365
    posted = [place for place, step in enumerate(STEPS) if step.posted]
    numbered = re.findall(r"^(\d)\. \*\*", TEXT.partition("## Record a yes or a no")[2], re.MULTILINE)
    # Its first step is the three that ask what it is for, who may be told and what may be shared, after the need.
    assert len(numbered) == len(STEPS) - 2 and posted[0] == len(STEPS) - 2
    assert f"From step {len(numbered) - 1} on" in PLAIN


def test_what_it_says_may_follow_what_is_so() -> None:
    assert "A yes after a no, or after it was taken back, is a record of its own." in PLAIN
    assert "renewed" not in takes("refused") + takes("withdrawn")


@pytest.mark.parametrize("answer", ["given", "refused"])
def test_what_it_tells_to_do_is_done_in_its_order(browser: Browser, database: Database, answer: str) -> None:
    browser.sign_in(LEAD, "practitioner")
    subject, before = reference(), database.size()
    assert "Usually it is not" in words(browser.get("/consents/new"))
    checked = sent(browser, "/consents/new", {**CHOSEN, **TYPED, "subject_ref": subject, "answer": answer})
    assert "Check what you record" in words(checked)
    assert database.size() == before, "Nothing is kept before you record it"
    path = recorded(browser, subject, answer=answer)
    assert path in sent(browser, "/consents/search", {"subject_ref": subject}).text
    said = words(browser.get(path))
    assert ("They take it back" in said) == (answer == "given")
    assert "change your mind" in words(browser.get(f"{path}/family"))


def test_practitioners_find_it_from_their_own_guide_and_from_the_front() -> None:
    assert "](docs/guides/consent.md)" in (GUIDES.parents[1] / "README.md").read_text(encoding="utf-8")
    assert "](consent.md)" in (GUIDES / "practitioner.md").read_text(encoding="utf-8")
