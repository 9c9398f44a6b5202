"""A page for each clause of each version: its words, its place, where it stands, and what it was and became."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.domain.agreement_documents import ClauseDocument, clause_document, clause_url
from isa_registry.domain.agreement_text import clause_markdown, is_clause_id
from isa_registry.domain.agreements import LANGUAGES
from isa_registry.domain.comparing.comparison import compare_clauses
from isa_registry.domain.linked_data import linked_clause
from isa_registry.domain.media import HTML, JSON, MARKDOWN, named
from isa_registry.domain.register.addresses import version_that_stands
from isa_registry.domain.register.citing import cite
from isa_registry.domain.register.clause_histories import ClauseOutcome, ClauseThen, history_of, outcome_of
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.languages import Words, languages_of, words_of
from isa_registry.domain.register.lineages import lineage_of
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.resolving import resolve
from isa_registry.pages import agreements, comparing
from isa_registry.pages.alternates import alternates_of
from isa_registry.pages.clause_outcomes import elsewhere
from isa_registry.pages.copying import ToCopy
from isa_registry.pages.documents import LIST, described, kept_for_good, laws_of, no_such_language, not_acceptable
from isa_registry.pages.identifiers import heir_of
from isa_registry.pages.now import today_here
from isa_registry.pages.once import made_once
from isa_registry.pages.relations import Relation
from isa_registry.pages.rendering import Request, redirect
from isa_registry.pages.representing import (
    MINUTES,
    SHORT,
    Choice,
    Problems,
    form_for,
    given,
    layout_for,
    page_given,
    words_for,
)
from isa_registry.pages.signing_in import Declare
from isa_registry.pages.words import ClauseShown, ProvisionCited, clauses_shown, provision_cited


class Since(Struct, frozen=True):
    """What a clause is in the version that stands, where that is another one: `version` is it, `outcome` what became of
    the clause there, and `change` the difference where it is one clause there too; None where not a word changed."""

    version: AgreementVersion
    in_force: bool
    outcome: ClauseOutcome
    change: comparing.ClauseShown | None


class ClausePage(Struct, frozen=True):
    """Everything on the page. `was` is the number in the link that led here, where that was another one; `signed_by`
    are the bodies whose attestation of this version stands today."""

    version: AgreementVersion
    document: ClauseDocument
    clause: ClauseShown
    standing: agreements.Standing
    since: Since | None
    was: str | None
    history: tuple[ClauseThen, ...]
    cited: Mapping[str, ProvisionCited]
    signed_by: tuple[str, ...]
    languages: tuple[str, ...]


def clause_handlers(declare: Declare, problems: Problems) -> list[HTTPRouteHandler]:
    @declare("/agreements/{agreement:str}/{version:str}/clause/{clause:str}")
    async def read_clause(
        request: Request, agreement: FromPath[str], version: FromPath[str], clause: FromPath[str]
    ) -> Response[bytes]:
        view, today = today_here(request)
        found, asked = view.agreement_version(agreement, version), named(clause)
        form = form_for(request, asked)
        if found is None or asked is None or not is_clause_id(asked.name):
            detail = "There is no such version of an agreement, or no such clause."
            return problems.say(request, "not-found", detail, form or HTML, onward=LIST)
        at = clause_url(agreement, version, asked.name)
        languages = languages_of(view, found)
        resolved = resolve(lineage_of(view, agreement), asked.name, version)
        if resolved.outcome != "stands":
            onward = heir_of(agreement, resolved, asked.suffix)
            if onward is None:
                return elsewhere(request, view, agreement, resolved, problems, form)
            response = redirect(onward)
            response.headers["Cache-Control"] = SHORT
            return response
        words = words_for(request, view, found, asked)
        if words is None:
            return no_such_language(request, problems, form or HTML, at, languages)
        if form is None:
            return not_acceptable(request, problems, at, languages)
        choice = Choice(form, words, languages, negotiated=asked.form is None)
        document = clause_document(found, words, lineage_of(view, agreement), asked.name)
        relations = _relations(request, view, document, choice)
        if form == HTML:
            was = _was(request, view, document)

            def make() -> Response[bytes]:
                shown = clause_page(view, found, words, document, today, was=was)
                public_url = request.app.state.public_url
                beside = alternates_of(agreement, document.clause.id, f"{public_url}{at}", public_url)
                layout = layout_for(request, choice, (*relations, *beside), at=at)
                copies = copies_of(found, document, public_url)
                return layout.page("clause.html", cache=MINUTES, shown=shown, copies=copies, language_names=LANGUAGES)

            return page_given(request, choice, made_once(request, view, today, make, choice.suffix, was), at=at)
        body = _body(request, view, words, document, choice)
        return given(request, choice, body, relations, fixed=kept_for_good(choice), at=at)

    return [read_clause]


def _body(request: Request, view: RegisterView, words: Words, document: ClauseDocument, choice: Choice) -> bytes:
    if choice.form == MARKDOWN:
        return clause_markdown(next(one for one in words.clauses if one.id == document.clause.id)).encode()
    if choice.form == JSON:
        return msgspec.json.encode(document)
    lineage = lineage_of(view, document.agreement)
    return msgspec.json.encode(linked_clause(document, lineage, laws_of(view), request.app.state.public_url))


def _was(request: Request, view: RegisterView, document: ClauseDocument) -> str | None:
    """The number that a link named, if this clause is what became of it, or what it came from."""
    was = str(request.query_params.get("was", ""))
    if not is_clause_id(was) or was == document.clause.id:
        return None
    found = resolve(lineage_of(view, document.agreement), was, document.version)
    return was if document.clause.id in found.clauses else None


def clause_page(
    view: RegisterView,
    version: AgreementVersion,
    words: Words,
    document: ClauseDocument,
    today: str,
    *,
    was: str | None = None,
) -> ClausePage:
    clause = next(one for one in clauses_shown(words.text) if one.id == document.clause.id)
    catalogue = view.catalogue()
    attested = view.attestations_of(version.agreement, version.version)
    bodies = [one.organisation for one in attested if one.stands(today) and one.text_sha256 == version.text_sha256]
    named_bodies = [view.organisation(one) for one in dict.fromkeys(bodies)]
    return ClausePage(
        version=version,
        document=document,
        clause=clause,
        standing=agreements.standing(version, view, today),
        since=_since(view, version, document.clause.id, today),
        was=was,
        history=history_of(view, version.agreement, clause.id, version.version),
        cited={code: provision_cited(code, catalogue) for code in clause.cites},
        signed_by=tuple(sorted(one.name for one in named_bodies if one is not None)),
        languages=languages_of(view, version),
    )


def copies_of(version: AgreementVersion, document: ClauseDocument, public_url: str) -> tuple[ToCopy, ...]:
    """What can be copied to name the clause elsewhere."""
    return (
        ToCopy("copy-words", "Link to these very words, for good", f"{public_url}{document.url}"),
        ToCopy(
            "copy-identifier", "Link to whatever it is in the version in force", f"{public_url}{document.identifier}"
        ),
        ToCopy("copy-citation", "Citation", cite(version, document.clause.id)),
    )


def _since(view: RegisterView, version: AgreementVersion, clause: str, today: str) -> Since | None:
    now = version_that_stands(view, version.agreement, today)
    if now is None or now.version == version.version:
        return None
    became = resolve(lineage_of(view, version.agreement), clause, now.version)
    in_force = view.agreement_in_force(version.agreement, today) is not None
    change = None
    if len(became.clauses) == 1:
        was, is_ = words_of(view, version), words_of(view, now)
        assert was is not None  # the words that are signed are always there
        assert is_ is not None
        older = next(one for one in was.clauses if one.id == clause)
        newer = next(one for one in is_.clauses if one.id == became.clauses[0])
        found = compare_clauses(older, newer)
        change = comparing.clause_shown(found) if found.heading or found.blocks else None
    return Since(now, in_force, outcome_of(view, version.agreement, became), change)


def _relations(request: Request, view: RegisterView, document: ClauseDocument, choice: Choice) -> list[Relation]:
    base = request.app.state.public_url
    agreement, version = document.agreement, document.version
    history = f"/api/v1/agreements/{agreement}/clauses/{document.clause.id}/lineage"
    found = [
        Relation("canonical", f"{base}{document.url}"),
        Relation("cite-as", f"{base}{document.url}"),
        Relation("latest-version", document.identifier),
        Relation("version-history", history, JSON.media_type),
        Relation("up", f"/agreements/{agreement}/{version}"),
    ]
    for rel, one in (("prev", document.previous), ("next", document.next)):
        if one is not None:
            found.append(Relation(rel, one.url))
    came = document.clause.came_from
    if came is not None:
        found += [Relation("predecessor-version", clause_url(agreement, came.version, one)) for one in came.clauses]
    later = lineage_of(view, agreement).after(version)
    if later is not None and not kept_for_good(choice):
        heirs = lineage_of(view, agreement).became(document.clause.id, version, later).heirs
        found += [Relation("successor-version", clause_url(agreement, later, one)) for one in heirs]
    return [*found, *described(choice, document.url, "clause")]
