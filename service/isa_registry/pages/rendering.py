"""Templates into pages. Everything is escaped; nothing on a page comes from another address."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from typing import Any, TypeAlias

import litestar
from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, Undefined
from jinja2.utils import missing
from litestar import Response
from markupsafe import Markup, escape
from msgspec import Struct

from isa_registry.domain.dates import london_date, parse_instant

Request: TypeAlias = litestar.Request[Any, Any, Any]

_TYPES = {"css": "text/css", "svg": "image/svg+xml"}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

# Read once: what is not in this table cannot be asked for, whatever the path.
_ASSETS: dict[str, bytes] = {
    entry.name: entry.read_bytes()
    for entry in sorted(files("isa_registry.pages").joinpath("static").iterdir(), key=lambda one: one.name)
    if entry.name.rpartition(".")[2] in _TYPES
}


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


def asset_address(name: str) -> str:
    """The address of one of our own files, with a mark of its content so that a cached older one is not used."""
    return f"/static/{name}?v={hashlib.sha256(_ASSETS[name]).hexdigest()[:8]}"


class _Unset(Undefined):
    """A name that no page was given is a fault at once. A member that is not there is only absent: the macros of the
    design system ask for every option that they have."""

    def _given(self) -> None:
        if self._undefined_obj is missing and self._undefined_name != "caller":
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
    environment.globals["asset"] = asset_address
    return environment


_templates = _environment()


class SignedIn(Struct, frozen=True):
    """Who is signed in, as the header and the forms of a page need it: the organisation by id and name, the roles that
    the person has there today, the token that each form sends back (`csrf`), and the other organisations, by id and
    name, that the person can switch to."""

    organisation: str
    organisation_name: str
    roles: frozenset[str]
    csrf: str
    others: tuple[tuple[str, str], ...] = ()


class Layout(Struct, frozen=True):
    """What every page of this register shows: whether it is a demonstration, whose it is, and who is signed in."""

    demonstration: bool
    partnership: str
    signed_in: SignedIn | None = None

    def page(self, template: str, *, status: int = 200, cache: str = "no-store", **shown: object) -> Response[bytes]:
        """A template as an HTML page. `cache` is the Cache-Control header for whoever is not signed in; a page for
        somebody who is, is kept nowhere."""
        html = _templates.get_template(template).render(
            demonstration=self.demonstration, partnership=self.partnership, signed_in=self.signed_in, **shown
        )
        return Response(
            html.encode(),
            status_code=status,
            media_type="text/html",
            headers={
                "Cache-Control": cache if self.signed_in is None else "no-store",
                "Content-Language": "en-GB",
                "Vary": "Cookie",
            },
        )

    def missing(self, what: str, onward: tuple[str, str] = ("/", "Start page")) -> Response[bytes]:
        """The page for what is not there: a sentence, and a way on (address, words)."""
        return self.page("missing.html", status=404, what=what, onward=onward)


def redirect(address: str) -> Response[bytes]:
    """303 to an address of ours."""
    return Response(b"", status_code=303, media_type="text/plain", headers={"Location": address})


def asset(name: str) -> Response[bytes] | None:
    """One of our own files, or None."""
    found = _ASSETS.get(name)
    if found is None:
        return None
    return Response(
        found, media_type=_TYPES[name.rpartition(".")[2]], headers={"Cache-Control": "public, max-age=3600"}
    )
