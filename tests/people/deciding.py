"""A person who records what they decided after an answer."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from isa_client.references import subject_reference
from live import LEAD, POLICE
from people.visiting import Browser

QUESTION = {
    "urgency": "routine",
    "recipient": LEAD,
    "purpose": "harm-outside-the-home",
    "category": ["identity", "intelligence"],
    "subject": "child",
    "would_help_recipient": "yes",
    "more_detrimental_to_share": "no",
    "informing_increases_risk": "yes",
}
REFERENCE = subject_reference(bytes(range(32)), "C-300")
FILLED = {
    "decision": "shared", "refs-child": REFERENCE, "how": "secure-email", "consent": "not-sought",
    "informed": "no", "informed_reason": "increases-risk", "childs_view": "not-safe-to-seek", "role": "police-officer",
    "ref": "PNN-4411", "case_record": "CMS-1234",
}  # fmt: skip
HELD = {"decision": "not-shared", "why_all": "insufficient-detail", "review_on": "2030-01-31"}
PART = {"decision": "part-shared", "why-intelligence": "source-protection"}


def asked(browser: Browser, **changes: Any) -> str:
    """The address of the form that follows an answer."""
    page = browser.post("/ask", {**QUESTION, **changes, "csrf": browser.csrf("/ask")}).text
    found = re.search(r'href="(/ask/answers/chk_[0-9a-f]+/decision)"', page)
    assert found, page
    return found[1]


def fields_of(page: str, address: str) -> dict[str, Any]:
    """The hidden fields of the form that sends to an address."""
    form = next(one for one in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'action="{address}"' in one)
    return {
        name: unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    }


def filled(browser: Browser, address: str, **changes: Any) -> dict[str, Any]:
    """The first page, filled in; what is given as None is left out."""
    page = browser.get(address).text
    shown = dict(re.findall(r'<input[^>]* id="(decided_on|decided_at)"[^>]* value="([^"]*)"', page))
    whole = {**fields_of(page, address), **shown, "marking": "official-sensitive", **FILLED, **changes}
    return {name: value for name, value in whole.items() if value is not None}


def decide(browser: Browser, address: str, **changes: Any) -> str:
    """Both pages; the address of the record."""
    review = browser.post(address, filled(browser, address, **changes))
    assert review.status_code == 200, review.text
    done = browser.post(address, {**fields_of(review.text, address), "step": "record"})
    assert done.status_code == 303, done.text
    return str(done.headers["location"])


def practitioner(browser: Browser, organisation: str = POLICE) -> Browser:
    browser.sign_in(organisation, "practitioner")
    return browser
