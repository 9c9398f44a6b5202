"""How clauses are cited: by systems as `agreement/version#clause`, such as tier-2-hoth/1.0#5.3, in one spelling; in
documents for people in a short form, such as HOTH ISA 1.0, cl. 5.3, which is read in the ways that people write it."""

from __future__ import annotations

import re
from typing import NamedTuple

from isa_registry.domain.agreement_text import is_clause_id

_CITATION = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)/([0-9]+(?:\.[0-9]+)*)#([A-Z0-9.]+)")
_SHORT_TITLE = re.compile(r"[A-Za-z][A-Za-z0-9&’-]*(?: [A-Za-z0-9&’-]+)*")
_SHORT = re.compile(
    r"(?P<title>.*?)(?:,? v(?:ersion|er|\.)? ?(?P<v>[0-9]+(?:\.[0-9]+)+)|,? (?P<version>[0-9]+(?:\.[0-9]+)+))?"
    r"(?:,? ?(?<![A-Za-z])(?:clauses?|cls?|sections?|s|§|annex|¶)\.? ?(?P<clause>[A-Za-z0-9]+(?:\.[0-9]+)*))?\.?",
    re.IGNORECASE,
)
LONGEST = 200
"""Characters of a citation that is read at all."""


class Citation(NamedTuple):
    """One clause of one version. What it names may still not be there."""

    agreement: str
    version: str
    clause: str

    def __str__(self) -> str:
        return f"{self.agreement}/{self.version}#{self.clause}"

    @property
    def url(self) -> str:
        """The page of the version, at the clause."""
        return f"/agreements/{self.agreement}/{self.version}#{self.clause}"


class ShortCitation(NamedTuple):
    """A citation as people write it: a short title or an agreement's id, and what else was named."""

    title: str
    version: str | None
    clause: str | None


def parse_citation(text: str) -> Citation | None:
    """The citation that a text is; None for any other spelling."""
    found = _CITATION.fullmatch(text)
    return Citation(found[1], found[2], found[3]) if found is not None and is_clause_id(found[3]) else None


def is_short_title(text: str) -> bool:
    """Whether an agreement can be called so: words, 2 to 40 characters, the last with a letter so that no version is
    taken for a part of it."""
    last = text.rpartition(" ")[2]
    return 2 <= len(text) <= 40 and _SHORT_TITLE.fullmatch(text) is not None and any(map(str.isalpha, last))


def short_citation(title: str, version: str, clause: str | None = None) -> str:
    """The short form: HOTH ISA 1.0, cl. 5.3; of a whole version HOTH ISA 1.0."""
    return f"{title} {version}" + ("" if clause is None else f", cl. {clause}")


def parse_short_citation(text: str) -> ShortCitation | None:
    """What a citation written by a person names; None for what cannot be one. Spaces, capitals and the words for
    version and clause may be written as people do: `hoth isa v1.0 clause 5.3`."""
    text = " ".join(text.split())
    found = _SHORT.fullmatch(text) if 0 < len(text) <= LONGEST else None
    if found is None:
        return None
    title, clause = found["title"].strip(" ,"), found["clause"]
    clause = None if clause is None else clause.upper()
    if not title or (clause is not None and not is_clause_id(clause)):
        return None
    return ShortCitation(title, found["v"] or found["version"], clause)


def same_title(one: str, other: str) -> bool:
    """Whether two titles are the same to whoever writes them: capitals and spaces apart."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()
