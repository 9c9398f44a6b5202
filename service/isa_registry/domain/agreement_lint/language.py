"""Plain words, and marks that are right on paper and on a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from isa_registry.domain.agreement_lint.prose import Line, in_table, without_acts, without_quotations, words_alone
from isa_registry.domain.agreement_text import AgreementFault

# What is not written, and what to write instead. Small letters match capitals too.
PLAINER: Mapping[str, str] = {
    "utilise": "use",
    "utilised": "used",
    "utilising": "using",
    "commence": "begin",
    "prior to": "before",
    "in respect of": "about, or for",
    "in relation to": "about",
    "with regard to": "about",
    "pursuant to": "under",
    "hereby": "nothing at all",
    "herein": "here",
    "hereinafter": "from here on",
    "thereof": "of it",
    "therein": "in it",
    "aforementioned": "this, or that",
    "forthwith": "at once",
    "notwithstanding": "in spite of, or even if",
    "in the event that": "if",
    "in order to": "to",
    "shall": "must, or does",
    "and/or": "and, or or",
    "e.g.": "for example",
    "i.e.": "that is",
    "etc.": "what else there is, or “such as” before it",
    "etc": "what else there is, or “such as” before it",
    "organization": "organisation",
    "organizations": "organisations",
    "authorize": "authorise",
    "authorized": "authorised",
    "recognized": "recognised",
    "whilst": "while",
    "amongst": "among",
}

_PLAINER = re.compile(
    rf"(?<![\w.])(?:{'|'.join(sorted(map(re.escape, PLAINER), key=len, reverse=True))})(?!\w)", re.IGNORECASE
)
_DOUBLE_SPACE = re.compile(r"\S {2,}\S")
_LINK = re.compile(r"\[[^\]]*\]\(")


def language_faults(file: str, lines: Iterable[Line]) -> Iterator[AgreementFault]:
    """Words that have a plainer one, and spaces that nobody sees. Titles of Acts, quotations and code spans are left
    alone."""
    for number, text in lines:
        at = f":{number}"
        if _DOUBLE_SPACE.search(text):
            yield AgreementFault(file, at, "two spaces together: leave one")
        for found in _PLAINER.finditer(without_acts(without_quotations(words_alone(text)))):
            yield AgreementFault(file, at, f"“{found[0]}”: write {PLAINER[found[0].lower()]}")


def markup_faults(lines: Iterable[Line]) -> Iterator[AgreementFault]:
    """What a page shows otherwise than the words that are signed: links, and tables with a cell too few."""
    columns = 0
    for number, text in lines:
        at = f":{number}"
        if _LINK.search(text):
            what = "a link has no place in the words that are signed: write clause 5.3, or cite a provision"
            yield AgreementFault("agreement.md", at, what)
        if not in_table(text):
            columns = 0
            continue
        cells = len(re.findall(r"(?<!\\)\|", text)) - 1
        if not text.endswith(" |") or (columns and cells != columns):
            what = f"this row has {cells} cells and the first of its table {columns or cells}: | one | for each |"
            yield AgreementFault("agreement.md", at, what)
        columns = columns or cells
