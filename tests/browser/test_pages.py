"""Every page as a browser has it: accessible, whole by keyboard and without scripts, and with no request elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from browser.pages import LARGE, OFTEN, PAGES, Look
from browser.watching import NARROW, WIDE, Visited, Visits
from isa_registry.api.access import ACCESS, is_page
from isa_registry.pages.assets import PLAIN
from isa_registry.pages.gallery import ADDRESS
from isa_registry.pages.reading_head import PAGES as READING_PAGES

EVERY_PAGE = pytest.mark.parametrize("look", PAGES.values(), ids=PAGES.keys())
# Pages of people who are signed in are of the same few components: some are looked at on every run in each way, and all
# of them on the long one.
RARELY = {name: look for name, look in PAGES.items() if look.person is not None and name not in OFTEN}
MOST_PAGES = pytest.mark.parametrize(
    "look",
    [pytest.param(look, id=name, marks=[pytest.mark.long] * (name in RARELY)) for name, look in PAGES.items()],
)
LONGEST_WALK = 30
STATIC = Path(__file__).resolve().parents[2] / "service/isa_registry/pages/static"


def words(visited: Visited) -> str:
    """The words of the page's main part, without numbers of requests and answers, and times of day."""
    return re.sub(r"[0-9a-f]{32}|\b\d\d:\d\d\b", "(number)", visited.page.inner_text("main"))


@EVERY_PAGE
def test_a_page_is_accessible_at_every_width_and_asks_nobody_else_for_anything(visit: Visits, look: Look) -> None:
    visited = visit(look)
    # Contrast is looked at element by element: on a page of thousands that, and the second width, are for the long run,
    # and so is contrast in the second width on most pages for somebody. An answer to a form has the form's own colours.
    large = look.path in LARGE
    once = large or look.button or look in RARELY.values()
    assert visited.overflow() <= 0
    assert large or visited.violations() == []
    visited.resize(NARROW)
    assert visited.overflow() <= 0
    assert visited.violations(without=("color-contrast",) if once else ()) == []
    assert visited.requests
    assert visited.elsewhere() == []
    assert visited.complaints == []


@pytest.mark.long
@pytest.mark.parametrize("look", RARELY.values(), ids=RARELY.keys())
def test_a_page_for_somebody_has_its_contrast_on_a_small_screen_too(visit: Visits, look: Look) -> None:
    assert visit(look, width=NARROW).violations() == []


@pytest.mark.long
@pytest.mark.parametrize("path", LARGE)
def test_a_large_page_is_accessible_in_every_respect(visit: Visits, path: str) -> None:
    visited = visit(path)
    visited.page.set_default_timeout(180_000)
    assert visited.violations() == []
    visited.resize(NARROW)
    assert visited.violations() == []


@MOST_PAGES
def test_a_page_is_whole_without_scripts(visit: Visits, look: Look) -> None:
    with_scripts, without = visit(look), visit(look, scripts=False)
    assert words(without) == words(with_scripts)
    assert re.findall(r"</?(?:span|a|p|div|strong|code)\b", words(without)) == [], "markup that was escaped twice"
    without.resize(NARROW)
    assert without.overflow() <= 0
    for link in without.page.locator("header a").all():
        assert link.is_visible()


@MOST_PAGES
def test_a_page_is_walked_by_keyboard_in_its_order_with_the_focus_always_seen(visit: Visits, look: Look) -> None:
    steps = visit(look).walk(LONGEST_WALK)
    assert (steps[0]["words"], steps[0]["href"]) == ("Skip to the main content", "#main")
    assert [step["order"] for step in steps] == sorted({step["order"] for step in steps})
    assert [step for step in steps if not (step["seen"] and step["inside"])] == []
    assert "Is a child in immediate danger?" in [step["words"] for step in steps]


@pytest.mark.parametrize("path", ["/", "/immediate-danger", f"{ADDRESS}/pieces", f"{ADDRESS}/form-with-errors"])
def test_a_page_with_the_plain_style_alone_is_accessible_too(visit: Visits, path: str) -> None:
    """As where the design system could not be fetched: its style sheet is ours, and its script is not there."""
    visit.instead("**/static/vendor/*.css*", (STATIC / PLAIN).read_text(encoding="utf-8"))
    visit.instead("**/static/vendor/*.js*", "")
    visited = visit(path)
    assert visited.page.locator("body.js-enabled").count() == 0
    for width in (WIDE, NARROW):
        visited.resize(width)
        assert visited.overflow() <= 0
        assert visited.violations() == []


def test_every_page_is_among_those_that_are_looked_at() -> None:
    """A new page has a line in the table, or says here why a browser sees nothing of it."""
    only_redirects = {
        "/agreements/{agreement}",
        "/agreements/{agreement}/at/{date}",
        "/id/agreement/{agreement}",
        "/id/agreement/{agreement}/clause/{clause}",
        "/account/attestations/{agreement}/{version}/words",
    }
    frames = {  # tests/training/test_in_a_browser.py
        "/embed/agreements/{agreement}/{version}/clause/{clause}",
        "/embed/id/agreement/{agreement}/clause/{clause}",
    }
    files = {
        "/static/{path}",
        "/contexts/agreements-1.jsonld",
        "/agreements/{agreement}/changes.atom",
        "/account/certificates/{attestation}/receipt",
        "/decisions/{event}/receipt",
    }
    by_a_link = {
        *("/join/{token}", "/ask/answers/{check}"),  # tests/browser/test_joining.py, test_asking.py
        *("/ask/answers/{check}/decision", "/decisions/{event}/correction"),  # test_deciding.py
        *("/decisions/received/{entry}", "/decisions/received/{entry}/acknowledgement"),
    }
    of_a_consent = {"/family", "/withdrawal", "/renewal", "/invalidation"}  # test_consents.py
    by_a_link |= {f"/consents/{{consent}}{of}" for of in of_a_consent}
    of_a_version = {"part/{clause}", *(below.removeprefix("/") for below, _ in READING_PAGES if below), "search"}
    by_a_link |= {f"/agreements/{{agreement}}/{{version}}/{of}" for of in of_a_version}  # test_reading.py
    looked_at = {look.path.partition("?")[0]: look for look in PAGES.values()}
    pages = {
        template: terms
        for (method, template), terms in ACCESS.items()
        if method == "GET" and is_page(template) and not terms.operator
    }
    forms = {template: re.compile(re.sub(r"\\{[a-z]+\\}", "[^/]+", re.escape(template))) for template in pages}
    unseen = {template for template, form in forms.items() if not any(form.fullmatch(path) for path in looked_at)}
    by_itself = {"/log/verify"}  # test_log_verifying.py: without scripts it has other words
    assert (
        unseen - {look.template for look in PAGES.values()} == only_redirects | files | frames | by_a_link | by_itself
    )
    without_a_person = [path for path, look in looked_at.items() if look.person is None]
    assert not [
        one for one, terms in pages.items() if terms.session and any(map(forms[one].fullmatch, without_a_person))
    ]


def test_the_skip_link_leads_past_the_navigation(visit: Visits) -> None:
    visited = visit("/agreements")
    visited.page.keyboard.press("Tab")
    visited.page.keyboard.press("Enter")
    visited.page.keyboard.press("Tab")
    assert visited.page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_the_menu_of_a_small_screen_opens_by_keyboard(visit: Visits) -> None:
    visited = visit("/", width=NARROW)
    menu = visited.page.get_by_role("button", name="Show or hide the menu")
    link = visited.page.locator("nav[aria-label=Main]").get_by_role("link", name="Documentation", include_hidden=True)
    assert not link.is_visible()
    menu.focus()
    visited.page.keyboard.press("Enter")
    assert link.is_visible()
    assert menu.get_attribute("aria-expanded") == "true"


def test_errors_take_the_focus_and_each_leads_to_its_field(visit: Visits) -> None:
    visited = visit("/demo/components/form-with-errors")
    assert visited.page.title().startswith("Error: ")
    summary = visited.page.get_by_role("alert")
    assert visited.page.evaluate("document.activeElement.matches('.govuk-error-summary')")
    for link in summary.get_by_role("link").all():
        link.click()
        assert visited.page.evaluate("document.activeElement.id") == (link.get_attribute("href") or "").removeprefix(
            "#"
        )


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_words_of_a_short_choice_stand_on_one_line(visit: Visits, width: int) -> None:
    asked = visit(PAGES["what one knows of a question"], width=width).page
    labels = asked.locator(".isa-ask > .govuk-form-group .govuk-radios--inline .govuk-radios__label").all()
    assert len(labels) == 9
    for label in labels:
        height, line = label.evaluate(
            "one => { const style = getComputedStyle(one); return [one.clientHeight - parseFloat(style.paddingTop)"
            " - parseFloat(style.paddingBottom), parseFloat(style.lineHeight)]; }"
        )
        assert height < 1.5 * line, label.inner_text()


def test_no_script_of_a_page_runs(visit: Visits) -> None:
    """The policy refuses what gets into a page, whatever escaped it."""
    visited = visit("/")
    visited.page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
            document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.ran = true'>");
            const style = document.createElement("style");
            style.textContent = "h1 { display: none }";
            document.body.append(style);
        }"""
    )
    visited.page.wait_for_timeout(200)
    assert visited.page.evaluate("window.ran === undefined")
    assert visited.page.locator("h1").is_visible()
    assert any("Content Security Policy" in one for one in visited.complaints)


def test_a_page_is_in_nobodys_frame(visit: Visits) -> None:
    visited = visit("/immediate-danger")
    visited.page.evaluate(
        """() => { const frame = document.createElement("iframe"); frame.src = "/log"; document.body.append(frame); }"""
    )
    visited.page.wait_for_timeout(500)
    assert [frame.url for frame in visited.page.frames[1:]] != [f"{visited.origin}/log"]
    assert visited.complaints
