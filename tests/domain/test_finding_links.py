"""Links are found in whatever a trainer pastes, and no other site's are taken for ours."""

from __future__ import annotations

from isa_registry.domain.embed_codes import embed_code, version_frame
from isa_registry.domain.finding_links import Found, links_in

URL = "https://registry.example.org"
CLAUSE = f"{URL}/agreements/tier-2-hoth/1.0#5.3"


def test_lines_sentences_and_citations_are_read() -> None:
    text = (
        f"Read {CLAUSE}. Then ({URL}/id/agreement/tier-1), and cite tier-2-hoth/1.0#6.2!\n/agreements/tier-1/1.0#A.1\n"
        f"{CLAUSE}\n"
    )
    links = (CLAUSE, f"{URL}/id/agreement/tier-1", "tier-2-hoth/1.0#6.2", "/agreements/tier-1/1.0#A.1")
    assert links_in(text, URL) == Found(links, 0)


def test_a_page_of_html_gives_its_frames_and_links_and_not_its_own_paths() -> None:
    frame = version_frame(URL, "tier-2-hoth", "1.0", "5.3")
    html = (
        f'<a href="{URL}/agreements/tier-1/1.0?a=1&amp;b=2#5">five</a> <a href="/agreements/tier-1/1.0">its own</a>'
        f'{embed_code(frame, "A & B")}<img src="https://learning.example/x.png"> https://learning.example/x.png'
    )
    assert links_in(html, URL) == Found((f"{URL}/agreements/tier-1/1.0?a=1&b=2#5", frame), 1)


def test_a_text_without_links_has_none() -> None:
    assert links_in("Nothing #5.3 here, a/b, and on 1/2/2026 at 9.", URL) == Found((), 0)
    assert links_in("", URL) == Found((), 0)
