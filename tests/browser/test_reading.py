"""Reading an agreement in a browser: finding, copying, words explained, other versions, paper; by keyboard and without
scripts, wide and narrow."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.watching import NARROW, WIDE, Visits
from isa_registry.domain.agreement_text import parse_agreement
from isa_registry.pages.reading_head import PAGES
from live import Demonstration
from next_version import old_version

VERSION = "/agreements/tier-2-hoth/1.0"
CLAUSES = parse_agreement(old_version().text)
LAST = "19.1"
"""A clause that is not on the version's first page."""


@pytest.fixture(scope="module")
def opened(browser: Browser, demonstration: Demonstration) -> Iterator[Visits]:
    visits = Visits(browser, demonstration)
    yield visits
    visits.close()


@pytest.fixture
def visit(opened: Visits) -> Iterator[Visits]:
    yield opened
    opened.leave()


def on_clause(page: Page, clause: str) -> bool:
    """Whether the clause of the address is on the page, in sight."""
    return bool(
        page.evaluate(
            "id => { const box = document.getElementById(id)?.getBoundingClientRect();"
            " return !!box && box.top < innerHeight && box.bottom > 0; }",
            clause,
        )
    )


BELOW = [*(below for below, _ in PAGES if below), "/part/10", "/search?q=panel"]


@pytest.mark.parametrize("below", BELOW)
def test_each_page_about_a_version_is_accessible_and_whole_without_scripts(visit: Visits, below: str) -> None:
    visited = visit(f"{VERSION}{below}")
    words = visited.page.inner_text("main")
    assert visited.overflow() <= 0
    visited.resize(NARROW)
    assert visited.overflow() <= 0
    # Contrast is looked at element by element: that, and the second width, are for the long run.
    assert visited.violations(without=("color-contrast",)) == []
    assert visited.elsewhere() == []
    assert visited.complaints == []
    plain = visit(f"{VERSION}{below}", scripts=False)
    assert plain.page.inner_text("main") == words


@pytest.mark.long
@pytest.mark.parametrize("below", BELOW)
def test_each_page_about_a_version_is_accessible_in_every_respect(visit: Visits, below: str) -> None:
    visited = visit(f"{VERSION}{below}")
    visited.page.set_default_timeout(180_000)
    assert visited.violations() == []
    visited.resize(NARROW)
    assert visited.violations() == []


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_link_is_copied_by_keyboard_and_said_to_be(visit: Visits, width: int) -> None:
    visited = visit(f"{VERSION}#5.3", width=width)
    page = visited.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=visited.origin)
    page.locator('[id="5.3"] .isa-number').focus()
    page.keyboard.press("Tab")
    button = page.get_by_role("button", name="Copy link to clause 5.3", exact=True)
    expect(button).to_be_focused()
    assert button.evaluate("one => getComputedStyle(one).opacity") == "1"
    page.keyboard.press("Enter")
    expect(page.locator(".isa-copied")).to_have_text(
        "Copied: the link to clause 5.3 of version 1.0. It always leads to these words."
    )
    assert page.locator(".isa-copied").get_attribute("role") == "status"
    assert page.evaluate("navigator.clipboard.readText()") == f"{visited.origin}{VERSION}#5.3"
    assert visited.overflow() <= 0


def test_a_word_is_explained_on_focus_and_on_hover_until_it_is_dismissed(visit: Visits) -> None:
    visited = visit(f"{VERSION}#5.3")
    page = visited.page
    word, tip = page.locator('[id="5.3"] .isa-word', has_text="panel"), page.get_by_role("tooltip")
    word.focus()
    expect(tip).to_contain_text("the multi-agency meeting on children who are exploited or at risk of it")
    assert word.get_attribute("aria-describedby") == tip.get_attribute("id")
    assert visited.violations(without=("color-contrast", "region")) == []
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    expect(word).to_be_focused()
    assert word.get_attribute("aria-describedby") is None
    page.evaluate("document.activeElement.blur()")
    word.hover()
    expect(tip).to_be_visible()
    # It stays while the pointer is on it, and goes when the pointer leaves.
    tip.hover()
    page.wait_for_timeout(400)
    expect(tip).to_be_visible()
    page.mouse.move(5, 5)
    expect(tip).to_be_hidden()


def test_without_scripts_a_word_and_a_clause_further_on_are_links(visit: Visits) -> None:
    visited = visit(f"{VERSION}#{LAST}", scripts=False, width=NARROW)
    page = visited.page
    expect(page.locator(f'[id="{LAST}"]')).to_be_in_viewport()
    page.locator(f'[id="{LAST}"] > a').click()
    assert re.search(rf"/part/[0-9.]+#{re.escape(LAST)}$", page.url)
    page.goto(f"{visited.origin}{VERSION}")
    page.locator('[id="5.3"] .isa-word', has_text="panel").click()
    assert page.url.endswith("#w-panel")
    expect(page.locator("#w-panel")).to_be_in_viewport()
    assert page.locator(".isa-copy").count() == 0


def test_with_scripts_a_link_to_a_clause_further_on_arrives_at_its_words(visit: Visits) -> None:
    visited = visit(f"{VERSION}#{LAST}")
    visited.page.wait_for_url(re.compile(rf"/part/[0-9.]+#{re.escape(LAST)}$"))
    assert on_clause(visited.page, LAST)
    heading = next(one.heading for one in CLAUSES if one.id == LAST)
    assert heading in visited.page.locator(f'[id="{LAST}"]').inner_text()
    visited.page.goto(f"{visited.origin}{VERSION}#retention")
    visited.page.wait_for_url(f"**{VERSION}/schedule#retention")


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_clauses_narrow_as_one_types_and_the_whole_text_is_a_press_away(visit: Visits, width: int) -> None:
    visited = visit(VERSION, width=width)
    page = visited.page
    field, shown = page.get_by_role("searchbox"), page.locator(".isa-clause:visible")
    every = shown.count()
    field.focus()
    page.keyboard.type("modern slav")
    expect(page.locator(".isa-search__said")).to_contain_text("on this page")
    assert 0 < shown.count() < every
    assert page.locator('[id="5.6"]').is_visible()
    assert page.evaluate("CSS.highlights.get('isa-found').size") > 0
    before = len(visited.requests)
    page.keyboard.press("Escape")
    assert shown.count() == every
    assert len(visited.requests) == before, "what is typed is sent to nobody"
    page.keyboard.type("modern slav")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=modern+slav")
    expect(page.locator(".isa-found mark").first).to_be_visible()
    page.locator(".isa-found a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"#[0-9.]+$"))
    assert on_clause(page, page.url.partition("#")[2])


def test_versions_are_compared_from_the_page_that_one_reads(visit: Visits) -> None:
    page = visit(VERSION).page
    page.get_by_role("navigation", name="This version").get_by_role("link", name="Versions").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Versions")
    page.get_by_label("Follow a clause").fill("5.3")
    page.keyboard.press("Enter")
    page.wait_for_url("**/versions?clause=5.3")
    page.goto(page.url.partition("/versions")[0])
    page.get_by_role("link", name="compare versions").click()
    page.wait_for_url("**/compare")


def test_on_paper_every_clause_is_there_on_numbered_pages(visit: Visits) -> None:
    visited = visit(f"{VERSION}/print")
    pdf = visited.page.pdf(prefer_css_page_size=True, tagged=True, outline=True)
    pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))
    assert 10 < pages < 80
    outline = titles(pdf)
    for clause in CLAUSES:
        assert f"{clause.id} {clause.heading}" in outline
    visited.page.emulate_media(media="print")
    for gone in (".isa-masthead", ".govuk-service-navigation", ".isa-screen", ".govuk-template__footer"):
        assert not visited.page.locator(gone).first.is_visible()
    assert visited.page.locator(".isa-paper__running").is_visible()
    visited.page.goto(f"{visited.origin}{VERSION}")
    for gone in (".isa-tabs", ".isa-reading__aside", ".isa-copy"):
        assert not visited.page.locator(gone).first.is_visible()
    visited.page.emulate_media(media="screen")


def titles(pdf: bytes) -> set[str]:
    """The headings in a PDF's outline."""
    text = pdf + b"".join(
        zlib.decompressobj().decompress(found)
        for found in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
        if found[:1] == b"\x78"
    )
    found = set()
    for literal, coded in re.findall(rb"/Title\s*(?:\(((?:\\.|[^\\)])*)\)|<([0-9A-Fa-f]+)>)", text, re.DOTALL):
        raw = bytes.fromhex(coded.decode()) if coded else re.sub(rb"\\(.)", rb"\1", literal, flags=re.DOTALL)
        found.add(raw[2:].decode("utf-16-be") if raw[:2] == b"\xfe\xff" else raw.decode("latin-1"))
    return found


def test_the_page_is_read_by_keyboard_from_the_search_to_the_last_clause_of_a_screen(visit: Visits) -> None:
    visited = visit(VERSION, width=NARROW)
    page = visited.page
    contents = page.locator(".isa-contents--aside summary")
    assert not page.locator(".isa-contents--aside ol").first.is_visible()
    contents.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#0"
    page.get_by_role("navigation", name="Contents").get_by_role("link", name="5.3", exact=False).first.focus()
    page.keyboard.press("Enter")
    assert page.url.endswith("#5.3")
    assert on_clause(page, "5.3")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('section')?.id") == "5.3"
