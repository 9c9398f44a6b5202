"""What a citation leads to, whichever way it is written, and how a version is cited."""

from __future__ import annotations

from typing import NamedTuple

from isa_registry.domain.agreement_text import clauses_of
from isa_registry.domain.citations import (
    Citation,
    ShortCitation,
    parse_citation,
    parse_short_citation,
    same_title,
    short_citation,
)
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView


class Cited(NamedTuple):
    """What a citation leads to: an agreement; where they were named and are there, its version and its clause.
    `missing` is what was named and is not there: a version or a clause."""

    agreement: str
    version: str | None
    clause: str | None
    missing: str | None = None

    @property
    def address(self) -> str:
        """The page: of the clause, of the version, or of what is in force where no version was named."""
        if self.version is None:
            return f"/id/agreement/{self.agreement}" + ("" if self.clause is None else f"/clause/{self.clause}")
        whole = f"/agreements/{self.agreement}/{self.version}"
        return whole if self.clause is None else f"{whole}/clause/{self.clause}"


def cite(version: AgreementVersion, clause: str | None = None) -> str:
    """How documents for people cite a version or a clause of it: HOTH ISA 1.0, cl. 5.3."""
    return short_citation(version.schedule.short_title or version.agreement, version.version, clause)


def cited(view: RegisterView, text: str) -> Cited | None:
    """What a citation leads to; None for one that names no agreement of this registry."""
    exact = parse_citation(text.strip())
    short = parse_short_citation(text) if exact is None else _as_short(exact)
    if short is None:
        return None
    agreement = _called(view, short.title)
    if agreement is None:
        # A title may end in what looks like a clause.
        agreement, short = _called(view, text), ShortCitation(text, None, None)
    if agreement is None:
        return None
    versions = view.agreement_versions(agreement)
    if short.version is not None:
        found = next((one for one in versions if one.version == short.version), None)
        if found is None:
            return Cited(agreement, None, None, "version")
        versions = [found]
    if short.clause is None:
        return Cited(agreement, short.version, None)
    there = any(one.id == short.clause for version in versions for one in clauses_of(version.text))
    if there:
        return Cited(agreement, short.version, short.clause)
    return Cited(agreement, short.version, None, "clause")


def _called(view: RegisterView, title: str) -> str | None:
    """The agreement with this id, or one of whose versions is called so for short."""
    for version in view.agreement_versions():
        short = version.schedule.short_title
        if same_title(version.agreement, title) or (short is not None and same_title(short, title)):
            return version.agreement
    return None


def _as_short(citation: Citation) -> ShortCitation:
    return ShortCitation(citation.agreement, citation.version, citation.clause)
