"""The words of a notice: its template's file with what is known of it put in.

The first line of a file is the subject; after an empty line comes the text. What stands in braces is a parameter, a
name that goes with one (`agreement_title`), or the `link`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files

from msgspec import Struct

from isa_registry.domain.notices.notice import Notice
from isa_registry.domain.notices.templates import TEMPLATES
from isa_registry.domain.register.register import RegisterView

_DAYS = frozenset({"on", "due", "until"})
_CODES = frozenset({"reason", "comes", "question", "answer", "role", "stage"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


class Words(Struct, frozen=True):
    """What is sent: one line of subject, and a text of lines."""

    subject: str
    body: str


@cache
def template_words(code: str) -> Words:
    """The words of a template as they are written down."""
    text = files("isa_registry.domain.notices").joinpath(f"words/{code}.txt").read_text(encoding="utf-8")
    subject, _, body = text.partition("\n\n")
    return Words(subject, body.strip())


def words_of(notice: Notice, view: RegisterView, public_url: str, *, secret: str = "") -> Words:
    """A notice in words. `secret` is what only its receiver may know: the last part of the page's address."""
    told = {name: _shown(name, value) for name, value in notice.parameters.items()}
    path = TEMPLATES[notice.template].page.format_map(
        {**notice.parameters, "body": notice.organisation, "secret": secret}
    )
    known = {**told, **_names(notice, view), "link": public_url + path}
    words = template_words(notice.template)
    return Words(_one_line(words.subject.format_map(known)), words.body.format_map(known) + _CLOSING)


_CLOSING = "\n\nThis was sent by the register of information-sharing agreements. Nobody reads answers to this address."


def _names(notice: Notice, view: RegisterView) -> Mapping[str, str]:
    """The names that go with what the notice speaks of; an id where the register has no name for it."""
    given = notice.parameters
    opened = view.opened()
    names = {
        "body_name": _body(view, notice.organisation),
        "partnership": "the partnership" if opened is None else opened.partnership_name,
    }
    if "organisation" in given:
        names["organisation_name"] = _body(view, given["organisation"])
    for title, agreement, version in (
        ("agreement_title", "agreement", "version"),
        ("parent_title", "parent", "parent_version"),
    ):
        if agreement in given:
            names[title] = _title(view, given[agreement], given[version])
    return names


def _title(view: RegisterView, agreement: str, version: str) -> str:
    """The title of a version; of one that is only drafted yet, that of the agreement's newest."""
    found = view.agreement_version(agreement, version) or next(reversed(view.agreement_versions(agreement)), None)
    return agreement if found is None else _one_line(found.title)


def _body(view: RegisterView, organisation: str) -> str:
    found = view.organisation(organisation)
    return organisation if found is None else _one_line(found.name)


def _shown(name: str, value: str) -> str:
    if name in _DAYS:
        day = date.fromisoformat(value)
        return f"{day.day} {day:%B %Y}"
    return value.replace("-", " ") if name in _CODES else value


def _one_line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()
