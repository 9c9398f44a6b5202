"""Identifiers, dates and versions: where each address leads, in which form, under which tag, and for how long."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from isa_registry.api.access.addresses import ADDRESSES
from isa_registry.domain.agreement_text import clause_markdown, parse_agreement
from isa_registry.domain.linked_data import CONTEXT_ADDRESS, context_bytes
from pages.addressing import asked
from pages.browsing import Page
from pages.little import AGREEMENT, ID, OLD, PAGE, WELSH, little, published

Pages = TestClient[Litestar]
SUMMER = datetime(2027, 7, 1, 9, tzinfo=UTC)
FOR_GOOD = "public, max-age=31536000, immutable"
MINUTES = "public, max-age=300"


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    with asked(little(), SUMMER) as found:
        yield found


def leads(pages: Pages, address: str, **headers: str) -> str:
    answer = pages.get(address, headers={name.replace("_", "-"): one for name, one in headers.items()})
    assert answer.status_code == 303, answer.text
    assert answer.headers.get("cache-control", "public, max-age=60") == "public, max-age=60"
    return str(answer.headers["location"])


def related(answer: httpx.Response) -> dict[str, list[str]]:
    """The targets of the Link header by relation; every one is in the head of a page too."""
    found: dict[str, list[str]] = {}
    for target, rel in re.findall(r'<([^>]+)>; rel="([a-z-]+)"', answer.headers["link"]):
        found.setdefault(rel, []).append(target)
    if answer.headers["content-type"].startswith("text/html"):
        assert [one["href"] for one in Page(answer.text).related] == [one for each in found.values() for one in each]
    return found


# --- where they lead --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "to"),
    [
        (ID, f"{PAGE}/1.1"),
        (f"{ID}/clause/1.2", f"{PAGE}/1.1/clause/1.2"),
        (f"{ID}/clause/1.3", f"{PAGE}/1.1/clause/1.8?was=1.3"),
        (f"{ID}/clause/1.7", f"{PAGE}/1.1/clause/1.11?was=1.7"),
        (f"{PAGE}/at/2027-02-01", f"{PAGE}/1.0"),
        (f"{PAGE}/at/2027-06-01", f"{PAGE}/1.1"),
        (f"{PAGE}/at/2027-02-01/clause/1.3", f"{PAGE}/1.0/clause/1.3"),
        (f"{PAGE}/at/2027-06-01/clause/1.3", f"{PAGE}/1.1/clause/1.8?was=1.3"),
        (f"{PAGE}/at/2027-02-01/clause/1.8", f"{PAGE}/1.0/clause/1.3?was=1.8"),
        (f"{PAGE}/1.1/clause/1.3", f"{PAGE}/1.1/clause/1.8?was=1.3"),
        (f"{PAGE}/1.1/clause/1.3.json", f"{PAGE}/1.1/clause/1.8.json?was=1.3"),
    ],
)
def test_an_address_leads_to_what_it_names_in_the_version(pages: Pages, address: str, to: str) -> None:
    assert leads(pages, address) == to
    assert pages.get(to).status_code == 200


def test_somebody_who_followed_an_old_number_is_told_of_the_new_one(pages: Pages) -> None:
    said = "You followed a link to clause 1.3. In version 1.1 that is clause 1.8, which is below."
    assert said in Page(pages.get(f"{PAGE}/1.1/clause/1.8?was=1.3").text).words
    for another in ("1.2", "1.8", "9.9", "<b>"):
        assert "You followed" not in pages.get(f"{PAGE}/1.1/clause/1.8", params={"was": another}).text


def test_a_clause_that_was_split_names_its_heirs_to_people_and_to_systems(pages: Pages) -> None:
    answer = pages.get(f"{ID}/clause/1.4")
    assert answer.status_code == 300
    heirs = [f"{PAGE}/1.1/clause/1.9", f"{PAGE}/1.1/clause/1.10"]
    assert set(heirs) <= {link["href"] for link in Page(answer.text).links}
    assert "Clause 1.4 is now 2 clauses" in Page(answer.text).words
    told = pages.get(f"{ID}/clause/1.4", headers={"Accept": "application/json"})
    assert (told.status_code, told.json()["outcome"]) == (300, "split")
    assert [one["url"] for one in told.json()["clauses"]] == heirs
    linked = pages.get(f"{ID}/clause/1.4", headers={"Accept": "application/ld+json"}).json()
    assert linked["isReplacedBy"] == [f"https://registry.test{PAGE}/1.1#1.9", f"https://registry.test{PAGE}/1.1#1.10"]
    assert heirs[1] in pages.get(f"{PAGE}/1.1/clause/1.4.md").text


def test_a_clause_that_is_gone_says_what_it_said_last_and_since_when(pages: Pages) -> None:
    answer = pages.get(f"{ID}/clause/1.5")
    page = Page(answer.text)
    assert answer.status_code == 410
    assert "A figurehead smiles." in page.words
    assert "since 1 June 2027" in page.words
    assert f"{PAGE}/1.0/clause/1.5" in [link["href"] for link in page.links]
    ended = pages.get(f"{ID}/clause/1.5", headers={"Accept": "application/json"}).json()["ended"]
    assert (ended["version"], ended["since"], ended["last"]) == ("1.1", "2027-06-01", "1.0")
    assert [one["text"] for one in ended["clauses"]] == ["A figurehead smiles."]


def test_a_clause_of_a_withdrawn_agreement_is_still_read_and_names_the_successor() -> None:
    view = published(withdrawn=True)
    with asked(view, datetime(2027, 9, 1, tzinfo=UTC)) as pages:
        assert leads(pages, ID) == f"{PAGE}/1.1"
        assert "withdrawn on 1 August 2027" in Page(pages.get(leads(pages, f"{ID}/clause/1.2")).text).words
        gone = pages.get(f"{ID}/clause/1.5")
        assert gone.status_code == 410
        assert "/agreements/tier-1/1.0" in [link["href"] for link in Page(gone.text).links]


def test_a_clause_of_a_version_to_come_is_read_there() -> None:
    with asked(published(in_force=False), SUMMER) as pages:
        assert leads(pages, ID) == f"{PAGE}/1.0"
        assert leads(pages, f"{ID}/clause/1.12") == f"{PAGE}/1.1/clause/1.12"
        assert leads(pages, f"{ID}/clause/1.8") == f"{PAGE}/1.1/clause/1.8"
        assert "In version 1.0, which is in force" in Page(pages.get(f"{PAGE}/1.1/clause/1.8").text).words


def test_a_clause_that_never_was_names_those_like_it(pages: Pages) -> None:
    answer = pages.get(f"{ID}/clause/1.13")
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")
    assert f"{PAGE}/1.1/clause/1.12" in [link["href"] for link in Page(answer.text).links]
    told = pages.get(f"{ID}/clause/1.13", headers={"Accept": "application/json"})
    assert (told.status_code, told.headers["content-type"]) == (404, "application/problem+json")
    assert "1.12" in [one["id"] for one in told.json()["clause"]["near"]]


def test_a_clause_that_was_not_there_yet_is_an_answer_by_the_day_and_none_in_a_version(pages: Pages) -> None:
    for address, status in ((f"{PAGE}/at/2027-02-01/clause/1.12", 200), (f"{PAGE}/1.0/clause/1.12", 404)):
        answer = pages.get(address)
        assert answer.status_code == status
        assert "Version 1.1 was the first that had it" in Page(answer.text).words


def test_a_day_on_which_none_is_in_force_says_so_with_the_nearest(pages: Pages) -> None:
    answer = pages.get(f"{PAGE}/at/2026-12-01")
    assert answer.status_code == 200
    assert "No version was in force on 1 December 2026" in Page(answer.text).words
    told: dict[str, Any] = pages.get(f"{PAGE}/at/2026-12-01", headers={"Accept": "application/json"}).json()
    assert told == {
        "agreement": AGREEMENT, "on": "2026-12-01", "in_force": None, "before": None, "after": f"{PAGE}/1.0",
        "after_from": "2027-01-01",
    }  # fmt: skip
    with asked(published(withdrawn=True), SUMMER) as later:
        words = Page(later.get(f"{PAGE}/at/2027-09-01").text).words
    assert "Before that day: version 1.1, in force from 1 June 2027" in words


@pytest.mark.parametrize("day", ["2027-02-30", "yesterday", "20270201", "2027-2-1"])
def test_what_is_no_day_is_told_how_to_write_one(pages: Pages, day: str) -> None:
    answer = pages.get(f"{PAGE}/at/{day}/clause/1.1")
    assert answer.status_code == 400
    assert "like 2026-09-30" in Page(answer.text).words
    problem = pages.get(f"{PAGE}/at/{day}", headers={"Accept": "application/json"}).json()
    assert (problem["status"], problem["type"]) == (400, "https://registry.test/problems/malformed")


@pytest.mark.parametrize(
    "name",
    ["1.0.", "1.0.xml", "01.0", "1.0.json.html", "1.0.HTML", "1..0", "1.0.html.cy", "1.0.fr", "1.0json", "1.0.fr.md"],
)
def test_a_name_is_read_strictly(pages: Pages, name: str) -> None:
    for address in (f"{PAGE}/{name}", f"{PAGE}/1.0/clause/1.{name}"):
        assert pages.get(address).status_code == 404
        assert pages.get(address, headers={"Accept": "application/json"}).status_code == 404


# --- forms ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "kind", "suffix"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8", ".html"),
        ("application/json", "application/json", ".json"),
        ("application/ld+json, application/json;q=0.9", "application/ld+json", ".jsonld"),
        ("text/markdown;q=0.5, text/html;q=0.4", "text/markdown; charset=utf-8", ".md"),
        ("text/*;q=0.3, text/html;q=0, application/*;q=0.2", "text/markdown; charset=utf-8", ".md"),
    ],
)
def test_a_document_comes_in_the_form_that_is_most_welcome(pages: Pages, accept: str, kind: str, suffix: str) -> None:
    for at in (f"{PAGE}/1.0", f"{PAGE}/1.0/clause/1.1"):
        answer = pages.get(at, headers={"Accept": accept})
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        assert answer.headers["content-location"] == f"{at}{suffix}"
        assert answer.headers["vary"] == "Accept, Accept-Language, Cookie, Accept-Encoding"
        assert answer.headers["cache-control"] == MINUTES
        assert answer.text == pages.get(f"{at}{suffix}").text


def test_where_no_form_is_accepted_all_are_named(pages: Pages) -> None:
    for at in (f"{PAGE}/1.0", f"{PAGE}/1.0/clause/1.1"):
        answer = pages.get(at, headers={"Accept": "image/png"})
        assert (answer.status_code, answer.headers["content-type"]) == (406, "application/problem+json")
        assert [one["url"] for one in answer.json()["alternates"]] == [
            f"{at}{language}.{suffix}" for language in ("", ".cy") for suffix in ("html", "json", "jsonld", "md")
        ]
        assert len(related(answer)["alternate"]) == 8


def test_the_very_words_are_the_bytes_that_are_signed(pages: Pages) -> None:
    version = little().agreement_version(AGREEMENT, "1.0")
    assert version is not None
    answer = pages.get(f"{PAGE}/1.0.md")
    assert answer.content == OLD.encode()
    assert answer.headers["etag"] == f'"{version.text_sha256}"' == f'"{hashlib.sha256(OLD.encode()).hexdigest()}"'
    clause = next(one for one in parse_agreement(OLD) if one.id == "1.1")
    answer = pages.get(f"{PAGE}/1.0/clause/1.1.md")
    assert answer.text == clause_markdown(clause)
    assert answer.headers["etag"] == f'"{pages.get(f"{PAGE}/1.0/clause/1.1.json").json()["clause"]["sha256"]}"'


@pytest.mark.parametrize("at", [f"{PAGE}/1.0", f"{PAGE}/1.0/clause/1.3"])
def test_what_never_changes_is_kept_for_good_and_says_nothing_that_may(at: str) -> None:
    fixed = {}
    for view in (published(new=False, welsh=False), little(), published(withdrawn=True)):
        with asked(view, SUMMER) as pages:
            for suffix, kept in ((".md", FOR_GOOD), (".json", FOR_GOOD), (".jsonld", MINUTES), (".html", MINUTES)):
                answer = pages.get(f"{at}{suffix}")
                assert answer.headers["cache-control"] == kept
                if kept == FOR_GOOD:
                    told = (answer.content, {name: answer.headers[name] for name in ("etag", "link")})
                    assert fixed.setdefault(suffix, told) == told


def test_who_has_these_very_bytes_is_sent_none(pages: Pages) -> None:
    for at in (f"{PAGE}/1.0", f"{PAGE}/1.0.json", f"{PAGE}/1.0/clause/1.1", f"{ID}/clause/1.4", CONTEXT_ADDRESS):
        answer = pages.get(at)
        tag = answer.headers["etag"]
        assert tag.startswith('"')
        again = pages.get(at, headers={"If-None-Match": f'"other", {tag}'})
        assert (again.status_code, again.content) == (304, b"")
        assert {name: again.headers[name] for name in ("etag", "cache-control")} == {
            name: answer.headers[name] for name in ("etag", "cache-control")
        }
        assert pages.get(at, headers={"If-None-Match": '"other"'}).status_code == answer.status_code


# --- relations --------------------------------------------------------------------------------------------------------


def test_a_version_says_how_it_stands_to_the_others(pages: Pages) -> None:
    old, new = related(pages.get(f"{PAGE}/1.0")), related(pages.get(f"{PAGE}/1.1"))
    assert old["canonical"] == old["cite-as"] == [f"https://registry.test{PAGE}/1.0"]
    assert old["latest-version"] == [ID]
    assert (old["successor-version"], new["predecessor-version"]) == ([f"{PAGE}/1.1"], [f"{PAGE}/1.0"])
    assert "predecessor-version" not in old
    assert "successor-version" not in new
    assert f"{PAGE}/1.0.md" in old["alternate"]
    assert f"{PAGE}/1.0.html" not in old["alternate"]
    assert old["describedby"] == [f"{PAGE}/1.0.jsonld"]


def test_each_form_says_what_describes_it(pages: Pages) -> None:
    for document, schema in ((f"{PAGE}/1.0", "agreement-version"), (f"{PAGE}/1.0/clause/1.4", "clause")):
        for form, described in (
            ("html", f"{document}.jsonld"),
            ("md", f"{document}.jsonld"),
            ("json", f"/schema/{schema}.schema.json"),
            ("jsonld", CONTEXT_ADDRESS),
        ):
            assert related(pages.get(f"{document}.{form}"))["describedby"] == [described]


def test_a_clause_says_what_it_was_and_became_and_what_stands_beside_it(pages: Pages) -> None:
    old, new = related(pages.get(f"{PAGE}/1.0/clause/1.4")), related(pages.get(f"{PAGE}/1.1/clause/1.11"))
    assert old["successor-version"] == [f"{PAGE}/1.1/clause/1.9", f"{PAGE}/1.1/clause/1.10"]
    assert (old["prev"], old["next"], old["up"]) == (
        [f"{PAGE}/1.0/clause/1.3"], [f"{PAGE}/1.0/clause/1.5"], [f"{PAGE}/1.0"]
    )  # fmt: skip
    assert new["predecessor-version"] == [f"{PAGE}/1.0/clause/1.6", f"{PAGE}/1.0/clause/1.7"]
    assert new["latest-version"] == [f"{ID}/clause/1.11"]


# --- the page of a clause ---------------------------------------------------------------------------------------------


def test_a_superseded_clause_says_so_and_shows_what_changed(pages: Pages) -> None:
    html = pages.get(f"{PAGE}/1.0/clause/1.1").text
    page = Page(html)
    assert "Superseded." in page.words
    assert "In version 1.1, which is in force, this clause has other words." in " ".join(page.words.split())
    assert f"{PAGE}/1.1/clause/1.1" in [link["href"] for link in page.links]
    assert "[added:  or night]" in page.words
    assert "never a reason not to share what protects a child" in page.words
    assert "reads the same" in pages.get(f"{PAGE}/1.0/clause/1.2").text


@pytest.mark.parametrize(
    ("clause", "says"),
    [
        ("1.3", "this clause is 1.8 Lamps"),
        ("1.4", "this clause is several: 1.9 Crews, 1.10 Cargoes"),
        ("1.5", "this clause is gone. Version 1.0 was the last that had it."),
        ("1.6", "this clause is part of 1.11 Ropes and knots"),
    ],
)
def test_a_superseded_clause_says_what_became_of_it(pages: Pages, clause: str, says: str) -> None:
    assert says in " ".join(Page(pages.get(f"{PAGE}/1.0/clause/{clause}").text).words.split())


def test_a_clause_in_force_shows_its_place_its_history_and_how_to_link_to_it(pages: Pages) -> None:
    page = Page(pages.get(f"{PAGE}/1.1/clause/1.8").text)
    words, links = " ".join(page.words.split()), [link["href"] for link in page.links]
    assert "In force." in words
    assert "Version 1.0, in force from 1 January 2027: 1.3 Lamps, new." in words
    assert "Version 1.1, in force from 1 June 2027: this page, the same words." in words
    assert {f"{PAGE}/1.1", f"{PAGE}/1.1/clause/1", f"{PAGE}/1.1#1.8", f"{ID}/clause/1.8"} <= set(links)
    assert f"{AGREEMENT}/1.1#1.8" in words
    assert "Nobody yet." in words
    section = Page(pages.get(f"{PAGE}/1.1/clause/1").text)
    assert f"{PAGE}/1.1/clause/1.12" in [link["href"] for link in section.links]


def test_what_names_a_clause_elsewhere_is_there_to_copy_whole(pages: Pages) -> None:
    page = pages.get(f"{PAGE}/1.1/clause/1.8").text
    told = re.findall(r'<textarea[^>]* id="(copy-[a-z]+)"[^>]*>([^<]*)</textarea>', page)
    agreement = PAGE.rpartition("/")[2]
    assert told == [
        ("copy-words", f"https://registry.test{PAGE}/1.1/clause/1.8"),
        ("copy-identifier", f"https://registry.test{ID}/clause/1.8"),
        ("copy-citation", f"{agreement} 1.1, cl. 1.8"),
    ]
    assert page.count("data-copy=") == 3


@pytest.mark.parametrize(
    "address",
    [
        f"{PAGE}/1.0/clause/1", f"{PAGE}/1.0/clause/1.1", f"{PAGE}/1.1/clause/1.8?was=1.3", f"{ID}/clause/1.4",
        f"{ID}/clause/1.5", f"{ID}/clause/1.13", f"{PAGE}/1.0/clause/1.12", f"{PAGE}/at/2026-12-01",
        f"{PAGE}/1.0/clause/1.1.cy.html", f"{PAGE}/at/never",
    ],
)  # fmt: skip
def test_every_such_page_is_sound(pages: Pages, address: str) -> None:
    page = Page(pages.get(address, headers={"Accept": "text/html"}).text)
    assert page.inline == []
    assert len(page.ids) == len(set(page.ids))
    assert (page.tags["h1"], page.tags["main"], page.tags["title"]) == (1, 1, 1)
    assert page.headings[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(page.headings))
    assert "/immediate-danger" in [link["href"] for link in page.links]
    assert all(one.startswith("/static/") for one in page.loaded)


# --- languages --------------------------------------------------------------------------------------------------------


def test_words_come_in_the_language_that_is_most_welcome_and_say_which_are_signed(pages: Pages) -> None:
    for at in (f"{PAGE}/1.0", f"{PAGE}/1.0/clause/1.1"):
        answer = pages.get(at, headers={"Accept-Language": "cy-GB, en;q=0.5"})
        assert (answer.headers["content-language"], answer.headers["content-location"]) == ("cy", f"{at}.cy.html")
        assert "yn dod i mewn liw dydd" in answer.text
        assert "The words that are signed prevail" in answer.text
        assert '<article class="isa-words' in answer.text
        assert 'lang="cy"' in answer.text
        other = pages.get(at, headers={"Accept-Language": "fr, de;q=0.5"})
        assert other.headers["content-language"] == "en-GB"
        assert "The words that are signed prevail" not in other.text
        assert 'hreflang="cy"' in other.headers["link"]


def test_a_translation_has_addresses_of_its_own_and_may_yet_be_mended(pages: Pages) -> None:
    answer = pages.get(f"{PAGE}/1.0.cy.md")
    assert answer.text == WELSH
    assert (answer.headers["content-language"], answer.headers["cache-control"]) == ("cy", MINUTES)
    told = pages.get(f"{PAGE}/1.0.cy.json").json()
    assert (told["language"], told["signed"], told["title"]) == ("cy", False, "Cytundeb bach")
    assert told["signed_sha256"] == pages.get(f"{PAGE}/1.0.json").json()["text_sha256"] != told["text_sha256"]
    assert pages.get(f"{PAGE}/1.0.en.md").text == OLD
    named = pages.get(f"{PAGE}/1.0.cy", headers={"Accept": "text/markdown", "Accept-Language": "en"})
    assert (named.text, named.headers["content-location"]) == (WELSH, f"{PAGE}/1.0.cy.md")
    for missing in (f"{PAGE}/1.1.cy.html", f"{PAGE}/1.1/clause/1.1.cy.html"):
        assert pages.get(missing).status_code == 404
        assert "There are no words in this language." in pages.get(missing).text


# --- what is written about them ---------------------------------------------------------------------------------------


def test_the_page_on_addresses_shows_what_is_answered(pages: Pages) -> None:
    page = (Path(__file__).parents[2] / "docs/formats" / "addresses.md").read_text(encoding="utf-8")
    outcome, clause = (json.loads(one) for one in re.findall(r"^```json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    assert outcome == pages.get(f"{ID}/clause/1.4", headers={"Accept": "application/json"}).json()
    assert clause == pages.get(f"{PAGE}/1.1/clause/1.8.json").json()
    assert f"`{hashlib.sha256(context_bytes()).hexdigest()}`" in page
    templates = {template for _, template in ADDRESSES if "/api/" not in template and "/contexts/" not in template}
    told = set(re.findall(r"^\| `(/[^`#]+)", page, re.MULTILINE))
    assert templates - told == {"/agreements/{agreement}"}
