"""Reading a version: small pages, links to clauses that arrive, words explained, and nothing of anybody's own."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from urllib.parse import unquote, urlsplit

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from demonstration import Demonstration, catalogue, published
from isa_registry.data import data_directory
from isa_registry.domain import entries
from isa_registry.domain.agreement_entries import CompanionPublished
from isa_registry.domain.agreement_text import Clause, parse_agreement
from isa_registry.domain.glossary import words_defined
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.words import legislation_address
from pages.browsing import Page, browser

AGREEMENTS = ("tier-1", "tier-2-hoth")
BELOW = ("/schedule", "/law", "/attestations", "/summaries", "/versions", "/versions?clause=5.3", "/search?q=child")
LIMIT = 100_000
LATER = """# Harm outside the home

Agreement `tier-2-hoth`, version `2.0`.

## 5 Purposes {#5}

### 5.3 Purposes: harm outside the home {#5.3}

Here.

### 5.20 A part of what was clause 5.4 {#5.20}

Here.

### 5.21 The rest of it {#5.21}

Here.
"""


def summaries(demonstration: Demonstration, *, languages: tuple[str, ...] = ("en",)) -> Demonstration:
    for agreement in AGREEMENTS:
        for companion, file in (("summary", "summary.md"), ("summary-for-children", "summary-children.md")):
            text = (data_directory("agreements") / "durham" / agreement / "1.0" / file).read_text(encoding="utf-8")
            for language in languages:
                demonstration.then(
                    CompanionPublished(
                        agreement=agreement,
                        version="1.0",
                        companion=companion,
                        language=language,
                        text=text,
                        text_sha256=sha256(text.encode()).hexdigest(),
                    )
                )
    return demonstration


def later_version(demonstration: Demonstration) -> Demonstration:
    """A version 2.0 in force: 5.4 was split, 5.5 became 5.3 too, and all else was withdrawn."""
    gone = {one.id for one in parse_agreement(published("tier-2-hoth").text)} - {"5", "5.3"}
    heirs: dict[str, tuple[str, ...]] = {**dict.fromkeys(sorted(gone), ()), "5.4": ("5.20", "5.21"), "5.5": ("5.3",)}
    schedule = msgspec.structs.replace(published("tier-2-hoth").schedule, version="2.0", heirs=heirs)
    demonstration.then(
        entries.AgreementPublished(
            agreement="tier-2-hoth",
            version="2.0",
            text=LATER,
            text_sha256="ab" * 32,
            schedule=schedule,
            schedule_sha256="cd" * 32,
        )
    )
    return demonstration.then(entries.AgreementInForce(agreement="tier-2-hoth", version="2.0", on="2026-11-01"))


@pytest.fixture(scope="module")
def view() -> RegisterView:
    return summaries(Demonstration(), languages=("en", "cy")).view()


@pytest.fixture(scope="module")
def pages(view: RegisterView) -> TestClient[Litestar]:
    return browser(view, demonstration=True)


@pytest.fixture(scope="module")
def after(view: RegisterView) -> TestClient[Litestar]:
    """The same with a later version in force."""
    return browser(later_version(summaries(Demonstration())).view())


def clauses_of(agreement: str) -> tuple[Clause, ...]:
    return parse_agreement(published(agreement).text)


def read(pages: TestClient[Litestar], path: str) -> Page:
    answer = pages.get(path)
    assert answer.status_code == 200, path
    return Page(answer.text)


@cache
def every_part(pages: TestClient[Litestar], agreement: str) -> dict[str, Page]:
    """The pages of a text from the first to the last, as a reader turns them: by address."""
    address: str | None = f"/agreements/{agreement}/1.0"
    found: dict[str, Page] = {}
    while address is not None:
        found[address] = page = read(pages, address)
        onward = [link["href"] for link in page.links if link.get("rel") == "next"]
        address = onward[0] if onward else None
    return found


def shown_on(page: Page) -> set[str]:
    return {given["id"] for tag, given in page.attributes if "isa-clause" in given.get("class", "").split()}


# --- the text and its parts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("agreement", AGREEMENTS)
def test_turning_the_pages_one_reads_every_clause_once_with_its_heading_and_its_words(
    pages: TestClient[Litestar], agreement: str
) -> None:
    parts = every_part(pages, agreement)
    assert 2 <= len(parts) <= 6
    where = [(one, address) for address, page in parts.items() for one in shown_on(page)]
    assert len(where) == len(dict(where)) == len(clauses_of(agreement))
    for clause in clauses_of(agreement):
        page = parts[dict(where)[clause.id]]
        assert f"{clause.id} {clause.heading}" in page.words
        for paragraph in clause.text.split("\n\n"):
            if not paragraph.startswith(("- ", "1. ", "| ")):
                assert paragraph.replace("*", "").replace("`", "") in page.words
        for question in clause.answers:
            assert question in page.words
        for code in clause.cites:
            assert catalogue().provisions[code].title in page.words


@pytest.mark.parametrize("agreement", AGREEMENTS)
def test_a_link_to_any_clause_of_the_version_arrives_at_it_or_one_step_before_it(
    pages: TestClient[Litestar], agreement: str
) -> None:
    document = f"/agreements/{agreement}/1.0"
    parts = every_part(pages, agreement)
    first = parts[document]
    listed = {link["href"] for link in first.links}
    for clause in clauses_of(agreement):
        assert clause.id in first.ids
        if clause.id not in shown_on(first):
            there = next(one for one in listed if one.endswith(f"#{clause.id}") and one.startswith(document))
            assert clause.id in shown_on(parts[there.partition("#")[0]])


def test_a_part_answers_at_each_of_its_clauses_and_the_first_is_the_versions_own_page(
    pages: TestClient[Litestar],
) -> None:
    document = "/agreements/tier-2-hoth/1.0"
    whole = every_part(pages, "tier-2-hoth")
    last = list(whole)[-1]
    for clause in sorted(shown_on(whole[last]))[:3]:
        assert pages.get(f"{document}/part/{clause}").text == pages.get(last).text
    answer = pages.get(f"{document}/part/5.3")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{document}#5.3")


@pytest.mark.parametrize("old", ["schedule", "purposes", "categories", "contacts", "retention", "signatory-roles"])
def test_a_link_to_what_stood_on_the_page_finds_where_it_is_now(pages: TestClient[Litestar], old: str) -> None:
    document = "/agreements/tier-1/1.0"
    first = read(pages, document)
    assert old in first.ids
    assert old == "schedule" or old in read(pages, f"{document}/schedule").ids
    assert {f"{document}/schedule", f"{document}/schedule#{old}"} & {link["href"] for link in first.links}


@pytest.mark.parametrize("agreement", AGREEMENTS)
def test_every_page_is_below_its_weight(pages: TestClient[Litestar], agreement: str) -> None:
    document = f"/agreements/{agreement}/1.0"
    weights = {one: len(pages.get(one).content) for one in every_part(pages, agreement)}
    weights |= {one: len(pages.get(document + one).content) for one in BELOW}
    assert max(weights.values()) < LIMIT, weights


def test_a_partnership_with_hundreds_of_schools_has_small_pages_too() -> None:
    demonstration = Demonstration()
    first, *_ = (one for one in demonstration.view().organisations() if one.organisation == "example-primary-school")
    for number in range(450):
        school = f"example-primary-school-{number:03}"
        demonstration.then(msgspec.structs.replace(first, organisation=school, name=f"St Example's School {number:03}"))
        demonstration.signs(school, "tier-1")
    pages = browser(demonstration.view())
    seen: list[str] = []
    address: str | None = "/agreements/tier-1/1.0/attestations"
    while address is not None:
        answer = pages.get(address)
        assert len(answer.content) < LIMIT
        page = Page(answer.text)
        seen += re.findall(r"St Example's School \d+", page.words)
        onward = [link["href"] for link in page.links if link.get("rel") == "next"]
        address = onward[0] if onward else None
    assert seen == [f"St Example's School {number:03}" for number in range(450)]


# --- what words mean --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("agreement", AGREEMENTS)
def test_a_defined_word_leads_to_what_it_means_on_the_same_page(pages: TestClient[Litestar], agreement: str) -> None:
    led = 0
    for page in every_part(pages, agreement).values():
        marked = [link["href"] for link in page.links if link.get("class") == "isa-word"]
        assert {unquote(one.removeprefix("#")) for one in marked} == {
            given["id"] for tag, given in page.attributes if given.get("id", "").startswith("w-")
        }
        led += len(marked)
    assert led


def test_a_word_is_marked_once_in_a_clause_and_not_where_it_is_explained(pages: TestClient[Litestar]) -> None:
    html = pages.get("/agreements/tier-2-hoth/1.0").text
    sections = dict(re.findall(r'<section id="([^"]+)" class="isa-clause.*?>(.*?)</section>', html, re.DOTALL))
    marked = {clause: re.findall(r'href="#(w-[a-z-]+)"', section) for clause, section in sections.items()}
    assert all(len(set(one)) == len(one) for one in marked.values())
    assert {"w-child", "w-panel", "w-share"} <= set(marked["5.3"])
    assert marked["1.7"] == []


def test_words_of_the_agreement_above_are_explained_with_where_they_come_from(pages: TestClient[Litestar]) -> None:
    page = read(pages, "/agreements/tier-2-hoth/1.0")
    child = next(one for one in words_defined(clauses_of("tier-1")) if one.term == "child")
    explained = page.words[page.words.index("Words explained") :]
    assert child.means in explained
    assert f"clause {child.clause}" in explained
    assert f"/agreements/tier-1/1.0#{child.clause}" in [link["href"] for link in page.links]


# --- beside the words -------------------------------------------------------------------------------------------------


def test_each_provision_is_there_once_with_its_page_its_text_and_the_clauses_that_rest_on_it(
    pages: TestClient[Litestar],
) -> None:
    page = read(pages, "/agreements/tier-2-hoth/1.0/law")
    cited = {code for clause in clauses_of("tier-2-hoth") for code in clause.cites}
    links = [link["href"] for link in page.links]
    assert sorted(one for one in links if one.startswith("/law/")) == sorted(f"/law/provisions/{one}" for one in cited)
    outside = [legislation_address(catalogue().provisions[code].uri) for code in cited]
    assert sorted(one for one in links if one.startswith("https:")) == sorted(one for one in outside if one)
    resting = sorted(clause.id for clause in clauses_of("tier-2-hoth") for _ in clause.cites)
    assert resting == sorted(urlsplit(one).fragment for one in links if one.startswith("/agreements/") and "#" in one)


def test_a_summary_leads_to_the_clauses_of_its_version_and_is_offered_in_each_language(
    pages: TestClient[Litestar],
) -> None:
    page = read(pages, "/agreements/tier-2-hoth/1.0/summaries")
    text = (data_directory("agreements") / "durham/tier-2-hoth/1.0/summary.md").read_text(encoding="utf-8")
    linked = {urlsplit(link["href"]).fragment for link in page.links}
    assert set(re.findall(r"\(#([^)]+)\)", text)) <= linked
    offered = next(link for link in page.links if link.get("hreflang") == "cy")
    welsh = read(pages, offered["href"])
    assert [given["lang"] for tag, given in welsh.attributes if tag == "div" and "lang" in given] == ["cy", "cy"]
    assert [given["lang"] for tag, given in page.attributes if tag == "div" and "lang" in given] == []


def test_a_link_of_a_summary_that_leads_to_no_clause_is_words_alone() -> None:
    text = "# Made up\n\n[Here](#5.3) and [elsewhere](https://evil.example/) and [nowhere](#99.9).\n"
    made = CompanionPublished(
        agreement="tier-2-hoth", version="1.0", companion="summary", language="en", text=text, text_sha256="0" * 64
    )
    page = read(browser(Demonstration().then(made).view()), "/agreements/tier-2-hoth/1.0/summaries")
    assert "Here and elsewhere and nowhere." in page.words
    assert not [link for link in page.links if "evil" in link["href"] or "99.9" in link["href"]]


def test_a_translation_is_offered_and_read_in_parts_that_say_what_is_signed() -> None:
    text = published("tier-2-hoth").text.replace(
        "# Harm outside the home in County Durham: Tier 2", "# Niwed y tu allan"
    )
    made = CompanionPublished(
        agreement="tier-2-hoth", version="1.0", companion="translation", language="cy", text=text, text_sha256="0" * 64
    )
    view = Demonstration().then(made).view()
    pages, document = browser(view), "/agreements/tier-2-hoth/1.0"
    first = read(pages, document)
    assert [link["href"] for link in first.links if link.get("hreflang") == "cy"] == [f"{document}.cy"]
    translated = read(pages, f"{document}.cy")
    onward = [link["href"] for link in translated.links if link.get("rel") == "next"]
    assert onward[0].endswith("?language=cy")
    for page in (translated, read(pages, onward[0])):
        assert "The words that are signed prevail" in page.words
        assert "Niwed y tu allan" in page.words
        assert ["cy"] == [given["lang"] for tag, given in page.attributes if tag == "article"]
    assert "This is a translation" not in first.words


# --- versions ---------------------------------------------------------------------------------------------------------


def test_a_superseded_version_says_so_and_leads_on_and_to_what_is_different(after: TestClient[Litestar]) -> None:
    links = [link["href"] for link in read(after, "/agreements/tier-2-hoth/1.0").links]
    assert "/agreements/tier-2-hoth/2.0" in links
    assert "/agreements/tier-2-hoth/compare?from=1.0&to=2.0" in links


@pytest.mark.parametrize(
    ("clause", "says", "leads"),
    [
        ("5.3", "It stands under the same number.", ["5.3"]),
        ("5.4", "It is in several clauses there.", ["5.20", "5.21"]),
        ("5.5", "It is in one clause there together with others.", ["5.3"]),
        ("5.6", "It is not in this version, and no clause took its place.", []),
    ],
)
def test_a_clause_is_followed_into_the_other_versions(
    after: TestClient[Litestar], clause: str, says: str, leads: list[str]
) -> None:
    page = read(after, f"/agreements/tier-2-hoth/1.0/versions?clause={clause}")
    assert says in page.words
    there = [link["href"] for link in page.links if link["href"].startswith("/agreements/tier-2-hoth/2.0#")]
    assert there == [f"/agreements/tier-2-hoth/2.0#{one}" for one in leads]


def test_choosing_another_version_at_a_clause_goes_right_there_where_it_is_one(after: TestClient[Litestar]) -> None:
    address = "/agreements/tier-2-hoth/1.0/versions?clause={}&to=2.0"
    answer = after.get(address.format("5.5"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/agreements/tier-2-hoth/2.0#5.3")
    back = after.get("/agreements/tier-2-hoth/2.0/versions?clause=5.21&to=1.0")
    assert (back.status_code, back.headers["location"]) == (303, "/agreements/tier-2-hoth/1.0#5.4")
    for clause in ("5.4", "5.6", "99", "<b>"):
        assert "<b>" not in read(after, address.format(clause)).words


# --- searching --------------------------------------------------------------------------------------------------------


def test_searching_gives_the_clauses_with_the_words_around_what_was_found(pages: TestClient[Litestar]) -> None:
    answer = pages.get("/agreements/tier-2-hoth/1.0/search?q=MACE")
    page = Page(answer.text)
    found = page.words[page.words.index("clauses\n") :] if "clauses\n" in page.words else page.words
    assert "1.7 Words used here" in found
    assert "often called MACE" in found
    assert "<mark>MACE</mark>" in answer.text
    assert "/agreements/tier-2-hoth/1.0#1.7" in [link["href"] for link in page.links]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("typed", ["", "   ", "%3Cscript%3Ealert(1)%3C/script%3E", "zzzz", "%00", "a" * 5000, "%F0%9F"])
def test_whatever_is_typed_there_is_a_page(pages: TestClient[Litestar], typed: str) -> None:
    page = read(pages, f"/agreements/tier-2-hoth/1.0/search?q={typed}")
    assert page.inline == []


# --- paper, and what is nobody else's ---------------------------------------------------------------------------------


@pytest.mark.parametrize("agreement", AGREEMENTS)
def test_on_paper_is_the_whole_of_it_with_what_tells_which_version_it_is(
    pages: TestClient[Litestar], agreement: str
) -> None:
    page = read(pages, f"/agreements/{agreement}/1.0/print")
    for clause in clauses_of(agreement):
        assert f"{clause.id} {clause.heading}" in page.words
        for question in clause.answers:
            assert question in page.words
    for told in (
        published(agreement).text_sha256,
        published(agreement).schedule_sha256,
        f"https://registry.test/agreements/{agreement}/1.0",
        "On 23 November 2026",
        "Who may sign for a body",
        "Who has attested it",
    ):
        assert told in page.words


def test_nothing_that_leads_to_one_person_is_on_any_page(pages: TestClient[Litestar]) -> None:
    """What an attestation says of who signed, their reference and their authority, stays with the body."""
    numbers = {
        re.sub(r"\D", "", contact.telephone or "")
        for agreement in AGREEMENTS
        for contact in published(agreement).schedule.contacts
    }
    for agreement in AGREEMENTS:
        for path in (
            *every_part(pages, agreement),
            *(f"/agreements/{agreement}/1.0{one}" for one in (*BELOW, "/print")),
        ):
            words = read(pages, path).words
            assert not re.search(r"[\w.+-]+@[\w-]+\.\w", words), path
            assert "post-1" not in words.lower(), path
            assert "GOV-1" not in words, path
            for number in re.findall(r"(?:\+44|\b0)[\d ]{9,13}\d", words):
                assert re.sub(r"\D", "", number) in numbers, (path, number)
                assert not number.startswith(("07", "+447")), path


def test_the_page_is_the_same_for_whoever_is_not_signed_in(view: RegisterView, pages: TestClient[Litestar]) -> None:
    document = "/agreements/tier-2-hoth/1.0"
    later_the_same_day = browser(view, now=datetime(2026, 11, 23, 17, 0, tzinfo=UTC), demonstration=True)
    for path in (document, f"{document}/part/7", f"{document}/attestations", f"{document}/print"):
        answer, again = pages.get(path), later_the_same_day.get(path, headers={"Cookie": "isa-session=made-up"})
        assert answer.content == again.content
        assert answer.headers["cache-control"] == "public, max-age=300"
        chosen_by = "Accept, Accept-Language, " if path == document else ""
        assert answer.headers["vary"] == f"{chosen_by}Cookie, Accept-Encoding"
