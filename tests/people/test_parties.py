"""Pages of who belongs: one organisation, what it says of itself, who may bind it, whether it takes part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest

from api.speaking import Database
from live import LEAD, POLICE
from people.test_sessions import aged
from people.visiting import Browser, hidden, refused

PARTICULARS, DELEGATIONS, BODY = "/account/particulars", "/account/delegations", "/organisations/cafcass"


@pytest.fixture
def lead(browser: Browser) -> Browser:
    browser.sign_in(POLICE, "ig-lead")
    return browser


@pytest.fixture
def unit(other: Browser) -> Browser:
    other.sign_in(LEAD, "business-unit")
    return other


def particulars(browser: Browser, **changes: str) -> dict[str, str]:
    page = browser.get(PARTICULARS).text
    given = {name: value(page, name) for name in ("contact_urgent", "ico_registration", "reference", "review_on")}
    return {**given, "csrf": browser.csrf(), "changed_from": hidden(page, "changed_from"), **changes}


def value(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    assert found is not None, name
    stands = re.search(r'value="([^"]*)"', found[0])
    return "" if stands is None else unescape(stands[1])


def errors(page: str) -> str:
    return unescape("".join(re.findall(r'class="govuk-error-summary".*?</ul>', page, re.DOTALL)))


def test_anybody_who_is_signed_in_reads_of_an_organisation_what_every_partner_may(browser: Browser) -> None:
    browser.sign_in("harbour", "practitioner")
    page = browser.get(f"/organisations/{POLICE}").text
    for said in ("<h1>Durham Constabulary</h1>", "Taking part", "Police", "What it has signed", "March 2026"):
        assert said in page, said
    assert "APD-" not in page
    assert "/suspension" not in page
    assert "/account/particulars" not in page
    assert "APD-" in browser.get("/organisations/harbour").text
    academy = browser.get("/organisations/example-academy").text
    assert 'href="/organisations/example-academy-trust"' in academy
    assert "no agreement today" in academy
    assert 'href="/organisations/example-academy"' in browser.get("/organisations/example-academy-trust").text
    assert browser.get("/organisations/nobody-here").status_code == 404


def test_a_lead_changes_what_the_organisation_says_of_itself(lead: Browser, database: Database) -> None:
    before = database.size()
    wrong = particulars(
        lead, contact_urgent="Dr Jane Smith", ico_registration="12", reference="", review_on="2027-03-31"
    )
    answer = lead.post(PARTICULARS, wrong)
    assert (answer.status_code, "Enter the document’s reference" in errors(answer.text)) == (422, True)
    answer = lead.post(PARTICULARS, {**wrong, "reference": "APD-9-2026"})
    assert answer.status_code == 422
    assert 'href="#contact_urgent"' in answer.text
    assert 'href="#ico_registration"' in answer.text
    assert (value(answer.text, "contact_urgent"), value(answer.text, "reference")) == ("Dr Jane Smith", "APD-9-2026")
    assert database.size() == before

    right = {**wrong, "contact_urgent": "Control room, 101", "ico_registration": "Z4875094", "reference": "APD-9-2026"}
    assert "Your organisation’s details are changed" in lead.post(PARTICULARS, right).text
    assert database.size() == before + 1
    page = lead.get(f"/organisations/{POLICE}").text
    assert ("Control room, 101" in page, "Z4875094" in page, "31 March 2027" in page) == (True, True, True)
    answer = lead.post(PARTICULARS, {**right, "ico_registration": "ZA123456"})
    assert (answer.status_code, "changed since you read it" in errors(answer.text)) == (409, True)
    assert 422 == lead.post(PARTICULARS, {**right, "changed_from": "x"}).status_code


def test_a_delegation_is_given_shown_and_ended(lead: Browser, other: Browser, database: Database) -> None:
    new = f"{DELEGATIONS}/new"
    form = {"csrf": lead.csrf(), "who": "post", "ref": "POST-17", "starts": "2099-01-01", "until": "2099-12-31"}
    for changes, says in (
        ({"who": ""}, "Choose who may sign"),
        ({"ref": ""}, "Enter your own reference"),
        ({"who": "body"}, "Choose an organisation"),
        ({"until": ""}, "Enter the last day"),
        ({"until": "2098-01-01"}, "last day is before"),
        ({"ref": "Jane"}, "at least one digit"),
        ({"agreements": "tier-9"}, "no such agreement"),
    ):
        answer = lead.post(new, {**form, **changes})
        assert (answer.status_code, says in errors(answer.text)) == (422, True), says
    assert "Delegation given" in lead.post(new, {**form, "agreements": "tier-1"}).text
    listed = lead.get(DELEGATIONS).text
    assert ("Your post POST-17" in listed, "31 December 2099" in listed) == (True, True)
    other.sign_in("harbour", "practitioner")
    seen = other.get(f"/organisations/{POLICE}").text
    assert ("A post of its own" in seen, "POST-17" in seen) == (True, False)

    (end,) = re.findall(r'href="(/account/delegations/dlg_[0-9a-f]{32}/end)"', listed)
    answer = lead.post(end, {"csrf": lead.csrf(), "on": "2020-01-01"})
    assert (answer.status_code, "today or a later day" in errors(answer.text)) == (422, True)
    assert "Delegation ended" in lead.post(end, {"csrf": lead.csrf(), "on": "2098-01-01"}).text
    assert "Over" in lead.get(DELEGATIONS).text
    refused(lead.get(end), 404, "not-found")


@pytest.fixture
def whole(unit: Browser) -> Iterator[Browser]:
    """Whatever a test does to it, the body takes part again afterwards."""
    yield unit
    for what in ("suspension", "closure"):
        unit.post(f"{BODY}/{what}", {"csrf": unit.csrf(), "word": "end"})


def test_the_unit_suspends_and_closes_a_body_and_takes_it_back(whole: Browser, database: Database) -> None:
    before, csrf = database.size(), whole.csrf()
    for path, form, status, says in (
        ("suspension", {"on": "2020-01-01"}, 422, "today or a later day"),
        ("suspension", {"word": "end"}, 409, "is not suspended"),
        ("closure", {"on": ""}, 422, "Write dates as"),
        ("closure", {"on": "2027-04-01", "successor": "cafcass"}, 422, "does not succeed itself"),
    ):
        answer = whole.post(f"{BODY}/{path}", {"csrf": csrf, **form})
        assert (answer.status_code, says in errors(answer.text)) == (status, True), answer.text
    assert database.size() == before
    assert "Suspension recorded" in whole.post(f"{BODY}/suspension", {"csrf": csrf, "on": "2099-01-01"}).text
    assert "1 January 2099" in whole.get(BODY).text
    assert "Suspension ended" in whole.post(f"{BODY}/suspension", {"csrf": csrf, "word": "end"}).text
    closed = whole.post(f"{BODY}/closure", {"csrf": csrf, "on": "2026-11-01", "successor": "national-panel"})
    assert "Closure recorded" in closed.text
    page = whole.get(BODY).text
    assert ("Closed" in page, 'href="/organisations/national-panel"' in page) == (True, True)
    assert "Closure taken back" in whole.post(f"{BODY}/closure", {"csrf": csrf, "word": "end"}).text
    assert "Taking part" in whole.get(BODY).text


def test_nobody_else_gets_at_these_forms_nor_whoever_signed_in_long_ago(lead: Browser, database: Database) -> None:
    for path in (f"{BODY}/suspension", f"{BODY}/closure"):
        refused(lead.get(path), 403, "forbidden")
        refused(lead.post(path, {"csrf": lead.csrf(), "on": "2099-01-01"}), 403, "forbidden")
    aged(database, lead, "auth_time", "10 minutes")
    for path in (PARTICULARS, f"{DELEGATIONS}/new"):
        assert lead.get(path).headers["location"] == f"/sign-in/again?return={path}"
        refused(lead.post(path, {"csrf": lead.csrf()}), 401, "sign-in-too-old")
