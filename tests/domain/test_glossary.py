"""Defined words in a text: found as the agreement writes them, and not where a name only looks like one."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demonstration import published
from isa_registry.domain.agreement_lint.terms import defined_terms
from isa_registry.domain.agreement_text import parse_agreement
from isa_registry.domain.glossary import Glossary, Word, words_defined

TERMS = ("child", "party", "panel", "panel's lead", "person concerned", "share", "check", "offence information")
GLOSSARY = Glossary(Word(term, f"what {term} means", "1.6") for term in TERMS)


def used(text: str) -> list[tuple[str, str]]:
    return [(one.word.term, text[one.start : one.end]) for one in GLOSSARY.uses(text)]


@pytest.mark.parametrize("agreement", ["tier-1", "tier-2-hoth"])
def test_the_words_are_those_that_the_linter_knows_each_with_what_it_means(agreement: str) -> None:
    clauses = parse_agreement(published(agreement).text)
    words = words_defined(clauses)
    assert [(one.term, one.clause) for one in words] == [(one.term, one.clause) for one in defined_terms(clauses)]
    text = published(agreement).text
    assert len(words) > 5
    assert all(f"- **{one.term}**: {one.means}\n" in text for one in words)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a child and two children", [("child", "child"), ("child", "children")]),
        ("Parties share.", [("party", "Parties"), ("share", "share")]),
        ("It ends. Children are heard", [("child", "Children")]),
        ("the panel's lead calls the panel", [("panel's lead", "panel's lead"), ("panel", "panel")]),
        ("The person concerned is told", [("person concerned", "person concerned")]),
        ("Children Act 1989", []),
        ("under the Children Act", []),
        ("the Child Safeguarding Practice Review Panel", []),
        ("sharing, childhood and checkpoints", []),
        ("", []),
    ],
)
def test_a_word_is_found_in_its_forms_and_not_in_a_name(text: str, found: list[tuple[str, str]]) -> None:
    assert used(text) == found


def test_without_words_nothing_is_found() -> None:
    assert list(Glossary(()).uses("a child")) == []


@given(st.text(max_size=60), st.sampled_from(TERMS), st.text(max_size=60))
def test_a_word_that_stands_alone_is_found_whatever_is_around_it(before: str, term: str, after: str) -> None:
    text = f"{before} of the {term}; {after}"
    places = [(one.start, one.end) for one in GLOSSARY.uses(text)]
    at = len(before) + len(" of the ")
    assert (at, at + len(term)) in places
    assert all(end <= start for (_, end), (start, _) in pairwise(places))
