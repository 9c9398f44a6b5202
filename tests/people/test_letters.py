"""Where a letter's link leads: to the body's own sign-in first, and to the words with what a signatory can do about
them."""

from __future__ import annotations

import pytest

from live import LEAD, POLICE
from people.visiting import Browser, slug

WORDS = "/agreements/tier-2-hoth/1.0"
LINK = "/account/attestations/tier-2-hoth/1.0/words?for=aycliffe-secure-centre"
SIGN = 'href="/account/attestations/tier-2-hoth/1.0/attestation"'


def offered(browser: Browser, path: str) -> list[str]:
    """The organisations that the page of signing in offers by one button, in order."""
    page = browser.go(path).text.partition('name="q"')[0]
    own = {slug(browser, body): body for body in (LEAD, POLICE, "aycliffe-secure-centre")}
    found = [part.partition('"')[0] for part in page.split('name="use" value="')[1:]]
    return [own[one] for one in found]


def test_a_letter_offers_the_sign_in_of_the_body_that_it_went_to(browser: Browser) -> None:
    assert offered(browser, LINK) == ["aycliffe-secure-centre"]
    assert offered(browser, LINK.partition("?")[0]) == []
    assert offered(browser, f"{LINK}-of-nobody") == []


def test_it_comes_before_the_one_that_the_browser_remembers(browser: Browser) -> None:
    browser.sign_in(POLICE, "signatory")
    browser.client.cookies.delete("isa-session")
    browser.client.cookies.delete("isa-fallback")
    assert offered(browser, LINK) == ["aycliffe-secure-centre", POLICE]
    assert offered(browser, LINK.replace("aycliffe-secure-centre", POLICE)) == [POLICE]


@pytest.mark.parametrize(
    ("organisation", "person", "shown"),
    [
        ("cafcass", "signatory", 2),
        ("cafcass", "practitioner", 0),
        (POLICE, "signatory", 0),
        ("aycliffe-secure-centre", "signatory", 0),
    ],
    ids=["who can sign it", "who is no signatory", "who has signed it", "whose parent has"],
)
def test_the_words_lead_a_signatory_to_where_they_sign(
    browser: Browser, organisation: str, person: str, shown: int
) -> None:
    assert SIGN not in browser.get(WORDS).text
    browser.sign_in(organisation, person)
    page = browser.get(WORDS)
    assert page.text.count(SIGN) == shown
    assert page.headers["cache-control"] == "no-store"
