"""What an address names: every form that the registry ever gave out, and nothing of anybody else's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_registry.domain.clause_addresses import Named, is_ours, named_by

URL = "https://registry.example.org/isa"
A = "tier-2-hoth"


@pytest.mark.parametrize(
    ("path", "named"),
    [
        (f"/id/agreement/{A}", Named(A)),
        (f"/id/agreement/{A}/clause/5.3", Named(A, clause="5.3")),
        (f"/agreements/{A}", Named(A)),
        (f"/agreements/{A}#A.1", Named(A, clause="A.1")),
        (f"/agreements/{A}/1.0", Named(A, "1.0")),
        (f"/agreements/{A}/1.0/", Named(A, "1.0")),
        (f"/agreements/{A}/1.0#5.3", Named(A, "1.0", clause="5.3")),
        (f"/agreements/{A}/1.0#schedule", Named(A, "1.0")),
        (f"/agreements/{A}/1.0.json", Named(A, "1.0")),
        (f"/agreements/{A}/1.0.jsonld#5", Named(A, "1.0", clause="5")),
        (f"/agreements/{A}/1.0/print#5", Named(A, "1.0", clause="5")),
        (f"/agreements/{A}/1.0/part/9.4#9.5", Named(A, "1.0", clause="9.4")),
        (f"/agreements/{A}/1.0/summaries", Named(A, "1.0")),
        (f"/agreements/{A}/1.0.cy", Named(A, "1.0")),
        (f"/agreements/{A}/1.0/clause/5.3.cy.html", Named(A, "1.0", clause="5.3")),
        (f"/agreements/{A}/1.0/clause/5.3", Named(A, "1.0", clause="5.3")),
        (f"/agreements/{A}/1.0/clause/5.3.html?utm_source=lms", Named(A, "1.0", clause="5.3")),
        (f"/agreements/{A}/at/2026-06-01", Named(A, on="2026-06-01")),
        (f"/agreements/{A}/at/2026-06-01.md#5%2E3", Named(A, on="2026-06-01", clause="5.3")),
        (f"/agreements/{A}/at/2026-06-01/clause/5.3", Named(A, on="2026-06-01", clause="5.3")),
        (f"/embed/agreements/{A}/1.0/clause/5.3", Named(A, "1.0", clause="5.3")),
        (f"/embed/id/agreement/{A}/clause/5.3", Named(A, clause="5.3")),
        (f"/api/v1/agreements/{A}/versions/1.0/clauses/5.3", Named(A, "1.0", clause="5.3")),
        (f"/api/v1/agreements/{A}/versions/1.0", Named(A, "1.0")),
    ],
)
def test_every_form_of_address_is_read_whole_or_as_a_path(path: str, named: Named) -> None:
    assert named_by(URL + path, URL) == named
    assert named_by(f"  {path}\n", URL) == named


def test_a_citation_as_answers_write_it_is_read_too() -> None:
    assert named_by(f"{A}/1.0#5.3", URL) == Named(A, "1.0", clause="5.3")


@pytest.mark.parametrize(
    "address",
    [
        "", "5.3", "#5.3", "/law", f"/agreements/{A}/compare", f"/agreements/{A}/at/2026-02-30",
        f"/agreements/{A}/one", f"/agreements/{A}/1.0/clause/05.3", "/agreements/Tier/1.0",
        f"/agreements/{A}/1.0/clause/5.3/more",
        f"//evil.example/agreements/{A}/1.0", f"https://evil.example/isa/agreements/{A}/1.0", "https://[",
        f"mailto:{A}",
        f"https://registry.example.org/agreements/{A}/1.0", f"javascript:/agreements/{A}/1.0",
        f"https://registry.example.org:444/isa/agreements/{A}/1.0",
        f"https://user@registry.example.org/isa/agreements/{A}/1.0", f"/agreements/{A}/1.0?{'x' * 2000}",
    ],
)  # fmt: skip
def test_what_is_no_address_of_ours_names_nothing(address: str) -> None:
    assert named_by(address, URL) is None


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        (f"{URL}/law", True),
        ("http://REGISTRY.example.org/isa/agreements/x", True),
        ("https://registry.example.org:443/isa", True),
        ("https://registry.example.org/isabella", False),
        ("https://registry.example.org.evil.example/isa", False),
        ("ftp://registry.example.org/isa", False),
        ("https://registry.example.org:99999/isa", False),
        ("/law", False),
    ],
)
def test_an_address_is_ours_by_its_host_and_by_where_the_registry_is_below_it(address: str, ours: bool) -> None:
    assert is_ours(address, URL) is ours


@given(
    st.text(max_size=60)
    | st.from_regex(r"/agreements/[a-z]{1,2}(/[at0-9.-]{1,12}){0,2}(#[A-Z0-9.]{0,4})?", fullmatch=True)
)
def test_no_text_is_too_strange_to_be_read_and_what_it_names_has_an_address_of_its_own(text: str) -> None:
    found = named_by(text, URL)
    if found is not None:
        where = found.version or (f"at/{found.on}" if found.on else "")
        address = f"/agreements/{found.agreement}" + (f"/{where}" if where else "")
        assert named_by(f"{URL}{address}#{found.clause or ''}", URL) == found
