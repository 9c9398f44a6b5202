"""Cross-references: `clause 5.5`, `clauses 5.3 and 5.4`, `section 9`, `clause 7.2 of Tier 1`, `Annex A`.

A section of an Act says which Act: “section 47 of the Children Act 1989”. One that does not is taken for a section of
the agreement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from isa_registry.domain.agreement_lint.prose import clause_lines, words_alone
from isa_registry.domain.agreement_text import AgreementFault, Clause, clause_order

_IDS = {
    "clause": r"(?:[0-9]+|[A-Z])(?:\.[0-9]+)*",
    "section": r"[0-9]+[A-Z]*(?:\([0-9a-z]+\))*",
    "annex": r"[A-Z]",
}
_JOIN = r"(?:, and |, or |, | and | or | to )"
_REFERENCES = [
    re.compile(
        rf"\b(?P<what>{name}){plural} (?P<ids>{id_}(?:{_JOIN}{id_})*)\b"
        r"(?:(?= of (?P<whose>Tier 1|[^.;:]{1,90})))?"
    )
    for name, plural, id_ in (
        ("[Cc]lause", "s?", _IDS["clause"]),
        ("[Ss]ection", "s?", _IDS["section"]),
        ("Annex", "(?:es)?", _IDS["annex"]),
    )
]
_STATUTE = re.compile(r"\b(?:Act|Acts|Order|Regulations|Rules|Schedule|Measure|Bill)\b")


class Reference(NamedTuple):
    """One id that a clause refers to, in its own agreement or in Tier 1."""

    said_in: Clause
    line: int
    what: str
    id: str
    tier_1: bool


def references(clause: Clause, known: Mapping[str, Clause]) -> Iterator[Reference]:
    """What a clause refers to. A span such as `clauses 5.3 to 5.5` refers to the known clauses between its ends."""
    for number, line in clause_lines(clause):
        text = words_alone(line)
        for pattern in _REFERENCES:
            for found in pattern.finditer(text):
                what = found["what"].lower()
                whose = found["whose"]
                if what == "section" and whose is not None and _STATUTE.search(whose):
                    continue
                for id_ in _each(found["ids"], known):
                    yield Reference(clause, number, what, id_, whose == "Tier 1")


def _each(ids: str, known: Mapping[str, Clause]) -> Iterator[str]:
    for stated in re.split(r", and |, or |, | and | or ", ids):
        first, _, last = stated.partition(" to ")
        yield first
        if last:
            level = last.count(".")
            yield from (
                id_
                for id_ in known
                if id_.count(".") == level
                and first.count(".") == level
                and _order(first) < clause_order(id_) < _order(last)
            )
            yield last


def _order(id_: str) -> tuple[int, ...]:
    return clause_order(id_) if re.fullmatch(_IDS["clause"], id_) else ()


def reference_faults(clauses: tuple[Clause, ...], parent: tuple[Clause, ...] | None) -> Iterator[AgreementFault]:
    """Every reference leads somewhere. `parent`: the clauses of the Tier 1 version, None for a Tier 1 agreement."""
    own = {clause.id: clause for clause in clauses}
    above = {clause.id: clause for clause in parent or ()}
    for clause in clauses:
        for reference in references(clause, own):
            what = _fault(reference, own, above, parent is None)
            if what is not None:
                yield AgreementFault("agreement.md", f":{reference.line}", what)


def _fault(reference: Reference, own: Mapping[str, Clause], above: Mapping[str, Clause], is_tier_1: bool) -> str | None:
    what, id_ = reference.what, reference.id
    said = f"{'Annex' if what == 'annex' else what} {id_}"
    if reference.tier_1 and is_tier_1:
        return f"{said} of Tier 1: this is Tier 1, so leave “of Tier 1” out"
    if what == "clause" and "." not in id_:
        return f"{said} is a section or an annex: write section {id_} or Annex {id_}"
    if id_ in (above if reference.tier_1 else own):
        return None
    if reference.tier_1:
        return f"{said} of Tier 1: the version of Tier 1 that the schedule names as parent has none"
    if what == "section":
        return (
            f"{said}: this agreement has no such section; a section of an Act says which, such as "
            f"“section {id_} of the Children Act 1989”"
        )
    hint = "; Tier 1 has one: write “of Tier 1” if that is meant" if id_ in above else ""
    return f"{said}: this agreement has none{hint}"
