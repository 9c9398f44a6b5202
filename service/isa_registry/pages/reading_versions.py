"""The versions of an agreement, and what a clause of one is in each of the others."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.lineage import Fate
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.lineages import lineage_of
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.agreements import VersionLine
from isa_registry.pages.reading_head import version_line
from isa_registry.pages.reading_words import words_of

_BECAME: dict[Fate, str] = {
    "stands": "It stands under the same number.",
    "renumbered": "It has another number there.",
    "split": "It is in several clauses there.",
    "merged": "It is in one clause there together with others.",
    "withdrawn": "It is not in this version, and no clause took its place.",
}


class VersionShown(Struct, frozen=True):
    """A version, how to compare it with the one being read, and what a clause is there: a sentence, and the clauses."""

    line: VersionLine
    published_at: str
    current: bool
    compare: str
    became: str
    clauses: tuple[tuple[str, str, str], ...]


class VersionsShown(Struct, frozen=True):
    """Every version, newest first. `clause` is that of the version being read which is followed through them."""

    clause: str | None
    heading: str
    versions: tuple[VersionShown, ...]


def versions_shown(version: AgreementVersion, view: RegisterView, today: str, clause: str | None) -> VersionsShown:
    """The versions on a day, with what a clause became in each where one is named that this version has."""
    words = words_of(version, view)
    headings = {one.id: one.heading for one in words.clauses}
    known = clause if clause in headings else None
    return VersionsShown(
        clause=known,
        heading="" if known is None else headings[known],
        versions=tuple(
            _shown(version, one, view, today, known) for one in reversed(view.agreement_versions(version.agreement))
        ),
    )


def _shown(
    version: AgreementVersion, other: AgreementVersion, view: RegisterView, today: str, clause: str | None
) -> VersionShown:
    became = ""
    clauses: tuple[tuple[str, str, str], ...] = ()
    if clause is not None:
        found = lineage_of(view, version.agreement).became(clause, version.version, other.version)
        words = words_of(other, view)
        headings = {one.id: one.heading for one in words.clauses}
        became = _BECAME[found.fate]
        clauses = tuple((one, headings[one], words.address(one)) for one in found.heirs)
    older, newer = sorted((version, other), key=lambda one: view.published_by(one.agreement, one.version) or 0)
    return VersionShown(
        line=version_line(other, view, today),
        published_at=other.published_at,
        current=other.version == version.version,
        compare=f"/agreements/{version.agreement}/compare?from={older.version}&to={newer.version}",
        became=became,
        clauses=clauses,
    )


def one_clause(version: AgreementVersion, view: RegisterView, clause: str | None, to: str | None) -> str | None:
    """Where a clause of a version is in the version `to`, where it is one clause there."""
    other = None if to is None else view.agreement_version(version.agreement, to)
    if other is None or clause is None or not words_of(version, view).has(clause):
        return None
    heirs = lineage_of(view, version.agreement).became(clause, version.version, other.version).heirs
    return words_of(other, view).address(heirs[0]) if len(heirs) == 1 else None
