"""The self-test of an issuer on a page: one's own registered ones and no other address, in words."""

from __future__ import annotations

from html import unescape

import pytest

from api.speaking import Database
from live import LEAD, POLICE
from people.visiting import Browser, refused

ISSUER = "/account/issuer"


@pytest.mark.parametrize(("organisation", "person"), [(POLICE, "ig-lead"), (LEAD, "business-unit")])
def test_an_own_issuer_is_looked_at_and_what_was_seen_is_said_in_words(
    browser: Browser, database: Database, organisation: str, person: str
) -> None:
    browser.sign_in(organisation, person)
    page = browser.get(ISSUER).text
    assert f"/demo/idp/{organisation}" in page
    assert page.count('type="radio"') == 1
    before = database.size()
    answer = browser.post(ISSUER, {"csrf": browser.csrf(ISSUER), "issuer": "0"})
    assert answer.status_code == 200
    words = unescape(answer.text)
    assert "Something is wrong" not in words
    assert f"{browser.base}/demo/idp/{organisation}" in words
    assert "What to do:" in words
    assert words.index("Look at this") < words.index(">\n  Right")
    assert database.size() == before


@pytest.mark.parametrize("chosen", ["", "1", "-1", "https://elsewhere.example", "http://127.0.0.1:1/zqx7f3marker"])
def test_no_other_address_is_asked(browser: Browser, chosen: str) -> None:
    browser.sign_in(POLICE, "ig-lead")
    answer = browser.post(ISSUER, {"csrf": browser.csrf(ISSUER), "issuer": chosen})
    assert (answer.status_code, answer.text.count("Choose which issuer to look at")) == (422, 2)
    assert "zqx7f3marker" not in answer.text


@pytest.mark.parametrize("person", ["practitioner", "signatory"])
def test_it_is_for_the_lead_and_the_business_unit(browser: Browser, person: str) -> None:
    browser.sign_in(POLICE, person)
    refused(browser.get(ISSUER), 403, "forbidden")
    refused(browser.post(ISSUER, {"csrf": browser.csrf(), "issuer": "0"}), 403, "forbidden")
