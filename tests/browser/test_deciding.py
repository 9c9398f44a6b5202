"""Recording a decision, and the other side's word on it, as a tired person has it: by keyboard alone, on a small
screen, with or without scripts, from the answer to the record in three pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from browser.pages import Look
from browser.test_journey import Journey
from browser.watching import NARROW, WIDE, Visited, Visits
from isa_registry.pages.answer_words import OUTCOMES
from live import LEAD, POLICE, Demonstration
from people import visiting
from people.deciding import FILLED, HELD, PART, REFERENCE, asked, decide, practitioner

_POLICE, _COUNCIL = (POLICE, "practitioner"), (LEAD, "practitioner")
CHECK, RECORD = "Check what you entered", "Record it"


@pytest.fixture
def address(demonstration: Demonstration) -> Iterator[str]:
    """Of the form that follows an answer."""
    with visiting.Browser(demonstration) as browser:
        yield asked(practitioner(browser))


@pytest.fixture(params=[True, pytest.param(False, marks=pytest.mark.long)], ids=["with scripts", "without"])
def journey(request: pytest.FixtureRequest, browser: Browser, demonstration: Demonstration) -> Iterator[Journey]:
    journey = Journey(browser, demonstration, scripts=request.param)
    yield journey
    journey.close()


def clean(visited: Visited) -> None:
    """At both widths axe has nothing against it, and it asks nobody else for anything."""
    for width in (WIDE, NARROW):
        visited.resize(width)
        assert visited.overflow() <= 0, visited.page.url
        assert visited.violations() == [], visited.page.url
    assert visited.elsewhere() == []
    assert visited.complaints == []


def given(**changes: str) -> dict[str, tuple[str, ...]]:
    return {name: (value,) for name, value in {**FILLED, **changes}.items()}


def sign_in(journey: Journey, demonstration: Demonstration, organisation: str) -> None:
    with visiting.Browser(demonstration) as known:
        known.sign_in(organisation, "practitioner")
        journey.page.context.add_cookies(
            [{"name": name, "value": value, "url": demonstration.url} for name, value in known.cookies.items()]
        )


def test_from_the_answer_to_the_record_by_keyboard(
    journey: Journey, demonstration: Demonstration, address: str
) -> None:
    sign_in(journey, demonstration, POLICE)
    page = journey.page
    page.goto(demonstration.url + address.removesuffix("/decision"))
    journey.look(OUTCOMES["duty-to-share"])
    journey.tab_to(words="Record what you decided")
    journey.press("/decision")

    journey.look("Record what you decided")
    assert "Nothing has to be recorded before you share" in page.inner_text("main")
    journey.choose("decision", "part-shared")
    journey.tab_to(name="why-intelligence")
    page.keyboard.type("It would give away")
    journey.write("refs-child", REFERENCE)
    journey.tab_to(name="how")
    page.keyboard.type("Secure")
    journey.choose("informed", "no")
    journey.choose("childs_view", "not-safe-to-seek")
    journey.tab_to(name="role")
    page.keyboard.type("Police")
    journey.write("ref", "PNN-4411")
    journey.write("case_record", "CMS-1234")
    journey.tab_to(words=CHECK)
    journey.press("/decision")

    journey.look(CHECK)
    assert "Durham County Council sees what was shared" in page.inner_text("main")
    journey.tab_to(words=RECORD)
    journey.press("/decisions/")
    journey.look("Recorded")
    assert "would give away a source" in page.inner_text("main")
    assert len(journey.pages) == 4, journey.pages
    assert journey.visited.elsewhere() == []
    assert journey.visited.complaints == []


def test_the_form_puts_away_what_the_choice_does_not_ask_for(visit: Visits, address: str) -> None:
    page = visit(Look(address, _POLICE)).page
    assert shown(page) == ["why_all", "why-identity", "review_on", "shared_on"], (
        "until something is chosen, all is there"
    )
    for decision, fields in (
        ("shared", ["shared_on"]),
        ("part-shared", ["why-identity", "shared_on"]),
        ("not-shared", ["why_all", "why-identity", "review_on"]),
        ("deferred", ["why_all", "why-identity", "review_on"]),
    ):
        page.check(f"[name=decision][value={decision}]")
        assert shown(page) == fields, decision
        against = page.get_by_text("The answer was that you share this").is_visible()
        assert against == (decision in ("not-shared", "deferred")), decision
    page.check("[name=informed][value=yes]")
    assert not page.is_visible("[name=informed_reason]")
    plain = visit(Look(address, _POLICE), scripts=False).page
    plain.check("[name=decision][value=shared]")
    assert shown(plain) == ["why_all", "why-identity", "review_on", "shared_on"]


def shown(page: Page) -> list[str]:
    return [one for one in ("why_all", "why-identity", "review_on", "shared_on") if page.is_visible(f"[name={one}]")]


def test_each_page_of_recording_is_accessible_at_every_width(visit: Visits, address: str) -> None:
    clean(visit(Look(address, _POLICE)))
    wrong = visit(Look(address, _POLICE, {"ref": ("Jo",)}, CHECK))
    assert wrong.page.evaluate("document.activeElement.className").startswith("govuk-error-summary")
    clean(wrong)
    review = visit(Look(address, _POLICE, given(**HELD), CHECK))
    assert "never counted against anybody" in review.page.inner_text("main")
    clean(review)
    review.send({}, RECORD)
    assert "is not told" in review.page.inner_text("main")
    clean(review)
    review.page.get_by_role("link", name="Correct it").click()
    assert review.page.input_value("[name=case_record]") == "CMS-1234"
    clean(review)


def test_the_record_is_made_without_scripts_too(visit: Visits, address: str) -> None:
    visited = visit(Look(address, _POLICE, given(**PART), CHECK), width=NARROW, scripts=False)
    visited.send({}, "Change something")
    assert visited.page.input_value("[name=why-intelligence]") == "source-protection"
    visited.send({}, CHECK)
    visited.send({}, RECORD)
    assert "Recorded" in visited.page.inner_text("h1")


def test_their_word_is_given_on_pages_that_are_accessible(
    visit: Visits, demonstration: Demonstration, address: str
) -> None:
    with visiting.Browser(demonstration) as browser:
        decide(practitioner(browser), address)
    listed = visit(Look("/decisions/received", _COUNCIL))
    clean(listed)
    listed.page.locator("tbody").get_by_role("link", name="Durham Constabulary").first.click()
    clean(listed)
    listed.page.get_by_role("button", name="Say whether it came").click()
    clean(listed)
    listed.send({"as_it_says": ("no",)}, RECORD)
    assert "You said it differs" in listed.page.inner_text("main")
    clean(listed)
