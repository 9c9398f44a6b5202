"""The words that an agreement defines, and where they stand in its text.

They are defined in its clause “Words used …”, and in that of the agreement it stands on. What is looked for is how the
linter holds a term to be written (`terms.py`): the term, or several of it, in small letters, or with a capital where a
sentence begins. In a name, such as Children Act 1989, it is another word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from isa_registry.domain.agreement_lint.prose import clause_lines
from isa_registry.domain.agreement_lint.terms import DEFINITION, WORDS_USED, plural
from isa_registry.domain.agreement_text import Clause

_BEGINS = re.compile(r"(?:^|[.?!:“”(] ?)$")
_NAMED = re.compile(r"(?:['’]s)?(?: (?:of|and|for|the|in))* [A-Z0-9(]")


class Word(NamedTuple):
    """A defined word: its term, what it means (a line of Markdown), and the clause that says so."""

    term: str
    means: str
    clause: str


class Use(NamedTuple):
    """Where a defined word stands in a text, from `start` to `end`."""

    word: Word
    start: int
    end: int


def is_glossary(clause: Clause) -> bool:
    """Whether a clause is the one that says what words mean."""
    return clause.heading.startswith(WORDS_USED)


def words_defined(clauses: Iterable[Clause]) -> tuple[Word, ...]:
    """The words that an agreement defines, in order."""
    return tuple(
        Word(found[1], found[2], clause.id)
        for clause in clauses
        if is_glossary(clause)
        for line in clause_lines(clause)
        if (found := DEFINITION.fullmatch(line.text)) is not None
    )


class Glossary:
    """Words to look for in a text. Of two words that begin at one place the longer is meant."""

    def __init__(self, words: Iterable[Word]) -> None:
        self.words = tuple(sorted(words, key=lambda one: (-len(one.term), one.term)))
        self._forms = re.compile(
            "|".join(rf"(?P<w{place}>\b{_either_case(plural(one.term))}\b)" for place, one in enumerate(self.words))
            or "(?!)"
        )

    def uses(self, text: str) -> Iterator[Use]:
        """Where defined words stand in a text without markup, from its beginning to its end."""
        for found in self._forms.finditer(text):
            word = self.words[int((found.lastgroup or "w0")[1:])]
            if found[0][0].isupper() and word.term[0].islower():
                if _BEGINS.search(text[: found.start()]) is None:
                    continue
                if _NAMED.match(text[found.end() :]) is not None:
                    continue
            yield Use(word, found.start(), found.end())


def _either_case(pattern: str) -> str:
    """The same pattern, also with a capital at its beginning."""
    grouped = pattern.startswith("(?:")
    place = 3 if grouped else 0
    first = pattern[place]
    return f"{pattern[:place]}[{first}{first.upper()}]{pattern[place + 1 :]}" if first.islower() else pattern
