"""A training page of another origin, in a browser: it shows clauses, notices a change, and nobody else may do so."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from browser.conftest import CHROMIUM
from browser.watching import NARROW, RULES, WIDE
from isa_registry.domain.agreement_entries import AgreementInForce, AgreementPublished
from listening import listening
from loudly import LOUD
from next_version import AGREEMENT, next_version
from training.site import Site

EXAMPLE = Path(__file__).resolve().parents[2] / "docs/examples/training-page"
UNCHANGED = "The clauses in this lesson say what they said when it was written."


class Lessons(SimpleHTTPRequestHandler):
    """The example as its page says that it is used: with the registry's own address in it."""

    registry = ""

    def do_GET(self) -> None:
        path = EXAMPLE / self.path.strip("/")
        if path.parent != EXAMPLE or not path.is_file():
            self.send_error(404)
            return
        body = path.read_text(encoding="utf-8").replace("https://registry.example.org", self.registry).encode()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the library gives it
        """Nothing."""


@pytest.fixture(scope="module")
def lessons(site: Site) -> Iterator[tuple[str, str]]:
    """The same page at an origin that the registry lets in, and at one that it does not."""
    handler = type("LessonsHere", (Lessons,), {"registry": site.url})
    with listening(handler, port=site.learning_port), listening(handler) as strangers:
        yield site.learning, strangers


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip(f"{LOUD}there is no Chromium, so no training page was looked at in a browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": WIDE, "height": 800})
    yield context.new_page()
    context.close()


def open_lesson(page: Page, origin: str) -> list[str]:
    """Opens the lesson; every address that is asked for from then on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{origin}/index.html")
    return asked


def violations(page: Page) -> list[str]:
    asked = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=asked).response["violations"]
    return [f"{one['id']}: {one['help']} at {[node['target'] for node in one['nodes']][:3]}" for one in found]


def publish_next(site: Site) -> None:
    """Version 1.1 of the agreement that the lesson teaches, in force since a week ago."""
    schedule = next_version().read
    text = next_version().text
    digest = hashlib.sha256(text.encode()).hexdigest()
    site.log(AgreementPublished(AGREEMENT, "1.1", text, digest, schedule, "0" * 64))
    site.log(AgreementInForce(AGREEMENT, "1.1", "2026-11-20", review_due="2028-01-01"))


def test_a_lesson_shows_clauses_and_notices_when_a_new_version_changes_one(
    page: Page, site: Site, lessons: tuple[str, str]
) -> None:
    asked = open_lesson(page, lessons[0])
    page.get_by_text(UNCHANGED).wait_for()
    frame = page.frame_locator("iframe").nth(1)
    assert frame.locator("h1").inner_text() == "9.3 Bodies that have not signed"
    assert "In force." in frame.locator(".from").inner_text()
    # The frame has told how high it is.
    page.wait_for_function("document.querySelectorAll('iframe')[1].height !== '320'")
    assert frame.locator("html").evaluate("one => one.scrollHeight <= innerHeight + 1")
    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert frame.locator("html").evaluate("one => one.scrollWidth <= one.clientWidth")
    assert {
        one.rpartition("/")[0].partition("/embed")[0].partition("/api")[0].partition("/static")[0] for one in asked
    } <= {
        site.url,
        lessons[0],
    }
    assert page.context.cookies() == []
    # At 320 pixels; axe looks into the frames as well.
    assert violations(page) == []

    publish_next(site)
    page.reload()
    page.get_by_text("1 of the 2 clauses in this lesson changed since it was written.").wait_for()
    (notice,) = [one for one in page.locator(".changed").all() if one.is_visible()]
    assert (
        "The words changed since you were trained on 1.0, in version 1.1: read what is different" in notice.inner_text()
    )
    assert "The words changed." in frame.locator(".notice").inner_text()
    # Whoever has a keyboard alone gets from the frame to the difference, on a page of its own.
    frame.get_by_role("link", name="See what changed (opens in a new tab)").focus()
    with page.context.expect_page() as opened:
        page.keyboard.press("Enter")
    opened.value.wait_for_load_state()
    assert opened.value.url == f"{site.url}/agreements/{AGREEMENT}/compare?from=1.0&to=1.1"
    assert opened.value.evaluate("window.opener === null")
    page.set_viewport_size({"width": WIDE, "height": 800})
    assert violations(page) == []


def test_another_site_gets_no_frame_and_no_answer(page: Page, site: Site, lessons: tuple[str, str]) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    open_lesson(page, lessons[1])
    wanted = ("frame-ancestors", "CORS policy")
    for _ in range(200):
        if all(any(word in one for one in complaints) for word in wanted):
            break
        page.wait_for_timeout(100)
    assert [word for word in wanted if not any(word in one for one in complaints)] == []
    assert [frame.url for frame in page.frames[1:] if frame.url.startswith(site.url)] == []
    assert page.locator("#checked").inner_text() == "The clauses below say themselves whether their words have changed."


def test_a_lesson_without_scripts_still_shows_the_words_and_what_became_of_them(
    browser: Browser, site: Site, lessons: tuple[str, str]
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": NARROW, "height": 800})
    page = context.new_page()
    page.goto(f"{lessons[0]}/index.html")
    assert page.frame_locator("iframe").nth(0).locator("h1").inner_text().startswith("5.3 ")
    context.close()


def test_a_trainer_copies_an_embed_code_and_checks_links_by_keyboard(page: Page, site: Site) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
    page.goto(f"{site.url}/training?agreement=walking-home")
    page.get_by_label("1.1 Who walks").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Get links, embed codes and citations").focus()
    page.keyboard.press("Enter")
    copy = page.get_by_role("button", name="Copy: Embed code for these very words, version 1.1 (clause 1.1)")
    copy.focus()
    page.keyboard.press("Enter")
    page.get_by_text("Copied.").wait_for()
    code = page.evaluate("navigator.clipboard.readText()")
    assert code.startswith(f'<iframe src="{site.url}/embed/agreements/walking-home/1.1/clause/1.1"')
    assert violations(page) == []
    page.get_by_label("Paste your links").fill(code.replace("/1.1/clause", "/1.0/clause"))
    page.get_by_role("button", name="Check the links").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Clause 1.1, Who walks").wait_for()
    page.get_by_text("What is different in clause 1.1").click()
    page.set_viewport_size({"width": NARROW, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert violations(page) == []
