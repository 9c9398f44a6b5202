"""From an invitation to the certificate, as a head teacher has it: on the smallest screen, by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from api.speaking import Database, bearer, person_token
from browser.watching import NARROW, Visited
from live import LEAD, Demonstration

SCHOOL = "example-primary-school"
TITLE = "Harm outside the home in County Durham: Tier 2"
MOST_PAGES = 8


class Walker:
    """Somebody at a keyboard: they press Tab until they are where they want to be. `pages` are those that they had to
    look at, signing in again apart; each is held to axe and to the width of the screen."""

    def __init__(self, visited: Visited) -> None:
        self.visited = visited
        self.keyboard = visited.page.keyboard
        self.pages: list[str] = []
        self.step_ups = 0

    @property
    def page(self) -> Page:
        return self.visited.page

    def looks(self, heading: str, *, large: bool = False) -> None:
        """The page with this heading has come. The contrast of a large one has a test of its own."""
        self.page.wait_for_function("words => document.querySelector('h1')?.innerText.includes(words)", arg=heading)
        self.page.wait_for_load_state()
        address = urlsplit(self.page.url).path
        if address == "/sign-in/again":
            self.step_ups += 1
        elif not (self.step_ups and "/demo/idp/" in address):
            self.pages.append(heading)
        assert self.visited.overflow() <= 0, heading
        if not large:
            assert self.visited.violations() == [], heading

    def reaches(self, what: str, argument: str) -> None:
        for _ in range(300):
            self.keyboard.press("Tab")
            if self.page.evaluate(f"argument => {{ const one = document.activeElement; return {what}; }}", argument):
                return
        raise AssertionError(f"no Tab leads to {argument}")

    def follows(self, words: str) -> None:
        """Presses Enter on the link or button of the main part that begins with these words."""
        self.reaches(
            "one.closest('main') && ['a', 'button'].includes(one.localName)"
            " && one.textContent.trim().startsWith(argument)",
            words,
        )
        self.keyboard.press("Enter")

    def types(self, field: str, text: str) -> None:
        self.reaches("one.name === argument", field)
        self.keyboard.type(text)

    def chooses(self, field: str, value: str) -> None:
        """Tab leads into a group of radio buttons, arrows from one to the next."""
        self.reaches("one.name === argument", field)
        self.keyboard.press("Space")
        for _ in range(30):
            if self.page.evaluate("document.activeElement.value") == value:
                assert self.page.evaluate("document.activeElement.checked")
                return
            self.keyboard.press("ArrowDown")
        raise AssertionError(f"no arrow leads to {value}")

    def is_provider_of(self, person: str) -> None:
        self.page.wait_for_url("**/demo/idp/**")
        self.looks(":")
        self.follows(person)


def six_minutes_pass(demonstration: Demonstration) -> None:
    """In a thread without a loop: the browser's runs in the test's own."""
    database = Database(demonstration.state)
    database.as_owner("UPDATE person_session SET auth_time = now() - interval '6 minutes' WHERE revoked_at IS NULL")
    database.close()


@pytest.fixture
def walker(browser: Chromium, demonstration: Demonstration) -> Iterator[Walker]:
    context = browser.new_context(viewport={"width": NARROW, "height": 640}, base_url=demonstration.url)
    yield Walker(Visited(context.new_page(), demonstration.url))
    context.close()


@pytest.fixture
def invited(demonstration: Demonstration) -> None:
    """The business unit invites the school."""
    answer = httpx.post(
        f"{demonstration.url}/api/v1/agreements/tier-2-hoth/versions/1.0/invitations",
        json={"organisation": SCHOOL},
        headers=bearer(person_token(demonstration, LEAD, "business-unit")),
        timeout=20,
    )
    assert answer.status_code in (201, 409), answer.text


def test_from_invitation_to_certificate(walker: Walker, invited: None, demonstration: Demonstration) -> None:
    walker.page.goto("/sign-in?q=primary&return=/account/attestations")
    walker.looks("Sign in")
    walker.chooses("use", walker.page.locator("input[name=use]").first.get_attribute("value") or "")
    walker.follows("Continue")
    walker.is_provider_of("Signatory")

    walker.looks("Agreements to sign")
    assert "Invited" in walker.page.inner_text("main")
    walker.follows(TITLE)
    walker.looks("version 1.0")
    walker.follows("Read the whole agreement")
    walker.page.wait_for_url("**/agreements/tier-2-hoth/1.0")
    walker.looks("", large=True)
    # The browser's own key for it, which one without a window does not have.
    walker.page.go_back()

    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(six_minutes_pass, demonstration).result()
    walker.follows("Sign it for your organisation")
    walker.looks("Sign in again")
    walker.follows("Sign in again")
    walker.is_provider_of("Signatory")

    walker.looks("Sign ")
    walker.chooses("role", "head-teacher")
    walker.types("ref", "POST-1")
    walker.chooses("authority", "office-holder")
    walker.types("authority_reference", "GOV-2026-3")
    walker.types("consulted_data-protection-officer", "2026-11-02")
    walker.follows("Look at what is signed")
    walker.looks("Is this what you sign?")
    walker.follows("Sign it")
    walker.looks("Certificate of attestation")
    shown = walker.page.inner_text("main")
    assert "Head teacher" in shown
    assert re.search(r"Entry \d+ of the log", shown)
    assert (len(walker.pages) <= MOST_PAGES, walker.step_ups) == (True, 1), walker.pages
    assert walker.visited.elsewhere() == []
    assert walker.visited.complaints == []


@pytest.mark.long
def test_the_certificate_prints_on_one_page(walker: Walker) -> None:
    """Whoever signed it last year prints it for an inspector."""
    walker.page.goto("/sign-in?q=durham+county&return=/account/certificates/att_tier-2-hoth_1.0_durham-county-council")
    walker.looks("Sign in")
    walker.chooses("use", walker.page.locator("input[name=use]").first.get_attribute("value") or "")
    walker.follows("Continue")
    walker.is_provider_of("Signatory")
    walker.looks("Certificate of attestation")
    printed = walker.page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1
