"""A form whose person has to sign in first: what they filled in is not lost, and nobody else can send it."""

from __future__ import annotations

import re
from html import unescape

import pytest

from api.speaking import Database
from live import LEAD, POLICE
from people.test_sessions import aged
from people.visiting import FORM, Browser, hidden, query_of, refused

GRANT = "/account/people/grant"
FILLED = {"subject": "somebody <else>", "role": "practitioner", "until": "soon"}
ASKED = {"recipient": LEAD, "purpose": "early-help", "category": "identity", "subject": "child"}


def kept(page: str, path: str = GRANT) -> dict[str, str]:
    """The fields of the form that a page keeps; none where it keeps none."""
    inner = next((inner for action, inner in FORM.findall(page) if action == path), "")
    return {name: unescape(value) for name, value in re.findall(r'name="([^"]*)" value="([^"]*)"', inner)}


@pytest.fixture
def lead(browser: Browser) -> Browser:
    browser.sign_in(POLICE, "ig-lead")
    return browser


def test_a_form_is_kept_over_the_end_of_a_session_and_sent_after_signing_in_again(lead: Browser) -> None:
    filled = {"csrf": lead.csrf(), **FILLED}
    lead.client.cookies.clear()
    answer = lead.post(GRANT, filled)
    refused(answer, 401, "not-signed-in")
    assert kept(answer.text) == filled
    assert 'href="/sign-in?return=/signed-in" target="_blank"' in answer.text

    back = lead.sign_in(POLICE, "ig-lead", return_to="/signed-in")
    assert "You are signed in" in lead.go(back.headers["location"]).text
    again = lead.post(GRANT, kept(answer.text))
    refused(again, 403, "forged-request")
    assert kept(again.text) == {**filled, "csrf": lead.csrf()}
    # It is taken now, and what is wrong in it is said in the form.
    shown = lead.post(GRANT, kept(again.text))
    assert shown.status_code == 422
    assert hidden(shown.text, "subject") == FILLED["subject"]


def test_a_form_is_kept_where_the_sign_in_has_become_too_old(lead: Browser, database: Database) -> None:
    aged(database, lead, "auth_time", "6 minutes")
    answer = lead.post(GRANT, {"csrf": lead.csrf(), **FILLED})
    refused(answer, 401, "sign-in-too-old")
    lead.step_up("ig-lead", return_to="/signed-in")
    again = lead.post(GRANT, kept(answer.text))
    assert lead.post(GRANT, kept(again.text)).status_code == 422


@pytest.mark.parametrize(("organisation", "person"), [(POLICE, "signatory"), (LEAD, "ig-lead")])
def test_what_somebody_filled_in_is_not_kept_for_another_or_for_another_organisation(
    lead: Browser, organisation: str, person: str
) -> None:
    filled = {"csrf": lead.csrf(), **FILLED}
    lead.client.cookies.clear()
    lead.sign_in(organisation, person)
    answer = lead.post(GRANT, filled)
    refused(answer, 403, "forged-request")
    assert kept(answer.text) == {}
    assert FILLED["subject"] not in unescape(answer.text)


@pytest.mark.parametrize("headers", [{"Sec_Fetch_Site": "cross-site"}, {"Origin": "https://elsewhere.example"}])
def test_nothing_is_kept_of_what_another_site_sent(lead: Browser, headers: dict[str, str]) -> None:
    filled = {"csrf": lead.csrf(), **FILLED}
    lead.client.cookies.clear()
    answer = lead.post(GRANT, filled, **headers)
    refused(answer, 403, "forged-request")
    assert kept(answer.text) == {}


def test_of_a_form_about_the_session_itself_nothing_is_kept(browser: Browser) -> None:
    answer = browser.post("/account/sessions/revocation", {"session": "others"})
    refused(answer, 401, "not-signed-in")
    assert kept(answer.text, "/account/sessions/revocation") == {}


def test_a_question_goes_on_where_it_was_after_signing_in(browser: Browser) -> None:
    facts = {"would_help_recipient": "yes", "more_detrimental_to_share": "unknown"}
    answer = browser.post("/ask", {"urgency": "urgent", **ASKED, **facts, "csrf": "x"})
    refused(answer, 401, "not-signed-in")
    onward = re.search(r'href="(/sign-in\?return=[^"]*)"', answer.text)
    assert onward is not None
    wanted = query_of(unescape(onward[1]))["return"]
    back = browser.sign_in(return_to=wanted).headers["location"]
    assert query_of(back) == {"urgency": "urgent", **ASKED, "would_help_recipient": "yes"}
    assert "What do you know so far?" in browser.get(back).text


def test_who_says_that_somebody_is_in_danger_is_told_what_to_do_signed_in_or_not(browser: Browser) -> None:
    answer = browser.post("/ask", {"urgency": "immediate-danger"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/immediate-danger")
