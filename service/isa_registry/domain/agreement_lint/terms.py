"""Defined terms: each is used, spelled one way, and has no rival.

They are defined in the clause whose heading begins “Words used”, one to a list item: `- **party**: a body that …`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from isa_registry.domain.agreement_lint.prose import Line, clause_lines, without_quotations, words_alone
from isa_registry.domain.agreement_text import AgreementFault, Clause

WORDS_USED = "Words used"

DEFINITION = re.compile(r"- \*\*([^*]+)\*\*: (\S.*)")

# What is said otherwise in these texts, and how they say it. Small letters match capitals too.
SYNONYMS: Mapping[str, str] = {
    "data subject": "the person, or the child",
    "data subjects": "people, or children",
    "service user": "the child, the parent or the person",
    "service users": "children, parents or people",
    "partner agency": "party",
    "partner agencies": "parties",
    "partner organisation": "party",
    "partner organisations": "parties",
    "participating organisation": "party",
    "participating organisations": "parties",
    "signatory organisation": "party",
    "signatory agency": "party",
    "stakeholder": "party, or whoever is meant",
    "stakeholders": "parties, or whoever is meant",
    "information sharing protocol": "agreement",
    "data sharing agreement": "agreement",
    "contextual safeguarding": "harm outside the home",
    "extra-familial harm": "harm outside the home",
    "return home interview": "return interview",
    "independent return interview": "return interview",
    "missing from home interview": "return interview",
    "absconder": "missing child",
    "child prostitution": "child sexual exploitation",
    "ISA": "agreement",
    "ISAs": "agreements",
    "APD": "appropriate policy document",
    "DPIA": "data protection impact assessment",
    "FOI": "freedom of information",
}


_SYNONYM = re.compile(
    "|".join(
        rf"\b(?{'-' if synonym[0].isupper() else ''}i:{re.escape(synonym)})\b"
        for synonym in sorted(SYNONYMS, key=len, reverse=True)
    ),
    re.IGNORECASE,
)


class Term(NamedTuple):
    """A term as it is defined, and where."""

    term: str
    line: int
    clause: str


def defined_terms(clauses: Iterable[Clause]) -> tuple[Term, ...]:
    """The terms of an agreement, in order."""
    return tuple(
        Term(definition[1], line.number, clause.id)
        for clause in clauses
        if clause.heading.startswith(WORDS_USED)
        for line in clause_lines(clause)
        if (definition := DEFINITION.fullmatch(line.text)) is not None
    )


def term_faults(clauses: tuple[Clause, ...], parent: tuple[Clause, ...]) -> Iterator[AgreementFault]:
    """An agreement's own terms and those of the agreement it stands on."""
    own = defined_terms(clauses)
    inherited = defined_terms(parent)
    if not own:
        what = f"no term is defined: a clause “{WORDS_USED}” has list items such as - **party**: a body that has signed"
        yield AgreementFault("agreement.md", ":1", what)
    yield from _definition_faults(own, inherited)
    lines = [line for clause in clauses if not clause.generated for line in clause_lines(clause)]
    yield from _unused(own, lines)
    prose = [Line(line.number, words_alone(line.text)) for line in lines]
    terms = tuple(term.term for term in (*own, *inherited))
    yield from _spelling_faults(terms, prose)
    yield from _synonym_faults(terms, prose)


def _definition_faults(own: tuple[Term, ...], inherited: tuple[Term, ...]) -> Iterator[AgreementFault]:
    before = {term.term.lower(): f"clause {term.clause} of Tier 1" for term in inherited}
    for term in own:
        if term.term.lower() in before:
            what = f"“{term.term}” is defined in {before[term.term.lower()]} already: define it once"
            yield AgreementFault("agreement.md", f":{term.line}", what)
        before[term.term.lower()] = f"clause {term.clause}"


def _unused(own: tuple[Term, ...], lines: list[Line]) -> Iterator[AgreementFault]:
    for term in own:
        used = re.compile(rf"\b{plural(term.term)}\b", re.IGNORECASE)
        if not any(used.search(line.text) for line in lines if line.number != term.line):
            what = f"“{term.term}” is defined and never used: use it, or take the definition out"
            yield AgreementFault("agreement.md", f":{term.line}", what)


def plural(term: str) -> str:
    """The term, one of it or several."""
    stem = re.escape(term)
    if term.endswith("y") and term[-2:-1] not in "aeiou":
        return rf"{re.escape(term[:-1])}(?:y|ies)"
    if term == "child" or term.endswith(" child"):
        return rf"{stem}(?:ren)?"
    if term == "person" or term.endswith(" person"):
        return rf"(?:{stem}s?|{re.escape(term.removesuffix('person'))}people)"
    return rf"{stem}(?:e?s)?"


def _spelling_faults(terms: tuple[str, ...], prose: list[Line]) -> Iterator[AgreementFault]:
    """The same words joined, parted or capitalised otherwise. A capital may begin a sentence, a heading or a name."""
    # The longest first: in “harm outside the home” it is that term which is spelled, not “harm”.
    by_length = sorted(terms, key=len, reverse=True)
    loose = {term: re.compile(_loosely(term), re.IGNORECASE) for term in by_length}
    exact = re.compile("|".join(map(plural, by_length)) or "(?!)")
    any_of_them = re.compile(rf"\b(?:{'|'.join(map(_loosely, by_length)) or '(?!)'})\b", re.IGNORECASE)
    for number, text in prose:
        for found in any_of_them.finditer(text):
            if exact.fullmatch(found[0]):
                continue
            begins = re.search(r"(?:^|[.?!:“|–] ?|^ *[-0-9.]+ )$", text[: found.start()])
            if begins and exact.fullmatch(found[0][0].lower() + found[0][1:]):
                continue
            term = next(term for term in by_length if loose[term].fullmatch(found[0]))
            if term.islower() and _in_name(text, found):
                continue
            what = f"“{found[0]}” is spelled “{term}” where it is defined: spell it one way"
            yield AgreementFault("agreement.md", f":{number}", what)


def _loosely(term: str) -> str:
    return plural(term).replace("\\ ", "[ -]").replace("\\-", "[ -]?")


def _in_name(text: str, found: re.Match[str]) -> bool:
    """Whether it is part of a longer name: a capital or a number stands beside it."""
    after = re.match(r"(?:['’]s)?(?: (?:of|and|for|the|in))* [A-Z0-9(]", text[found.end() :])
    before = re.search(r"(?<=[\w,;’] )[A-Z][\w’']*(?: (?:of|and|for))* $", text[: found.start()])
    return found[0][0].isupper() and (after is not None or before is not None)


def _synonym_faults(terms: tuple[str, ...], prose: list[Line]) -> Iterator[AgreementFault]:
    defined = {term.lower() for term in terms}
    for number, text in prose:
        for found in _SYNONYM.finditer(without_quotations(text)):
            rather = SYNONYMS.get(found[0]) or SYNONYMS[found[0].lower()]
            if found[0].lower() not in defined:
                what = f"“{found[0]}” is not used in these texts: write {rather}"
                yield AgreementFault("agreement.md", f":{number}", what)
