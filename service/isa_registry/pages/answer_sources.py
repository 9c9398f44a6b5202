"""What an answer rests on, to be opened in place: the law in plain words, and the words of the clauses."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup
from msgspec import Struct

from isa_registry.actions.checks import CheckResponse
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.citations import Citation, parse_citation
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.words import clauses_shown, legislation_address


class LawOpened(Struct, frozen=True):
    """A provision: what it says and what it means in practice. Of one no longer in the catalogue, its code."""

    title: str
    says: str
    practice: str
    href: str | None
    verified: bool


class ClauseOpened(Struct, frozen=True):
    """A clause of an agreement; without `html` its version is not here."""

    title: str
    version: str
    clause: str
    heading: str
    html: Markup | None
    href: str

    @property
    def cited(self) -> str:
        return f"{self.title}, version {self.version}, clause {self.clause}"


def law_opened(codes: Iterable[str], catalogue: Catalogue | None) -> tuple[LawOpened, ...]:
    return tuple(_law(code, catalogue) for code in codes)


def _law(code: str, catalogue: Catalogue | None) -> LawOpened:
    found = None if catalogue is None else catalogue.provisions.get(code)
    if found is None:
        return LawOpened(code, "", "", None, verified=False)
    return LawOpened(found.title, found.says, found.practice, legislation_address(found.uri), found.verified)


def clauses_opened(found: CheckResponse, view: RegisterView) -> tuple[ClauseOpened, ...]:
    """The clauses that the answer rests on, and then those that its reasons name, each once."""
    rests = (Citation(one.agreement, one.version, one.clause) for one in found.agreements)
    named = (parse_citation(cite) for reason in found.reasons for cite in reason.cites)
    return tuple(_clause(one, view) for one in dict.fromkeys((*rests, *named)) if one is not None)


def _clause(cited: Citation, view: RegisterView) -> ClauseOpened:
    version = view.agreement_version(cited.agreement, cited.version)
    clause = (
        None if version is None else next((one for one in clauses_shown(version.text) if one.id == cited.clause), None)
    )
    return ClauseOpened(
        title=cited.agreement if version is None else version.title,
        version=cited.version,
        clause=cited.clause,
        heading="" if clause is None else clause.heading,
        html=None if clause is None else clause.html,
        href=cited.url,
    )
