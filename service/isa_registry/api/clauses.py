"""One clause of a version, by its address or by its citation: what it says, and who has attested it."""

from __future__ import annotations

from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.api.agreements import (
    ClauseText,
    clause_text,
    clauses_of,
    published_version,
    register_today,
    version_line,
)
from isa_registry.api.json import json_response
from isa_registry.api.proved import AttestedBy, Publication, attested, publication
from isa_registry.api.queries import malformed, query_of
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.domain.agreement_text import Clause
from isa_registry.domain.citations import Citation, parse_citation
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView


class ClauseWhole(Struct, frozen=True):
    """One clause, and who has attested the text that it stands in; `cite` is how answers cite it."""

    agreement: str
    version: str
    clause: ClauseText
    cite: str
    url: str
    text_sha256: str
    in_force: bool
    published: Publication
    attested: list[AttestedBy]


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
    )


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


@reads("/api/v1/clauses")
async def resolve_citation(request: Request) -> Response[bytes]:
    view, today = register_today(request)
    asked = query_of(request, "cite")
    if "cite" not in asked:
        raise malformed(Fault("#/cite", "missing", _CITE))
    citation = parse_citation(asked["cite"])
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


_CITE = "Write agreement/version#clause, such as tier-2-hoth/1.0#5.3; in an address the # is written %23."
_NOT_THERE = {
    "agreement": "There is no such agreement. See the list of agreements for their ids.",
    "version": "The agreement has no such version.",
    "clause": "The version has no such clause. A clause that went in a later version is still in the earlier ones.",
}


def _not_there(what: str) -> Refused:
    fault = Fault("#/cite", f"unknown-{what}", _NOT_THERE[what])
    return Refused("not-found", "The citation leads to nothing here.", (fault,))


HANDLERS = [read_clause, resolve_citation]
