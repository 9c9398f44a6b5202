"""The business unit asks bodies to sign, decides about those that ask to join, answers and reminds, on a page."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx
import pytest

from api.speaking import Database, bearer, person_token
from live import LEAD, POLICE, Demonstration
from people.visiting import Browser, refused

VERSION = "/api/v1/agreements/tier-2-hoth/versions/1.0"
PAGE = "/account/agreements/tier-2-hoth/1.0/bodies"


@pytest.fixture
def unit(browser: Browser) -> Browser:
    browser.sign_in(LEAD, "business-unit")
    return browser


def asks(demonstration: Demonstration, organisation: str, what: str, **sent: Any) -> dict[str, Any]:
    """A signatory of a body asks to join, or about a clause."""
    answer = httpx.post(
        f"{demonstration.url}{VERSION}/{what}",
        json=sent,
        headers=bearer(person_token(demonstration, organisation, "signatory")),
        timeout=20,
    )
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def send(browser: Browser, word: str, **fields: str) -> httpx.Response:
    return browser.post(PAGE, {"csrf": browser.csrf(), "word": word, **fields})


def words(answer: httpx.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_a_body_is_asked_once(unit: Browser) -> None:
    assert '<option value="british-transport-police"' in unit.get(PAGE).text
    done = send(unit, "invite", organisation="british-transport-police")
    assert (done.status_code, "It is asked to sign, and told so" in words(done)) == (200, True)
    assert "Invited British Transport Police" in words(done)
    assert '<option value="british-transport-police"' not in done.text
    again = send(unit, "invite", organisation="british-transport-police")
    assert (again.status_code, "invited already" in words(again)) == (409, True)
    nobody = send(unit, "invite")
    assert (nobody.status_code, 'href="#organisation"' in nobody.text) == (422, True)
    unknown = send(unit, "invite", organisation="no-such-body")
    assert (unknown.status_code, "There is no such organisation" in words(unknown)) == (422, True)


@pytest.mark.parametrize(
    ("organisation", "verdict", "state"),
    [("example-independent-school", "invite", "Invited"), ("example-gp-practice", "turn-down", "Turned down")],
)
def test_a_body_that_asks_to_join_is_asked_or_turned_down(
    unit: Browser, demonstration: Demonstration, organisation: str, verdict: str, state: str
) -> None:
    asks(demonstration, organisation, "joining")
    assert f'value="{organisation}"' in unit.get(PAGE).text
    half = send(unit, "decide", asked=organisation)
    assert (half.status_code, 'href="#verdict"' in half.text) == (422, True)
    done = send(unit, "decide", asked=organisation, verdict=verdict)
    name = organisation.replace("-", " ").title().replace("Gp", "GP")
    assert (done.status_code, f"{state} {name}" in words(done)) == (200, True), words(done)


def test_a_question_is_answered_once_and_everybody_sees_it(unit: Browser, demonstration: Demonstration) -> None:
    body = "harrogate-district-nhs-ft"
    query = asks(demonstration, body, "queries", question="safeguards", clause="14.1")["id"]
    page = unit.get(PAGE)
    assert f'value="{query}"' in page.text
    assert "Maps, the tracker and intelligence are open to named people only" in words(page)
    for fields, field in (
        ({"answer": "see-clause"}, "query"),
        ({"query": query}, "answer"),
        ({"query": query, "answer": "see-clause"}, "clause"),
        ({"query": query, "answer": "see-clause", "clause": "99.9"}, "clause"),
    ):
        wrong = send(unit, "answer", **fields)
        assert (wrong.status_code, f'href="#{field}"' in wrong.text) == (422, True), words(wrong)
    done = send(unit, "answer", query=query, answer="see-clause", clause="14.2")
    assert (done.status_code, "Every signatory sees the answer" in words(done)) == (200, True)
    assert "Another clause answers this (clause 14.2)" in words(done)
    assert send(unit, "answer", query=query, answer="applies-as-written").status_code == 409
    refused(send(unit, "answer", query=f"qry_{'0' * 32}", answer="applies-as-written"), 404, "not-found")


def test_whoever_was_asked_is_reminded_once_a_day_and_not_on_the_day_it_was_asked(
    unit: Browser, database: Database
) -> None:
    send(unit, "invite", organisation="example-college")
    assert "Told today already: " in words(unit.get(PAGE))
    early = send(unit, "chase")
    assert (early.status_code, "Nobody is left to remind today" in words(early)) == (409, True)
    database.as_owner(
        "UPDATE notice SET made_at = made_at - interval '1 day'"
        " WHERE key = 'attestation-invited example-college tier-2-hoth/1.0'"
    )
    page = words(unit.get(PAGE))
    assert "You can remind now, each once a day at most: Example College Remind them now" in page
    assert "No reminder goes by itself any more" in page
    done = send(unit, "chase")
    assert (done.status_code, "A reminder goes to 1 body" in words(done)) == (200, True)
    assert "Remind them now" not in words(done)
    assert send(unit, "chase").status_code == 409
    told = database.as_owner("SELECT organisation FROM notice WHERE template = 'attestation-chased'")
    assert [("example-college",)] == [tuple(one) for one in told]


def test_who_waits_for_an_answer_is_not_reminded(unit: Browser, demonstration: Demonstration) -> None:
    asks(demonstration, "way-through", "queries", question="meaning", clause="14.2")
    page = words(unit.get(PAGE))
    assert "Not reminded by you, since they wait for your answer: Way Through" in page


def test_the_version_its_words_and_the_matrix_lead_a_unit_there_and_nobody_else(unit: Browser, other: Browser) -> None:
    matrix = "/reports/attestation-matrix"
    words = "/agreements/tier-2-hoth/1.0"
    for path in (PAGE.removesuffix("/bodies"), words, matrix):
        assert f'href="{PAGE}"' in unit.get(path).text
    other.sign_in(LEAD, "practitioner")
    for path in (words, matrix):
        seen = other.get(path)
        assert (seen.status_code, PAGE in seen.text) == (200, False)


def test_the_page_is_the_units_alone(browser: Browser, other: Browser) -> None:
    browser.sign_in(POLICE, "signatory")
    refused(browser.get(PAGE), 403, "forbidden")
    refused(send(browser, "invite", organisation="british-transport-police"), 403, "forbidden")
    refused(send(browser, "chase"), 403, "forbidden")
    other.sign_in(LEAD, "business-unit")
    refused(other.get(PAGE.replace("/1.0/", "/9.9/")), 404, "not-found")
    refused(send(other, "nothing"), 400, "malformed")
