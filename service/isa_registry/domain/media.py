"""Which forms a document has, by the suffix of its address or by what somebody accepts (RFC 9110 section 12)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

from isa_registry.domain.agreements import LANGUAGES

_NAME = re.compile(r"([0-9A-Z]+(?:\.[0-9]+)*)((?:\.[a-z]+){0,2})")
_RANGE = re.compile(r"(\*|[!#$&^_.+a-z0-9-]+)/(\*|[!#$&^_.+a-z0-9-]+)")
_LANGUAGE = re.compile(r"\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*")
_WEIGHT = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
_PARAMETERS = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')
_REFUSED_WEIGHT = re.compile(r"q=0(\.0{0,3})?")
_MEMBERS = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)')
_LONGEST = 1000
"""Characters of a header that are read; browsers send a fifth of it."""


class Form(Struct, frozen=True):
    """A form of a document: the suffix of its address, and its media type."""

    suffix: str
    media_type: str
    says: str


HTML = Form("html", "text/html", "A page")
JSON = Form("json", "application/json", "JSON")
LINKED = Form("jsonld", "application/ld+json", "JSON-LD")
MARKDOWN = Form("md", "text/markdown", "Markdown, as it is signed")
FORMS = (HTML, JSON, LINKED, MARKDOWN)
"""In the order in which one is chosen where two are as welcome."""


class Named(NamedTuple):
    """The last part of a document's address: a version or a clause, and the language and the form if they are named."""

    name: str
    language: str | None
    form: Form | None

    @property
    def suffix(self) -> str:
        """What the address names beside the document."""
        return "".join(f".{one}" for one in (self.language, self.form and self.form.suffix) if one)


def named(part: str) -> Named | None:
    """The last part of an address read strictly: 1.0, 1.0.json, 5.3.cy, 5.3.cy.html. None for any other spelling."""
    found = _NAME.fullmatch(part)
    if found is None:
        return None
    said = found[2].split(".")[1:]
    language = said.pop(0) if said and said[0] in LANGUAGES else None
    form = next((one for one in FORMS if said == [one.suffix]), None)
    return None if said and form is None else Named(found[1], language, form)


def chosen(accept: str, forms: Sequence[Form] = FORMS) -> Form | None:
    """The form that is most welcome, the first of those that are as welcome; None where none is (RFC 9110 section
    12.5.1). Nothing said is everything accepted; what cannot be read is passed over."""
    if not accept.strip():
        return forms[0]
    ranges = _weights(accept, _RANGE)
    found = [(_weight(ranges, (one.media_type, f"{one.media_type.partition('/')[0]}/*", "*/*")), one) for one in forms]
    best, form = max(found, key=lambda one: one[0])
    return form if best > 0 else None


def chosen_language(accept: str, languages: Sequence[str]) -> str:
    """The language that is most welcome of those that there are; the first where none is named: words in another
    language are better than none (RFC 9110 section 12.5.4, RFC 4647 section 3.4)."""
    said = _weights(accept, _LANGUAGE)
    ranges: dict[str, float] = {}
    for one, weight in said.items():
        short = one.partition("-")[0]
        ranges[short] = max(weight, ranges.get(short, 0))
    found = [(_weight(ranges, (one, "*")), one) for one in languages]
    best, language = max(found, key=lambda one: one[0])
    return language if best > 0 else languages[0]


def _weights(header: str, form: re.Pattern[str]) -> dict[str, float]:
    """Each range with its weight. A profile or another parameter asks for a variant, and is answered with the form."""
    found: dict[str, float] = {}
    for member in _MEMBERS.split(header[:_LONGEST]):
        name, *parameters = (one.strip().lower() for one in _PARAMETERS.split(member))
        said = [one.partition("=")[2] for one in parameters if one.startswith("q=")]
        if form.fullmatch(name) and all(map(_WEIGHT.fullmatch, said)):
            found[name] = max(found.get(name, 0.0), float(said[0]) if said else 1.0)
    return found


def _weight(ranges: dict[str, float], from_narrow_to_wide: tuple[str, ...]) -> float:
    return next((ranges[one] for one in from_narrow_to_wide if one in ranges), 0.0)


def takes_gzip(header: str) -> bool:
    """Whether an Accept-Encoding takes gzip (RFC 9110 section 12.5.3)."""
    weights: dict[str, bool] = {}
    for one in header.lower().split(","):
        coding, _, weight = one.strip().partition(";")
        weights[coding.strip()] = not _REFUSED_WEIGHT.fullmatch(weight.strip())
    return weights.get("gzip", weights.get("*", False))
