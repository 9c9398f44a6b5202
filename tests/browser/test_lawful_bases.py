"""From a purpose without a record to one thing less to do: by keyboard alone, on a small screen, with scripts and
without. What axe has against the pages of it is looked at one by one (tests/browser/pages.py)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from browser.test_journey import PROVIDER, Journey
from live import Demonstration

NEW = "/account/lawful-bases/new"


@pytest.fixture(params=[pytest.param(True, marks=pytest.mark.long), False], ids=["with scripts", "without"])
def journey(request: pytest.FixtureRequest, browser: Browser, demonstration: Demonstration) -> Iterator[Journey]:
    journey = Journey(browser, demonstration, scripts=request.param)
    yield journey
    journey.close()


def left(journey: Journey) -> int:
    """How many things are left to do, as the page says it."""
    (line,) = [one for one in journey.page.inner_text("main").splitlines() if one.endswith(" left.")]
    return int(line.split()[0])


def onward(journey: Journey, heading: str, path: str) -> None:
    """On a page with this heading, which fits the screen: to its Continue, and on."""
    seen(journey, heading)
    journey.tab_to(words="Continue")
    journey.press(path)


def seen(journey: Journey, heading: str) -> None:
    assert heading in journey.page.inner_text("h1"), journey.page.url
    assert journey.visited.overflow() <= 0, journey.page.url


def test_from_a_purpose_without_a_record_to_one_thing_less_to_do(journey: Journey) -> None:
    purpose = "Child missing now" if journey.scripts else "Return interview"
    page = journey.page
    page.goto(f"{journey.url}/account/to-do?for=way-through")
    journey.tab_to(words="Continue with")
    journey.press(PROVIDER)
    journey.tab_to(words="Information-governance lead")
    journey.press("/account/to-do")
    seen(journey, "To do")
    before = left(journey)
    journey.tab_to(words=f"Record it: {purpose}")
    journey.press(NEW)

    # --- begins with the default ---
    seen(journey, purpose)
    journey.choose("way", "own")
    onward(journey, purpose, "step=when")
    onward(journey, "When does it hold?", "step=article-6")
    onward(journey, "What lets you use personal information", "step=article-9")
    onward(journey, "special category", "step=article-10")
    onward(journey, "about crime", "step=gateways")
    onward(journey, "powers, duties and functions", "step=confidentiality")
    onward(journey, "confidentiality", "step=papers")

    # --- the papers that it needs are asked for, and what was said before is still there ---
    onward(journey, "papers", "step=papers")
    assert "appropriate policy document" in page.inner_text(".govuk-error-summary")
    journey.write("policy", "APD-9-2026")
    journey.write("review", "2030-01-01")
    onward(journey, "papers", "step=approval")
    journey.choose("by", "siro")
    onward(journey, "Who approved it?", "/check")

    # --- looks at it once more ---
    seen(journey, "Check what you record")
    for said in ("Recognised legitimate interest", "APD-9-2026", "Senior information risk owner"):
        assert said in page.inner_text("main"), said
    journey.tab_to(words="Record it")
    journey.press("/account/lawful-bases/check")
    seen(journey, "The lawful basis is recorded")
    journey.tab_to(words="What is left to do")
    journey.press("/account/to-do")
    assert left(journey) == before - 1
    assert journey.visited.elsewhere() == []
    assert journey.visited.complaints == []
