"""The summaries of a version, for adults and for children, whose links lead to its clauses."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from msgspec import Struct

from isa_registry.domain.agreements import LANGUAGES
from isa_registry.domain.register.facts import AgreementVersion, Companion
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.reading_words import Words, words_of

_markdown = MarkdownIt("commonmark", {"html": False}).disable(
    ["image", "autolink", "reference", "lheading", "html_inline", "html_block"]
)

KINDS = (("summary", "In plain words"), ("summary-for-children", "For children"))


class SummaryShown(Struct, frozen=True):
    """One summary. `lang` is None where it is in the language of the page."""

    id: str
    label: str
    lang: str | None
    html: Markup
    published_at: str


class SummariesShown(Struct, frozen=True):
    """The summaries in one language, side by side, and the others: (code, its name, whether it is this one)."""

    summaries: tuple[SummaryShown, ...]
    languages: tuple[tuple[str, str, bool], ...]


def summaries_shown(version: AgreementVersion, view: RegisterView, language: str = "en") -> SummariesShown:
    """The summaries in a language; where there is none in it, those in the language that most are in."""
    published = [one for one in view.companions(version.agreement, version.version) if one.companion in dict(KINDS)]
    languages = sorted({one.language for one in published}, key=list(LANGUAGES).index)
    chosen = language if language in languages else next(iter(languages), language)
    words = words_of(version, view)
    return SummariesShown(
        summaries=tuple(
            _shown(one, label, words)
            for kind, label in KINDS
            for one in published
            if one.companion == kind and one.language == chosen
        ),
        languages=tuple((code, LANGUAGES[code], code == chosen) for code in languages),
    )


def _shown(one: Companion, label: str, words: Words) -> SummaryShown:
    return SummaryShown(
        id=one.companion,
        label=label,
        lang=None if one.language == "en" else one.language,
        html=_html(one.text, words),
        published_at=one.published_at,
    )


def _html(text: str, words: Words) -> Markup:
    """A summary as HTML, its title as a heading of the third level. Links that lead to no clause are words alone."""
    tokens = _markdown.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
        if token.children:
            token.children = _linked(token.children, words)
    return Markup(_markdown.renderer.render(tokens, _markdown.options, {}))  # noqa: S704 - rendered with HTML disabled


def _linked(children: list[Token], words: Words) -> list[Token]:
    kept, dropped = [], False
    for token in children:
        if token.type == "link_open":
            clause = str(token.attrGet("href") or "").removeprefix("#")
            dropped = not words.has(clause)
            token.attrs = {} if dropped else {"href": words.address(clause)}
        if not (dropped and token.type in ("link_open", "link_close")):
            kept.append(token)
        dropped = dropped and token.type != "link_close"
    return kept
