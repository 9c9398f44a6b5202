"""Templates into pages. Everything is escaped; nothing on a page comes from another address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, TypeAlias

import litestar
from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, Undefined
from jinja2.utils import missing
from litestar import Response
from markupsafe import Markup, escape
from msgspec import Struct

from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.pages.assets import ASSETS
from isa_registry.pages.forms import Form
from isa_registry.pages.navigation import SignedIn, navigation
from isa_registry.pages.relations import Relation, relating

Request: TypeAlias = litestar.Request[Any, Any, Any]

_OK = 200
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def plain_date(day: str) -> str:
    """A date YYYY-MM-DD as 1 June 2026."""
    parsed = date.fromisoformat(day)
    return f"{parsed.day} {_MONTHS[parsed.month - 1]} {parsed.year}"


def plain_day_of(moment: str) -> str:
    """The day in London of an RFC 3339 time, as 1 June 2026."""
    return plain_date(london_date(parse_instant(moment)))


def inline(text: str) -> Markup:
    """Text in which `backticks` mark code, escaped."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    return Markup().join(
        Markup("<code>{}</code>").format(piece) if position % 2 else escape(piece)
        for position, piece in enumerate(pieces)
    )


_TELEPHONE = re.compile(
    r"(?<![\w-])(?:0[0-9]{2,4}(?: ?[0-9]{3,4}){2}|(?:(?<=[Cc]all )|(?<=[Rr]ing )|(?<= on ))[0-9]{3})(?![\w-])"
)


def to_ring(text: str) -> Markup:
    """Text in which a telephone number can be pressed to ring it, escaped."""
    found, rest = Markup(), 0
    for one in _TELEPHONE.finditer(text):
        number = one[0].replace(" ", "")
        found += escape(text[rest : one.start()]) + Markup('<a href="tel:{}">{}</a>').format(number, one[0])
        rest = one.end()
    return found + escape(text[rest:])


def is_filled(form: Form) -> bool:
    """Whether any field of a form holds something."""
    return any(any(values) for values in form.values.values())


# What the design system's macros leave unset and ask for all the same; None is an `if` without `else`.
_LEFT_UNSET = frozenset({None, "caller", "undefined", "listClasses", "successBanner", "typeClass"})


class _Unset(Undefined):
    """A name that no page was given is a fault at once. A member that is not there is only absent: the macros of the
    design system ask for every option that they have."""

    def _given(self) -> None:
        if self._undefined_obj is missing and self._undefined_name not in _LEFT_UNSET:
            self._fail_with_undefined_error()

    def __bool__(self) -> bool:
        self._given()
        return False

    def __str__(self) -> str:
        self._given()
        return ""

    def __iter__(self) -> Iterator[object]:
        self._given()
        return iter(())


def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader(
            [
                PackageLoader("isa_registry.pages", "templates"),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
        autoescape=True,
        undefined=_Unset,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["plain_date"] = plain_date
    environment.filters["plain_day_of"] = plain_day_of
    environment.filters["inline"] = inline
    environment.filters["to_ring"] = to_ring
    environment.filters["is_filled"] = is_filled
    environment.globals["assets"] = ASSETS
    return environment


_templates = _environment()


class Layout(Struct, frozen=True):
    """What every page of this register shows: whether it is a demonstration, whose it is, who is signed in, at which
    path the page is, and whether there is a `security.txt` to lead to. A page of a document has its `relations` in its
    head; where its words are a translation, `translation_of` is the address of those that are signed."""

    demonstration: bool
    partnership: str
    signed_in: SignedIn | None = None
    path: str = ""
    takes_reports: bool = False
    relations: tuple[Relation, ...] = ()
    translation_of: str = ""

    def page(self, template: str, *, status: int = 200, cache: str = "no-store", **shown: object) -> Response[bytes]:
        """A template as an HTML page. `cache` is the Cache-Control header for whoever is not signed in; a page for
        somebody who is, is kept nowhere."""
        html = _templates.get_template(template).render(
            demonstration=self.demonstration,
            partnership=self.partnership,
            signed_in=self.signed_in,
            takes_reports=self.takes_reports,
            navigation=navigation(self.path, self.signed_in),
            relations=self.relations if status == _OK else (),
            translation_of=self.translation_of,
            **shown,
        )
        return Response(
            html.encode(),
            status_code=status,
            media_type="text/html",
            headers={
                "Cache-Control": cache if self.signed_in is None else "no-store",
                "Content-Language": "en-GB",
                "Vary": "Cookie",
                **(relating(self.relations) if status == _OK else {}),
            },
        )

    def missing(self, what: str, onward: tuple[str, str] = ("/", "Start page")) -> Response[bytes]:
        """The page for what is not there: a sentence, and a way on (address, words)."""
        return self.page("missing.html", status=404, what=what, onward=onward)


def bare_page(template: str, **shown: object) -> bytes:
    """A template that is a whole page of its own: without our header and navigation, and the same for whoever asks."""
    return _templates.get_template(template).render(**shown).encode()


def redirect(address: str) -> Response[bytes]:
    """303 to an address of ours."""
    return Response(b"", status_code=303, media_type="text/plain", headers={"Location": address})
