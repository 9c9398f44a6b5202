"""The words of a version in each language that there are: those that are signed, and translations of them."""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from isa_registry.domain.agreement_text import AgreementText, Clause, parse_agreement_text
from isa_registry.domain.register.facts import AgreementVersion, Companion
from isa_registry.domain.register.register import RegisterView


class Words(Struct, frozen=True):
    """The words of a version in one language: those that are signed, or a translation of them. `text_sha256` is of
    `text` itself."""

    language: str
    signed: bool
    title: str
    text: str
    text_sha256: str
    clauses: tuple[Clause, ...]


def languages_of(view: RegisterView, version: AgreementVersion) -> tuple[str, ...]:
    """The languages of a version's words: that of the signed ones first."""
    return (version.schedule.language, *(one.language for one in _translations(view, version)))


def words_of(view: RegisterView, version: AgreementVersion, language: str | None = None) -> Words | None:
    """The words in a language; the signed ones where none is named. None where there are none in that language."""
    if language in (None, version.schedule.language):
        return _words(version.schedule.language, True, version.text, version.text_sha256)
    found = next((one for one in _translations(view, version) if one.language == language), None)
    return None if found is None else _words(found.language, False, found.text, found.text_sha256)


def _translations(view: RegisterView, version: AgreementVersion) -> list[Companion]:
    found = view.companions(version.agreement, version.version)
    return [one for one in found if one.companion == "translation" and one.language != version.schedule.language]


def _words(language: str, signed: bool, text: str, text_sha256: str) -> Words:
    parsed = _parsed(text)
    return Words(language, signed, parsed.title, text, text_sha256, parsed.clauses)


@lru_cache(maxsize=64)
def _parsed(text: str) -> AgreementText:
    """A published text in parts; it never changes."""
    return parse_agreement_text(text)
