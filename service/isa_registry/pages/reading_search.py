"""What is found in the words of a version: clauses, with the words around what was looked for."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.agreement_search import Found, index_of
from isa_registry.pages.reading_words import Words

LONGEST = 200
"""Characters that are looked for."""


class ClauseFound(Struct, frozen=True):
    found: Found
    href: str


class SearchShown(Struct, frozen=True):
    """What was typed and what was found. `exact`: the clauses have every word of it."""

    typed: str
    clauses: tuple[ClauseFound, ...]
    exact: bool


def search_shown(words: Words, text: str, typed: str) -> SearchShown:
    """The clauses of a text that are found by some words."""
    typed = " ".join(typed[:LONGEST].split())
    found = index_of(text).find(typed)
    return SearchShown(
        typed=typed,
        clauses=tuple(ClauseFound(one, words.address(one.clause.id)) for one in found),
        exact=all(one.exact for one in found),
    )
