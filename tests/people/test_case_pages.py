"""Decisions to look at, and what is recorded about one person, as an information-governance lead has them on pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from api.speaking import ALL_SCOPES, Signer
from live import LEAD, POLICE, Demonstration
from people.visiting import Browser, hidden, refused

FLAGGED, ACCESS = "/account/flagged-decisions", "/account/subject-access"
JOSE = {"Content-Type": "application/jose"}


@pytest.fixture(scope="module")
def signer(demonstration: Demonstration) -> Signer:
    return Signer(demonstration.state, POLICE)


@pytest.fixture(scope="module")
def police(demonstration: Demonstration) -> Iterator[httpx.Client]:
    with demonstration.client(POLICE, ALL_SCOPES) as client:
        yield client


@pytest.fixture(scope="module")
def withheld(police: httpx.Client, signer: Signer) -> str:
    """An event of the police that was not shared although there is a duty to."""
    facts = {"would_help_recipient": True, "more_detrimental": False}
    answer = police.post("/api/v1/sharing-events", json=signer.held_back("not-shared", duty=facts))
    return str(answer.raise_for_status().json()["id"])


@pytest.fixture(scope="module")
def risky(police: httpx.Client, signer: Signer) -> str:
    """An event under a reference of its own, of which the family was not told."""
    claims = signer.event(
        subjects=[{"kind": "child", "roles": [], "ref": signer.reference("B-200")}],
        case_record="CMS-PAGE-1",
        informed={"family": "no", "reason": "increases-risk"},
        categories=["identity", "health"],
    )
    answer = police.post("/api/v1/sharing-events", content=signer.sign(claims), headers=JOSE)
    return str(answer.raise_for_status().json()["id"])


def find(browser: Browser, references: str, events: str = "") -> httpx.Response:
    return browser.post(ACCESS, {"csrf": browser.csrf(ACCESS), "references": references, "events": events})


def test_a_decision_that_was_marked_is_listed_for_its_own_body_with_what_to_do(browser: Browser, withheld: str) -> None:
    browser.sign_in(POLICE, "practitioner")
    page = browser.go(FLAGGED)
    assert withheld in page.text
    assert "Look at this today with whoever decided" in page.text
    assert "must not be used to measure or judge" in page.text
    assert "STAFF-17" not in page.text
    assert f'href="/decisions/{withheld}"' in page.text
    assert browser.go(f"/decisions/{withheld}").status_code == 200


def test_nobody_else_sees_it(browser: Browser, withheld: str) -> None:
    browser.sign_in(LEAD, "ig-lead")
    assert withheld not in browser.go(FLAGGED).text


def test_a_cursor_that_no_page_gave_is_refused(browser: Browser) -> None:
    browser.sign_in(POLICE, "ig-lead")
    refused(browser.get(f"{FLAGGED}?cursor=x1"), 400, "malformed")
    assert "No decision of your organisation is marked" in browser.go(f"{FLAGGED}?cursor=e1").text


def test_what_is_recorded_under_a_reference_is_found_with_what_to_think_of(
    browser: Browser, signer: Signer, risky: str
) -> None:
    browser.sign_in(POLICE, "ig-lead")
    page = find(browser, f"{signer.reference('B-200')}\n")
    assert page.status_code == 200
    assert risky in page.text
    assert f'href="/decisions/{risky}"' in page.text
    for words in (
        "must not learn of this yet", "serious harm test comes first", "It decides nothing",
        "Schedule 3, paragraphs 5 and 6", "read in a copy, not checked", "CMS-PAGE-1",
    ):  # fmt: skip
        assert words in page.text
    assert page.headers["cache-control"] == "no-store"


def test_nothing_that_was_looked_for_is_in_an_address(browser: Browser, signer: Signer, risky: str) -> None:
    browser.sign_in(POLICE, "ig-lead")
    page = find(browser, signer.reference("B-200"))
    assert page.url.path == ACCESS
    assert page.url.query == b""
    assert signer.reference("B-200") not in page.text.partition("<main")[0]
    assert "location" not in page.headers


def test_another_body_finds_nothing_under_it_and_what_it_received_by_its_id(
    browser: Browser, signer: Signer, risky: str
) -> None:
    browser.sign_in(LEAD, "ig-lead")
    assert "Nothing of your organisation’s is found" in find(browser, signer.reference("B-200")).text
    page = find(browser, "CASE-0001", risky)
    assert "Shared with you" in page.text
    assert "Durham Constabulary" in page.text
    (address,) = re.findall(r'href="(/decisions/received/[0-9]+)"', page.text)
    assert browser.go(address).status_code == 200


@pytest.mark.parametrize(
    ("references", "events", "words"),
    [
        ("", "", "Enter 1 to 20 references, one to a line"),
        ("CMS-1\nJane", "", "Line 2: "),
        ("CMS-1", "not-an-id", "Line 1: An event"),
        ("CMS-1 " * 21, "", "Enter 1 to 20 references, one to a line"),
    ],
)
def test_what_cannot_be_looked_for_is_said_in_the_form(
    browser: Browser, references: str, events: str, words: str
) -> None:
    browser.sign_in(POLICE, "ig-lead")
    page = find(browser, references, events)
    assert page.status_code == 422
    assert words in page.text
    assert "<title>Error:" in page.text


def test_more_than_a_page_is_asked_for_by_a_form_that_posts_the_same_again(
    browser: Browser, police: httpx.Client, signer: Signer
) -> None:
    many = [{"event": signer.sign(signer.event(case_record="CMS-PAGE-2"))} for _ in range(101)]
    for some in (many[:100], many[100:]):
        police.post("/api/v1/sharing-events/batch", json={"events": some}).raise_for_status()
    browser.sign_in(POLICE, "ig-lead")
    first = find(browser, "CMS-PAGE-2")
    assert "100 events on this page" in first.text
    again = {name: hidden(first.text, name) for name in ("csrf", "references", "cursor")}
    assert "1 event, seen by" in browser.post(ACCESS, again).text
