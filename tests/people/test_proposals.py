"""Four eyes on pages: what is proposed is shown whole, and another person approves or declines exactly that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

import httpx
import pytest

from api.speaking import Database, bearer, new_id, person_token
from demonstration import demonstration_view
from isa_registry.actions.deciding import AccessPayload
from isa_registry.domain.access_entries import (
    ClientGranted,
    ClientRevoked,
    IssuerRegistered,
    IssuerRemoved,
    RoleGranted,
    RoleMapping,
    RoleRevoked,
    SignIn,
)
from isa_registry.domain.dates import london_date
from isa_registry.domain.entries import encode_payload
from isa_registry.pages.changes_in_words import in_words
from isa_registry.pages.rendering import plain_date
from live import LEAD, POLICE, Demonstration
from people.test_sessions import aged
from people.visiting import Browser, hidden, refused

PROPOSALS = "/account/proposals"
UNTIL = london_date(datetime.now(UTC) + timedelta(days=90))
Propose = Callable[[], tuple[str, str]]


@pytest.fixture
def propose(demonstration: Demonstration) -> Propose:
    """Proposes that somebody new be an auditor; the page to decide it on, and who it is."""

    def one() -> tuple[str, str]:
        subject = f"auditor-{new_id()}"
        role = {"issuer": f"{demonstration.url}/demo/idp/{LEAD}", "subject": subject, "role": "auditor"}
        answer = httpx.post(
            f"{demonstration.url}/api/v1/organisations/{LEAD}/members",
            json={**role, "until": UNTIL},
            headers=bearer(person_token(demonstration, LEAD, "business-unit")),
        )
        assert answer.status_code == 202, answer.text
        return f"{PROPOSALS}/{answer.json()['id']}", subject

    return one


@pytest.fixture
def second(browser: Browser) -> Browser:
    """A second person of the business unit."""
    browser.sign_in(LEAD, "business-unit-2")
    return browser


def word(browser: Browser, address: str, said: str, **changes: str) -> httpx.Response:
    page = browser.get(address).text
    sent = {"csrf": hidden(page, "csrf"), "sha256": hidden(page, "sha256"), "word": said}
    return browser.post(address, {**sent, **changes})


def test_a_second_person_sees_exactly_what_is_proposed_and_approves_it(
    second: Browser, propose: Propose, database: Database
) -> None:
    address, subject = propose()
    assert address in second.get(PROPOSALS).text
    page = unescape(second.get(address).text)
    assert "Grant a role at Durham County Council" in page
    assert f'<dd class="govuk-summary-list__value">{subject}</dd>' in page
    assert plain_date(UNTIL) in page
    exactly = page.partition('<pre class="isa-exactly"')[2].partition("<code>")[2].partition("</code>")[0]
    assert hashlib.sha256(exactly.encode()).hexdigest() == hidden(second.get(address).text, "sha256")
    before = database.size()
    answer = word(second, address, "approve")
    assert (answer.status_code, "Approved, and logged" in answer.text) == (200, True)
    assert database.size() == before + 1
    ((payload,),) = database.as_owner("SELECT convert_from(payload, 'UTF8') FROM payload ORDER BY index DESC LIMIT 1")
    logged = json.loads(payload)
    assert len(logged.pop("approved_by")) == 2
    assert [logged] == json.loads(exactly)
    assert address not in second.get(PROPOSALS).text
    assert "In the log" in second.get(address).text


def test_whoever_proposed_it_can_withdraw_it_and_not_approve_it(
    browser: Browser, propose: Propose, database: Database
) -> None:
    address, _ = propose()
    browser.sign_in(LEAD, "business-unit")
    page = browser.get(address).text
    assert "You cannot approve what you proposed yourself" in page
    assert 'value="approve"' not in page
    before = database.size()
    refused(word(browser, address, "approve"), 403, "second-person")
    refused(word(browser, address, "decline"), 403, "second-person")
    assert "Withdrawn" in word(browser, address, "withdraw").text
    assert database.size() == before
    assert "Withdrawn" in browser.get(address).text


def test_another_person_declines_it_and_cannot_withdraw_it(
    second: Browser, propose: Propose, database: Database
) -> None:
    address, subject = propose()
    before = database.size()
    answer = word(second, address, "withdraw")
    assert (answer.status_code, "Whoever proposed this can withdraw it" in answer.text) == (403, True)
    assert "Declined" in word(second, address, "decline").text
    assert database.size() == before
    assert subject not in second.get(address).text


def test_without_a_word_or_for_another_change_than_was_read_nothing_is_decided(
    second: Browser, propose: Propose, database: Database
) -> None:
    address, _ = propose()
    before = database.size()
    answer = word(second, address, "")
    assert (answer.status_code, answer.text.count("Say whether you approve it")) == (422, 2)
    answer = word(second, address, "approve", sha256="0" * 64)
    assert (answer.status_code, "another SHA-256" in answer.text) == (409, True)
    refused(word(second, address, "approve", sha256="zqx7f3marker"), 400, "malformed")
    assert database.size() == before
    word(second, address, "decline")


def test_it_takes_a_person_of_the_business_unit_who_signed_in_just_now(
    second: Browser, other: Browser, propose: Propose, database: Database
) -> None:
    address, _ = propose()
    other.sign_in(LEAD, "ig-lead")
    for path in (PROPOSALS, address):
        refused(other.get(path), 403, "forbidden")
    refused(other.post(address, {"csrf": other.csrf(), "word": "approve", "sha256": "0" * 64}), 403, "forbidden")
    page = second.get(address).text
    aged(database, second, "auth_time", "6 minutes")
    assert second.get(address).headers["location"] == f"/sign-in/again?return={address}"
    sent = {"csrf": hidden(page, "csrf"), "sha256": hidden(page, "sha256"), "word": "approve"}
    refused(second.post(address, sent), 401, "sign-in-too-old")
    second.step_up("business-unit-2", return_to=address)
    assert "Declined" in word(second, address, "decline").text
    for nothing in ("nothing", "prp_" + "0" * 32):
        refused(second.get(f"{PROPOSALS}/{nothing}"), 404, "not-found")


# --- proposing --------------------------------------------------------------------------------------------------------

ROLE = f"{PROPOSALS}/role"


def role_form(browser: Browser, **changes: str) -> dict[str, str]:
    person_of = f"{LEAD} {browser.base}/demo/idp/{LEAD}"
    whole = {"role": "auditor", "person_of": person_of, "subject": f"auditor-{new_id()}", "until": UNTIL}
    return {"csrf": browser.csrf(ROLE), **whole, **changes}


def test_two_people_give_a_role_on_pages_alone(browser: Browser, other: Browser, database: Database) -> None:
    browser.sign_in(LEAD, "business-unit")
    other.sign_in(LEAD, "business-unit-2")
    before = database.size()
    proposed = browser.post(ROLE, role_form(browser))
    assert proposed.status_code == 303, proposed.text
    address = proposed.headers["location"]
    assert "You cannot approve what you proposed yourself" in browser.get(address).text
    assert database.size() == before
    assert "Approved, and logged" in word(other, address, "approve").text
    assert database.size() == before + 1


@pytest.mark.parametrize(
    ("changes", "status", "field", "says"),
    [
        ({"role": ""}, 422, "role", "Choose a role"),
        ({"role": "practitioner"}, 422, "role", "Choose a role"),
        ({"person_of": ""}, 422, "person_of", "Choose where the person works"),
        ({"person_of": f"{LEAD} https://elsewhere.example"}, 422, "person_of", "no such issuer"),
        ({"subject": " "}, 422, "subject", "Enter the person’s identifier"),
        ({"subject": "two words"}, 422, "subject", "not a name"),
        ({"until": ""}, 422, "until", "name a last day"),
        ({"until": "2040-01-01"}, 422, "until", "name a last day"),
        ({"role": "ig-lead", "until": ""}, 409, "", "has an information-governance lead"),
    ],
    ids=str,
)
def test_what_cannot_be_proposed_is_said_in_the_form(
    browser: Browser, changes: dict[str, str], status: int, field: str, says: str
) -> None:
    browser.sign_in(LEAD, "business-unit")
    answer = browser.post(ROLE, role_form(browser, **changes))
    page = unescape(answer.text)
    assert (answer.status_code, page.count(says)) == (status, 2 if field else 1)
    assert not field or (f'href="#{field}"' in page and f'id="{field}"' in page)


def test_nobody_else_proposes(browser: Browser) -> None:
    browser.sign_in(LEAD, "ig-lead")
    refused(browser.get(ROLE), 403, "forbidden")
    refused(browser.post(ROLE, {"csrf": browser.csrf(), "role": "auditor"}), 403, "forbidden")


# --- in words ---------------------------------------------------------------------------------------------------------

ISSUER = "https://login.police.example"
EVERY_KIND: tuple[AccessPayload, ...] = (
    RoleGranted(POLICE, ISSUER, "zqx7f3", "ig-lead", "2027-03-31"),
    RoleRevoked(LEAD, ISSUER, "zqx7f3", "auditor"),
    ClientGranted(LEAD, "zqx7f3", ("audit:read",), "2027-03-31"),
    ClientRevoked(LEAD, "zqx7f3"),
    IssuerRegistered(
        POLICE, ISSUER, ("urn:one", "urn:two"), ("ES256",), "entra-v2", "tid", "t-1",
        SignIn("client-1", "private_key_jwt", ("openid", "profile"), ("urn:acr",)),
        (RoleMapping("groups", "leads", "ig-lead"),),
    ),
    IssuerRemoved(POLICE, ISSUER),
)  # fmt: skip


@pytest.mark.parametrize("payload", EVERY_KIND, ids=lambda payload: type(payload).__name__)
def test_the_words_of_a_change_leave_nothing_of_it_out(payload: AccessPayload) -> None:
    shown = in_words(payload, demonstration_view())
    said = " ".join(value for _, value in shown.facts).replace("31 March 2027", "2027-03-31")

    def leaves(value: object) -> list[str]:
        if isinstance(value, dict):
            return [leaf for one in value.values() for leaf in leaves(one)]
        return [leaf for one in value for leaf in leaves(one)] if isinstance(value, list) else [str(value)]

    logged = json.loads(encode_payload(payload))
    del logged["kind"]
    names = {"ig-lead": "Information-governance lead"}
    assert [leaf for leaf in leaves(logged) if leaf not in said and names.get(leaf, "?") not in said] == []
