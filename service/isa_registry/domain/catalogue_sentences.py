"""How hard the sentences of a catalogue are to read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from isa_registry.domain.agreement_lint.prose import Line
from isa_registry.domain.agreement_lint.reading_age import CLAUSE_AGE, reading_age
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.words import templates

OLDEST = CLAUSE_AGE

_END = re.compile(r"(?<=[.?!]) +")
_PLACEHOLDER = re.compile(r"\{\w+\}")
# Parts of sentences, which are measured where they are spoken.
_PARTS = frozenset({"who", "phrases"})


class Sentence(NamedTuple):
    """A sentence that somebody reads in an answer or beside one, where it stands, and its reading age in years."""

    place: str
    text: str
    age: float


def sentences(catalogue: Catalogue) -> Iterator[Sentence]:
    """Every sentence of the words, the guidance, and what provisions say. A placeholder counts as one short word."""
    for place, text in _texts(catalogue):
        for sentence in _END.split(_PLACEHOLDER.sub("them", text)):
            age = reading_age([Line(1, sentence)])
            if age is not None:
                yield Sentence(place, sentence, age)


def _texts(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    for table, key, text in templates(catalogue.words):
        if table not in _PARTS:
            yield f"words.json {table} {key}", text
    for item in catalogue.guidance.values():
        if _PLACEHOLDER.sub("", item.text):
            yield f"guidance.json {item.code}", item.text
    for provision in catalogue.provisions.values():
        yield f"provisions.json {provision.code} says", provision.says
        yield f"provisions.json {provision.code} practice", provision.practice
