"""A page in a browser, and everything that it asked for, refused or complained about."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

WIDE, NARROW = 1280, 320
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
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self._heard(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, kind: str, text: str) -> None:
        # Chromium repeats the status of a page that is meant to have it.
        if kind in ("error", "warning") and not text.startswith(_COMPLAINS):
            self.complaints.append(text)

    def elsewhere(self) -> list[str]:
        """What was asked of any other origin."""
        return [one for one in self.requests if f"{urlsplit(one).scheme}://{urlsplit(one).netloc}" != self.origin]

    def violations(self, *, without: tuple[str, ...] = ()) -> list[str]:
        """What axe has against the page as it stands, a line each; `without` names rules that are left out."""
        asked = {
            "runOnly": {"type": "tag", "values": RULES},
            "resultTypes": ["violations"],
            "rules": {rule: {"enabled": False} for rule in without},
        }
        found = Axe().run(self.page, options=asked).response["violations"]
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
    """Opens pages of one server, each in a tab of its own."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._contexts = {
            scripts: browser.new_context(java_script_enabled=scripts, viewport={"width": WIDE, "height": 800})
            for scripts in (True, False)
        }
        self._url = url

    def __call__(self, path: str, *, width: int = WIDE, scripts: bool = True) -> Visited:
        visited = Visited(self._contexts[scripts].new_page(), self._url)
        if width != WIDE:
            visited.resize(width)
        visited.page.goto(self._url + path.replace("{url}", self._url))
        return visited

    def close(self) -> None:
        """Closes every tab, and forgets every cookie."""
        for context in self._contexts.values():
            for page in context.pages:
                page.close()
            context.clear_cookies()
