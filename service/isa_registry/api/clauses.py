"""One clause of a version, by its address or by its citation: what it says, and who has attested it."""

from __future__ import annotations

from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.api.agreements import (
    published_version,
    register_today,
    version_line,
)
from isa_registry.api.json import json_response
from isa_registry.api.proved import AttestedBy, Publication, attested, publication
from isa_registry.api.queries import malformed, query_of
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.domain.agreement_documents import ClauseText, clause_text
from isa_registry.domain.agreement_text import Clause, clauses_of, is_clause_id
from isa_registry.domain.citations import Citation, parse_citation, parse_short_citation
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.addresses import version_that_stands
from isa_registry.domain.register.citing import cited
from isa_registry.domain.register.clause_histories import ClauseOutcome, ClauseThen, history_of, outcome_of
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.lineages import lineage_of
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.resolving import resolve


class ClauseWhole(Struct, frozen=True):
    """One clause, and who has attested the text that it stands in; `cite` is how answers cite it. `became` is what it
    is in the version in force, or in the newest where none is: docs/formats/addresses.md."""

    agreement: str
    version: str
    clause: ClauseText
    cite: str
    url: str
    text_sha256: str
    in_force: bool
    published: Publication
    attested: list[AttestedBy]
    became: ClauseOutcome


class ClauseLineage(Struct, frozen=True):
    """What a clause's identifier comes to in the version in force, or in the newest where none is, and what the clause
    is in each version, oldest first."""

    now: ClauseOutcome
    versions: tuple[ClauseThen, ...]


def _whole(found: AgreementVersion, clause: Clause, view: RegisterView, today: str) -> ClauseWhole:
    citation = Citation(found.agreement, found.version, clause.id)
    return ClauseWhole(
        agreement=found.agreement,
        version=found.version,
        clause=clause_text(clause),
        cite=str(citation),
        url=citation.url,
        text_sha256=found.text_sha256,
        in_force=version_line(found, view, today).in_force,
        published=publication(found, view),
        attested=attested(found, view, today),
        became=_became(view, found.agreement, clause.id, today),
    )


def _became(view: RegisterView, agreement: str, clause: str, today: str) -> ClauseOutcome:
    stands = version_that_stands(view, agreement, today)
    assert stands is not None  # the agreement has a version, or nobody would ask about its clauses
    return outcome_of(view, agreement, resolve(lineage_of(view, agreement), clause, stands.version))


@reads("/api/v1/agreements/{agreement:str}/versions/{version:str}/clauses/{clause:str}")
async def read_clause(
    request: Request, agreement: FromPath[str], version: FromPath[str], clause: FromPath[str]
) -> Response[bytes]:
    view, today = register_today(request)
    found = published_version(view, agreement, version)
    one = next((one for one in clauses_of(found.text) if one.id == clause), None)
    if one is None:
        raise Refused("not-found", "There is no such clause in this version.")
    return json_response(_whole(found, one, view, today))


@reads("/api/v1/agreements/{agreement:str}/clauses/{clause:str}/lineage")
async def read_lineage(request: Request, agreement: FromPath[str], clause: FromPath[str]) -> Response[bytes]:
    view, today = register_today(request)
    if not view.agreement_versions(agreement):
        raise Refused("not-found", "There is no such agreement.")
    if not is_clause_id(clause):
        raise Refused("not-found", "A clause is named by its number, such as 5.3.")
    now = _became(view, agreement, clause, today)
    if now.newest is None:
        raise Refused("not-found", "No version of this agreement ever had such a clause.")
    return json_response(ClauseLineage(now, history_of(view, agreement, clause, now.newest)))


@reads("/api/v1/clauses")
async def resolve_citation(request: Request) -> Response[bytes]:
    view, today = register_today(request)
    asked = query_of(request, "cite")
    if "cite" not in asked:
        raise malformed(Fault("#/cite", "missing", _CITE))
    citation = parse_citation(asked["cite"]) or _short(view, asked["cite"])
    if citation is None:
        raise malformed(Fault("#/cite", "malformed", _CITE))
    found = view.agreement_version(citation.agreement, citation.version)
    if found is None:
        known = view.agreement_versions(citation.agreement)
        raise _not_there("version" if known else "agreement")
    one = next((one for one in clauses_of(found.text) if one.id == citation.clause), None)
    if one is None:
        raise _not_there("clause")
    return json_response(_whole(found, one, view, today))


def _short(view: RegisterView, text: str) -> Citation | None:
    """What documents write, HOTH ISA 1.0, cl. 5.3, where it names an agreement, a version and a clause."""
    named = parse_short_citation(text)
    found = None if named is None or named.version is None or named.clause is None else cited(view, text)
    if named is None or found is None or named.version is None or named.clause is None:
        return None
    return Citation(found.agreement, named.version, named.clause)


_CITE = (
    "Write agreement/version#clause, such as tier-2-hoth/1.0#5.3, where in an address the # is written %23; or as in "
    "documents, HOTH ISA 1.0, cl. 5.3."
)
_NOT_THERE = {
    "agreement": "There is no such agreement. See the list of agreements for their ids.",
    "version": "The agreement has no such version.",
    "clause": "The version has no such clause. A clause that went in a later version is still in the earlier ones.",
}


def _not_there(what: str) -> Refused:
    fault = Fault("#/cite", f"unknown-{what}", _NOT_THERE[what])
    return Refused("not-found", "The citation leads to nothing here.", (fault,))


HANDLERS = [read_clause, read_lineage, resolve_citation]
