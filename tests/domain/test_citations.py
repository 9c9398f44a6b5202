"""Citations as people write them in documents, and where they lead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demonstration import Demonstration
from isa_registry.domain.citations import ShortCitation, is_short_title, parse_short_citation, short_citation
from isa_registry.domain.register.citing import Cited, cite, cited

_WORDS = st.from_regex(r"[A-Z][A-Za-z]{2,9}(?: [A-Z][A-Za-z]{2,9}){0,2}", fullmatch=True).filter(is_short_title)
_NUMBERS = st.lists(st.integers(1, 99).map(str), min_size=2, max_size=3).map(".".join)
_CLAUSES = st.one_of(_NUMBERS, st.sampled_from("ABCDE").flatmap(lambda annex: st.just(f"{annex}.1")))


@given(_WORDS, _NUMBERS, _CLAUSES)
def test_the_short_form_is_read_as_it_is_written(title: str, version: str, clause: str) -> None:
    assert parse_short_citation(short_citation(title, version, clause)) == ShortCitation(title, version, clause)
    assert parse_short_citation(short_citation(title, version)) == ShortCitation(title, version, None)


@given(st.text(max_size=250))
def test_whatever_is_typed_is_a_citation_or_none(text: str) -> None:
    found = parse_short_citation(text)
    assert found is None or found.title


@pytest.mark.parametrize(
    "written",
    [
        "HOTH ISA 1.0, cl. 5.3",
        "hoth isa 1.0 cl 5.3",
        "HOTH ISA v1.0, clause 5.3",
        "  HOTH   ISA version 1.0, section 5.3. ",
        "HOTH ISA 1.0 §5.3",
        "tier-2-hoth 1.0, cl. 5.3",
        "tier-2-hoth/1.0#5.3",
    ],
)
def test_every_way_of_writing_it_leads_to_the_clause(written: str) -> None:
    found = cited(Demonstration().view(), written)
    assert found == Cited("tier-2-hoth", "1.0", "5.3")
    assert found.address == "/agreements/tier-2-hoth/1.0/clause/5.3"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("HOTH ISA", "/id/agreement/tier-2-hoth"),
        ("HOTH ISA, cl. 5.3", "/id/agreement/tier-2-hoth/clause/5.3"),
        ("HOTH ISA 1.0", "/agreements/tier-2-hoth/1.0"),
        ("Tier One ISA 1.0, Annex A", "/agreements/tier-1/1.0/clause/A"),
    ],
)
def test_what_is_not_named_is_what_is_in_force_or_the_whole(written: str, address: str) -> None:
    found = cited(Demonstration().view(), written)
    assert found is not None
    assert (found.address, found.missing) == (address, None)


@pytest.mark.parametrize(
    ("written", "missing"), [("HOTH ISA 9.9, cl. 5.3", "version"), ("HOTH ISA 1.0, cl. 99.9", "clause")]
)
def test_what_is_not_there_is_named(written: str, missing: str) -> None:
    found = cited(Demonstration().view(), written)
    assert found is not None
    assert (found.agreement, found.missing) == ("tier-2-hoth", missing)


@pytest.mark.parametrize("written", ["", "cl. 5.3", "Another ISA 1.0, cl. 5.3", "x" * 300])
def test_what_names_no_agreement_leads_nowhere(written: str) -> None:
    assert cited(Demonstration().view(), written) is None


def test_a_version_is_cited_by_its_short_title() -> None:
    version = Demonstration().view().agreement_version("tier-2-hoth", "1.0")
    assert version is not None
    assert cite(version, "5.3") == "HOTH ISA 1.0, cl. 5.3"


@pytest.mark.parametrize(
    "title", ["", "A", "Tier 1", "Tier 1.0", "HOTH, ISA", "x" * 41, " HOTH", "HOTH  ISA", "1st ISA"]
)
def test_a_title_that_a_citation_could_not_be_read_with_is_none(title: str) -> None:
    assert not is_short_title(title)
