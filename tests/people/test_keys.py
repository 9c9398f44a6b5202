"""Signing keys on pages: listed with what is to be seen to, registered by what an engineer's command wrote, revoked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from api.proving import Body, private_of, public_of, request_for
from api.speaking import Database, at
from isa_client.cli import main
from isa_registry.identity.key_material import thumbprint
from live import LEAD, POLICE, Demonstration
from people.visiting import Browser, hidden, refused

KEYS = "/account/keys"
REGISTRATION = f"{KEYS}/registration"


@pytest.fixture
def lead(browser: Browser) -> Browser:
    browser.sign_in(POLICE, "ig-lead")
    return browser


@pytest.fixture
def kid(lead: Browser, demonstration: Demonstration) -> Iterator[str]:
    """A key that was registered on the pages; nobody needs it afterwards."""
    private = private_of()
    registered(lead, request_for(private))
    yield private["kid"]
    with Browser(demonstration) as browser:
        browser.sign_in(POLICE, "ig-lead")
        address = f"{KEYS}/{private['kid']}/revocation"
        browser.post(address, {"csrf": browser.csrf(KEYS), "reason": "ceased"})


def pasted(browser: Browser, request: Body | str, **more: str) -> dict[str, str]:
    text = request if isinstance(request, str) else json.dumps(request, indent=2)
    return {"csrf": browser.csrf(REGISTRATION), "request": text, **more}


def registered(browser: Browser, request: Body) -> str:
    """The page after a key was pasted, looked at, and confirmed."""
    review = browser.post(REGISTRATION, pasted(browser, request))
    assert review.status_code == 200, review.text
    shown = {name: hidden(review.text, name) for name in ("csrf", "request", "thumbprint")}
    answer = browser.post(REGISTRATION, shown)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_key_is_looked_at_before_it_is_registered_and_then_listed(lead: Browser, database: Database) -> None:
    private = private_of()
    before = database.size()
    review = lead.post(REGISTRATION, pasted(lead, request_for(private, valid_until=at(days=-20))))
    assert "Is this the key?" in review.text
    assert thumbprint(public_of(private)) in review.text
    assert database.size() == before

    shown = {name: hidden(review.text, name) for name in ("csrf", "request", "thumbprint")}
    assert "Key registered" in lead.post(REGISTRATION, shown).text
    assert database.size() == before + 1
    page = unescape(lead.get(KEYS).text)
    assert f"<code>{private['kid']}</code>" in page
    assert "Another key goes on from there" in page
    assert "(19 days left)" in page
    # The same again is another kid's or key's.
    again = lead.post(REGISTRATION, pasted(lead, request_for(private)))
    assert (again.status_code, "used this kid before" in again.text) == (409, True)


def test_the_command_of_the_page_makes_what_the_page_takes(lead: Browser, tmp_path: Path) -> None:
    private = private_of()
    key, request = tmp_path / "KEY.jwk", tmp_path / "request.json"
    key.write_text(json.dumps(private), encoding="ascii")
    key.chmod(0o600)
    page = unescape(lead.get(REGISTRATION).text)
    command = page.partition("<code>isa-client ")[2].partition("</code>")[0].replace("\\\n", "")
    filled = command.replace("KEY.jwk", str(key)).replace("request.json", str(request))
    assert main(filled.split()) == 0
    assert "Key registered" in registered(lead, json.loads(request.read_text(encoding="ascii")))


def test_what_was_shown_is_what_is_confirmed(lead: Browser, database: Database) -> None:
    first, second = private_of(), private_of()
    before = database.size()
    review = lead.post(REGISTRATION, pasted(lead, request_for(second), thumbprint=thumbprint(public_of(first))))
    assert "Is this the key?" in review.text
    assert database.size() == before


@pytest.mark.parametrize(
    ("request_of", "says"),
    [
        ("", "Paste the request"),
        ("{", "not a request that the command wrote"),
        ('{"kid": "zqx7f3marker"}', "not a request that the command wrote"),
        ({"jwk": None}, "Send the key as jwk"),
        ({"proof": "a.b.c"}, ""),
        ({"organisation": LEAD}, "proof"),
        ({"uses": ["attestation"], "signatory": {"role": "chief-officer", "ref": "a-1"}}, "signatory"),
    ],
    ids=str,
)
def test_what_is_no_key_to_register_is_said_at_the_field(
    lead: Browser, database: Database, request_of: str | Body, says: str
) -> None:
    before = database.size()
    request = request_of if isinstance(request_of, str) else request_for(private_of(), **request_of)
    answer = lead.post(REGISTRATION, pasted(lead, request))
    assert answer.status_code in (403, 422)
    page = unescape(answer.text)
    assert says in page
    assert "There is a problem" in page
    assert database.size() == before


def test_a_private_key_is_refused_and_shown_to_nobody(lead: Browser) -> None:
    private = private_of()
    answer = lead.post(REGISTRATION, pasted(lead, request_for(private, jwk=private)))
    assert answer.status_code == 422
    assert "private key" in answer.text
    assert private["d"] not in answer.text


def test_a_key_is_revoked_with_a_reason_and_since_when(lead: Browser, kid: str, database: Database) -> None:
    address = f"{KEYS}/{kid}/revocation"
    sent = {"csrf": lead.csrf(address), "reason": "compromised", "since_day": "2026-07-20", "since_time": "09:30"}
    answer = lead.post(address, sent)
    assert (answer.status_code, "Key revoked" in answer.text) == (200, True)
    ((reason, since),) = database.as_owner(
        "SELECT p.j ->> 'reason', p.j ->> 'suspect_from' FROM (SELECT convert_from(payload, 'UTF8')::jsonb AS j"
        " FROM payload ORDER BY index DESC LIMIT 1) p"
    )
    # Half past nine on a summer's day in London.
    assert (reason, since) == ("compromised", "2026-07-20T08:30:00.000Z")
    assert "Revoked" in lead.get(KEYS).text
    assert "This key is revoked" in lead.get(address).text
    again = lead.post(address, {"csrf": lead.csrf(address), "reason": "ceased"})
    assert (again.status_code, "revoked already" in again.text) == (409, True)


@pytest.mark.parametrize(
    ("sent", "field", "says"),
    [
        ({}, "reason", "Choose why the key is revoked"),
        ({"reason": "tired"}, "reason", "Use one of"),
        ({"reason": "compromised"}, "since_day", "Enter the day from which on"),
        ({"reason": "compromised", "since_day": "32/07/2026"}, "since_day", "year-month-day"),
        ({"reason": "compromised", "since_day": "2026-07-20", "since_time": "9h"}, "since_time", "hours and minutes"),
        ({"reason": "compromised", "since_day": "2996-07-20"}, "since_day", "a time that has passed"),
        ({"reason": "ceased", "since_day": "2026-07-20"}, "since_day", "compromised key"),
    ],
    ids=str,
)
def test_what_is_missing_to_revoke_a_key_is_said_at_its_field(
    lead: Browser, kid: str, database: Database, sent: dict[str, str], field: str, says: str
) -> None:
    before = database.size()
    address = f"{KEYS}/{kid}/revocation"
    answer = lead.post(address, {"csrf": lead.csrf(address), **sent})
    assert answer.status_code == 422
    page = unescape(answer.text)
    assert f'href="#{field}"' in page
    assert page.count(says) == 2
    assert database.size() == before


def test_another_organisations_key_is_not_found(lead: Browser) -> None:
    address = f"{KEYS}/{LEAD}-1/revocation"
    refused(lead.get(address), 404, "not-found")
    refused(lead.post(address, {"csrf": lead.csrf(KEYS), "reason": "ceased"}), 404, "not-found")


def test_nobody_but_the_lead_has_these_pages(browser: Browser) -> None:
    browser.sign_in(POLICE, "signatory")
    for path in (KEYS, REGISTRATION, f"{KEYS}/{POLICE}-1/revocation"):
        refused(browser.get(path), 403, "forbidden")
    for path in (REGISTRATION, f"{KEYS}/{POLICE}-1/revocation"):
        refused(browser.post(path, {"csrf": browser.csrf(), "reason": "ceased"}), 403, "forbidden")
