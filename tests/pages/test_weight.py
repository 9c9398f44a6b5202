"""What a page weighs beside files that a browser keeps: on a bad connection it is the words that one waits for."""

from __future__ import annotations

import httpx
import pytest

from browser.pages import PAGES
from live import Demonstration

MOST = 100_000
"""Bytes of HTML, uncompressed."""

HEAVIER = {"/documentation": 1_000_000}
"""Pages that are heavier all the same, with how much they may weigh: this one is for whoever writes software."""

PATHS = sorted({look.path for look in PAGES.values() if look.person is None and not look.button})


@pytest.mark.parametrize("path", PATHS)
def test_a_page_that_everybody_can_read_is_light(demonstration: Demonstration, path: str) -> None:
    address = demonstration.url + path.replace("{url}", demonstration.url)
    answer = httpx.get(address, headers={"Accept": "text/html"}, timeout=20)
    assert answer.headers["content-type"].startswith("text/html")
    assert 0 < len(answer.content) <= HEAVIER.get(path, MOST)


@pytest.mark.parametrize("agreement", ["tier-1", "tier-2-hoth"])
def test_what_is_printed_is_one_page_and_light_on_its_way(demonstration: Demonstration, agreement: str) -> None:
    address = f"{demonstration.url}/agreements/{agreement}/1.0/print"
    answer = httpx.get(address, headers={"Accept-Encoding": "gzip"}, timeout=20)
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < MOST < len(answer.content)
