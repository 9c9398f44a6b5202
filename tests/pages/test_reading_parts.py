"""Cutting a text into pages: nothing is lost or moved, no page is too heavy, and every clause has its address."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from isa_registry.pages.reading_parts import clause_address, first_of, parts_of
from isa_registry.pages.words import ClauseShown

LIMIT = 1000


def shown(id_: str, size: int) -> ClauseShown:
    return ClauseShown(id_, "Heading", id_.count(".") + 1, Markup("x" * size), (), ())


def weigh(clause: ClauseShown) -> int:
    return 1 + len(clause.html)


@st.composite
def texts(draw: st.DrawFn) -> list[ClauseShown]:
    found = []
    for section in range(draw(st.integers(1, 8))):
        found.append(shown(f"{section}", draw(st.sampled_from([0, 0, 30]))))
        for clause in range(draw(st.integers(0, 6))):
            found.append(shown(f"{section}.{clause + 1}", draw(st.integers(1, 600))))
            if draw(st.booleans()):
                found.append(shown(f"{section}.{clause + 1}.1", draw(st.integers(1, 100))))
    return found


@given(texts())
def test_parts_are_the_text_in_its_order_and_none_is_too_heavy(clauses: list[ClauseShown]) -> None:
    parts = parts_of(clauses, weigh, LIMIT)
    assert [one for part in parts for one in part.clauses] == clauses
    assert all(part.clauses for part in parts)
    for part in parts:
        # A clause and what is below it is never parted, nor is a section from its first clause.
        assert sum(map(weigh, part.clauses)) <= LIMIT or len([one for one in part.clauses if one.level == 2]) <= 2
        assert part.clauses[0].level <= 2
    if sum(map(weigh, clauses)) <= LIMIT:
        assert len(parts) == 1


@given(texts())
def test_each_clause_has_one_address_which_its_part_answers(clauses: list[ClauseShown]) -> None:
    parts = parts_of(clauses, weigh, LIMIT)
    document = "/agreements/a/1.0"
    addresses = [clause_address(document, parts, one.id) for one in clauses]
    assert len(set(addresses)) == len(clauses)
    for one, address in zip(clauses, addresses, strict=True):
        page, _, fragment = address.partition("#")
        assert fragment == one.id
        assert page == document or page == f"{document}/part/{first_of(parts, one.id)}"


def test_a_section_too_long_by_itself_is_cut_before_a_clause_and_keeps_its_heading_with_its_first() -> None:
    clauses = [shown("1", 0), shown("1.1", 600), shown("1.2", 600), shown("2", 0)]
    assert [[one.id for one in part.clauses] for part in parts_of(clauses, weigh, LIMIT)] == [
        ["1", "1.1"],
        ["1.2", "2"],
    ]
