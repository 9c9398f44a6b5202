"""A consent from the first question to its end, as a tired person has it: by keyboard alone, on a small screen, with
scripts and without. On the long run axe looks at each page on the way; always at those that only a consent has."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from browser.pages import PAGES, Look
from browser.test_journey import PROVIDER, Journey
from browser.watching import NARROW, WIDE, Visits
from isa_registry.pages.consent_steps import STEPS
from live import LEAD, Demonstration
from people import visiting
from people.test_consents import recorded, reference

NEW = "/consents/new"


@pytest.fixture(params=[pytest.param(True, marks=pytest.mark.long), False], ids=["with scripts", "without"])
def journey(request: pytest.FixtureRequest, browser: Browser, demonstration: Demonstration) -> Iterator[Journey]:
    journey = Journey(browser, demonstration, scripts=request.param)
    yield journey
    journey.close()


@pytest.fixture(scope="module")
def consent(demonstration: Demonstration) -> str:
    """The path of a consent of the council's."""
    with visiting.Browser(demonstration) as council:
        council.sign_in(LEAD, "practitioner")
        return recorded(council, reference())


def onward(journey: Journey, heading: str, path: str) -> None:
    journey.tab_to(words="Continue")
    journey.press(path)
    journey.look(heading)


def tick(journey: Journey, name: str, *values: str) -> None:
    for value in values:
        journey.tab_to(name=name, value=value)
        journey.page.keyboard.press("Space")


def test_from_whether_it_is_needed_to_taking_it_back_by_keyboard(journey: Journey) -> None:
    page, subject = journey.page, reference()
    page.goto(f"{journey.url}/consents?for=harbour")
    journey.tab_to(words="Continue with")
    journey.press(PROVIDER)
    journey.tab_to(words="Practitioner")
    journey.press("/consents")
    journey.look("Consents")
    journey.tab_to(words="Record a yes or a no")
    journey.press(NEW)

    # --- a step at a time; what is left out is asked for ---
    journey.look("Is consent what you need?")
    onward(journey, "Is consent what you need?", "step=need")
    assert "Choose whether consent is what you need" in page.inner_text(".govuk-error-summary")
    journey.choose("need", "the-basis")
    onward(journey, "What is it for", "step=whom")
    tick(journey, "purpose", "early-help")
    journey.tab_to(name="recipient")
    page.keyboard.type("Durham County")
    onward(journey, "What may be shared?", "step=what")
    tick(journey, "category", "health", "education")
    onward(journey, "Who is it about", "step=who")
    journey.choose("subject", "child")
    journey.choose("by", "child-with-capacity")
    onward(journey, "How do you know", "step=standing")
    journey.choose("shown", "gillick-assessed")
    onward(journey, "What did they say?", "step=said")
    for name, value in (("answer", "given"), ("explicit", "yes"), ("method", "in-person")):
        journey.choose(name, value)
    onward(journey, "Which words", "step=words")
    journey.write("statement", "CONSENT-FORM-7")
    journey.write("statement_version", "3")
    onward(journey, "Your own references", NEW)
    for name, text in (("subject_ref", subject), ("evidence", "DOC-4471"), ("standing_evidence", "ASSESS-112")):
        journey.write(name, text)
    journey.tab_to(name="staff_role")
    page.keyboard.type("Youth")
    journey.write("staff", "STAFF-0042")

    # --- once more, and recorded ---
    onward(journey, "Check what you record", NEW)
    assert subject in page.inner_text("main")
    journey.tab_to(words="Record it")
    journey.press("done=recorded")
    journey.look("They said yes")
    assert "The child agrees" in page.inner_text("main")

    # --- a page to take home, and back ---
    journey.tab_to(words="A page for the family")
    journey.press("/family")
    journey.look("Sharing information")
    journey.tab_to(words="The consent")
    journey.press("/consents/cns_")

    # --- taken back, with no more than was needed to give it ---
    journey.tab_to(words="They take it back")
    journey.press("/withdrawal")
    journey.look("They take it back")
    journey.choose("method", "in-person")
    journey.tab_to(name="staff_role")
    page.keyboard.type("Youth")
    journey.write("staff", "STAFF-0042")
    journey.tab_to(words="Record that they took it back")
    journey.press("done=withdrawn")
    journey.look("They said yes")
    assert "Taken back" in page.inner_text("main")

    # --- and found again ---
    journey.tab_to(words="Consents")
    journey.press("/consents")
    journey.write("subject_ref", subject)
    journey.tab_to(words="Find")
    journey.press("/consents/search")
    journey.look("Consents of one person")
    assert "Taken back" in page.inner_text("main")
    assert [one for one in journey.visited.requests if "s1_" in one] == []
    assert journey.visited.elsewhere() == []
    assert journey.visited.complaints == []


@pytest.mark.parametrize("of", ["", "/family", "/family?for=child", "/withdrawal", "/renewal", "/invalidation"])
def test_a_page_of_a_consent_is_accessible_and_whole_without_scripts(visit: Visits, consent: str, of: str) -> None:
    look = Look(f"{consent}{of}", (LEAD, "practitioner"))
    without = visit(look, scripts=False).page.inner_text("main")
    assert re.findall(r"</?(?:span|a|p|div|strong|code)\b", without) == [], "markup that was escaped twice"
    visited = visit(look, width=WIDE)
    assert visited.page.inner_text("main").replace("Print this page", "").split() == without.split()
    assert visited.violations() == []
    visited.resize(NARROW)
    assert visited.overflow() <= 0
    assert visited.violations(without=("color-contrast",)) == []
    assert visited.elsewhere() == []
    assert visited.complaints == []


def test_the_last_look_is_accessible_and_each_change_leads_back_to_it(visit: Visits) -> None:
    visited = visit(PAGES["one's own references"], width=NARROW)
    filled = {
        "subject_ref": reference(),
        "evidence": "DOC-4471",
        "standing_evidence": "ASSESS-112",
        "staff": "STAFF-42",
    }
    visited.send({**{name: (value,) for name, value in filled.items()}, "staff_role": ("nurse",)}, "Continue")
    page = visited.page
    assert page.inner_text("h1") == "Check what you record"
    assert visited.overflow() <= 0
    assert visited.violations() == []
    shown = page.inner_text("main")
    changes = page.get_by_role("button", name="Change").all_inner_texts()
    assert len(changes) == len(STEPS)
    for change in (changes[0], changes[3], changes[-1]):
        with page.expect_navigation():
            page.get_by_role("button", name=change).click()
        with page.expect_navigation():
            page.get_by_role("button", name="Continue", exact=True).click()
        assert page.inner_text("main") == shown, change


@pytest.mark.parametrize("query", ["", "?for=child"])
def test_the_page_for_the_family_fits_one_sheet_of_paper(visit: Visits, consent: str, query: str) -> None:
    visited = visit(Look(f"{consent}/family{query}", (LEAD, "practitioner")))
    visited.page.emulate_media(media="print")
    try:
        for hidden in (".isa-masthead", ".govuk-template__footer", ".isa-inset", ".isa-whose"):
            assert not visited.page.locator(hidden).first.is_visible(), hidden
        paper = visited.page.pdf(format="A4")
    finally:
        visited.page.emulate_media(media="screen")
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
