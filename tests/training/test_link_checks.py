"""Links are checked for anybody: whatever form they have, what became of what they name, and nothing is kept."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from isa_registry.api.limits import Limits
from training.site import AGREEMENT, Site

PATH = "/api/v1/agreements/links/check"
OLD = f"/agreements/{AGREEMENT}/1.0"


def test_each_link_gets_what_became_of_it_in_order(site: Site) -> None:
    links = [f"{site.url}{OLD}#{clause}" for clause in ("2", "1.1", "1.2", "1.4", "1.3", "1.9")]
    links += [f"{AGREEMENT}/1.1#1.1", f"{site.url}/id/agreement/{AGREEMENT}/clause/1.3", f"{site.url}{OLD}", "/law"]
    links += [f"{site.url}/law", "https://elsewhere.example/agreements/tier-1/1.0", "tier-1/9.9#1"]
    assert [one["status"] for one in site.check(*links)] == [
        "superseded", "changed", "renumbered", "split", "withdrawn", "unknown", "current", "withdrawn", "superseded",
        "not-ours", "unknown", "not-ours", "unknown",
    ]  # fmt: skip


def test_a_citation_as_documents_write_it_is_checked_too(site: Site) -> None:
    written = ["HOTH ISA 1.0, cl. 5.3", "walking-home v1.0 clause 1.1", "walking-home", "HOTH ISA 9.9", "a nice day"]
    assert [(one["status"], one["clause"]) for one in site.check(*written)][1:] == [
        ("changed", "1.1"),
        ("current", None),
        ("unknown", None),
        ("not-ours", None),
    ]
    assert site.check(written[0])[0]["agreement"] == "tier-2-hoth"


def test_a_changed_clause_says_since_when_what_it_was_and_where_the_difference_is_shown(site: Site) -> None:
    (one,) = site.check(f"{site.url}/embed/agreements/{AGREEMENT}/1.0/clause/1.1")
    assert one["since"] == {"version": "1.1", "on": "2026-11-20"}
    assert (one["version"], one["clause"], one["heading"], one["now"]) == ("1.0", "1.1", "Who walks", "1.1")
    assert (one["words_differ"], one["standing"]) == (True, "superseded")
    assert one["compare"] == f"{site.url}/agreements/{AGREEMENT}/compare?from=1.0&to=1.1"
    hashes = [
        site.client.get(f"/api/v1/agreements/{AGREEMENT}/versions/{version}/clauses/1.1").json()["clause"]["sha256"]
        for version in ("1.0", "1.1")
    ]
    assert [one["sha256"], one["sha256_now"]] == hashes
    (heir,) = one["heirs"]
    assert heir["url"] == f"{site.url}/agreements/{AGREEMENT}/1.1#1.1"
    assert site.client.get(heir["identifier"], follow_redirects=True).status_code == 200


def test_a_clause_with_another_number_and_the_same_words_is_told_from_one_that_says_something_else(site: Site) -> None:
    (one,) = site.check(f"{OLD}/clause/1.2")
    assert (one["status"], one["words_differ"], one["heirs"][0]["clause"]) == ("renumbered", False, "1.5")
    assert one["sha256"] != one["sha256_now"]


def test_a_day_stands_for_the_version_that_was_in_force_on_it(site: Site) -> None:
    dated = [f"/agreements/{AGREEMENT}/at/{day}#1.1" for day in ("2026-06-01", "2026-11-20", "2020-01-01")]
    assert [(one["status"], one["version"]) for one in site.check(*dated)] == [
        ("changed", "1.0"),
        ("current", "1.1"),
        ("unknown", None),
    ]


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"links": []}, "#/links"),
        ({"links": ["/law"] * 501}, "#/links"),
        ({"links": ["/law", ""]}, "#/links/1"),
        ({"links": ["x" * 2001]}, "#/links/0"),
        ({"links": [5]}, "#/links/0"),
        ({"links": "one"}, "#/links"),
        ({}, "#/links"),
        ({"links": ["/law"], "learner": "somebody"}, "#"),
        ([], "#"),
    ],
)
def test_a_list_of_another_form_is_refused_with_a_pointer_and_not_repeated(site: Site, sent: Any, pointer: str) -> None:
    answer = site.client.post(PATH, json=sent)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    assert "somebody" not in answer.text
    assert "learner" not in answer.text


def test_as_many_links_as_are_taken_are_answered_at_once(site: Site) -> None:
    found = site.check(*[f"{site.url}{OLD}#1.1?n={n}" if n % 2 else f"{OLD}#1.1" for n in range(500)])
    assert len(found) == 500


def asked_by(site: Site, origin: str, path: str = PATH) -> httpx.Response:
    """What a browser asks first, on behalf of a page of an origin."""
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    return site.client.options(path, headers=headers)


def test_a_page_of_a_training_site_may_ask_from_the_browser_and_no_other_page(site: Site) -> None:
    allowed = asked_by(site, site.learning)
    assert allowed.status_code == 204
    assert allowed.headers["access-control-allow-origin"] == site.learning
    assert allowed.headers["access-control-allow-methods"] == "POST"
    assert allowed.headers["access-control-allow-headers"] == "content-type"
    answer = site.client.post(PATH, json={"links": ["/law"]}, headers={"Origin": site.learning})
    assert answer.headers["access-control-allow-origin"] == site.learning
    for other in ("https://elsewhere.example", "null", site.url, f"{site.learning}.evil.example"):
        assert "access-control-allow-origin" not in asked_by(site, other).headers
        assert "Origin" in asked_by(site, other).headers["vary"]
    assert "access-control-allow-credentials" not in allowed.headers


@pytest.mark.parametrize("path", ["/api/v1/checks", "/api/v1/agreements", "/", "/log/keys", "/account"])
def test_no_other_address_is_read_by_another_site(site: Site, path: str) -> None:
    found = [
        *asked_by(site, site.learning, path).headers,
        *site.client.get(path, headers={"Origin": site.learning}).headers,
    ]
    assert not [name for name in found if name.startswith("access-control-")]


def test_checking_links_costs_as_much_as_twenty_other_requests(site: Site) -> None:
    state = site.serving.app.state
    whole = state["limits"]
    state["limits"] = Limits(percent=1, monotonic=lambda: 0.0)
    try:
        left = [site.client.post(path, **sent).headers["ratelimit"] for path, sent in ASKING]
        left.append(site.client.get("/training").headers["ratelimit"])
    finally:
        state["limits"] = whole
    assert [re.findall(r"r=(\d+)", one) for one in left] == [["580"], ["560"], ["559"]]


ASKING: list[tuple[str, dict[str, Any]]] = [
    (PATH, {"json": {"links": ["/law"]}}),
    ("/training", {"data": {"links": "tier-1/1.0#1"}}),
]


def test_nothing_of_what_was_asked_is_logged(site: Site, capfd: pytest.CaptureFixture[str]) -> None:
    site.check(f"{site.url}/agreements/a-marked-link/1.0#1.1", "a-marked-link/1.0#5")
    site.client.post("/training", data={"links": "a-marked-link/1.0#5"})
    site.client.get("/livez")  # by then the lines before are written
    said = "".join(capfd.readouterr())
    assert "route=/training" in said
    assert "marked" not in said
