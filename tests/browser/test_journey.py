"""From the letter that asks a body to sign, to the certificate: by keyboard alone, on a small screen, with one step-up
and at most eight pages, of which every one that waits for somebody is looked at."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page

from api.speaking import Database, bearer, person_token
from browser.watching import NARROW, Visited
from isa_registry.mailing import KEPT
from live import LEAD, Demonstration

VERSION = "/api/v1/agreements/tier-2-hoth/versions/1.0"
MOST_PAGES = 8
PROVIDER = "/demo/idp/"
SCRIPTED, PLAIN = ("durham-community-action", "chair-of-trustees"), ("example-academy", "head-teacher")
"""Bodies that nobody has asked yet, and no other test does, with who signs for them: for a browser with scripts, and
for one without."""


class Journey:
    """One browser with no mouse. `pages` are the paths of all that it loaded, in order, those that only lead on too;
    those of the body's own provider are counted apart."""

    def __init__(self, browser: Browser, demonstration: Demonstration, *, scripts: bool) -> None:
        self.url = demonstration.url
        self._context = browser.new_context(java_script_enabled=scripts, viewport={"width": NARROW, "height": 640})
        self.page: Page = self._context.new_page()
        self.visited = Visited(self.page, self.url)
        self.scripts = scripts
        self.loaded: list[str] = []
        self.page.on("domcontentloaded", self._loaded)

    def _loaded(self, page: Page) -> None:
        self.loaded.append(urlsplit(page.url).path)

    @property
    def pages(self) -> list[str]:
        return [one for one in self.loaded if not one.startswith(PROVIDER)]

    @property
    def at_the_provider(self) -> int:
        return sum(one.startswith(PROVIDER) for one in self.loaded)

    def look(self, heading: str, *, large: bool = False) -> None:
        """The page that is there has this heading, fits the screen, and axe has nothing against it."""
        assert heading in self.page.inner_text("h1"), self.page.url
        assert self.visited.overflow() <= 0, self.page.url
        if self.scripts:
            assert self.visited.violations(without=("color-contrast",) if large else ()) == [], self.page.url

    def focused(self) -> dict[str, Any]:
        """What has the focus; it can be seen that it has it."""
        found: dict[str, Any] = self.page.evaluate(
            """() => {
                const one = document.activeElement, box = one.getBoundingClientRect();
                const label = one.matches("[type=radio], [type=checkbox]") ? one.labels[0] : null;
                const style = label ? getComputedStyle(label, "::before") : getComputedStyle(one);
                const outline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 3;
                return {words: (one.textContent || "").trim().replace(/\\s+/g, " "), name: one.name || "",
                        value: one.value || "", seen: outline || style.boxShadow !== "none",
                        inside: box.top < innerHeight && box.bottom > 0, body: one === document.body};
            }"""
        )
        return found

    def tab_to(self, *, words: str = "", name: str = "", value: str = "", at_most: int = 60) -> None:
        """Presses Tab until this link, button or field has the focus, which is seen at every step."""
        for _ in range(at_most):
            self.page.keyboard.press("Tab")
            now = self.focused()
            assert now["body"] or (now["seen"] and now["inside"]), now
            if (words and now["words"].startswith(words)) or (
                name and now["name"] == name and (not value or now["value"] == value)
            ):
                return
        raise AssertionError(f"{words or name} was not reached from {self.page.url}")

    def choose(self, name: str, value: str) -> None:
        """Of a group of radio buttons: Tab into it, and on with the arrows."""
        self.tab_to(name=name)
        self.page.keyboard.press("Space")
        for _ in range(30):
            if self.focused()["value"] == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{name} has no {value}")

    def write(self, name: str, text: str) -> None:
        self.tab_to(name=name)
        self.page.keyboard.type(text)

    def press(self, expected: str, key: str = "Enter") -> None:
        """Presses what has the focus; the page that comes has this path."""
        with self.page.expect_navigation(url=re.compile(f".*{expected}.*")):
            self.page.keyboard.press(key)

    def close(self) -> None:
        self._context.close()


@pytest.fixture(params=[True, False], ids=["with scripts", "without"])
def journey(request: pytest.FixtureRequest, browser: Browser, demonstration: Demonstration) -> Iterator[Journey]:
    journey = Journey(browser, demonstration, scripts=request.param)
    yield journey
    journey.close()


def link_of_a_letter(demonstration: Demonstration, organisation: str) -> str:
    """The business unit invites a body to sign: the link of the letter that its signatory gets."""
    keeper = bearer(person_token(demonstration, organisation, "ig-lead"))
    unit = bearer(person_token(demonstration, LEAD, "business-unit"))
    mailbox = f"head@{organisation}.example"
    httpx.post(
        f"{demonstration.url}/api/v1/organisations/{organisation}/notice-addresses",
        json={"role": "signatory", "address": mailbox},
        headers=keeper,
        timeout=20,
    ).raise_for_status()
    httpx.post(
        f"{demonstration.url}{VERSION}/invitations", json={"organisation": organisation}, headers=unit, timeout=20
    ).raise_for_status()
    return _link(demonstration.state / "demo" / KEPT, mailbox)


def _link(kept: Path, mailbox: str) -> str:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        letters = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
        for one in letters:
            if one["template"] == "attestation-invited" and mailbox in one.values():
                return next(word for word in one["body"].split() if "://" in word)
        time.sleep(0.3)
    raise AssertionError("no letter came")


def test_from_the_letter_to_the_certificate(journey: Journey, demonstration: Demonstration) -> None:
    organisation, role = SCRIPTED if journey.scripts else PLAIN
    page = journey.page
    page.goto(link_of_a_letter(demonstration, organisation))

    # --- signs in: the letter said for whom ---
    journey.look("Sign in")
    journey.tab_to(words="Continue with")
    journey.press(PROVIDER)
    journey.tab_to(words="Signatory")
    journey.press("/agreements/tier-2-hoth/1.0")

    # --- reads, for longer than a sign-in is fresh ---
    journey.look("", large=True)
    journey.tab_to(words="sign it for")
    a_while_later(demonstration)
    journey.press("/sign-in/again")

    # --- one step-up ---
    journey.look("Sign in again")
    journey.tab_to(words="Sign in again")
    journey.press(PROVIDER)
    journey.tab_to(words="Signatory")
    journey.press("/attestation")

    # --- says who signs, and looks at exactly what ---
    journey.look("Sign ")
    journey.choose("role", role)
    journey.write("ref", "POST-1")
    journey.choose("authority", "office-holder")
    journey.write("authority_reference", "APPT-2024-1")
    journey.tab_to(words="Look at what is signed")
    journey.press("/attestation")
    journey.look("Is this what you sign?")
    journey.tab_to(words="Sign it")
    journey.press("/attestation")
    journey.look("Certificate of attestation")
    assert re.search(r"Entry \d+ of the log", page.inner_text("main"))

    assert len(journey.pages) <= MOST_PAGES, journey.pages
    assert journey.pages.count("/sign-in/again") == 2, "the page that says why, and the one that leads on"
    assert journey.at_the_provider == 2
    assert journey.visited.elsewhere() == []
    assert journey.visited.complaints == []


def a_while_later(demonstration: Demonstration) -> None:
    """More than five minutes have passed since anybody signed in."""

    def pass_by() -> None:
        database = Database(demonstration.state)
        database.as_owner("UPDATE person_session SET auth_time = now() - interval '6 minutes' WHERE revoked_at IS NULL")
        database.close()

    # The browser's own event loop runs in this thread.
    with ThreadPoolExecutor(1) as other:
        other.submit(pass_by).result()
