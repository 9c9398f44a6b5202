"""How a clause is cited: `agreement/version#clause`, such as tier-2-hoth/1.0#5.3. There is one spelling."""

from __future__ import annotations

import re
from typing import NamedTuple

from isa_registry.domain.agreement_text import is_clause_id

_CITATION = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)/([0-9]+(?:\.[0-9]+)*)#([A-Z0-9.]+)")


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


def parse_citation(text: str) -> Citation | None:
    """The citation that a text is; None for any other spelling."""
    found = _CITATION.fullmatch(text)
    return Citation(found[1], found[2], found[3]) if found is not None and is_clause_id(found[3]) else None
