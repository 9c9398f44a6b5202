"""A version of an agreement as a document: the page on which it is read, its JSON, its JSON-LD, and its very words."""

from __future__ import annotations

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from isa_registry.domain.agreement_documents import identifier, version_document
from isa_registry.domain.linked_data import CONTEXT_ADDRESS, Laws, context_bytes, linked_version
from isa_registry.domain.media import FORMS, HTML, JSON, LINKED, MARKDOWN, named
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.languages import languages_of
from isa_registry.domain.register.lineages import lineage_of
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.alternates import alternates_of
from isa_registry.pages.kept import tagged
from isa_registry.pages.now import today_here
from isa_registry.pages.once import made_once
from isa_registry.pages.reading import version_html
from isa_registry.pages.relations import Relation, relating
from isa_registry.pages.rendering import Request
from isa_registry.pages.representing import (
    FOR_GOOD,
    NEGOTIATED,
    Choice,
    Problems,
    alternates,
    form_for,
    given,
    layout_for,
    page_given,
    words_for,
)
from isa_registry.pages.signing_in import Declare

LIST = ("/agreements", "All agreements")
_FOUND_BY = "There is no such version of an agreement."


def document_handlers(declare: Declare, problems: Problems) -> list[HTTPRouteHandler]:
    @declare("/agreements/{agreement:str}/{version:str}")
    async def read_version(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
        view, today = today_here(request)
        asked = named(version)
        found = None if asked is None else view.agreement_version(agreement, asked.name)
        form = form_for(request, asked)
        if asked is None or found is None:
            return problems.say(request, "not-found", _FOUND_BY, form or HTML, onward=LIST)
        at = f"/agreements/{agreement}/{asked.name}"
        languages = languages_of(view, found)
        words = words_for(request, view, found, asked)
        if words is None:
            return no_such_language(request, problems, form or HTML, at, languages)
        if form is None:
            return not_acceptable(request, problems, at, languages)
        choice = Choice(form, words, languages, negotiated=asked.form is None)
        relations = _relations(request, view, found, choice, at)
        if form == HTML:
            language = None if words.signed else words.language

            def make() -> Response[bytes]:
                public_url = request.app.state.public_url
                beside = alternates_of(agreement, None, f"{public_url}{at}", public_url)
                layout = layout_for(request, choice, (*relations, *beside), at=at)
                return version_html(found, view, today, layout, language)

            return page_given(request, choice, made_once(request, view, today, make, choice.suffix), at=at)
        body = _body(request, view, found, choice)
        return given(request, choice, body, relations, fixed=kept_for_good(choice), at=at)

    @declare(CONTEXT_ADDRESS)
    async def terms(request: Request) -> Response[bytes]:
        headers = {"Cache-Control": FOR_GOOD, "Access-Control-Allow-Origin": "*"}
        return tagged(request, Response(context_bytes(), media_type=LINKED.media_type, headers=headers))

    return [read_version, terms]


def _body(request: Request, view: RegisterView, version: AgreementVersion, choice: Choice) -> bytes:
    if choice.form == MARKDOWN:
        return choice.words.text.encode()
    lineage = lineage_of(view, version.agreement)
    kept = ("document", version.agreement, version.version, choice.words.text_sha256)
    document = view.memory.recall(kept, lambda: version_document(version, choice.words, lineage))
    if choice.form == JSON:
        return msgspec.json.encode(document)
    return msgspec.json.encode(linked_version(document, lineage, laws_of(view), request.app.state.public_url))


def laws_of(view: RegisterView) -> Laws:
    """The identifier of each provision at legislation.gov.uk."""
    catalogue = view.catalogue()
    provisions = {} if catalogue is None else catalogue.provisions
    return {code: one.uri for code, one in provisions.items() if one.uri is not None}


def _relations(
    request: Request, view: RegisterView, version: AgreementVersion, choice: Choice, at: str
) -> list[Relation]:
    base = request.app.state.public_url
    lineage = lineage_of(view, version.agreement)
    before, after = lineage.before(version.version), lineage.after(version.version)
    found = [
        Relation("canonical", f"{base}{at}"),
        Relation("cite-as", f"{base}{at}"),
        Relation("latest-version", identifier(version.agreement)),
        Relation("version-history", f"/api/v1/agreements/{version.agreement}", JSON.media_type),
    ]
    if before is not None:
        found.append(Relation("predecessor-version", f"/agreements/{version.agreement}/{before}"))
    if after is not None and not kept_for_good(choice):
        found.append(Relation("successor-version", f"/agreements/{version.agreement}/{after}"))
    return [*found, *described(choice, at, "agreement-version")]


def described(choice: Choice, at: str, schema: str) -> list[Relation]:
    """What describes a document, and its other forms: JSON its schema, JSON-LD its terms, all else the JSON-LD."""
    by = {
        JSON: Relation("describedby", f"/schema/{schema}.schema.json", "application/schema+json"),
        LINKED: Relation("describedby", CONTEXT_ADDRESS, LINKED.media_type),
    }
    return [
        by.get(choice.form) or Relation("describedby", f"{at}.{LINKED.suffix}", LINKED.media_type),
        *alternates(at, choice.languages[:1] if kept_for_good(choice) else choice.languages, but=choice.suffix),
    ]


def kept_for_good(choice: Choice) -> bool:
    """Whether caches hold it for good: then it says nothing that may yet change."""
    return choice.words.signed and choice.form in (JSON, MARKDOWN) and not choice.negotiated


def no_such_language(
    request: Request, problems: Problems, form: object, at: str, languages: tuple[str, ...]
) -> Response[bytes]:
    """The address names a language in which there are no words."""
    return problems.say(
        request,
        "not-found",
        "There are no words in this language.",
        HTML if form == HTML else JSON,
        onward=(at, "The words as they are signed"),
        languages=languages,
    )


def not_acceptable(request: Request, problems: Problems, at: str, languages: tuple[str, ...]) -> Response[bytes]:
    """None of the forms is accepted: says which there are (RFC 9110 section 15.5.7)."""
    forms = [
        {"url": f"{at}{f'.{language}' if place else ''}.{form.suffix}", "type": form.media_type, "language": language}
        for place, language in enumerate(languages)
        for form in FORMS
    ]
    response = problems.say(
        request, "not-acceptable", "The forms that there are, each under an address of its own.", None,
        onward=(at, "The page"), alternates=forms,
    )  # fmt: skip
    response.headers |= {"Vary": NEGOTIATED, **relating(alternates(at, languages))}
    return response
