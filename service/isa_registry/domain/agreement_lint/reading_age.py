"""How old a reader must be to follow a text: the Automated Readability Index.

The formula is of Senter and Smith, Automated Readability Index, AMRL-TR-66-220 (1967): 4.71 x characters for each word
+ 0.5 x words for each sentence - 21.43 gives a school grade, and a pupil of that grade is five years older.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from isa_registry.domain.agreement_lint.prose import Line, clause_lines, file_lines, paragraphs
from isa_registry.domain.agreement_text import AgreementFault, Clause

CLAUSE_AGE = 17.0
SUMMARY_AGE = 12.0
CHILDREN_AGE = 10.0

_SENTENCE_END = re.compile(r"[.?!][\"'”’)]*(?:\s+|$)")


def reading_age(lines: Iterable[Line]) -> float | None:
    """The reading age in years to one decimal, or None for lines without a word.

    A word is what stands between spaces and has a letter or digit; its characters are its letters and digits. A
    sentence ends at a full stop, question or exclamation mark before a space, and where its paragraph or list item
    ends. Tables, code spans and the titles of Acts are left out.
    """
    characters = words = sentences = 0
    for paragraph in paragraphs(lines):
        for sentence in _SENTENCE_END.split(paragraph):
            counts = [count for word in sentence.split() if (count := sum(map(str.isalnum, word)))]
            characters += sum(counts)
            words += len(counts)
            sentences += bool(counts)
    if not words:
        return None
    return round(4.71 * characters / words + 0.5 * words / sentences - 21.43 + 5, 1)


def clause_age_faults(clauses: Iterable[Clause]) -> Iterator[AgreementFault]:
    """Each clause is for a reader of 17."""
    for clause in clauses:
        age = reading_age(clause_lines(clause))
        if age is not None and age > CLAUSE_AGE:
            what = f"clause {clause.id} has a reading age of {age}, and {CLAUSE_AGE:g} is the most: {_REMEDY}"
            yield AgreementFault("agreement.md", f":{clause.line}", what)


def summary_age_faults(file: str, text: str, limit: float) -> Iterator[AgreementFault]:
    """A summary is measured whole."""
    age = reading_age(file_lines(text))
    if age is not None and age > limit:
        what = f"the summary has a reading age of {age}, and {limit:g} is the most: {_REMEDY}"
        yield AgreementFault(file, ":1", what)


_REMEDY = "use shorter words, or cut long sentences in two"
