"""A version, and each clause of it, as documents: what their JSON says, and what their other forms are made from.

Nothing here depends on a day. What a document says was settled when its version was published, so it never changes.
"""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.agreement_text import Clause, clause_sha256
from isa_registry.domain.agreements import Schedule
from isa_registry.domain.citations import Citation
from isa_registry.domain.lineage import Lineage
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.languages import Words


class ClauseText(Struct, frozen=True):
    """A clause: its heading, its Markdown, the questions that it answers, and the provisions that it cites. `sha256` is
    of the clause as it stands in the text (docs/formats/agreement.md)."""

    id: str
    heading: str
    level: int
    text: str
    answers: tuple[str, ...]
    cites: tuple[str, ...]
    sha256: str


class ClauseLink(Struct, frozen=True):
    """A clause of the same version, and its page."""

    id: str
    heading: str
    url: str


class CameFrom(Struct, frozen=True):
    """What a clause was in the version published before: the ids that it had there."""

    version: str
    clauses: tuple[str, ...]


class ClauseInVersion(ClauseText, frozen=True, kw_only=True):
    """A clause among the others of its version. `came_from` is None where the version before had nothing of it."""

    came_from: CameFrom | None


class VersionDocument(Struct, frozen=True):
    """One version, word for word. `identifier` leads to whichever version is in force, `url` always here; `language` is
    that of `text`, and `signed` says whether these are the words that bodies sign or a translation of them. The hashes
    are lower-case hex SHA-256, of the text as it is here and of the schedule (RFC 8785); `signed_sha256` is that of the
    words that are signed. `replaces` is the version published before. Where it stands today, who has attested it and
    what proves it is at `proof`."""

    agreement: str
    version: str
    title: str
    tier: int
    identifier: str
    url: str
    language: str
    signed: bool
    published_at: str
    replaces: str | None
    text: str
    text_sha256: str
    signed_sha256: str
    schedule: Schedule
    schedule_sha256: str
    clauses: tuple[ClauseInVersion, ...]
    proof: str


class ClauseDocument(Struct, frozen=True):
    """One clause of one version. `identifier` leads to what became of it in the version in force, `url` always here,
    and `anchor` to its place in the whole text. `above` is the clause that it belongs to, `below` those that belong to
    it; `previous` and `next` stand beside it in the text. `cite` is how answers cite it."""

    agreement: str
    version: str
    title: str
    identifier: str
    url: str
    anchor: str
    cite: str
    language: str
    signed: bool
    clause: ClauseInVersion
    above: ClauseLink | None
    below: tuple[ClauseLink, ...]
    previous: ClauseLink | None
    next: ClauseLink | None
    signed_sha256: str
    proof: str


def clause_text(clause: Clause) -> ClauseText:
    return ClauseText(
        id=clause.id,
        heading=clause.heading,
        level=clause.level,
        text=clause.text,
        answers=clause.answers,
        cites=clause.cites,
        sha256=clause_sha256(clause),
    )


def clause_url(agreement: str, version: str, clause: str) -> str:
    """The page of a clause."""
    return f"/agreements/{agreement}/{version}/clause/{clause}"


def identifier(agreement: str, clause: str | None = None) -> str:
    """What names an agreement, or a clause of it, whatever the version."""
    return f"/id/agreement/{agreement}" + ("" if clause is None else f"/clause/{clause}")


def version_document(version: AgreementVersion, words: Words, lineage: Lineage) -> VersionDocument:
    return VersionDocument(
        agreement=version.agreement,
        version=version.version,
        title=words.title,
        tier=version.tier,
        identifier=identifier(version.agreement),
        url=f"/agreements/{version.agreement}/{version.version}",
        language=words.language,
        signed=words.signed,
        published_at=version.published_at,
        replaces=lineage.before(version.version),
        text=words.text,
        text_sha256=words.text_sha256,
        signed_sha256=version.text_sha256,
        schedule=version.schedule,
        schedule_sha256=version.schedule_sha256,
        clauses=tuple(_in_version(one, version, lineage) for one in words.clauses),
        proof=_proof(version),
    )


def clause_document(version: AgreementVersion, words: Words, lineage: Lineage, clause: str) -> ClauseDocument:
    """Raises KeyError for a clause that the version has not."""
    place = {one.id: at for at, one in enumerate(words.clauses)}[clause]
    found = words.clauses[place]
    links = [
        ClauseLink(one.id, one.heading, clause_url(version.agreement, version.version, one.id)) for one in words.clauses
    ]
    above = clause.rpartition(".")[0]
    citation = Citation(version.agreement, version.version, clause)
    return ClauseDocument(
        agreement=version.agreement,
        version=version.version,
        title=words.title,
        identifier=identifier(version.agreement, clause),
        url=links[place].url,
        anchor=citation.url,
        cite=str(citation),
        language=words.language,
        signed=words.signed,
        clause=_in_version(found, version, lineage),
        above=next((one for one in links if one.id == above), None),
        below=tuple(one for one in links if one.id.rpartition(".")[0] == clause),
        previous=links[place - 1] if place else None,
        next=links[place + 1] if place + 1 < len(links) else None,
        signed_sha256=version.text_sha256,
        proof=_proof(version),
    )


def _in_version(clause: Clause, version: AgreementVersion, lineage: Lineage) -> ClauseInVersion:
    before = lineage.before(version.version)
    sources = () if before is None else lineage.became(clause.id, version.version, before).heirs
    text = clause_text(clause)
    return ClauseInVersion(
        **{name: getattr(text, name) for name in text.__struct_fields__},
        came_from=CameFrom(before, sources) if before is not None and sources else None,
    )


def _proof(version: AgreementVersion) -> str:
    return f"/api/v1/agreements/{version.agreement}/versions/{version.version}"
