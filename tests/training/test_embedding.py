"""A clause in a frame: which words, of which version, what became of them; for whom, and what is never in it."""

from __future__ import annotations

import re

import pytest

from isa_registry.api.browser_safety import framed_by, policy, safe
from training.site import AGREEMENT, Site

OLD, NEW = (f"/embed/agreements/{AGREEMENT}/{version}/clause" for version in ("1.0", "1.1"))
LATEST = f"/embed/id/agreement/{AGREEMENT}/clause"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (f"{NEW}/1.1", ["A grown-up whom the child knows", "In force."]),
        (f"{LATEST}/1.1", ["A grown-up whom the child knows", "version 1.1"]),
        (
            f"{OLD}/1.1",
            ["A grown-up walks", "The words changed", "since version 1.1, from 20 November 2026", "compare?from"],
        ),
        (f"{OLD}/2", ["On the marked way.", "This clause says the same in it."]),
        (f"{OLD}/1.2", ["Somebody waits", "In version 1.1 this is clause 1.5. Its words are the same."]),
        (f"{OLD}/1.4", ["Keep a list. Shred the list.", "in version 1.1 clause 1.6 and 1.7 stands in the place"]),
        (f"{LATEST}/1.3", ["Ring the school.", "This clause was withdrawn: version 1.1 does not have it."]),
        (f"{OLD}/1", ["So that children get home.", "Keep a list. Shred the list.", f"{AGREEMENT} 1.0, cl. 1<"]),
    ],
)
def test_a_frame_shows_the_words_and_what_became_of_them(site: Site, path: str, said: list[str]) -> None:
    answer = site.client.get(path)
    assert answer.status_code == 200
    plain = re.sub(r"\s+", " ", answer.text)
    assert [one for one in said if one not in plain] == []


def test_a_frame_is_for_the_training_sites_named_and_knows_nobody(site: Site) -> None:
    for path, status in ((f"{OLD}/1.1", 200), (f"{OLD}/1.9", 404), (f"{LATEST}/1.1", 200)):
        answer = site.client.get(path, headers={"Cookie": "isa-session=somebody"})
        assert answer.status_code == status
        headers = answer.headers
        assert headers["content-security-policy"].endswith(f"; frame-ancestors {site.learning}")
        assert "x-frame-options" not in headers
        assert "set-cookie" not in headers
        assert headers["cross-origin-resource-policy"] == "cross-origin"
        assert answer.text.replace(AGREEMENT, "") == site.client.get(path).text.replace(AGREEMENT, "")
        assert "Cookie" not in headers.get("vary", "")
        for word in ("<form", "<nav", "<button", "sign-in"):
            assert word not in answer.text


def test_links_out_of_a_frame_open_a_page_that_cannot_reach_back(site: Site) -> None:
    links = re.findall(r"<a [^>]*>", site.client.get(f"{OLD}/1.4").text)
    assert len(links) == 5
    assert [one for one in links if 'target="_blank" rel="noopener"' not in one] == []


def test_a_frame_is_small_and_kept_by_whoever_has_it(site: Site) -> None:
    first = site.client.get(f"{NEW}/1")
    assert len(first.content) < 10_000
    assert first.headers["cache-control"] == "public, no-cache"
    again = site.client.get(f"{NEW}/1", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/", "/agreements", f"/agreements/{AGREEMENT}/1.1", "/training", "/nowhere", "/embed/x"]
)
def test_no_other_page_is_in_anybodys_frame(site: Site, path: str) -> None:
    headers = site.client.get(path).headers
    assert headers["content-security-policy"].endswith("frame-ancestors 'none'")
    assert headers["x-frame-options"] == "DENY"


def test_without_the_setting_nobody_frames_anything() -> None:
    headers = dict(safe([(b"content-type", b"text/html")], (), framed_by({"isa_framed_by": ()})))  # type: ignore[typeddict-item]
    assert headers[b"x-frame-options"] == b"DENY"
    assert headers[b"content-security-policy"] == policy()
    assert headers[b"content-security-policy"].endswith(b"frame-ancestors 'none'")


@pytest.mark.parametrize(
    "origin", ["*", "https:", "https://a.example https://b.example", "https://a.example; script-src *"]
)
def test_what_is_no_single_origin_never_gets_into_the_policy(origin: str) -> None:
    with pytest.raises(ValueError, match="not an origin"):
        framed_by({"isa_framed_by": (origin,)})  # type: ignore[typeddict-item]
