"""The words of an agreement, cut into clauses with ids that never change.

The layout is docs/formats/agreement.md: a title, a line that names the agreement and its version, then
nothing but clauses. All text belongs to some clause, so every word of it can be linked to.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

_TITLE = re.compile(r"# (\S.*)")
_NAMES = re.compile(r"Agreement `([a-z0-9]+(?:-[a-z0-9]+)*)`, version `([0-9]+(?:\.[0-9]+)*)`\.")
_HEADING = re.compile(r"(#{2,5}) ([A-Z0-9.]+) (\S.*?) \{#([A-Z0-9.]+)\}")
_CLAUSE_ID = re.compile(r"(?:0|[1-9][0-9]{0,2}|[A-Z])(?:\.[1-9][0-9]{0,2})*")
_ANSWERS = "Answers: "
_QUESTION = re.compile(r"[A-Z][^?]*\S\?")
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

    `heading` is without its number, `level` 1 for a section such as 5 or an annex such as A, and 2 for 5.3 or A.1.
    `text` is Markdown without the heading and without the two lines at its end: `answers`, the questions that the
    clause answers, and `cites`, the codes of the provisions it rests on, each in order. `line` is the heading's.
    """

    id: str
    heading: str
    level: int
    text: str
    answers: tuple[str, ...]
    cites: tuple[str, ...]
    line: int

    @property
    def section(self) -> str:
        """The id of the section it belongs to; its own for a section."""
        return self.id.partition(".")[0]

    @property
    def generated(self) -> bool:
        """Whether it belongs to an annex, which is made from the schedule."""
        return self.id[0].isalpha()


class AgreementText(NamedTuple):
    """The words in parts; `agreement` and `version` are what the words say of themselves."""

    title: str
    agreement: str
    version: str
    clauses: tuple[Clause, ...]


def parse_agreement(markdown: str) -> tuple[Clause, ...]:
    """The clauses of an agreement in their order. Raises `AgreementError` naming every line at fault."""
    return parse_agreement_text(markdown).clauses


@lru_cache(maxsize=64)
def clauses_of(text: str) -> tuple[Clause, ...]:
    """The same, read once: of a published text, which never changes."""
    return parse_agreement(text)


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
        if not line.isprintable() and any(
            unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") for char in line.replace("\r", "")
        ):
            fault(n, "a control or invisible character")
        if line.endswith(" "):
            fault(n, "a space at the end of the line")
        if n > 1 and not line and not lines[n - 2] and n < len(lines):
            fault(n, "a second empty line")
        if n > 1 and line.startswith("#") and lines[n - 2]:
            fault(n, "expected an empty line before a heading")
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


def agreement_markdown(words: AgreementText) -> str:
    """The text that `parse_agreement_text` reads as these words; there is one such text."""
    head = f"# {words.title}\n\nAgreement `{words.agreement}`, version `{words.version}`.\n"
    return "\n".join((head, *map(clause_markdown, words.clauses)))


def clause_markdown(clause: Clause) -> str:
    """One clause as it stands in the text, ending in a line feed."""
    parts = [f"{'#' * (clause.level + 1)} {clause.id} {clause.heading} {{#{clause.id}}}"]
    if clause.text:
        parts.append(clause.text)
    if clause.answers:
        parts.append(_ANSWERS + " ".join(clause.answers))
    if clause.cites:
        parts.append(_RESTS_ON + ", ".join(f"`{code}`" for code in clause.cites) + ".")
    return "\n\n".join(parts) + "\n"


def clause_sha256(clause: Clause) -> str:
    """Lower-case hex SHA-256 of the clause as it stands in the text (UTF-8), from its heading to its last line feed."""
    return hashlib.sha256(clause_markdown(clause).encode()).hexdigest()


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
    body = lines[1:]
    _drop_empty(body)
    cites: tuple[str, ...] = ()
    if body and body[-1].startswith(_RESTS_ON):
        cites = _cites(body, fault)
    answers: tuple[str, ...] = ()
    if body and body[-1].startswith(_ANSWERS):
        answers = _answers(body, fault)
    strayed = [n for n, line in enumerate(body, 1) if line.startswith((_ANSWERS, _RESTS_ON))]
    if strayed:
        fault(strayed[0], "a clause ends with what it answers, then what it rests on, a line each")
    if len(lines) > 1 and lines[1]:
        fault(1, "expected an empty line after the heading")
    text = "\n".join(body).strip("\n")
    if any(line.startswith(("```", "~~~", "<")) for line in body):
        fault(0, "code blocks and HTML have no place in an agreement")
    if not text and level > 1:
        fault(0, f"clause {id_} says nothing")
    return Clause(id_, words, level, text, answers, cites, first), faults


def _cites(body: list[str], fault: Callable[[int, str], None]) -> tuple[str, ...]:
    """Takes the last line off the body: the provisions it names."""
    line = _last_paragraph(body, fault)
    found = [_CITATION.fullmatch(one) for one in line.removeprefix(_RESTS_ON).removesuffix(".").split(", ")]
    cites = tuple(citation[1] for citation in found if citation is not None)
    if len(cites) != len(found) or not line.endswith("."):
        fault(len(body) + 1, "expected Rests on: `code`, `code`.")
    if len(set(cites)) != len(cites):
        fault(len(body) + 1, "a provision is cited twice")
    _drop_empty(body)
    return cites


def _answers(body: list[str], fault: Callable[[int, str], None]) -> tuple[str, ...]:
    """Takes the last line off the body: the questions it names."""
    line = _last_paragraph(body, fault)
    answers = tuple(re.split(r"(?<=\?) ", line.removeprefix(_ANSWERS)))
    if any(_QUESTION.fullmatch(question) is None for question in answers):
        fault(len(body) + 1, "expected Answers: What is one question? What is another?")
    if len(set(answers)) != len(answers):
        fault(len(body) + 1, "a question is there twice")
    _drop_empty(body)
    return answers


def _last_paragraph(body: list[str], fault: Callable[[int, str], None]) -> str:
    line = body.pop()
    if not body or body[-1]:
        fault(len(body) + 1, "expected an empty line before this one")
    return line


def _drop_empty(body: list[str]) -> None:
    while body and not body[-1]:
        body.pop()


def is_clause_id(id_: str) -> bool:
    """Whether it has the form of an id: 5, 5.3, A.1."""
    return _CLAUSE_ID.fullmatch(id_) is not None


def clause_order(id_: str) -> tuple[int, ...]:
    """Sorts clause ids as an agreement does: numbers as numbers, sections first and annexes after them."""
    section, *below = id_.split(".")
    first = (1, ord(section)) if section.isalpha() else (0, int(section))
    return (*first, *map(int, below))


def _order(clauses: list[Clause]) -> list[AgreementFault]:
    faults: list[AgreementFault] = []
    previous: tuple[int, ...] = ()
    seen: set[str] = set()
    for clause in clauses:
        number = clause_order(clause.id)
        at = f":{clause.line}"
        if clause.id in seen:
            faults.append(AgreementFault("agreement.md", at, f"clause {clause.id} is here twice"))
        elif number <= previous:
            faults.append(AgreementFault("agreement.md", at, f"clause {clause.id} is out of order"))
        elif "." in clause.id and clause.id.rpartition(".")[0] not in seen:
            faults.append(AgreementFault("agreement.md", at, f"clause {clause.id} belongs to no section"))
        seen.add(clause.id)
        previous = max(previous, number)
    return faults
