"""People and roles on pages: who has which, granting, taking away, and who may."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest

from api.speaking import Database, new_id
from live import LEAD, POLICE, Demonstration
from people.test_sessions import aged
from people.visiting import Browser, refused

PEOPLE = "/account/people"


@pytest.fixture
def lead(browser: Browser) -> Browser:
    """The police's information-governance lead, signed in just now."""
    browser.sign_in(POLICE, "ig-lead")
    return browser


@pytest.fixture
def subject(demonstration: Demonstration, database: Database) -> Iterator[str]:
    """Somebody new. Whatever role they were left with is taken away again, for those that come after."""
    yield (one := f"person-{new_id()}")
    with Browser(demonstration) as browser:
        browser.sign_in(POLICE, "ig-lead")
        for address in revocations(browser.get(PEOPLE).text, one):
            assert "Role taken away" in browser.post(address, {"csrf": browser.csrf(PEOPLE)}).text


def revocations(page: str, subject: str) -> list[str]:
    """The addresses at which a person's roles are taken away."""
    return [
        found[1]
        for found in re.finditer(r'href="(/account/people/\d+/revocation)"[^>]*>Take away<span[^>]*>([^<]*)<', page)
        if found[2].endswith(f" of {subject}")
    ]


def form(browser: Browser, subject: str, /, **changes: str) -> dict[str, str]:
    return {"csrf": browser.csrf(f"{PEOPLE}/grant"), "subject": subject, "role": "practitioner", **changes}


def test_a_role_is_granted_is_listed_and_is_taken_away(lead: Browser, subject: str, database: Database) -> None:
    answer = lead.post(f"{PEOPLE}/grant", form(lead, f" {subject} ", until="2099-03-31"))
    assert answer.status_code == 200
    assert "Role granted" in answer.text
    ((kind, granted),) = database.as_owner(
        "SELECT p.j ->> 'kind', p.j FROM (SELECT convert_from(payload, 'UTF8')::jsonb AS j FROM payload"
        " ORDER BY index DESC LIMIT 1) p"
    )
    assert (kind, subject in granted, '"until": "2099-03-31"' in granted) == ("role.granted", True, True)
    page = lead.get(PEOPLE).text
    assert f"<code>{subject}</code>" in page
    assert "31 March 2099" in page
    (address,) = revocations(page, subject)
    asked = lead.get(address).text
    assert "Take this role away?" in asked
    assert subject in asked
    assert subject not in address

    before = database.size()
    answer = lead.post(address, {"csrf": lead.csrf(address)})
    assert "Role taken away" in answer.text
    assert database.size() == before + 1
    assert subject not in lead.get(PEOPLE).text
    # The same again finds nothing to take.
    refused(lead.post(address, {"csrf": lead.csrf(PEOPLE)}), 404, "not-found")


@pytest.mark.parametrize(
    ("changes", "status", "field", "says"),
    [
        ({"subject": ""}, 422, "subject", "Enter the person’s identifier"),
        ({"role": ""}, 422, "role", "Choose a role"),
        ({"subject": "two words"}, 422, "subject", "not a name"),
        ({"role": "emperor"}, 422, "role", "Use one of"),
        ({"until": "31/02/2027"}, 422, "until", "Write dates as 2026-09-30"),
        ({"until": "2020-01-01"}, 422, "until", "The last day is over"),
    ],
    ids=str,
)
def test_what_cannot_be_granted_is_said_at_its_field(
    lead: Browser, database: Database, changes: dict[str, str], status: int, field: str, says: str
) -> None:
    before = database.size()
    answer = lead.post(f"{PEOPLE}/grant", form(lead, "somebody-else", **changes))
    assert answer.status_code == status
    page = unescape(answer.text)
    assert page.count(says) == 2
    assert f'href="#{field}"' in page
    assert "<title>Error: " in page
    assert database.size() == before


def test_what_is_so_already_and_the_last_lead_are_said_above_the_form(lead: Browser) -> None:
    answer = lead.post(f"{PEOPLE}/grant", form(lead, "practitioner"))
    assert (answer.status_code, "holds that role already" in answer.text) == (409, True)
    (own,) = revocations(lead.get(PEOPLE).text, "ig-lead")
    assert "This is your own role" in lead.get(own).text
    answer = lead.post(own, {"csrf": lead.csrf(own)})
    assert (answer.status_code, "last information-governance lead" in answer.text) == (409, True)


@pytest.mark.parametrize("role", ["auditor", "business-unit"])
def test_roles_of_the_business_unit_are_not_an_organisations_own_to_give_or_take(browser: Browser, role: str) -> None:
    browser.sign_in(LEAD, "ig-lead")
    refused(browser.post(f"{PEOPLE}/grant", form(browser, "somebody", role=role)), 403, "second-person")
    page = browser.get(PEOPLE).text
    assert "Two people of the business unit decide" in page
    assert revocations(page, role) == []


def test_another_organisations_role_is_not_found(lead: Browser, other: Browser) -> None:
    other.sign_in(LEAD, "ig-lead")
    (address,) = revocations(other.get(PEOPLE).text, "practitioner")
    refused(lead.get(address), 404, "not-found")
    refused(lead.post(address, {"csrf": lead.csrf(PEOPLE)}), 404, "not-found")


@pytest.mark.parametrize("person", ["practitioner", "signatory"])
def test_nobody_but_the_lead_sees_or_changes_them(browser: Browser, person: str) -> None:
    browser.sign_in(POLICE, person)
    assert PEOPLE not in browser.get("/account").text
    for path in (PEOPLE, f"{PEOPLE}/grant", f"{PEOPLE}/0/revocation"):
        refused(browser.get(path), 403, "forbidden")
    sent = {"csrf": browser.csrf(), "subject": "me", "role": "ig-lead"}
    refused(browser.post(f"{PEOPLE}/grant", sent), 403, "forbidden")
    refused(browser.post(f"{PEOPLE}/0/revocation", sent), 403, "forbidden")


def test_whoever_signed_in_a_while_ago_proves_first_who_they_are(lead: Browser, database: Database) -> None:
    sent = form(lead, "somebody")
    aged(database, lead, "auth_time", "6 minutes")
    assert lead.get(PEOPLE).status_code == 200
    assert lead.get(f"{PEOPLE}/grant").headers["location"] == f"/sign-in/again?return={PEOPLE}/grant"
    before = database.size()
    refused(lead.post(f"{PEOPLE}/grant", sent), 401, "sign-in-too-old")
    assert database.size() == before
    assert lead.step_up("ig-lead", return_to=f"{PEOPLE}/grant").headers["location"] == f"{PEOPLE}/grant"
    assert lead.get(f"{PEOPLE}/grant").status_code == 200
