"""What became of each clause: every link ever issued finds its heirs, over histories of every shape."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from isa_registry.domain.lineage import Became, Edition, Lineage, Span, untold

FIRST = Edition("1.0", frozenset({"1", "1.1", "1.2", "1.3"}), {})
SECOND = Edition("1.1", frozenset({"1", "1.1", "1.4", "1.5"}), {"1.2": ("1.4", "1.5"), "1.3": ("1.5",)})
THIRD = Edition("2.0", frozenset({"1", "1.5", "1.6"}), {"1.1": ("1.6",), "1.4": ()})
LINEAGE = Lineage((FIRST, SECOND, THIRD))


def test_a_clause_that_keeps_its_id_stands() -> None:
    assert LINEAGE.became("1.1", "1.0", "1.1") == Became("stands", ("1.1",))


def test_one_heir_alone_is_a_clause_with_another_number() -> None:
    assert LINEAGE.became("1.1", "1.0", "2.0") == Became("renumbered", ("1.6",))


def test_several_heirs_are_a_clause_that_was_split() -> None:
    assert LINEAGE.became("1.2", "1.0", "1.1") == Became("split", ("1.4", "1.5"))


def test_an_heir_of_several_is_a_clause_that_was_merged() -> None:
    assert LINEAGE.became("1.3", "1.0", "1.1") == Became("merged", ("1.5",))


def test_a_clause_without_heirs_was_withdrawn() -> None:
    assert LINEAGE.became("1.4", "1.1", "2.0") == Became("withdrawn", ())


def test_in_an_earlier_version_a_clause_is_what_it_came_from() -> None:
    assert LINEAGE.became("1.6", "2.0", "1.0") == Became("renumbered", ("1.1",))
    assert LINEAGE.became("1.5", "2.0", "1.0") == Became("split", ("1.2", "1.3"))


def test_the_first_and_the_last_version_of_a_clause_are_known() -> None:
    assert LINEAGE.span("1.5") == Span("1.1", "2.0")
    assert LINEAGE.span("9.9") is None


def test_what_a_new_version_leaves_unsaid_is_named_clause_by_clause() -> None:
    new = Edition("2.1", frozenset({"1", "1.2", "1.6"}), {"1.9": ()})
    assert [(one.clause, one.code) for one in untold((FIRST, SECOND, THIRD), new)] == [
        ("1.2", "clause-id-used"),
        ("1.5", "clause-gone"),
        ("1.9", "no-such-clause"),
    ]


@st.composite
def histories(draw: st.DrawFn) -> tuple[Edition, ...]:
    """Up to ten versions; in each, some clauses go with heirs or without, and new ones take numbers never used."""
    number = draw(st.integers(1, 6))
    editions = [Edition("1.0", frozenset(f"1.{n}" for n in range(1, number + 1)), {})]
    for place in range(1, draw(st.integers(1, 10))):
        before = sorted(editions[-1].clauses)
        gone = draw(st.sets(st.sampled_from(before), max_size=len(before))) if before else set()
        new = {f"1.{number + n}" for n in range(1, draw(st.integers(0, 3)) + 1)}
        number += len(new)
        clauses = frozenset(before) - gone | new
        heirs = {
            one: tuple(sorted(draw(st.sets(st.sampled_from(sorted(clauses)), max_size=3)) if clauses else ()))
            for one in sorted(gone)
        }
        editions.append(Edition(f"1.{place}", clauses, heirs))
    return tuple(editions)


@given(histories())
def test_every_clause_of_every_version_is_something_in_every_other(editions: tuple[Edition, ...]) -> None:
    lineage = Lineage(editions)
    for place, edition in enumerate(editions):
        assert untold(editions[:place], edition) == ()
        for clause in edition.clauses:
            assert lineage.span(clause) is not None
            for other in editions:
                became = lineage.became(clause, edition.version, other.version)
                assert set(became.heirs) <= other.clauses
                assert (became.fate == "withdrawn") == (not became.heirs)
                assert (became.fate == "stands") == (became.heirs == (clause,))


@given(histories())
def test_what_a_clause_became_leads_back_to_it(editions: tuple[Edition, ...]) -> None:
    lineage, last = Lineage(editions), editions[-1]
    for edition in editions:
        for clause in edition.clauses:
            for heir in lineage.became(clause, edition.version, last.version).heirs:
                assert clause in lineage.became(heir, last.version, edition.version).heirs


@given(histories())
def test_step_by_step_it_comes_to_the_same_as_at_once(editions: tuple[Edition, ...]) -> None:
    lineage = Lineage(editions)
    for clause in editions[0].clauses:
        found = {clause}
        for before, after in pairwise(editions):
            found = {heir for one in found for heir in lineage.became(one, before.version, after.version).heirs}
        assert set(lineage.became(clause, editions[0].version, editions[-1].version).heirs) == found
