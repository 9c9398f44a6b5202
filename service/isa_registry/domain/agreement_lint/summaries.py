"""The two summaries: their links lead to clauses, and the one for adults leads to every section."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from isa_registry.domain.agreement_lint.prose import file_lines
from isa_registry.domain.agreement_text import AgreementFault, Clause, is_clause_id

SUMMARY = "summary.md"
CHILDREN = "summary-children.md"

_LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")


class Link(NamedTuple):
    """A link in a summary: its words, its address and the line."""

    text: str
    address: str
    line: int


def links(summary: str) -> Iterator[Link]:
    for number, line in file_lines(summary):
        for text, address in _LINK.findall(line):
            yield Link(text, address, number)


def summary_faults(file: str, summary: str, clauses: tuple[Clause, ...]) -> Iterator[AgreementFault]:
    """Links lead to clauses, and a number that is a link is the number it leads to."""
    ids = {clause.id for clause in clauses}
    found = list(links(summary))
    if not found:
        yield AgreementFault(file, ":1", "the summary links no clause: link what it says, such as [5.3](#5.3)")
    for text, address, line in found:
        target = address.removeprefix("#")
        if address == target or target not in ids:
            what = f"the link ({address}) leads to no clause of this agreement: write (#5.3) for clause 5.3"
            yield AgreementFault(file, f":{line}", what)
        elif is_clause_id(text) and text != target:
            yield AgreementFault(file, f":{line}", f"the link says {text} and leads to {target}: make them the same")


def section_faults(summary: str, clauses: tuple[Clause, ...]) -> Iterator[AgreementFault]:
    """Each numbered section, or a clause of it, is linked from the summary for adults."""
    linked = {link.address.removeprefix("#").partition(".")[0] for link in links(summary)}
    for clause in clauses:
        if clause.level == 1 and not clause.generated and clause.id not in linked:
            what = f"section {clause.id}, “{clause.heading}”, is not linked: say what it means, and link it"
            yield AgreementFault(SUMMARY, ":1", what)
