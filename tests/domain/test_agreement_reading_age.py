"""The Automated Readability Index against figures worked by hand, and what is left out of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_registry.domain.agreement_lint.prose import file_lines
from isa_registry.domain.agreement_lint.reading_age import clause_age_faults, reading_age, summary_age_faults
from isa_registry.domain.agreement_text import Clause

HARD = "Multidisciplinary safeguarding professionals communicate confidential information proportionately."


def age(text: str) -> float | None:
    return reading_age(file_lines(text))


# 4.71 x characters / words + 0.5 x words / sentences - 21.43, and 5 years.
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("The cat sat.", -0.8, id="9 in 3 in 1: 14.13 + 1.5 - 16.43"),
        pytest.param("The cat sat. The cat ran.", -0.8, id="18 in 6 in 2: 14.13 + 1.5 - 16.43"),
        pytest.param("The cat sat, the cat ran.", 0.7, id="18 in 6 in 1: 14.13 + 3 - 16.43"),
        pytest.param("Sharing protects children.", 21.2, id="23 in 3 in 1: 36.11 + 1.5 - 16.43"),
        pytest.param("Don’t wait 24 hours: ring 999.", 3.8, id="22 in 6 in 1: 17.27 + 3 - 16.43"),
        pytest.param(HARD, 48.3, id="91 in 7 in 1: 61.23 + 3.5 - 16.43"),
        pytest.param("", None, id="nothing"),
        pytest.param("– … ?", None, id="no letter"),
    ],
)
def test_figures_worked_by_hand(text: str, expected: float | None) -> None:
    assert expected == age(text)


@pytest.mark.parametrize(
    ("left_out", "text"),
    [
        pytest.param("a table", "The cat sat.\n\n| Multidisciplinary | Safeguarding |\n| --- | --- |\n| a | b |"),
        pytest.param("a code span", "The `multidisciplinary-safeguarding` cat sat."),
        pytest.param("emphasis", "The **cat** *sat*."),
        pytest.param("a link's address", "The [cat](#5.3) sat."),
        pytest.param("a link that is a number", "The cat sat [5.3](#5.3)."),
        pytest.param("the title of an Act", "The cat (Crime and Disorder Act 1998) sat."),
        pytest.param("an Act with brackets", "The cat (Data (Use and Access) Act 2025) sat."),
        pytest.param("a heading's signs", "## The cat sat."),
    ],
)
def test_what_is_not_prose_is_left_out(left_out: str, text: str) -> None:
    assert age("The cat sat.") == age(text), left_out


def test_the_items_of_a_list_and_its_lead_in_are_sentences_of_their_own() -> None:
    assert age("The cat:\n\n- sat on a mat;\n- ran off.") == age("The cat. Sat on a mat. Ran off.")


def test_a_sentence_runs_on_over_the_end_of_a_line_and_past_a_clause_number() -> None:
    assert age("The cat sat\non clause 5.3 of it.") == age("The cat sat on clause 5.3 of it.")
    assert age("The cat sat on clause 5.3 of it.") == age("The cat sat on clause 53 of it.")


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=12), min_size=2, max_size=30))
def test_cutting_a_sentence_in_two_never_makes_it_harder(words: list[str]) -> None:
    whole = age(" ".join(words) + ".")
    cut = age(f"{words[0]}. {' '.join(words[1:])}.")
    assert whole is not None
    assert cut is not None
    assert cut <= whole


def clause(text: str) -> Clause:
    return Clause("5.3", "Cats", 2, text, (), (), 40)


def test_a_clause_beyond_seventeen_is_named_with_its_age_and_what_helps() -> None:
    [fault] = clause_age_faults([clause("The cat sat."), clause(HARD)])
    remedy = "use shorter words, or cut long sentences in two"
    assert str(fault) == f"agreement.md:40: clause 5.3 has a reading age of 48.3, and 17 is the most: {remedy}"


@pytest.mark.parametrize(("limit", "named"), [(21.1, True), (21.2, False)])
def test_a_summary_is_measured_whole_and_may_reach_its_limit(limit: float, named: bool) -> None:
    faults = list(summary_age_faults("summary.md", "Sharing protects children.", limit))
    assert named == bool(faults)
