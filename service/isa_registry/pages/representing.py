"""One document in several forms: which is asked for, and the answer with its tag, its caches and its relations.

What is fixed for good may be kept for good: the words of a version as they are signed, under an address that names the
form. Whatever says where something stands on a day, or was chosen by what a browser accepts, is kept for minutes and
asked for again. A page for somebody who is signed in is kept by nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

import msgspec
from litestar import Response
from msgspec import Struct
from msgspec.structs import replace

from isa_registry.domain.media import FORMS, HTML, Form, Named, chosen, chosen_language
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.languages import Words, languages_of, words_of
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.kept import tagged
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.once import VARY
from isa_registry.pages.problems import ProblemPage
from isa_registry.pages.relations import Relation, relating
from isa_registry.pages.rendering import Layout, Request

FOR_GOOD = "public, max-age=31536000, immutable"
MINUTES = "public, max-age=300"
SHORT = "public, max-age=60"
"""For what leads on to whatever is in force."""

NEGOTIATED = "Accept, Accept-Language, Cookie, Accept-Encoding"


class Choice(Struct, frozen=True):
    """The form and the words that are answered with; `negotiated` where the address does not name the form."""

    form: Form
    words: Words
    languages: tuple[str, ...]
    negotiated: bool

    @property
    def suffix(self) -> str:
        """What the address of exactly this has at its end."""
        return f"{'' if self.words.signed else f'.{self.words.language}'}.{self.form.suffix}"


def form_for(request: Request, asked: Named | None = None, forms: Sequence[Form] = FORMS) -> Form | None:
    """The form that the address names, or the one that is most welcome; None where none is."""
    if asked is not None and asked.form is not None:
        return asked.form
    return chosen(request.headers.get("accept", ""), forms)


def words_for(request: Request, view: RegisterView, version: AgreementVersion, asked: Named) -> Words | None:
    """The words in the language that the address names; where it names a form alone, those that are signed; otherwise
    those that are most welcome. None where the language named has none."""
    if asked.form is not None or asked.language is not None:
        return words_of(view, version, asked.language)
    languages = languages_of(view, version)
    return words_of(view, version, chosen_language(request.headers.get("accept-language", ""), languages))


def given(
    request: Request, choice: Choice, body: bytes, relations: Iterable[Relation], *, fixed: bool, at: str
) -> Response[bytes]:
    """A document that is no page. `fixed`: this address gives these bytes for good. `at` is it without a suffix."""
    headers = {
        "Cache-Control": FOR_GOOD if fixed else MINUTES,
        "Content-Language": choice.words.language,
        **relating(relations),
    }
    if choice.negotiated:
        headers |= {"Content-Location": f"{at}{choice.suffix}", "Vary": NEGOTIATED}
    return tagged(request, Response(body, media_type=choice.form.media_type, headers=headers))


def layout_for(request: Request, choice: Choice, relations: Iterable[Relation], *, at: str) -> Layout:
    """The layout of a page of a document, with what it says of the document itself."""
    signed = "" if choice.words.signed else f"{at}.{HTML.suffix}"
    return replace(layout_of(request), relations=tuple(relations), translation_of=signed)


def page_given(request: Request, choice: Choice, response: Response[bytes], *, at: str) -> Response[bytes]:
    """A page of a document, made with `layout_for`. Somebody who is signed in gets it as every page for them."""
    response.headers["Content-Language"] = "en-GB" if choice.words.language == "en" else choice.words.language
    if choice.negotiated:
        response.headers["Content-Location"] = f"{at}{choice.suffix}"
    if layout_of(request).signed_in is not None:
        return response
    response.headers["Vary"] = NEGOTIATED if choice.negotiated else VARY
    return tagged(request, response)


class Problems(NamedTuple):
    """What is not there, or not in the form that was asked for: problem details, or a page."""

    kinds: Mapping[str, ProblemPage]

    def say(
        self,
        request: Request,
        code: str,
        detail: str,
        form: Form | None,
        *,
        onward: tuple[str, str],
        **members: Any,
    ) -> Response[bytes]:
        """`members` are added to the problem details (RFC 9457 section 3.2)."""
        kind = self.kinds[code]
        if form == HTML:
            response = layout_of(request).page(
                "missing.html", status=kind.status, what=detail, onward=onward, title=_TITLES.get(code, kind.title)
            )
        else:
            body = {
                "type": f"{request.app.state.public_url}/problems/{code}",
                "title": kind.title,
                "status": kind.status,
                "detail": detail,
                "instance": str(cast("dict[str, Any]", request.scope).get("isa_request_id", "")),
                **members,
            }
            response = Response(
                msgspec.json.encode(body),
                status_code=kind.status,
                media_type="application/problem+json",
                headers={"Cache-Control": "no-store"},
            )
        response.headers["Vary"] = NEGOTIATED
        return response


_TITLES = {"not-found": "Not found"}


def alternates(at: str, languages: tuple[str, ...], *, but: str = "") -> list[Relation]:
    """Every form of a document in every language, except the one with the suffix `but`."""
    found = []
    for place, language in enumerate(languages):
        for form in FORMS:
            suffix = f"{f'.{language}' if place else ''}.{form.suffix}"
            if suffix != but:
                found.append(Relation("alternate", f"{at}{suffix}", form.media_type, language))
    return found
