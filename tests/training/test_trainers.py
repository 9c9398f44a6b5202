"""The page for whoever teaches: what is copied there leads where it says, and links that are pasted are read."""

from __future__ import annotations

import re
from collections import OrderedDict
from html import unescape
from typing import Any

import pytest
from litestar import Response

from isa_registry.domain.clause_addresses import named_by
from isa_registry.pages import once
from isa_registry.pages.rendering import Layout
from training.site import AGREEMENT, Site

PICKED = f"/training?agreement={AGREEMENT}"
OLD = f"/agreements/{AGREEMENT}/1.0"


def copied(page: str) -> dict[str, str]:
    """What can be copied from a page, by its label."""
    found = re.findall(r'<label class="govuk-label" for="([^"]+)">([^<]+)<', page)
    texts = dict(
        re.findall(r'<textarea class="govuk-textarea" id="([^"]+)"[^>]*readonly[^>]*>([^<]*)</textarea>', page)
    )
    return {unescape(label): unescape(texts[id_]) for id_, label in found if id_ in texts}


def test_clauses_are_found_by_their_words_and_number(site: Site) -> None:
    every = site.client.get(PICKED).text
    assert "6 of 6 clauses" in every
    assert "2 of 6 clauses" in site.client.get(f"{PICKED}&q=LIST").text
    assert "1 of 6 clauses" in site.client.get(f"{PICKED}&q=gate+1.5").text
    assert "No clause has all of these words" in site.client.get(f"{PICKED}&q=zebra").text
    assert "clauses." not in site.client.get("/training?agreement=nothing").text


def test_what_is_copied_leads_to_the_clause(site: Site) -> None:
    page = site.client.get(f"{PICKED}&clause=1.1&clause=9.9").text
    found = copied(page)
    latest, fixed, embed, embed_fixed, oembed, spoken, cite = found.values()
    assert cite == f"{AGREEMENT}/1.1#1.1"
    assert spoken == f"{AGREEMENT} 1.1, cl. 1.1"
    assert site.check(spoken) == site.check(cite)
    assert named_by(fixed, site.url) == named_by(cite, site.url)
    for address in (latest, fixed, oembed, *re.findall(r'src="([^"]+)"', embed + embed_fixed)):
        answer = site.client.get(address, follow_redirects=True)
        assert (answer.status_code, "Who walks" in answer.text) == (200, True), address
    assert page.count('class="isa-card"') == 1


def paste(site: Site, text: str, status: int = 200) -> str:
    answer = site.client.post("/training", data={"links": text})
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"
    return answer.text


def test_links_in_a_page_are_found_and_those_that_changed_come_first_with_what_to_paste(site: Site) -> None:
    embed = f'<iframe src="{site.url}/embed{OLD}/clause/1.2" title="x"></iframe>'
    page = paste(site, f"<p>See {site.url}{OLD}#2</p> {embed} {AGREEMENT}/1.0#1.1 https://elsewhere.example/")
    assert "3 links to this registry, and 1 address of other sites, which was passed over. 2 to look at." in page
    assert re.findall(r"<h3 id=\"link-\d\">([^<]+)</h3>", page) == [
        "Clause 1.2, Who waits",
        "Clause 1.1, Who walks",
        "Clause 2, Where",
    ]
    texts = re.findall(r"<textarea[^>]*readonly[^>]*>([^<]*)</textarea>", page)
    assert f'src="{site.url}/embed/agreements/{AGREEMENT}/1.1/clause/1.5"' in unescape(texts[0])
    assert texts[1:] == [f"{AGREEMENT}/1.1#1.1", f"{site.url}/agreements/{AGREEMENT}/1.1#2"]
    assert re.search(r"<ins>.*whom the child knows", page)


def test_what_is_pasted_is_text_and_never_markup(site: Site) -> None:
    page = paste(site, f"{AGREEMENT}/1.0#1.1 <script>alert(1)</script>")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize("text", ["", "nothing here", "https://elsewhere.example/agreements/tier-1/1.0"])
def test_a_text_without_links_says_what_to_paste(site: Site, text: str) -> None:
    page = paste(site, text, 422)
    assert "Paste at least one link to an agreement or a clause of this registry" in page
    assert "<title>Error: " in page


def test_too_many_links_are_refused_whole(site: Site) -> None:
    text = "\n".join(f"{site.url}{OLD}?n={n}" for n in range(501))
    assert "Paste a text with at most 500 links" in paste(site, text, 422)


def test_another_sites_form_is_not_read(site: Site) -> None:
    headers = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    assert site.client.post("/training", data={"links": "x"}, headers=headers).status_code == 403


def test_the_page_is_small_even_of_the_longest_agreement_and_of_the_most_clauses(site: Site) -> None:
    listed = site.client.get("/training?agreement=tier-2-hoth")
    ids = re.findall(r'name="clause" type="checkbox" value="([^"]+)"', listed.text)
    chosen = site.client.get("/training", params=[("agreement", "tier-2-hoth"), *(("clause", one) for one in ids[:30])])
    assert chosen.text.count('class="isa-card"') == 12
    assert max(len(listed.content), len(chosen.content)) < 100_000


def test_clauses_are_found_as_the_search_of_the_reading_page_finds_them(site: Site) -> None:
    """In other forms of a word, and by most of what was typed where no clause has all of it."""
    assert "2 of 6 clauses." in site.client.get(f"{PICKED}&q=lists").text
    most = site.client.get(f"{PICKED}&q=zebra+list").text
    assert "2 of 6 clauses, none with all of these words." in most


def test_the_page_is_made_once_and_what_somebody_looks_for_is_kept_nowhere(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = 0
    page = Layout.page

    def counting(self: Layout, template: str, **shown: Any) -> Response[bytes]:
        nonlocal made
        made += 1
        return page(self, template, **shown)

    monkeypatch.setattr(Layout, "page", counting)
    monkeypatch.setattr(once, "_made", OrderedDict())
    for _ in range(2):
        site.client.get(f"{PICKED}&clause=1.3&clause=1.1&clause=9.9")
        site.client.get(f"{PICKED}&clause=1.1&clause=1.3")
    assert (made, len(once._made)) == (1, 1)
    for _ in range(2):
        site.client.get(f"{PICKED}&q=list")
    assert (made, len(once._made)) == (3, 1)
