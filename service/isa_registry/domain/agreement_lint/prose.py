"""The prose of a clause or summary: what a reader reads as sentences, with the line each piece stands on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from isa_registry.domain.agreement_text import Clause

_CODE_SPAN = re.compile(r"`[^`]*`")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_CLAUSE_NUMBER = re.compile(r"(?:[0-9]+|[A-Z])(?:\.[0-9]+)*")
_QUOTATION = re.compile(r"“[^”]*”")
_LIST_ITEM = re.compile(r" *(?:[-*+]|[0-9]+[.)]) +")
_HEADING = re.compile(r"#{1,6} ")

# A title such as "the Data (Use and Access) Act 2025": capitals, and the small words that join them.
_ACT = re.compile(
    r"\b[A-Z][\w’']*,?(?: (?:and|of|the|for|in|to|on|by|etc\.?|\(?[A-Z][\w’']*\)?,?))*"
    r" (?:Act|Regulations|Order|Rules|Measure)(?: \([A-Z][A-Za-z ]*\))? (?:1[6-9]|20)[0-9]{2}\b"
)


class Line(NamedTuple):
    """One line of a file."""

    number: int
    text: str


def clause_lines(clause: Clause) -> Iterator[Line]:
    """The lines of a clause's text."""
    for offset, text in enumerate(clause.text.split("\n") if clause.text else ()):
        yield Line(clause.line + 2 + offset, text)


def file_lines(text: str) -> Iterator[Line]:
    """The lines of a whole file."""
    for number, line in enumerate(text.split("\n"), 1):
        yield Line(number, line)


def in_table(text: str) -> bool:
    """Whether a line is a row of a table."""
    return text.startswith("|")


@lru_cache(maxsize=4096)
def words_alone(text: str) -> str:
    """A line without code spans, emphasis and the addresses of links, and without links that are a number alone."""
    text = _CODE_SPAN.sub("", text)
    text = _LINK.sub(lambda link: "" if _CLAUSE_NUMBER.fullmatch(link[1]) else link[1], text)
    return re.sub(r"\*+|(?<!\w)_+|_+(?!\w)", "", text)


def without_quotations(text: str) -> str:
    """A line without what stands in “quotation marks”: words that are spoken of, not used."""
    return _QUOTATION.sub("", text)


def without_acts(text: str) -> str:
    """A line without the titles of Acts, regulations and orders."""
    return _ACT.sub("", text)


def paragraphs(lines: Iterable[Line]) -> Iterator[str]:
    """Paragraphs and list items as running text: no tables, code spans or titles of Acts."""
    running: list[str] = []
    for _, line in lines:
        starts = _LIST_ITEM.match(line) or _HEADING.match(line)
        if (not line or in_table(line) or starts) and running:
            yield without_acts(words_alone(" ".join(running)))
            running = []
        if line and not in_table(line):
            running.append(line[starts.end() :] if starts else line.strip())
    if running:
        yield without_acts(words_alone(" ".join(running)))
