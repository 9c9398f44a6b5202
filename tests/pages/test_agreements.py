"""The pages of the agreements: the words as signed, where a version stands, and identifiers that keep leading there."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demonstration import Demonstration, catalogue, demonstration_view, published
from isa_registry.domain import entries
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.words import clauses_shown, legislation_address, provision_cited
from pages.browsing import Page, browser

SAYING = """# Made up

Agreement `tier-2-hoth`, version `2.0`.

## 5 Purposes {#5}

### 5.3 Purposes: <b>harm</b> & more {#5.3}

Text with <script>alert(1)</script>, [a link](https://evil.example/), ![an image](https://evil.example/a.png)
and <https://evil.example/>.

Rests on: `no-such-provision`.

### 5.9 Only in this version {#5.9}

Here.
"""


def read(path: str, view: RegisterView | None = None, *, now: datetime | None = None) -> Page:
    pages = browser(view or demonstration_view(), **({} if now is None else {"now": now}))
    response = pages.get(path)
    assert response.status_code == 200
    return Page(response.text)


def location(path: str, view: RegisterView | None = None) -> str:
    response = browser(view or demonstration_view()).get(path)
    assert response.status_code == 303
    return response.headers["location"]


def second_version(text: str = SAYING) -> entries.AgreementPublished:
    first = published("tier-2-hoth")
    return entries.AgreementPublished(
        agreement="tier-2-hoth",
        version="2.0",
        text=text,
        text_sha256="ab" * 32,
        schedule=msgspec.structs.replace(first.schedule, version="2.0"),
        schedule_sha256="cd" * 32,
    )


def with_second_version(*, in_force_on: str | None) -> RegisterView:
    demonstration = Demonstration().then(second_version())
    if in_force_on is not None:
        demonstration.then(entries.AgreementInForce(agreement="tier-2-hoth", version="2.0", on=in_force_on))
    return demonstration.view()


def test_where_a_text_is_one_page_every_clause_stands_on_it_with_what_it_answers_and_a_table_is_a_table() -> None:
    annex = "## Z Annex Z: more {#Z}\n\n### Z.1 Rows {#Z.1}\n\n| Who | Why |\n| --- | --- |\n| <i>You</i> | `x` |\n\n"
    demonstration = Demonstration().then(second_version(f"{SAYING}\n{annex}Answers: Who? Why?\n"))
    view = demonstration.view()
    page = read("/agreements/tier-2-hoth/2.0", view)
    assert "Answers: Who? Why?" in page.words
    assert "<i>You</i>" in page.words
    assert "On the pages that follow" not in page.words
    assert {"5", "5.3", "5.9", "Z", "Z.1"} == {
        given["id"] for tag, given in page.attributes if tag == "section" and "isa-clause" in given.get("class", "")
    }
    assert ["div"] == [tag for tag, one in page.attributes if one.get("aria-label") == "Table 1 of Z.1"]
    assert location("/id/agreement/tier-2-hoth/clause/Z.1", view) == "/agreements/tier-2-hoth/2.0/clause/Z.1"


def test_a_cited_provision_stands_with_its_title_and_links_to_its_page_and_to_the_law() -> None:
    page = read("/agreements/tier-2-hoth/1.0")
    duty = catalogue().provisions["ca-2004-s16la"]
    assert duty.title in page.words
    assert "/law/provisions/ca-2004-s16la" in [link["href"] for link in page.links]
    links = [link for link in page.links if link["href"].startswith("https://www.legislation.gov.uk/")]
    assert legislation_address(duty.uri) in [link["href"] for link in links]
    assert {link["rel"] for link in links} == {"external noopener"}


def test_a_provision_that_nobody_verified_says_so() -> None:
    assert provision_cited("ca-2004-s16la", catalogue()).verified is False
    assert "not yet verified by a person" in read("/agreements/tier-2-hoth/1.0").words


@pytest.mark.parametrize(
    "uri", [None, "http://evil.example/x", "javascript:alert(1)", "http://www.legislation.gov.uk@evil/"]
)
def test_only_the_laws_own_site_is_linked(uri: str | None) -> None:
    assert legislation_address(uri) is None


def test_the_hashes_and_the_version_for_systems_are_there() -> None:
    page = read("/agreements/tier-1/1.0")
    assert published("tier-1").text_sha256 in page.words
    assert published("tier-1").schedule_sha256 in page.words
    assert "/api/v1/agreements/tier-1/versions/1.0" in [link["href"] for link in page.links]


def test_what_the_schedule_covers_is_a_table() -> None:
    html = browser(demonstration_view()).get("/agreements/tier-2-hoth/1.0/schedule").text
    finance = html[html.index(f'<th scope="row">{catalogue().categories["finance"].label}') :]
    row = finance[: finance.index("</tr>")]
    purposes = [line.code for line in published("tier-2-hoth").schedule.purposes]
    cells = [cell.split("<")[0] for cell in row.split('">')[1:] if cell.split("<")[0] in ("Usual", "May", "Ask")]
    expected = {"crime-prevention": "Ask", "prevent-channel": "Ask"}
    assert cells == [expected.get(purpose, "May") for purpose in purposes]


def test_who_attested_is_named_by_body_and_role_and_called_invented() -> None:
    page = read("/agreements/tier-2-hoth/1.0/attestations")
    assert "Durham Constabulary" in page.words
    assert "Chief officer" in page.words
    assert "18 May 2026" in page.words
    assert "These are invented for demonstration." in page.words


def test_a_reservation_and_a_withdrawal_are_shown() -> None:
    demonstration = Demonstration().signs("cafcass", "tier-2-hoth", reservations=("crime-prevention",))
    demonstration.withdraws("harbour", "tier-2-hoth", "2026-10-01")
    words = read("/agreements/tier-2-hoth/1.0/attestations", demonstration.view()).words
    lines = {line[:7]: line for line in words.splitlines()}
    assert catalogue().purposes["crime-prevention"].label in lines["Cafcass"]
    assert "withdrawn on 1 October 2026" in lines["Harbour"]


def test_a_version_in_force_says_since_when_and_when_it_is_reviewed() -> None:
    words = read("/agreements/tier-2-hoth/1.0").words
    assert "This version has been in force since 1 June 2026. It is due for review on 1 June 2027." in words


def test_a_late_review_is_said_not_to_end_it() -> None:
    words = read("/agreements/tier-2-hoth/1.0", now=datetime(2027, 7, 1, tzinfo=UTC)).words
    assert "Its review was due on 1 June 2027 and is late; that does not end it." in words


def test_a_superseded_version_stays_and_leads_onward() -> None:
    page = read("/agreements/tier-2-hoth/1.0", with_second_version(in_force_on="2026-11-01"))
    assert "Superseded." in page.words
    assert "/agreements/tier-2-hoth/2.0" in [link["href"] for link in page.links]
    assert "5.3" in page.ids


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        (entries.AgreementWithdrawn("tier-2-hoth", "1.0", "2026-10-01", "other"), "was withdrawn on 1 October 2026"),
        (entries.AgreementSuspended("tier-2-hoth", "1.0", "2026-10-02", "other"), "was suspended on 2 October 2026"),
    ],
    ids=["withdrawn", "suspended"],
)
def test_a_version_taken_out_of_force_says_so_and_that_it_is_no_prohibition(
    fact: entries.AgreementWithdrawn | entries.AgreementSuspended, said: str
) -> None:
    page = read("/agreements/tier-2-hoth/1.0", Demonstration().then(fact).view())
    assert said in page.words
    assert "never a reason not to share what protects a child" in page.words


@pytest.mark.parametrize(
    ("on", "said"),
    [(None, "no date to begin has been set"), ("2027-01-01", "comes into force on 1 January 2027")],
    ids=["undated", "later"],
)
def test_a_version_to_come_says_so_and_leads_to_the_one_in_force(on: str | None, said: str) -> None:
    page = read("/agreements/tier-2-hoth/2.0", with_second_version(in_force_on=on))
    assert said in page.words
    assert "/agreements/tier-2-hoth/1.0" in [link["href"] for link in page.links]


def test_markup_in_an_agreement_is_shown_as_the_words_that_were_signed() -> None:
    view = with_second_version(in_force_on=None)
    page = read("/agreements/tier-2-hoth/2.0", view)
    assert page.tags["img"] == page.tags["b"] == len(page.inline) == 0
    assert all(
        given["src"].startswith(("/static/site.js?", "/static/reading.js?"))
        for tag, given in page.attributes
        if tag == "script"
    )
    assert all("evil" not in link["href"] for link in page.links)
    for words in ("<script>alert(1)</script>", "[a link](https://evil.example/)", "<b>harm</b> & more"):
        assert words in page.words


def test_an_agreement_leads_to_its_version_in_force() -> None:
    assert location("/agreements/tier-2-hoth") == "/agreements/tier-2-hoth/1.0"
    assert location("/agreements/tier-2-hoth", with_second_version(in_force_on=None)) == "/agreements/tier-2-hoth/1.0"
    later = with_second_version(in_force_on="2026-11-01")
    assert location("/agreements/tier-2-hoth", later) == "/agreements/tier-2-hoth/2.0"
    assert location("/id/agreement/tier-2-hoth", later) == "/agreements/tier-2-hoth/2.0"


def test_where_none_is_in_force_an_agreement_leads_to_its_newest_version() -> None:
    view = Demonstration().then(entries.AgreementWithdrawn("tier-2-hoth", "1.0", "2026-10-01", "other")).view()
    assert location("/agreements/tier-2-hoth", view) == "/agreements/tier-2-hoth/1.0"
    view = (
        Demonstration()
        .then(entries.AgreementWithdrawn("tier-2-hoth", "1.0", "2026-10-01", "other"), second_version())
        .view()
    )
    assert location("/agreements/tier-2-hoth", view) == "/agreements/tier-2-hoth/2.0"


def test_a_clauses_identifier_leads_to_the_version_in_force() -> None:
    path = "/id/agreement/tier-2-hoth/clause/5.3"
    assert location(path) == "/agreements/tier-2-hoth/1.0/clause/5.3"
    later = with_second_version(in_force_on="2026-11-01")
    assert location(path, later) == "/agreements/tier-2-hoth/2.0/clause/5.3"


def test_a_clause_that_is_only_in_a_version_to_come_leads_there() -> None:
    view = with_second_version(in_force_on=None)
    assert location("/id/agreement/tier-2-hoth/clause/5.9", view) == "/agreements/tier-2-hoth/2.0/clause/5.9"


def test_a_version_may_be_kept_for_five_minutes_and_a_redirection_is_not_kept() -> None:
    pages = browser(demonstration_view())
    assert pages.get("/agreements/tier-1/1.0").headers["cache-control"] == "public, max-age=300"
    assert pages.get("/agreements").headers["cache-control"] == "no-store"
    assert "cache-control" not in pages.get("/agreements/tier-1").headers


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=80))
def test_no_words_of_a_clause_become_markup_of_their_own(words: str) -> None:
    text = SAYING.replace("Here.", f"Words: {words}.")
    html = clauses_shown(text)[-1].html
    allowed = {"p", "em", "strong", "code", "ul", "ol", "li", "blockquote", "br", "hr", "pre", "table"}
    page = Page(f"<!DOCTYPE html>\n{html}")
    assert set(page.tags) <= allowed
    assert all(not given for _, given in page.attributes)
