"""The words of a version as they are read: cut into parts, with what they rest on and what words mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from markupsafe import Markup
from msgspec import Struct

from isa_registry.domain.agreement_text import parse_agreement
from isa_registry.domain.glossary import Word, words_defined
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.agreements import version_address
from isa_registry.pages.reading_parts import Part, clause_address, part_address, parts_of
from isa_registry.pages.words import (
    ClauseShown,
    ProvisionCited,
    clauses_explained,
    inline_words,
    provision_cited,
    word_id,
)

# Bytes of HTML around the words of a clause and a provision that it rests on, beside what they say.
_CLAUSE, _CITED = 260, 220


class Explained(Struct, frozen=True):
    """A word and what it means, with the clause that says so."""

    id: str
    term: str
    means: Markup
    says: str
    href: str


class Words(Struct, frozen=True):
    """The words of a version: `clauses` whole, and the same in `parts`; the provisions cited, by code."""

    document: str
    clauses: tuple[ClauseShown, ...]
    parts: tuple[Part, ...]
    cited: Mapping[str, ProvisionCited]
    glossary: Mapping[Word, Explained]

    def address(self, clause: str) -> str:
        """Where a clause is read without a step between."""
        return clause_address(self.document, self.parts, clause)

    def has(self, clause: str) -> bool:
        return any(one.id == clause for one in self.clauses)

    def explained(self, clauses: Iterable[ClauseShown]) -> tuple[Explained, ...]:
        """The words that are marked in some clauses, in the order of the alphabet."""
        found = dict.fromkeys(word for clause in clauses for word in clause.words)
        return tuple(self.glossary[word] for word in sorted(found, key=lambda one: one.term.lower()))


class PartShown(Struct, frozen=True):
    """One part as a page: its clauses, the table of contents of the whole text, and the parts around it (address, the
    first section that they have). `later` is on the first part alone: the clauses that it lacks, each with where it is,
    so that a link to any clause of the version arrives at something."""

    clauses: tuple[ClauseShown, ...]
    contents: tuple[Line, ...]
    before: tuple[str, ClauseShown] | None
    after: tuple[str, ClauseShown] | None
    later: tuple[Line, ...]
    explained: tuple[Explained, ...]
    whole: bool


class Line(Struct, frozen=True):
    """A section in the table of contents, and the clauses below it where they are on this page."""

    clause: ClauseShown
    href: str
    below: tuple[tuple[ClauseShown, str], ...]


def words_of(version: AgreementVersion, view: RegisterView) -> Words:
    """The words of a version, and the law that they cite as the register has it now."""
    kept = ("words-read", version.agreement, version.version, version.text)
    return view.memory.recall(kept, lambda: _words(version, view))


def _words(version: AgreementVersion, view: RegisterView) -> Words:
    glossary = _glossary(version, view)
    clauses = clauses_explained(version.text, tuple(glossary))
    catalogue = view.catalogue()
    cited = {code: provision_cited(code, catalogue) for clause in clauses for code in clause.cites}

    def weigh(clause: ClauseShown) -> int:
        law = sum(_CITED + 2 * len(cited[code].title) + len(cited[code].href or "") for code in clause.cites)
        own = len(clause.html.encode()) + len(clause.heading) + sum(len(one) + 1 for one in clause.answers)
        return _CLAUSE + own + law

    return Words(version_address(version), clauses, parts_of(clauses, weigh), cited, glossary)


def _glossary(version: AgreementVersion, view: RegisterView) -> dict[Word, Explained]:
    """The words that the version explains itself, and those of the version that it stands on."""
    parent = version.schedule.parent
    above = None if parent is None else view.agreement_version(parent.agreement, parent.version)
    found: dict[str, tuple[Word, Explained]] = {}
    for one in (version, above):
        for word in () if one is None else words_defined(parse_agreement(one.text)):
            assert one is not None
            explained = Explained(
                id=word_id(word),
                term=word.term,
                means=inline_words(word.means),
                says=f"clause {word.clause}" if one is version else f"{one.title}, clause {word.clause}",
                href=f"{version_address(one)}#{word.clause}",
            )
            found.setdefault(explained.id, (word, explained))
    return dict(found.values())


def part_shown(words: Words, part: Part) -> PartShown:
    """One part of the words as a page."""
    place = words.parts.index(part)
    first = place == 0

    def neighbour(step: int) -> tuple[str, ClauseShown] | None:
        if not 0 <= place + step < len(words.parts):
            return None
        beginning = words.parts[place + step].clauses[0]
        return (words.document if place + step == 0 else part_address(words.document, beginning.id)), beginning

    return PartShown(
        clauses=part.clauses,
        contents=_lines(words, part, words.clauses),
        before=neighbour(-1),
        after=neighbour(1),
        later=_lines(words, None, [one for other in words.parts[1:] for one in other.clauses]) if first else (),
        explained=words.explained(part.clauses),
        whole=len(words.parts) == 1,
    )


def part_with(words: Words, clause: str) -> Part | None:
    """The part that has a clause; None for one that is not there."""
    return next((part for part in words.parts if part.has(clause)), None)


def _lines(words: Words, part: Part | None, clauses: Iterable[ClauseShown]) -> tuple[Line, ...]:
    """The sections of some clauses; below them those that are in `part`, or all where none is given."""

    def href(one: ClauseShown) -> str:
        return f"#{one.id}" if part is not None and part.has(one.id) else words.address(one.id)

    sections: dict[str, tuple[ClauseShown, list[tuple[ClauseShown, str]]]] = {}
    for one in clauses:
        if one.section not in sections:
            sections[one.section] = (one, [])
        elif part is None or (one.level == 2 and part.has(one.id)):
            sections[one.section][1].append((one, href(one)))
    return tuple(Line(first, href(first), tuple(below)) for first, below in sections.values())
