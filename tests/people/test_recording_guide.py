"""The guide on recording a decision is what a practitioner meets, step by step, and is short and plain."""

from __future__ import annotations

import re
from html import unescape

from guided import GUIDES
from isa_registry.api.access import ACCESS
from isa_registry.domain.agreement_lint.prose import file_lines
from isa_registry.domain.agreement_lint.reading_age import reading_age
from isa_registry.identity.callers import BEGIN_SECONDS
from live import LEAD
from people.deciding import HELD, asked, decide, fields_of, filled, practitioner
from people.visiting import Browser

TEXT = (GUIDES / "recording.md").read_text(encoding="utf-8")
SAID = [re.sub(r"\s+", " ", one) for one in re.findall(r"\*\*(.+?)\*\*", TEXT, re.DOTALL)]


def says(page: str, words: str) -> bool:
    """Whether a button, link, tag or heading of the page has exactly these words; the guide is held to have them."""
    assert any(one.startswith(words) for one in SAID), words
    return re.search(rf">\s*{re.escape(words)}\s*<", unescape(page)) is not None


def test_it_is_short_and_plain_and_begins_with_danger() -> None:
    assert len(TEXT.split()) <= 700
    age = reading_age(file_lines(TEXT))
    assert age is not None and age <= 10.0
    assert TEXT.index("999") < TEXT.index("`/decisions`")
    assert "](recording.md)" in (GUIDES / "practitioner.md").read_text(encoding="utf-8")


def test_every_page_of_its_table_is_there_and_a_practitioners() -> None:
    pages = re.findall(r"^\| .*? \| `(/[^`]+)` \|$", TEXT, re.MULTILINE)
    assert len(pages) == 6
    assert all("practitioner" in ACCESS["GET", page].roles for page in pages)


def test_recording_goes_as_it_says(browser: Browser, other: Browser) -> None:
    assert "more than an hour ago" in TEXT and BEGIN_SECONDS == 3600
    address = asked(practitioner(browser))
    assert says(browser.get(address.removesuffix("/decision")).text, "Record what you decided")
    form = browser.get(address).text
    for words in ("What did you decide?", "Who it is about", "When and how", "Check what you entered"):
        assert says(form, words), words
    review = browser.post(address, filled(browser, address, **HELD))
    assert says(review.text, "Record it")
    assert "Your safeguarding lead is told today" in unescape(review.text)
    done = browser.post(address, {**fields_of(review.text, address), "step": "record"})
    assert says(browser.get(done.headers["location"].partition("?")[0]).text, "Correct it")

    decide(browser, asked(browser))
    listed = browser.get("/decisions").text
    assert says(listed, "Waits for their word") and says(listed, "Decisions")
    practitioner(other, LEAD)
    (received,) = re.findall(r'href="(/decisions/received/[0-9]+)"', other.get("/decisions/received").text)[:1]
    assert says(other.get(received).text, "Say whether it came")
