"""The pages on which a version is read. For whoever is not signed in they are the same for everybody, on one day and in
one state of the register, so they may be kept in caches; for somebody who is, they are kept nowhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec.structs import replace

from isa_registry.actions.leading import leads
from isa_registry.domain.dates import london_date
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.attesting_words import Task, task_to_sign
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.navigation import UNITS, SignedIn
from isa_registry.pages.once import made_once
from isa_registry.pages.reading_attestations import attestations_page
from isa_registry.pages.reading_head import head_of
from isa_registry.pages.reading_law import law_shown
from isa_registry.pages.reading_print import print_shown
from isa_registry.pages.reading_schedule import schedule_shown
from isa_registry.pages.reading_search import search_shown
from isa_registry.pages.reading_summaries import summaries_shown
from isa_registry.pages.reading_versions import one_clause, versions_shown
from isa_registry.pages.reading_words import Words, part_shown, part_with, translated_words, words_of
from isa_registry.pages.rendering import Layout, Request, redirect
from isa_registry.runtime.registry import Registry

Declare = Callable[[str], Callable[[Callable[..., Any]], HTTPRouteHandler]]

CACHE = "public, max-age=300"
_LIST = ("/agreements", "All agreements")
_VERSION = "/agreements/{agreement:str}/{version:str}"


Shows = Callable[[AgreementVersion, RegisterView, str, Request], object]
"""What a page shows of a version on a day; or the address, as a string, where it is instead."""


def version_html(
    version: AgreementVersion, view: RegisterView, today: str, layout: Layout, language: str | None = None
) -> Response[bytes]:
    """The page of a version: its words from the beginning, and the way to everything else about it.

    The bytes are a function of what is given. Only where the layout names somebody who is signed in is anything on the
    page for them, and then it is not to be kept. `language` names a translation; where there is none in it, the page is
    of the words that are signed.
    """
    words = _words_in(version, view, language)
    return layout.page(
        "agreement.html",
        cache=CACHE,
        head=head_of(version, view, today),
        words=words,
        part=part_shown(words, words.parts[0]),
        to_sign=_to_sign(view, version, layout.signed_in, today),
        unit=_unit_page(view, version, layout.signed_in),
    )


def reading_handlers(declare: Declare) -> list[HTTPRouteHandler]:
    """The pages below that of a version: the rest of its words, and what belongs to it."""

    def page(below: str, shows: Shows, *, cache: str = CACHE) -> HTTPRouteHandler:
        template = f"agreement_{below}.html"

        @declare(f"{_VERSION}/{below}")
        async def read(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
            view, today = _now(request)
            found = view.agreement_version(agreement, version)
            if found is None:
                return _no_version(request)
            shown = shows(found, view, today, request)
            if isinstance(shown, str):
                return redirect(shown)

            def make() -> Response[bytes]:
                head = head_of(found, view, today, f"/{below}")
                return layout_of(request).page(template, cache=cache, head=head, shown=shown)

            # What somebody looks for is kept nowhere.
            return make() if cache == "no-store" else made_once(request, view, today, make, request.url.query)

        return read

    @declare(f"{_VERSION}/part/{{clause:str}}")
    async def read_part(
        request: Request, agreement: FromPath[str], version: FromPath[str], clause: FromPath[str]
    ) -> Response[bytes]:
        view, today = _now(request)
        found = view.agreement_version(agreement, version)
        if found is None:
            return _no_version(request)
        words = _words_in(found, view, _asked(request, "language"))
        part = part_with(words, clause)
        if part is None:
            onward = (words.document, f"Version {found.version}")
            return layout_of(request).missing("There is no such clause in this version.", onward)
        if part is words.parts[0]:
            return redirect(words.address(clause))
        layout = replace(layout_of(request), translation_of="" if words.language is None else words.place.version)

        def make() -> Response[bytes]:
            return layout.page(
                "agreement_part.html",
                cache=CACHE,
                head=head_of(found, view, today),
                words=words,
                part=part_shown(words, part),
            )

        return made_once(request, view, today, make, words.language)

    return [
        read_part,
        # What somebody looks for is theirs: it is in no log, and in no cache.
        page("search", _search, cache="no-store"),
        page("versions", _versions),
        page("summaries", lambda found, view, _, request: summaries_shown(found, view, _asked(request, "language"))),
        page("schedule", lambda found, view, *_: schedule_shown(found, view)),
        page("law", lambda found, view, *_: law_shown(found, view)),
        page("attestations", lambda found, view, _, request: attestations_page(found, view, _asked(request, "page"))),
        page("print", _on_paper),
    ]


def _words_in(version: AgreementVersion, view: RegisterView, language: str | None) -> Words:
    return (language and translated_words(version, view, language)) or words_of(version, view)


def _search(version: AgreementVersion, view: RegisterView, today: str, request: Request) -> object:
    return search_shown(words_of(version, view), version.text, _asked(request, "q"))


def _versions(version: AgreementVersion, view: RegisterView, today: str, request: Request) -> object:
    clause = _asked(request, "clause")
    there = one_clause(version, view, clause, _asked(request, "to"))
    return there or versions_shown(version, view, today, clause)


def _on_paper(version: AgreementVersion, view: RegisterView, today: str, request: Request) -> object:
    return print_shown(version, view, today, request.app.state.public_url)


def _asked(request: Request, name: str) -> str:
    return request.query_params.get(name) or ""


def _now(request: Request) -> tuple[RegisterView, str]:
    registry: Registry = request.app.state.registry
    return registry.follower.view, london_date(registry.now())


def _no_version(request: Request) -> Response[bytes]:
    return layout_of(request).missing("There is no such version of an agreement.", _LIST)


def _to_sign(view: RegisterView, version: AgreementVersion, signed_in: SignedIn | None, today: str) -> Task | None:
    """What a signatory can sign when they have read it."""
    if signed_in is None or "signatory" not in signed_in.roles:
        return None
    return task_to_sign(view, version, signed_in.organisation, today)


def _unit_page(view: RegisterView, version: AgreementVersion, signed_in: SignedIn | None) -> str | None:
    """Where the business unit of the version's partnership asks bodies, answers and reminds."""
    if signed_in is None or not signed_in.roles & UNITS or not leads(view, version.partnership, signed_in.organisation):
        return None
    return f"/account/agreements/{version.agreement}/{version.version}/bodies"
