"""Which form and which language somebody is given, by what they say that they accept (RFC 9110 section 12)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_registry.domain.conditional import entity_tag, holds
from isa_registry.domain.media import FORMS, HTML, JSON, LINKED, MARKDOWN, Form, Named, chosen, chosen_language, named


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", HTML),
        ("*/*", HTML),
        ("application/*", JSON),
        ("APPLICATION/LD+JSON", LINKED),
        ("text/html;q=0.8, application/json", JSON),
        ("text/html, application/json", HTML),
        ("text/*;q=0.5, text/html;q=0.4, */*;q=0.1", MARKDOWN),
        ("*/*, text/html;q=0", JSON),
        ("text/markdown; charset=utf-8", MARKDOWN),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#expanded, q=0";q=1', LINKED),
        ("text/html;q=0", None),
        ("image/png, application/pdf;q=0.9", None),
        ("application/json;q=inf, text/markdown;q=0.1", MARKDOWN),
        ("application/json;q=1.001, text/markdown;q=0.1", MARKDOWN),
        ("nonsense, , ;q=1, text/markdown", MARKDOWN),
    ],
)
def test_the_most_welcome_form_is_chosen(accept: str, form: Form | None) -> None:
    assert chosen(accept) == form


@given(st.text(max_size=200))
def test_whatever_is_sent_is_answered(accept: str) -> None:
    assert chosen(accept) in (*FORMS, None)
    assert chosen_language(accept, ("en", "cy")) in ("en", "cy")


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en"),
        ("cy", "cy"),
        ("cy-GB, en;q=0.9", "cy"),
        ("en-GB, cy;q=0.9", "en"),
        ("fr, *;q=0.5", "en"),
        ("en;q=0, *", "cy"),
        ("fr", "en"),
        ("cy;q=0", "en"),
    ],
)
def test_the_most_welcome_language_is_chosen_and_any_words_are_better_than_none(accept: str, language: str) -> None:
    assert chosen_language(accept, ("en", "cy")) == language


@pytest.mark.parametrize(
    ("part", "read"),
    [
        ("1.0", Named("1.0", None, None)),
        ("1.0.json", Named("1.0", None, JSON)),
        ("5.3.cy.html", Named("5.3", "cy", HTML)),
        ("A.1.cy", Named("A.1", "cy", None)),
        ("1.0.JSON", None),
        ("1.0.", None),
        ("1.0.fr.json", None),
        ("1.0.json.cy", None),
        ("", None),
        ("1.0\n", None),
    ],
)
def test_the_last_part_of_an_address_has_one_spelling(part: str, read: Named | None) -> None:
    assert named(part) == read
    assert read is None or read.name + read.suffix == part


def test_a_tag_is_held_where_it_is_among_those_sent() -> None:
    tag = entity_tag(b"words")
    assert holds(tag, tag)
    assert holds(f'"other", W/{tag}', tag)
    assert holds("*", tag)
    assert not holds("", tag)
    assert not holds('"other"', tag)
