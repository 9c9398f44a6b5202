"""The feed of an agreement's changes, as a stock parser has it: every decision once, under a name that stays."""

from __future__ import annotations

import re
from typing import Any

import feedparser
import httpx
import pytest

from isa_registry.domain.agreement_entries import AgreementReviewed, CompanionPublished
from isa_registry.domain.register.agreement_changes import Happening
from isa_registry.pages.feeds import identifiers, page_of
from training.site import AGREEMENT, NEW, OLD, Site

FEED = f"/agreements/{AGREEMENT}/changes.atom"


def read(site: Site, path: str = FEED) -> Any:
    answer = site.client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(answer.content)
    assert (found.bozo, found.version) == (False, "atom10")
    return found


def test_a_stock_parser_reads_what_was_decided_newest_first(site: Site) -> None:
    found = read(site)
    assert [one.title for one in found.entries][-4:] == [
        "Version 1.1 is in force from 20 November 2026",
        "Version 1.1 is published",
        "Version 1.0 is in force from 1 June 2026",
        "Version 1.0 is published",
    ]
    assert [one.updated for one in found.entries] == sorted((one.updated for one in found.entries), reverse=True)
    assert found.feed.updated == found.entries[0].updated
    relations = {one.rel: one.href for one in found.feed.links}
    assert relations["self"] == relations["first"] == site.url + FEED
    assert relations["alternate"] == f"{site.url}/agreements/{AGREEMENT}"
    assert site.client.get(found.entries[0].link).status_code == 200


def test_a_version_says_which_clauses_changed_and_leads_to_both_side_by_side(site: Site) -> None:
    one = next(one for one in read(site).entries if one.title == "Version 1.1 is published")
    assert "Compared with version 1.0" in one.summary
    changed = {tag.term: tag.label for tag in one.tags if tag.label}
    assert changed["1.1"] == "changed"
    assert changed["1.3"] == "gone"
    assert "2" not in changed
    side_by_side = next(link.href for link in one.links if link.rel == "related")
    page = site.client.get(side_by_side).text
    for anchor in re.findall(r'#([^"]+)"', one.content[0].value):
        assert f'id="{anchor}"' in page


def test_names_of_entries_stay_and_hold_no_address(site: Site) -> None:
    before = {one.title: one.id for one in read(site).entries}
    site.log(AgreementReviewed(AGREEMENT, "1.1", "2026-11-21", "stays-as-it-is", "2030-01-01"))
    after = read(site)
    assert after.entries[0].title == "Version 1.1 was reviewed"
    assert after.entries[0].summary.endswith("It stays as it is. It is due for review on 1 January 2030.")
    assert {one.title: one.id for one in after.entries[1:]} == before
    assert all(
        re.fullmatch(r"tag:[a-z.-]+,[0-9-]{10}:durham/agreement/walking-home/entry/[0-9]+", one)
        for one in before.values()
    )
    assert len({*before.values(), after.feed.id}) == len(before) + 1


def test_a_text_beside_the_words_is_told_of_too(site: Site) -> None:
    site.log(CompanionPublished(AGREEMENT, "1.1", "summary-for-children", "cy", "Geiriau.\n", "0" * 64))
    newest = read(site).entries[0]
    assert newest.title == "Version 1.1: Summary for children"
    assert newest.summary.endswith("is published in Cymraeg.")


def test_nobody_is_named_in_a_feed(site: Site) -> None:
    found = read(site)
    opened = site.view.opened()
    assert opened is not None
    assert found.feed.author == opened.partnership_name
    assert "contributor" not in site.client.get(FEED).text
    assert [one for one in found.entries if "author" in one] == []


def test_whoever_has_a_feed_already_is_told_so_and_a_training_site_may_read_it(site: Site) -> None:
    first = site.client.get(FEED, headers={"Origin": site.learning})
    assert first.headers["access-control-allow-origin"] == site.learning
    assert first.headers["cache-control"] == "public, max-age=300"
    again = site.client.get(FEED, headers={"If-None-Match": f'W/"x", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    site.publish("2.0", OLD, agreement="another-one")
    assert site.client.get(FEED, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    assert feedparser.parse(f"{site.url}{FEED}", etag=first.headers["etag"]).status == 304


@pytest.mark.parametrize(
    "path", ["/agreements/nothing/changes.atom", f"{FEED}?before=0", f"{FEED}?before=one", f"{FEED}?before="]
)
def test_a_feed_that_there_is_not_is_not_found(site: Site, path: str) -> None:
    assert site.client.get(path).status_code == 404


def happened(*entries: int) -> list[Happening]:
    return [Happening(one, "review", "1.0") for one in entries]


def test_a_long_feed_is_cut_where_it_stays_cut() -> None:
    found = happened(90, 70, 50, 30, 10)
    newest = page_of(found, None, 2)
    assert newest is not None
    assert ([one.entry for one in newest.happenings], newest.newer, newest.older) == ([90, 70], None, 70)
    middle = page_of(found, "70", 2)
    assert middle is not None
    assert ([one.entry for one in middle.happenings], middle.newer, middle.older) == ([50, 30], 91, 30)
    assert page_of([*happened(95), *found], "70", 2) is not None
    assert [one.entry for one in page_of([*happened(95), *found], "70", 2).happenings] == [50, 30]  # type: ignore[union-attr]
    last = page_of(found, "30", 2)
    assert last is not None
    assert ([one.entry for one in last.happenings], last.newer, last.older) == ([10], 51, None)


def test_the_pages_of_a_feed_lead_to_each_other(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [one.id for one in read(site).entries]
    monkeypatch.setattr("isa_registry.pages.feeds.page_of.__defaults__", (2,))
    walked, path = [], FEED
    for _ in range(len(whole)):
        found = read(site, path)
        walked += [one.id for one in found.entries]
        onward = [one.href for one in found.feed.links if one.rel == "next"]
        if not onward:
            break
        path = str(httpx.URL(onward[0]).raw_path.decode())
    assert walked == whole


def test_without_a_name_that_is_a_domains_entries_are_called_by_the_registrys_address(site: Site) -> None:
    version = site.view.agreement_version(AGREEMENT, "1.0")
    assert version is not None
    address = "https://registry.example.org"
    assert identifiers("localhost:8000/x", address, version) == f"{address}/id/agreement/{AGREEMENT}"
    assert identifiers("log.example.org", address, version).startswith("tag:log.example.org,2026-")


def test_the_words_of_a_clause_cannot_break_a_feed(site: Site) -> None:
    odd = {"1": ("Why & <how>", 'So that 5 < 6 && "quotes" ]]> hold.')}
    site.publish("1.0", OLD, agreement="odd-one")
    site.publish("1.1", {**NEW, **odd}, {"1.2": ("1.5",), "1.3": (), "1.4": ()}, agreement="odd-one", day=None)
    (one,) = (one for one in read(site, "/agreements/odd-one/changes.atom").entries if "1.1 is published" in one.title)
    assert "Why &amp; &lt;how&gt;" in one.content[0].value
