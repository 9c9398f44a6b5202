"""Ask, as a tired person has it: danger before all else, by keyboard alone, on a small screen, with or without scripts,
from signing in to the answer in at most five pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser

from browser.pages import Look
from browser.test_journey import PROVIDER, Journey
from browser.watching import NARROW, WIDE, Visited, Visits
from isa_registry.pages.answer_words import OUTCOMES
from live import LEAD, POLICE, Demonstration
from people import visiting

MOST_PAGES = 5
_POLICE, _CHARITY = (POLICE, "practitioner"), ("harbour", "practitioner")
_CHILD = {"urgency": "routine", "recipient": LEAD, "category": ["identity", "health"], "subject": "child"}
_HARM = {**_CHILD, "purpose": "harm-outside-the-home"}
_EARLY_HELP = {**_CHILD, "purpose": "early-help"}
QUESTIONS = {
    "duty-to-share": (_POLICE, {**_HARM, "would_help_recipient": "yes"}),
    "may-share": (_POLICE, _HARM),
    "ask-consent": (_CHARITY, _EARLY_HELP),
    "seek-advice": (_POLICE, {**_CHILD, "recipient": "kind:housing-provider", "purpose": "quality-assurance"}),
    "do-not-share": (_CHARITY, {**_EARLY_HELP, "consent": "refused"}),
}
"""A question for each outcome but that of danger: who asks, and its fields."""

_RARELY = [pytest.param(one, marks=pytest.mark.long) for one in QUESTIONS if one != "do-not-share"]

HEADINGS = ["now|still", "family", "share|waits|hold", "ask", "Why", "record"]


def facts(fields: dict[str, object]) -> str:
    return f"/ask/facts?{urlencode(fields, doseq=True)}"


def answer(visit: Visits, outcome: str, *, width: int = WIDE, scripts: bool = True) -> Visited:
    person, fields = QUESTIONS[outcome]
    return visit(Look(facts(fields), person, button="See the answer"), width=width, scripts=scripts)


@pytest.fixture(params=[True, pytest.param(False, marks=pytest.mark.long)], ids=["with scripts", "without"])
def journey(request: pytest.FixtureRequest, browser: Browser, demonstration: Demonstration) -> Iterator[Journey]:
    journey = Journey(browser, demonstration, scripts=request.param)
    yield journey
    journey.close()


def test_from_signing_in_to_the_answer_by_keyboard(journey: Journey, demonstration: Demonstration) -> None:
    page = journey.page
    page.goto(demonstration.url)
    # --- danger comes first, before anybody signs in ---
    journey.look("Information sharing agreements")
    journey.tab_to(words="Yes: what to do now")
    journey.tab_to(words="No: ask whether you may share")
    journey.press("/sign-in")
    before = len(journey.pages) - 1

    journey.look("Sign in")
    with visiting.Browser(demonstration) as known:
        slug = visiting.slug(known, POLICE)
    journey.tab_to(words="Yes: what to do now")
    journey.choose("use", slug)
    journey.tab_to(words="Continue")
    journey.press(PROVIDER)
    journey.tab_to(words="Practitioner")
    journey.press("/ask")

    # --- what is asked ---
    journey.look("May I share this?")
    journey.choose("urgency", "routine")
    journey.tab_to(name="recipient")
    page.keyboard.type("Durham County")
    journey.tab_to(name="purpose")
    page.keyboard.type("Harm")
    for category in ("identity", "health", "intelligence"):
        journey.tab_to(name="category", value=category)
        page.keyboard.press("Space")
    journey.tab_to(name="subject", value="child")
    page.keyboard.press("Space")
    journey.tab_to(words="Continue")
    journey.press("/ask/facts")

    # --- what is known, and the answer ---
    journey.look("What do you know so far?")
    journey.choose("would_help_recipient", "yes")
    journey.tab_to(words="See the answer")
    journey.press("/ask")
    journey.look(OUTCOMES["duty-to-share"])
    assert len(journey.pages[before:]) <= MOST_PAGES, journey.pages
    assert journey.visited.elsewhere() == []
    assert journey.visited.complaints == []


def test_danger_is_answered_before_signing_in_and_without_a_form(visit: Visits) -> None:
    visited = visit("/", width=NARROW, scripts=False)
    visited.page.get_by_role("button", name="Yes: what to do now").click()
    assert visited.page.url.endswith("/immediate-danger")
    words = visited.page.inner_text("main")
    for said in ("Ring 999 now.", "Share now.", "You need no consent", "Record it afterwards", "03000 267 979", "101"):
        assert said in words
    visited = visit("/sign-in?return=/ask", width=NARROW)
    assert visited.violations() == []
    visited.page.get_by_role("button", name="Yes: what to do now").click()
    assert visited.page.url.endswith("/immediate-danger")


@pytest.mark.parametrize("outcome", QUESTIONS)
def test_an_answer_goes_from_what_to_do_to_why(visit: Visits, outcome: str) -> None:
    visited = answer(visit, outcome, width=NARROW)
    page = visited.page
    assert page.inner_text("h1") == OUTCOMES[outcome]
    assert page.locator(".isa-outcome p").inner_text().count(".") <= 2
    headings = [one for one in page.locator("h2").all_inner_texts() if one != "If you knew more"]
    assert all(re.search(wanted, found) for wanted, found in zip(HEADINGS, headings, strict=False)), headings
    assert page.locator(".isa-steps li").count() >= 1, "there is always something to do"
    assert page.locator("h2:has-text('Who to ask') + ul li").count() >= 1, "and somebody to ask"
    assert visited.overflow() <= 0
    assert visited.violations() == []
    assert visited.complaints == []


@pytest.mark.parametrize("outcome", ["do-not-share", *_RARELY])
def test_an_answer_is_the_same_without_scripts(visit: Visits, outcome: str) -> None:
    plain = answer(visit, outcome, width=NARROW, scripts=False).page
    words = plain.locator("main").inner_text()
    assert OUTCOMES[outcome] in words
    text = plain.locator("#record")
    assert text.is_visible() and not text.is_editable()
    assert OUTCOMES[outcome] in text.input_value()
    assert not plain.get_by_role("button", name="Copy the text").is_visible()


def test_no_answer_is_a_bare_no(visit: Visits) -> None:
    refused = answer(visit, "do-not-share").page
    assert "What you can still do" in refused.inner_text("main")
    assert refused.locator(".isa-steps li").count() >= 2
    refused.get_by_role("button", name="I am worried about harm").click()
    assert "Child protection enquiry" in refused.inner_text("main")
    assert refused.locator("[name=would_help_recipient]").count() == 3
    refused.get_by_role("button", name="See the answer").click()
    assert refused.inner_text("h1") == OUTCOMES["may-share"]
    assert "this is not a no" in answer(visit, "seek-advice").page.inner_text("h1")


def test_law_and_clauses_open_in_place_with_their_words_and_a_link(visit: Visits) -> None:
    page = answer(visit, "duty-to-share").page
    law = page.locator("details", has_text="Lawful basis:").first
    law.locator("summary").click()
    assert law.get_by_role("link", name="Its words on legislation.gov.uk (Legal obligation)").is_visible()
    clause = page.locator("details", has_text="7.2 The duty to share").first
    clause.locator("summary").click()
    assert len(clause.locator(".isa-opened__text").inner_text()) > 100
    clause.get_by_role("link", name="Read it in").click()
    # The whole address is answered by the part of the words that the clause is in.
    page.wait_for_url(re.compile(r"/agreements/[a-z0-9-]+/1\.0/part/7#7\.2$"))


def test_one_more_fact_is_a_button_that_asks_again(visit: Visits) -> None:
    page = answer(visit, "may-share", width=NARROW).page
    more = page.get_by_role("region", name="If you knew more")
    assert "you would have a duty to share" in more.inner_text()
    more.get_by_role("button", name="That is so: ask again (If it would help").click()
    assert page.inner_text("h1") == OUTCOMES["duty-to-share"]


def test_what_to_record_is_copied(visit: Visits) -> None:
    page = answer(visit, "duty-to-share").page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the text").click()
    page.get_by_text("Copied.").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#record").input_value()
    check = page.locator(".isa-asked code").inner_text()
    for part in (check, OUTCOMES["duty-to-share"], "Harm outside the home", "Legal obligation", "To complete:"):
        assert part in copied


@pytest.mark.long
def test_an_answer_that_was_recorded_is_not_asked_again_by_going_back_to_it(visit: Visits) -> None:
    page = answer(visit, "may-share").page
    address = page.url
    assert re.search(r"/ask/answers/chk_[0-9a-f]{32}$", address)
    page.reload()
    assert (page.url, page.inner_text("h1")) == (address, OUTCOMES["may-share"])
    page.goto(f"{address.partition('/ask/')[0]}/agreements")
    page.go_back()
    assert (page.url, page.inner_text("h1")) == (address, OUTCOMES["may-share"])


def test_the_link_of_an_answer_is_opened_by_a_manager_of_the_same_body_and_by_no_other(visit: Visits) -> None:
    address = answer(visit, "duty-to-share").page.url
    path = address[address.index("/ask/") :]
    manager = visit(Look(path, (POLICE, "ig-lead")), width=NARROW)
    assert manager.page.inner_text("h1") == OUTCOMES["duty-to-share"]
    assert manager.violations() == []
    assert manager.overflow() <= 0
    walked = manager.walk(30)
    assert [step for step in walked if not (step["seen"] and step["inside"])] == []
    manager.page.context.clear_cookies()
    theirs = visit(Look(path, (LEAD, "ig-lead"))).page
    assert theirs.inner_text("h1") == "Page not found"
    assert OUTCOMES["duty-to-share"] not in theirs.content()


def test_on_paper_an_answer_is_whole_and_has_no_buttons(visit: Visits) -> None:
    page = answer(visit, "duty-to-share").page
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    try:
        assert page.locator("details.isa-opened:not([open])").count() == 0
        assert "Share what is needed" in page.inner_text("main")
        for name in ("Copy the text", "Print this answer", "That is so"):
            for button in page.get_by_role("button", name=name).all():
                assert not button.is_visible()
        assert not page.locator("nav[aria-label=Main]").is_visible()
        head = page.locator(".isa-masthead")
        name = head.locator(".govuk-generic-header__homepage-link")
        assert head.evaluate("one => getComputedStyle(one).backgroundColor") == "rgba(0, 0, 0, 0)"
        assert name.evaluate("one => getComputedStyle(one).color") != "rgb(255, 255, 255)"
        record = page.locator("#record")
        assert record.evaluate("one => one.scrollHeight <= one.clientHeight + 2"), "no line of the record is cut off"
    finally:
        page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details.isa-opened[open]").count() == 0


@pytest.mark.parametrize("width", [pytest.param(WIDE, marks=pytest.mark.long), NARROW])
def test_the_long_lists_narrow_as_one_types_and_keep_what_is_chosen(visit: Visits, width: int) -> None:
    visited = visit(Look("/ask", _POLICE), width=width)
    page = visited.page
    page.get_by_role("searchbox", name="Find an organisation").fill("county council")
    assert page.locator("#recipient option").all_inner_texts() == ["Choose", "Durham County Council"]
    assert page.locator("#recipient").input_value() == LEAD, "the only one that is left is chosen"
    page.get_by_role("searchbox", name="Find an organisation").fill("")
    assert page.locator("#recipient option").count() > 20
    assert page.locator("#recipient").input_value() == LEAD

    page.get_by_label("Mental health").check()
    finder = page.get_by_role("searchbox", name="Find a kind of information")
    finder.fill("police")
    shown = [one.inner_text() for one in page.locator(".isa-group label").all() if one.is_visible()]
    assert sorted(shown) == ["Mental health", "Police intelligence"]
    assert page.get_by_role("status").filter(has_text="1 found").count() == 1
    finder.press("Enter")
    assert page.url.endswith("/ask"), "the form is not sent by choosing"
    assert visited.violations() == []
    assert visited.overflow() <= 0


@pytest.mark.long
def test_what_was_asked_about_lately_is_offered_first(visit: Visits) -> None:
    page = answer(visit, "may-share").page
    page.get_by_role("link", name="Ask another question").first.click()
    groups = page.locator("#recipient optgroup").evaluate_all("all => all.map(one => one.label)")
    assert groups[0] == "Asked about lately"
    assert page.locator("#recipient optgroup").first.locator("option").first.get_attribute("value") == LEAD
