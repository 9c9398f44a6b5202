"""Word differences are whole words, lead exactly from one text to the other, and read the same both ways."""

import time
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_registry.domain.comparing.words import (
    Effort,
    Run,
    after,
    before,
    likeness,
    mirrored,
    tokens,
    word_runs,
    words_in,
)


def told(old: str, new: str) -> str:
    marks = {"same": "{}", "removed": "[-{}-]", "added": "[+{}+]"}
    return "".join(marks[run.op].format(run.text) for run in word_runs(old, new))


words = st.lists(
    st.sampled_from(
        ["the", "council", "police", "shares", "child's", "7.2", "and", ".", ",", "|", "**", " ", "\n", "\n\n"]
    ),
    max_size=40,
).map(" ".join)
texts = st.one_of(words, st.text(max_size=60))


@given(texts, texts)
def test_the_runs_lead_from_the_old_text_to_the_new_byte_for_byte(old: str, new: str) -> None:
    runs = word_runs(old, new)
    assert old == before(runs)
    assert new == after(runs)


@given(texts, texts)
def test_read_the_other_way_added_and_removed_change_places(old: str, new: str) -> None:
    assert word_runs(new, old) == mirrored(word_runs(old, new))


@given(texts, texts)
def test_no_run_is_empty_and_no_two_neighbours_are_of_one_sort(old: str, new: str) -> None:
    runs = word_runs(old, new)
    assert all(run.text for run in runs)
    assert all(one.op != other.op for one, other in pairwise(runs))


@given(texts)
def test_a_text_beside_itself_has_no_difference(text: str) -> None:
    assert all("same" == run.op for run in word_runs(text, text))


@given(texts)
def test_words_with_their_spaces_are_the_text(text: str) -> None:
    assert text == "".join(word + space for word, space in tokens(text))


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("share health data", "share housing data", "share [-health -][+housing +]data"),
        ("a child's record", "a parent's record", "a [-child's -][+parent's +]record"),
        ("see clause 7.2.", "see clause 7.12.", "see clause [-7.2-][+7.12+]."),
        ("within 15 days", "within 15  days", "within 15[- -][+  +]days"),
        ("The council tells. The police act.", "The council tells.", "The council tells.[- The police act.-]"),
    ],
)
def test_whole_words_are_marked(old: str, new: str, shown: str) -> None:
    assert shown == told(old, new)


def test_a_sentence_put_in_is_marked_from_its_own_beginning() -> None:
    old = "Ask first. The lead answers. The lead records it."
    new = "Ask first. The lead answers. The lead tells the child. The lead records it."
    assert "Ask first. The lead answers. [+The lead tells the child. +]The lead records it." == told(old, new)


def test_a_word_left_between_two_long_changes_is_not_left_alone() -> None:
    shown = told("Each body keeps its own map of places near home.", "The panel shares one list of names with schools.")
    assert (
        "[-Each body keeps its own map of places near home-][+The panel shares one list of names with schools+]."
        == shown
    )


def test_a_word_between_two_short_changes_stays() -> None:
    assert "the [-red -][+green +]house on the [-left-][+right+]" == told(
        "the red house on the left", "the green house on the right"
    )


def test_what_is_removed_stands_before_what_takes_its_place() -> None:
    assert [run.op for run in word_runs("one two three", "one 2 three")] == ["same", "removed", "added", "same"]


def test_words_are_counted_and_marks_are_not() -> None:
    runs = (Run("added", "A new, short sentence. "), Run("removed", "– old"))
    assert (4, 1) == (words_in(runs, "added"), words_in(runs, "removed"))


def test_likeness_is_the_share_of_words_in_common() -> None:
    assert likeness(Counter(["a", "b", "c", "d"]), Counter(["a", "b", "x", "y"])) == 0.5
    assert likeness(Counter(), Counter()) == 1.0


def test_what_costs_too_much_is_replaced_whole_and_still_exact() -> None:
    old, new = "to be " * 4_000 + "or not", "be to " * 4_000 + "and so"
    effort = Effort(0)
    runs = word_runs(old, new, effort)
    assert (old, new) == (before(runs), after(runs))


def test_hostile_texts_cost_no_more_than_others_of_their_length() -> None:
    """One word over and over makes the plain algorithm quadratic, and worse. It takes some 0.5 s here."""
    old, new = "no no yes " * 20_000, "no yes no " * 20_000
    started = time.process_time()
    runs = word_runs(old, new)
    assert (old, new) == (before(runs), after(runs))
    assert time.process_time() - started < 20
