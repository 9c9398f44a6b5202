"""The law that a version rests on: each provision once, with the clauses that cite it."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.reading_words import words_of
from isa_registry.pages.words import ProvisionCited


class LawShown(Struct, frozen=True):
    """A provision, and the clauses that rest on it: id and address."""

    cited: ProvisionCited
    clauses: tuple[tuple[str, str], ...]


def law_shown(version: AgreementVersion, view: RegisterView) -> tuple[LawShown, ...]:
    """Every provision that the words rest on, by title."""
    words = words_of(version, view)
    found: dict[str, list[tuple[str, str]]] = {}
    for clause in words.clauses:
        for code in clause.cites:
            found.setdefault(code, []).append((clause.id, words.address(clause.id)))
    return tuple(
        LawShown(words.cited[code], tuple(clauses))
        for code, clauses in sorted(found.items(), key=lambda one: (words.cited[one[0]].title.lower(), one[0]))
    )
