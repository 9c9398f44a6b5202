"""The words of an agreement, cut into clauses with ids that never change.

The layout is docs/formats/agreement.md: a title, a line that names the agreement and its version, then
nothing but clauses. All text belongs to some clause, so every word of it can be linked to.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_TITLE = re.compile(r"# (\S.*)")
_NAMES = re.compile(r"Agreement `([a-z0-9]+(?:-[a-z0-9]+)*)`, version `([0-9]+(?:\.[0-9]+)*)`\.")
_HEADING = re.compile(r"(#{2,5}) ([0-9.]+) (\S.*?) \{#([0-9.]+)\}")
_CLAUSE_ID = re.compile(r"(?:0|[1-9][0-9]{0,2})(?:\.[1-9][0-9]{0,2})*")
_RESTS_ON = "Rests on: "
_CITATION = re.compile(r"`([a-z0-9]+(?:-[a-z0-9]+)*)`")


class AgreementFault(NamedTuple):
    """One thing wrong: the file, the line or JSON pointer within it, and what."""

    file: str
    at: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}{self.at}: {self.what}"


class AgreementError(ValueError):
    """These files are not an agreement. `faults` names what was found wrong."""

    def __init__(self, *faults: AgreementFault) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))


class Clause(NamedTuple):
    """One clause.

    `heading` is without its number, `level` 1 for a section such as 5 and 2 for 5.3. `text` is Markdown
    without the heading and without the line of what it rests on, which is `cites`: provision codes, in order.
    """

    id: str
    heading: str
    level: int
    text: str
    cites: tuple[str, ...]
    line: int


class AgreementText(NamedTuple):
    """The words in parts; `agreement` and `version` are what the words say of themselves."""

    title: str
    agreement: str
    version: str
    clauses: tuple[Clause, ...]


def parse_agreement(markdown: str) -> tuple[Clause, ...]:
    """The clauses of an agreement in their order. Raises `AgreementError` naming every line at fault."""
    return parse_agreement_text(markdown).clauses


def parse_agreement_text(markdown: str) -> AgreementText:
    """The words in parts. Raises `AgreementError` naming every line at fault."""
    faults: list[AgreementFault] = []

    def fault(line: int, what: str) -> None:
        faults.append(AgreementFault("agreement.md", f":{line}", what))

    lines = markdown.split("\n")
    if "\r" in markdown:
        fault(markdown[: markdown.index("\r")].count("\n") + 1, "a carriage return: lines end in LF alone")
    for n, line in enumerate(lines, 1):
        # What a signatory cannot see must not be in what they sign.
        if any(unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs") for char in line.replace("\r", "")):
            fault(n, "a control or invisible character")
    if not markdown.endswith("\n") or markdown.endswith("\n\n"):
        fault(len(lines), "the text ends in exactly one line feed")
    title = _TITLE.fullmatch(lines[0])
    names = _NAMES.fullmatch(lines[2]) if len(lines) > 2 else None
    if title is None:
        fault(1, "expected the title: # and its words")
    if names is None or lines[1] != "":
        fault(3, "expected, after an empty line, Agreement `id`, version `n.n`.")
    starts = [n for n, line in enumerate(lines) if n > 2 and line.startswith("#")]
    for n, line in enumerate(lines[3 : starts[0] if starts else None], 4):
        if line.strip():
            fault(n, "text outside any clause")
    if not starts:
        fault(len(lines), "no clause")
    clauses: list[Clause] = []
    ends = [*starts[1:], len(lines)] if starts else []
    for start, end in zip(starts, ends, strict=True):
        clause, wrong = _clause(lines[start:end], start + 1)
        faults.extend(wrong)
        if clause is not None:
            clauses.append(clause)
    if not faults:
        faults.extend(_order(clauses))
    if faults or title is None or names is None:
        raise AgreementError(*faults)
    return AgreementText(title[1], names[1], names[2], tuple(clauses))


def _clause(lines: list[str], first: int) -> tuple[Clause | None, list[AgreementFault]]:
    faults: list[AgreementFault] = []

    def fault(offset: int, what: str) -> None:
        faults.append(AgreementFault("agreement.md", f":{first + offset}", what))

    heading = _HEADING.fullmatch(lines[0])
    if heading is None or _CLAUSE_ID.fullmatch(heading[4]) is None:
        fault(0, "expected a heading such as ### 5.3 Its words {#5.3}")
        return None, faults
    marks, number, words, id_ = heading.groups()
    level = id_.count(".") + 1
    if number != id_:
        fault(0, f"the heading says {number} and its id {id_}")
    if len(marks) != level + 1:
        fault(0, f"a clause {id_} has {level + 1} number signs")
    resting = [n for n, line in enumerate(lines) if line.startswith(_RESTS_ON)]
    cites: tuple[str, ...] = ()
    body = lines[1:]
    if resting:
        at = resting[0]
        stated = lines[at].removeprefix(_RESTS_ON).removesuffix(".").split(", ")
        found = [_CITATION.fullmatch(citation) for citation in stated]
        cites = tuple(citation[1] for citation in found if citation is not None)
        if len(cites) != len(found) or not lines[at].endswith("."):
            fault(at, "expected Rests on: `code`, `code`.")
        if len(set(cites)) != len(cites):
            fault(at, "a provision is cited twice")
        if len(resting) > 1 or any(line.strip() for line in lines[at + 1 :]):
            fault(at, "what a clause rests on is its last line")
        body = lines[1:at]
    text = "\n".join(body).strip("\n")
    if any(line.startswith(("```", "~~~", "<")) for line in body):
        fault(0, "code blocks and HTML have no place in an agreement")
    if not text and level > 1:
        fault(0, f"clause {id_} says nothing")
    return Clause(id_, words, level, text, cites, first), faults


def _order(clauses: list[Clause]) -> list[AgreementFault]:
    faults: list[AgreementFault] = []
    previous: tuple[int, ...] = (-1,)
    seen: set[str] = set()
    for clause in clauses:
        number = tuple(int(part) for part in clause.id.split("."))
        at = f":{clause.line}"
        if clause.id in seen:
            faults.append(AgreementFault("agreement.md", at, f"clause {clause.id} is here twice"))
        elif number <= previous:
            faults.append(AgreementFault("agreement.md", at, f"clause {clause.id} is out of order"))
        elif len(number) > 1 and clause.id.rpartition(".")[0] not in seen:
            faults.append(AgreementFault("agreement.md", at, f"clause {clause.id} belongs to no section"))
        seen.add(clause.id)
        previous = max(previous, number)
    return faults
