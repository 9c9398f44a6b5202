"""oEmbed, as a stock consumer has it: found in a page, asked for in either form, and exactly what the standard says."""

from __future__ import annotations

import re
from html import unescape

import pytest
from oembedpy import consumer, discovery, types

from training.site import AGREEMENT, Site

TITLE = "Walking home, version 1.0, clause 1.1: Who walks"
OLD = f"/agreements/{AGREEMENT}/1.0"


def test_a_stock_consumer_finds_it_in_a_page_and_gets_an_agreement_as_a_link(site: Site) -> None:
    address, asked = discovery.find_from_content(f"{site.url}{OLD}")
    assert (address, asked.url) == (f"{site.url}/oembed", f"{site.url}{OLD}")
    found = consumer.fetch_content(address, asked)
    assert isinstance(found, types.Link)
    assert (found.title, found.cache_age, found.provider_url) == ("Walking home, version 1.0", 3600, site.url)


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_stock_consumer_gets_a_clause_as_a_sandboxed_frame_in_either_form(site: Site, form: str) -> None:
    asked = consumer.RequestParameters(f"{site.url}{OLD}#1.1", form, max_width=400, max_height=2000)
    found = consumer.fetch_content(f"{site.url}/oembed", asked)
    assert isinstance(found, types.Rich)
    assert (found.title, int(found.width), int(found.height)) == (TITLE, 400, 320)
    parts = dict(re.findall(r'([a-z]+)="([^"]*)"', found.html))
    assert found.html.startswith("<iframe ")
    assert parts["src"] == f"{site.url}/embed/agreements/{AGREEMENT}/1.0/clause/1.1"
    assert unescape(parts["title"]) == TITLE
    assert (parts["width"], parts["height"], parts["loading"]) == ("400", "320", "lazy")
    assert "allow-same-origin" not in parts["sandbox"]
    assert site.client.get(parts["src"]).status_code == 200


def asked(site: Site, **query: str) -> object:
    answer = site.client.get("/oembed", params=query)
    return answer.json().get("type") if answer.status_code == 200 else answer.status_code


@pytest.mark.parametrize(
    ("path", "frame"),
    [
        (f"/id/agreement/{AGREEMENT}/clause/1.1", f"/embed/id/agreement/{AGREEMENT}/clause/1.1"),
        (f"/agreements/{AGREEMENT}/at/2026-06-02#1.1", f"/embed/agreements/{AGREEMENT}/1.0/clause/1.1"),
        (f"{OLD}/clause/1.1.json", f"/embed/agreements/{AGREEMENT}/1.0/clause/1.1"),
        (f"/embed/agreements/{AGREEMENT}/1.1/clause/1.6", f"/embed/agreements/{AGREEMENT}/1.1/clause/1.6"),
        (f"/id/agreement/{AGREEMENT}/clause/1.3", f"/embed/id/agreement/{AGREEMENT}/clause/1.3"),
    ],
)
def test_every_form_of_address_leads_to_the_frame_that_it_names(site: Site, path: str, frame: str) -> None:
    for address in ("/oembed", "/api/v1/oembed"):
        answer = site.client.get(address, params={"url": site.url + path, "format": "json", "dnt": "1"})
        assert f'src="{site.url}{frame}"' in answer.json()["html"]
    assert site.client.get(frame).status_code == 200


def test_what_is_not_here_or_not_asked_rightly_is_refused_as_the_standard_says(site: Site) -> None:
    clause = f"{site.url}{OLD}#1.1"
    assert asked(site, url=clause) == "rich"
    assert asked(site, url=f"{site.url}{OLD}#1.9") == 404
    assert asked(site, url=f"{site.url}/law") == 404
    assert asked(site, url="https://elsewhere.example/agreements/tier-1/1.0#1") == 404
    assert [asked(site), asked(site, url=""), asked(site, url="x" * 2001)] == [400, 400, 400]
    assert [asked(site, url=clause, maxwidth=one) for one in ("0", "-1", "wide", "1e3", "")] == [400] * 5
    assert asked(site, url=clause, format="yaml") == 501
    assert asked(site, url=clause, format="") == 501
    assert site.client.get("/oembed", params=[("url", clause), ("url", clause)]).status_code == 400
    assert site.client.get("/oembed", headers={"Authorization": "Bearer nonsense"}).status_code == 400


def test_an_answer_is_kept_by_whoever_has_it_and_read_by_a_training_site_alone(site: Site) -> None:
    query = {"url": f"{site.url}{OLD}#1.1"}
    first = site.client.get("/oembed", params=query, headers={"Origin": site.learning})
    assert first.headers["access-control-allow-origin"] == site.learning
    again = site.client.get("/oembed", params=query, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "access-control-allow-origin" not in again.headers


def test_pages_of_versions_name_both_forms_in_their_headers_too(site: Site) -> None:
    links = site.client.get(OLD).headers["link"]
    assert 'type="application/json+oembed"' in links
    assert f"<{site.url}/agreements/{AGREEMENT}/changes.atom>" in links
    for missing in ("/agreements/nothing/1.0", f"{OLD[:-1]}9", f"/id/agreement/{AGREEMENT}/clause/99.9"):
        assert "oembed" not in site.client.get(missing).text
    assert "oembed" not in site.client.get("/").text
