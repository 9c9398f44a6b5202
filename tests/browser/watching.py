"""A page in a browser, and everything that it asked for, refused or complained about."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request

from browser.pages import Look
from live import Demonstration
from people import visiting

WIDE, NARROW = 1280, 320
_FRESH_SECONDS = 240.0
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_COMPLAINS = "Failed to load resource: the server responded with a status of "

# What has the keyboard's focus: its words, where it is, and how it shows that it has it. The design system draws the
# focus of a radio button or checkbox on its label.
_FOCUSED = """() => {
    const one = document.activeElement;
    if (!one || one === document.body || one === document.documentElement) return null;
    const box = one.getBoundingClientRect();
    const label = one.matches("[type=radio], [type=checkbox]") ? one.labels[0] : null;
    const style = label ? getComputedStyle(label, "::before") : getComputedStyle(one);
    const outline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 3;
    return {
        words: (one.textContent || one.name || "").trim().slice(0, 60), href: one.getAttribute("href"),
        order: [...document.querySelectorAll("*")].indexOf(one), seen: outline || style.boxShadow !== "none",
        inside: box.width > 1 && box.height > 1 && box.top < innerHeight && box.bottom > 0,
    };
}"""


class Visited:
    """A page that was opened. `requests` are the addresses that it asked for, `complaints` what the console said."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.origin = origin
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._asked)
        page.on("console", self._heard)
        page.on("pageerror", self._failed)

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)

    def _heard(self, message: ConsoleMessage) -> None:
        # Chromium repeats the status of a page that is meant to have it.
        if message.type in ("error", "warning") and not message.text.startswith(_COMPLAINS):
            self.complaints.append(message.text)

    def _failed(self, error: Error) -> None:
        self.complaints.append(str(error))

    def leave(self) -> None:
        """Stops listening, and forgets who was signed in. The page stays until the next one comes in its place: for an
        empty one in between, Chromium would end a process and start another, which costs more than a page."""
        self.page.remove_listener("request", self._asked)
        self.page.remove_listener("console", self._heard)
        self.page.remove_listener("pageerror", self._failed)
        self.page.context.clear_cookies()

    def elsewhere(self) -> list[str]:
        """What was asked of any other origin."""
        return [one for one in self.requests if f"{urlsplit(one).scheme}://{urlsplit(one).netloc}" != self.origin]

    def send(self, filled: Mapping[str, tuple[str, ...]], button: str) -> None:
        """Fills in the main part's form, and presses its button; what comes is the page from then on."""
        main = self.page.locator("main")
        for name, values in filled.items():
            field = main.locator(f"[name='{name}']")
            if field.first.evaluate("one => one.type") in ("radio", "checkbox"):
                for value in values:
                    main.locator(f"[name='{name}'][value='{value}']").check()
            elif field.evaluate("one => one.localName") == "select":
                field.select_option(list(values))
            else:
                field.fill(values[0])
        with self.page.expect_navigation():
            main.get_by_role("button", name=button, exact=True).click()

    def violations(self, *, without: tuple[str, ...] = ()) -> list[str]:
        """What axe has against the page as it stands, a line each; `without` names rules that are left out."""
        asked = {
            "runOnly": {"type": "tag", "values": RULES},
            "resultTypes": ["violations"],
            "rules": {rule: {"enabled": False} for rule in without},
        }
        # Half a megabyte of script, once for each page.
        if self.page.evaluate("window.axe === undefined"):
            self.page.evaluate(AXE_SCRIPT)
        found = self.page.evaluate("asked => axe.run(asked).then(found => found.violations)", asked)
        return [f"{one['id']}: {one['help']} at {[node['target'] for node in one['nodes']][:3]}" for one in found]

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def resize(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": 800})

    def walk(self, at_most: int) -> list[dict[str, Any]]:
        """From the skip link on, what each press of Tab leads to, until the page's end or so many steps."""
        self.page.evaluate("document.querySelector('.govuk-skip-link').focus()")
        steps = [self.page.evaluate(_FOCUSED)]
        while len(steps) < at_most:
            self.page.keyboard.press("Tab")
            step = self.page.evaluate(_FOCUSED)
            if step is None or step["order"] == steps[0]["order"]:
                break
            steps.append(step)
        return steps


class Visits:
    """Opens pages of one demonstration, one after another: in one tab with scripts, and in one without."""

    def __init__(self, browser: Browser, demonstration: Demonstration) -> None:
        self._tabs = {scripts: browser.new_context(java_script_enabled=scripts).new_page() for scripts in (True, False)}
        self._demonstration = demonstration
        self._url = demonstration.url
        self._open: list[Visited] = []
        self._people: dict[tuple[str, str], visiting.Browser] = {}
        self._since: dict[tuple[str, str], float] = {}

    def __call__(self, look: str | Look, *, width: int = WIDE, scripts: bool = True) -> Visited:
        look = Look(look) if isinstance(look, str) else look
        tab = self._tabs[scripts]
        visited = Visited(tab, self._url)
        self._open.append(visited)
        visited.resize(width)
        if look.person is not None:
            tab.context.add_cookies(self._signed_in(look.person))
        tab.goto(self._url + look.path.replace("{url}", self._url))
        if look.link:
            with tab.expect_navigation():
                tab.get_by_role("link", name=look.link, exact=True).first.click(timeout=10_000)
        if look.button:
            visited.send(look.filled, look.button)
        return visited

    def _signed_in(self, person: tuple[str, str]) -> list[Any]:
        """The cookies of somebody who signed in: once, and anew only where that session has ended meanwhile, or is soon
        too old for a page that asks for a sign-in within five minutes."""
        known = self._people.get(person)
        old = time.monotonic() - self._since.get(person, 0.0) > _FRESH_SECONDS
        if known is None or old or known.get("/account").status_code != 200:
            if known is not None:
                known.client.close()
            known = self._people[person] = visiting.Browser(self._demonstration)
            self._since[person] = time.monotonic()
            known.sign_in(*person)
        return [{"name": name, "value": value, "url": self._url} for name, value in known.cookies.items()]

    def instead(self, pattern: str, text: str) -> None:
        """Until the pages are left, answers requests that match the pattern with the text and nothing else."""
        kind = "text/css" if ".css" in pattern else "text/javascript"
        self._tabs[True].route(pattern, lambda route: route.fulfill(body=text, content_type=kind))

    def leave(self) -> None:
        """Leaves every page, and forgets every cookie."""
        self._tabs[True].unroute_all()
        while self._open:
            self._open.pop().leave()

    def close(self) -> None:
        for known in self._people.values():
            known.client.close()
