"""The business unit's agreements on pages: from an upload to a version in force and its withdrawal, with a second
person's word for exactly the words that were sent."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape

import httpx
import pytest

from isa_registry.domain.dates import london_date
from live import LEAD, POLICE, Demonstration
from people.visiting import Browser, hidden, refused
from places import server_directory
from versions import TIER_1, TIER_2, schedule_of, words_of

LIST, NEW = "/account/agreements", "/account/agreement-drafts/new"
TODAY = london_date(datetime.now(UTC))
LATER = london_date(datetime.now(UTC) + timedelta(days=60))
VERSION = "7.1"


@pytest.fixture(scope="module")
def partnership() -> Iterator[Demonstration]:
    """A demonstration of these tests alone: what is published in it stays."""
    with server_directory("isa-agreements-") as directory, Demonstration(directory / "state") as running:
        yield running


@pytest.fixture
def unit(partnership: Demonstration) -> Iterator[tuple[Browser, Browser]]:
    with Browser(partnership) as one, Browser(partnership) as other:
        one.sign_in(LEAD, "business-unit")
        other.sign_in(LEAD, "business-unit-2")
        yield one, other


def send(browser: Browser, address: str, text: bytes, schedule: bytes, *, pasted: bool = False) -> httpx.Response:
    fields = {"csrf": browser.csrf()}
    if pasted:
        fields |= {"text": text.decode(), "schedule": schedule.decode()}
        files = {"text_file": ("", b""), "schedule_file": ("", b"")}
    else:
        fields |= {"text": "", "schedule": ""}
        files = {"text_file": ("agreement.md", text), "schedule_file": ("schedule.json", schedule)}
    return browser.client.post(address, data=fields, files=files)


def word(browser: Browser, address: str, word: str, **more: str) -> httpx.Response:
    page = browser.get(address).text
    hashes = {name: hidden(page, name) for name in ("text_sha256", "schedule_sha256")}
    return browser.post(address, {"csrf": browser.csrf(), **hashes, "word": word, **more})


def decide(browser: Browser, address: str, decision: str, **fields: str) -> httpx.Response:
    return browser.post(f"{address}/{decision}", {"csrf": browser.csrf(), **fields})


def words(answer: httpx.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_a_version_is_made_checked_published_opened_and_withdrawn_on_pages(unit: tuple[Browser, Browser]) -> None:
    one, other = unit
    text, schedule = words_of(version=VERSION), schedule_of(version=VERSION)
    sent = send(one, NEW, text, schedule)
    assert sent.status_code == 303, words(sent)
    draft = sent.headers["location"]
    page = words(one.get(draft))
    digest = hashlib.sha256(text).hexdigest()
    assert f"Words, SHA-256 {digest}" in page
    assert "No clause is different." in page
    assert "/revision" in one.get(draft).text
    assert one.get(f"{draft}/revision").status_code == 200

    assert word(one, draft, "submit").status_code == 303
    assert "another person of the business unit checks them" in words(one.get(draft))
    assert f"You say that the words with the SHA-256 {digest}" in words(other.get(draft))
    assert "Choose what to do with it" in words(word(other, draft, ""))
    assert "Choose why it goes back" in words(word(other, draft, "return"))
    assert "checks what one wrote and submitted" in words(word(one, draft, "pass"))
    assert word(other, draft, "pass").status_code == 303
    assert "A published version never changes" in words(one.get(draft))
    published = word(one, draft, "publish")
    assert published.status_code == 200
    assert f"never changes from here on. Its words have the SHA-256 {digest}" in words(published)

    version = f"{LIST}/{TIER_2}/{VERSION}"
    assert "Published, not open" in words(one.get(version))
    opening = words(one.get(f"{version}/opening"))
    assert "The bodies that you choose are asked to attest exactly these words" in opening
    assert digest in opening
    wrong = decide(one, version, "opening", who="these", bodies=f"{LEAD}\nno-such-body", on="", quorum="3", must="")
    assert (422, True) == (wrong.status_code, "Name a number from 1 to that of the parties" in words(wrong))
    wrong = decide(one, version, "opening", who="these", bodies=f"{LEAD}\nno-such-body", on="", quorum="2", must="")
    assert (422, True) == (wrong.status_code, "No such body is registered" in words(wrong))
    assert "no-such-body" in wrong.text
    opened = decide(one, version, "opening", who="these", bodies=f"{LEAD}\n{POLICE}", on=LATER, quorum="1", must=POLICE)
    assert "Open for attestation" in words(opened)
    page = words(one.get(version))
    assert "Attested 0 of 2 bodies" in page
    assert "It comes into force on" in page

    assert "in force from the day that you name" in words(one.get(f"{version}/in-force"))
    wrong = decide(one, version, "in-force", on="soon", review_due="")
    assert (422, True) == (wrong.status_code, "Write a day as 2026-09-30" in words(wrong))
    assert decide(one, version, "in-force", on=LATER, review_due="").status_code == 200
    missing = decide(one, version, "withdrawal", on=LATER, reason="", successor="")
    assert missing.status_code == 422
    done = decide(one, version, "withdrawal", on=LATER, reason="published-in-error", successor=f"{TIER_2}/1.0")
    assert "Withdrawn" in words(done)
    page = words(one.get(version))
    assert "It was published in error; tier-2-hoth version 1.0 takes its place" in page
    assert "Nothing follows for this version any more" in page
    refused(one.get(f"{version}/suspension"), 409, "conflict")


def test_a_summary_is_published_beside_a_version_from_a_file_or_pasted(unit: tuple[Browser, Browser]) -> None:
    one, _ = unit
    page = f"{LIST}/{TIER_2}/1.0/companions"
    assert "Summary for children" in words(one.get(page))

    def publish(text: str, chosen: bytes = b"") -> httpx.Response:
        fields = {"csrf": one.csrf(), "companion": "summary", "language": "en", "text": text}
        return one.client.post(page, data=fields, files={"text_file": ("summary.md" if chosen else "", chosen)})

    wrong = publish("[there](#99.9)\r\n")
    assert (wrong.status_code, "leads to no clause of this agreement" in words(wrong)) == (422, True)
    assert "[there](#99.9)" in wrong.text
    assert "Save the file as UTF-8" in words(publish("", b"\xff\xfe"))
    assert "Summary in plain words published" in words(publish("[now](#3.1)\r\nor [later](#3.2)\r\n"))
    assert "Summary in plain words published" in words(publish("", b"[now](#3.1)\n"))


def test_words_and_a_schedule_are_sent_pasted_too_and_what_is_wrong_stands_at_its_field(
    unit: tuple[Browser, Browser],
) -> None:
    one, _ = unit
    assert "Choose the file of the words, or paste them" in words(send(one, NEW, b"", schedule_of(version="7.2")))
    text = words_of(version="7.2").replace(b"\n\n## ", b"\n\n\n## ", 1)
    wrong = send(one, NEW, text, schedule_of(version="7.3"), pasted=True)
    assert wrong.status_code == 422
    assert re.search(r"Line \d+: A second empty line", words(wrong))
    assert "7.3" in wrong.text
    wrong = send(one, NEW, words_of(version="7.2"), schedule_of(version="7.2", change=_nobody), pasted=True)
    assert "purposes/0/categories/0: There is no such category" in words(wrong)
    sent = send(one, NEW, words_of(version="7.2"), schedule_of(version="7.2"), pasted=True)
    assert sent.status_code == 303, words(sent)
    again = send(one, f"{sent.headers['location']}/revision", words_of(version="7.2"), b"{}", pasted=True)
    assert again.status_code == 422
    listed = one.get(LIST)
    assert "tier-2-hoth version 7.2" in words(listed)
    assert word(one, sent.headers["location"], "discard").headers["location"] == LIST
    assert "tier-2-hoth version 7.2" not in words(one.get(LIST))


def _nobody(schedule: dict[str, list[dict[str, list[str]]]]) -> None:
    schedule["purposes"][0]["categories"].insert(0, "zq")


def test_what_a_suspension_does_is_said_before_the_button(unit: tuple[Browser, Browser]) -> None:
    one, _ = unit
    page = words(one.get(f"{LIST}/{TIER_1}/1.0/suspension"))
    assert "12 bodies can rely on it today, and from that day on none can." in page
    assert re.search(r"version 1\.0, rests on it: 9 bodies cannot rely on that either\.", page)
    stands = words(one.get(f"{LIST}/{TIER_1}/1.0"))
    assert "rests on this version, which all its 9 signatories attest" in stands


def test_the_list_shows_every_version_in_its_state(unit: tuple[Browser, Browser]) -> None:
    one, _ = unit
    listed = words(one.get(LIST))
    assert "Attested by 12 of 12 bodies" in listed
    assert "In force" in listed
    refused(one.get(f"{LIST}/{TIER_1}/9.9"), 404, "not-found")
    refused(one.get(f"{LIST}/{TIER_1}/1.0/nothing"), 404, "not-found")


def test_nobody_else_sees_these_pages(partnership: Demonstration) -> None:
    with Browser(partnership) as browser:
        browser.sign_in(POLICE, "ig-lead")
        for path in (LIST, NEW, f"{LIST}/{TIER_1}/1.0", f"{LIST}/{TIER_1}/1.0/suspension"):
            refused(browser.get(path), 403, "forbidden")
