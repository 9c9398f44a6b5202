"""The words of an agreement as HTML: exactly those that were signed, clause by clause."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup
from msgspec import Struct

from isa_registry.domain.agreement_text import Clause, parse_agreement
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.glossary import Glossary, Word, is_glossary

# Links, images, headings and HTML would show something else than the words that are hashed, so they stay text.
_markdown = (
    MarkdownIt("commonmark", {"html": False})
    .enable("table")
    .disable(["link", "image", "autolink", "reference", "heading", "lheading", "html_inline", "html_block"])
)


def _open_table(_: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    # A wide table scrolls by itself, by keyboard too.
    env["tables"] += 1
    label = f"Table {env['tables']} of {env['clause']}"
    return f'<div class="isa-wide" role="region" aria-label="{label}" tabindex="0">\n<table>\n'


def _close_table(_: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    return "</table>\n</div>\n"


def _text(_: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    """Text, in which the first use of each defined word of a clause leads to what it means, further down the page."""
    text = tokens[index].content
    glossary: Glossary | None = env.get("glossary")
    if glossary is None:
        return escapeHtml(text)
    seen: dict[Word, None] = env["seen"]
    pieces, place = [], 0
    for use in glossary.uses(text):
        if use.word not in seen:
            seen[use.word] = None
            shown = escapeHtml(text[use.start : use.end])
            pieces += [
                escapeHtml(text[place : use.start]),
                f'<a class="isa-word" href="#{word_id(use.word)}">{shown}</a>',
            ]
            place = use.end
    return "".join((*pieces, escapeHtml(text[place:])))


def word_id(word: Word) -> str:
    """The id of a word where it is explained on a page."""
    return "w-" + re.sub(r"[^a-z0-9]+", "-", word.term.lower()).strip("-")


_markdown.add_render_rule("text", _text)
_markdown.add_render_rule("table_open", _open_table)
_markdown.add_render_rule("table_close", _close_table)


def inline_words(text: str) -> Markup:
    """Words within a paragraph, by the same rules; the spaces around them stay."""
    stripped = text.strip()
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :] if stripped else ""
    html = Markup(_markdown.renderInline(stripped))  # noqa: S704 - rendered with HTML disabled
    return Markup("{}{}{}").format(before, html, after)


class ProvisionCited(Struct, frozen=True):
    """A provision that a clause rests on. `href` leads to legislation.gov.uk, or is None; `known`: whether the
    catalogue has it, so that it has a page here."""

    code: str
    title: str
    href: str | None
    verified: bool
    known: bool = True


class ClauseShown(Struct, frozen=True):
    """A clause as it is shown. `level` is 1 for a section; `words` are the defined words that are marked in it."""

    id: str
    heading: str
    level: int
    html: Markup
    answers: tuple[str, ...]
    cites: tuple[str, ...]
    words: tuple[Word, ...] = ()

    @property
    def section(self) -> str:
        """The id of the section that it belongs to; its own for a section."""
        return self.id.partition(".")[0]


@lru_cache(maxsize=64)
def clauses_shown(text: str) -> tuple[ClauseShown, ...]:
    """The clauses of an agreement's text, in order. Raises `AgreementError` for text that is not an agreement."""
    return tuple(_shown(clause, None) for clause in parse_agreement(text))


@lru_cache(maxsize=64)
def clauses_explained(text: str, words: tuple[Word, ...]) -> tuple[ClauseShown, ...]:
    """The same, with the first use of each of these words in a clause marked. The clause that explains words and the
    annexes, which are tables made from the schedule, are left as they are."""
    glossary = Glossary(words)
    return tuple(
        _shown(clause, None if clause.generated or is_glossary(clause) else glossary)
        for clause in parse_agreement(text)
    )


def _shown(clause: Clause, glossary: Glossary | None) -> ClauseShown:
    seen: dict[Word, None] = {}
    env = {"clause": clause.id, "tables": 0, "glossary": glossary, "seen": seen}
    return ClauseShown(
        id=clause.id,
        heading=clause.heading,
        level=clause.level,
        html=Markup(_markdown.render(clause.text, env)),  # noqa: S704 - rendered with HTML disabled
        answers=clause.answers,
        cites=clause.cites,
        words=tuple(seen),
    )


def provision_cited(code: str, catalogue: Catalogue | None) -> ProvisionCited:
    """A provision by its plain title; by its code alone where the catalogue no longer has it."""
    found = None if catalogue is None else catalogue.provisions.get(code)
    if found is None:
        return ProvisionCited(code=code, title=code, href=None, verified=False, known=False)
    return ProvisionCited(code=code, title=found.title, href=legislation_address(found.uri), verified=found.verified)


def legislation_address(uri: str | None) -> str | None:
    """The https address of a legislation.gov.uk identifier; None for any other address."""
    if uri is None or urlsplit(uri).netloc != "www.legislation.gov.uk":
        return None
    return "https://www.legislation.gov.uk" + urlsplit(uri).path
