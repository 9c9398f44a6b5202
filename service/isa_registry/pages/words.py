"""The words of an agreement as HTML: exactly those that were signed, clause by clause."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup
from msgspec import Struct

from isa_registry.domain.agreement_text import parse_agreement
from isa_registry.domain.catalogue import Catalogue

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


_markdown.add_render_rule("table_open", _open_table)
_markdown.add_render_rule("table_close", _close_table)


def inline_words(text: str) -> Markup:
    """Words within a paragraph, by the same rules; the spaces around them stay."""
    stripped = text.strip()
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :] if stripped else ""
    html = Markup(_markdown.renderInline(stripped))  # noqa: S704 - rendered with HTML disabled
    return Markup("{}{}{}").format(before, html, after)


class ProvisionCited(Struct, frozen=True):
    """A provision that a clause rests on. `href` leads to legislation.gov.uk, or is None."""

    code: str
    title: str
    href: str | None
    verified: bool


class ClauseShown(Struct, frozen=True):
    """A clause as it is shown. `level` is 1 for a section; `clauses` are those below a section, in order."""

    id: str
    heading: str
    level: int
    html: Markup
    answers: tuple[str, ...]
    cites: tuple[str, ...]


@lru_cache(maxsize=64)
def clauses_shown(text: str) -> tuple[ClauseShown, ...]:
    """The clauses of an agreement's text, in order. Raises `AgreementError` for text that is not an agreement."""
    return tuple(
        ClauseShown(
            id=clause.id,
            heading=clause.heading,
            level=clause.level,
            html=Markup(_markdown.render(clause.text, {"clause": clause.id, "tables": 0})),  # noqa: S704 - rendered with HTML disabled
            answers=clause.answers,
            cites=clause.cites,
        )
        for clause in parse_agreement(text)
    )


def provision_cited(code: str, catalogue: Catalogue | None) -> ProvisionCited:
    """A provision by its plain title; by its code alone where the catalogue no longer has it."""
    found = None if catalogue is None else catalogue.provisions.get(code)
    if found is None:
        return ProvisionCited(code=code, title=code, href=None, verified=False)
    return ProvisionCited(code=code, title=found.title, href=legislation_address(found.uri), verified=found.verified)


def legislation_address(uri: str | None) -> str | None:
    """The https address of a legislation.gov.uk identifier; None for any other address."""
    if uri is None or urlsplit(uri).netloc != "www.legislation.gov.uk":
        return None
    return "https://www.legislation.gov.uk" + urlsplit(uri).path
