"""Finding clauses by words: no clause that has a word as it was typed is missed, however it is written."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demonstration import published
from isa_registry.domain.agreement_search import COMMON, MOST_WORDS, Index, folded, index_of, stem, terms
from isa_registry.domain.agreement_text import Clause, parse_agreement

TEXT = published("tier-2-hoth").text
CLAUSES = parse_agreement(TEXT)
WORDS = st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1, max_size=12)


def clause(text: str, *, heading: str = "Heading", answers: tuple[str, ...] = (), number: str = "1.1") -> Clause:
    return Clause(number, heading, 2, text, answers, (), 1)


def found(typed: str, index: Index | None = None) -> list[str]:
    return [one.clause.id for one in (index or index_of(TEXT)).find(typed)]


@given(st.data())
def test_a_word_of_a_clause_finds_it(data: st.DataObject) -> None:
    one = data.draw(st.sampled_from(CLAUSES))
    everything = " ".join((one.heading, one.text, *one.answers))
    word = data.draw(st.sampled_from(re.findall(r"[^\W_]+", everything)))
    for typed in (word, word.upper(), f"  {word}?! ", f"“{word}”"):
        assert one.id in found(typed)


@given(st.lists(WORDS, min_size=1, max_size=MOST_WORDS, unique=True), st.data())
def test_any_words_in_any_writing_find_the_clause_that_has_them_all(words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    form = data.draw(st.sampled_from(["NFC", "NFD", "NFKC"]))
    index = Index((clause("Nothing of it.", number="1.2"), clause(text)))
    assert "1.1" in found(unicodedata.normalize(form, text), index)
    assert "1.1" in found(text.swapcase() if text.swapcase().casefold() == text.casefold() else text, index)


@given(st.text(max_size=80))
def test_whatever_is_typed_is_answered_and_what_is_shown_is_the_text(typed: str) -> None:
    for one in index_of(TEXT).find(typed):
        assert "".join(run.text for run in one.heading) == one.clause.heading
        assert any(run.hit for run in (*one.heading, *one.extract)) or typed.strip().upper() == one.clause.id


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("gang", "Drawn into gangs."),
        ("gangs", "A gang."),
        ("agencies", "One agency."),
        ("sharing", "They share it."),
        ("shared", "They share it."),
        ("expl", "Exploited."),
        ("exploit", "Exploitation."),
        ("cafe", "At the café."),
        ("café", "At the cafe."),
        ("child's", "A child's voice."),
        ("straße", "In a strasse."),
        ("first contact", "Ring **First** `Contact`."),
    ],
)
def test_other_forms_of_a_word_are_found(typed: str, text: str) -> None:
    assert found(typed, Index((clause("Nothing of it.", number="1.2"), clause(text)))) == ["1.1"]


def test_the_number_of_a_clause_finds_it_first_and_its_heading_comes_before_its_text() -> None:
    assert found("5.3")[0] == "5.3"
    assert found(" a.1 ")[0] == "A.1"
    index = Index((clause("A map.", number="1.2"), clause("Nothing.", heading="The map", number="1.3")))
    assert found("map", index) == ["1.3", "1.2"]


def test_a_question_that_a_clause_answers_finds_it_by_what_is_not_common() -> None:
    index = Index((clause("Yes.", answers=("May I share with a sports club?",)), clause("May I, may I.", number="1.2")))
    assert found("may I share with a club", index) == ["1.1"]
    assert found("may I", index) == ["1.1", "1.2"]
    assert terms("May I?") == ("may", "i")
    assert terms("May I share?") == ("share",)


def test_where_no_clause_has_every_word_those_with_most_are_given_and_it_is_said() -> None:
    index = Index((clause("One two."), clause("Two three four.", number="1.2")))
    assert [(one.clause.id, one.exact) for one in index.find("two three five")] == [("1.2", False)]
    assert index.find("six") == ()
    assert index.find("") == ()


def test_an_extract_is_the_sentence_that_has_the_words_and_not_a_whole_annex() -> None:
    one = Index((clause("Of this not a word. Here is the tracker. And more."),)).find("tracker")[0]
    assert "".join(run.text for run in one.extract) == "Here is the tracker. And more."
    assert [run.text for run in one.extract if run.hit] == ["tracker"]
    for each in index_of(TEXT).find("child"):
        assert len("".join(run.text for run in each.extract)) < 800


def test_common_words_are_folded_and_an_ending_is_taken_off_once() -> None:
    assert {folded(one) for one in COMMON} == COMMON
    assert stem("parties") == stem("party")
    assert stem("is") == "is"
