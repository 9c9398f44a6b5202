"""Addresses, webhooks and what reached nobody, on pages, on the running demonstration."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import httpx
import pytest

from live import LEAD, POLICE, Demonstration
from notices.receiving import receiver
from people.visiting import Browser

NOTICES, HOOKS = "/account/notices", "/account/webhooks"


@pytest.fixture
def lead(demonstration: Demonstration) -> Iterator[Browser]:
    with Browser(demonstration) as browser:
        browser.sign_in(POLICE, "ig-lead")
        yield browser


def send(browser: Browser, path: str, **fields: object) -> httpx.Response:
    return browser.post(path, {"csrf": browser.csrf(), **fields})


def test_a_lead_adds_an_address_and_deletes_it(lead: Browser) -> None:
    added = send(lead, f"{NOTICES}/address", role="signatory", address="chief.office@police.test")
    assert (added.status_code, added.headers["location"]) == (303, NOTICES)
    page = lead.get(NOTICES).text
    (removal,) = re.findall(rf'href="({NOTICES}/nad_[0-9a-f]+/removal)">Delete<span[^>]*> chief.office', page)
    assert "chief.office@police.test" in lead.get(removal).text
    assert send(lead, removal).headers["location"] == NOTICES
    assert "chief.office@police.test" not in lead.get(NOTICES).text
    assert lead.get(removal).status_code == 404


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "Choose who is told at this address"),
        ({"role": "signatory"}, "Enter an email address"),
        ({"role": "signatory", "address": "not an address"}, "Enter an e-mail address as post@example.org"),
        ({"role": "business-unit", "address": "unit@police.test"}, "kept by the business-unit"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_in_the_form(lead: Browser, fields: dict[str, str], says: str) -> None:
    answer = send(lead, f"{NOTICES}/address", **fields)
    assert answer.status_code in (403, 422)
    assert "<title>Error:" in answer.text
    assert says in answer.text


def test_a_webhook_from_registration_to_deletion(lead: Browser) -> None:
    with receiver() as received:
        made = send(lead, f"{HOOKS}/registration", url=received.url, kinds=["agreement.*", "attestation.*"])
        assert made.status_code == 303, made.text
        page = made.headers["location"]
        assert received.url in lead.get(HOOKS).text
        assert send(lead, page, do="test").headers["location"] == page
        until = time.monotonic() + 20
        while "Delivered" not in lead.get(page).text and time.monotonic() < until:
            time.sleep(0.2)
        assert "Delivered" in lead.get(page).text
        ((headers, body),) = received.requests
        assert b'"type":"webhook.test"' in body
        assert headers["webhook-signature"].startswith("v1a,")
        assert "Go on with it" in lead.go(send(lead, page, do="pause").headers["location"]).text
        assert "Pause it" in lead.go(send(lead, page, do="go-on").headers["location"]).text
        assert send(lead, page, do="nothing known").status_code == 422
        assert send(lead, page, do="delete").headers["location"] == HOOKS
        assert lead.get(page).status_code == 404


def test_what_is_wrong_with_a_webhook_is_said_in_the_form(lead: Browser) -> None:
    empty = send(lead, f"{HOOKS}/registration")
    assert (empty.status_code, "Choose at least one" in empty.text) == (422, True)
    plain = send(lead, f"{HOOKS}/registration", url="http://example.org/", kinds="agreement.*")
    assert plain.status_code == 422
    assert "Enter an https address of a host on the internet" in plain.text


def test_the_unit_looks_at_what_reached_nobody(demonstration: Demonstration) -> None:
    with Browser(demonstration) as unit:
        unit.sign_in(LEAD, "business-unit")
        assert unit.get(f"{NOTICES}/told").status_code == 200
        assert unit.get(f"{NOTICES}/told?state=all&cursor=%C3%A9").status_code == 200
        page = unit.get(f"{NOTICES}/told/ntd_{'0' * 32}/again")
        assert page.status_code == 200
        assert send(unit, f"{NOTICES}/told/ntd_{'0' * 32}/again").status_code == 404
        assert send(unit, f"{NOTICES}/address", role="signatory", address="a@council.test").status_code == 403
