"""What a clause's id comes to in every version, forwards and backwards."""

from __future__ import annotations

import pytest

from domain.test_lineage import LINEAGE
from isa_registry.domain.resolving import Ended, resolve


@pytest.mark.parametrize(
    ("clause", "version", "outcome", "clauses"),
    [
        ("1.1", "1.0", "stands", ("1.1",)),
        ("1.1", "2.0", "renumbered", ("1.6",)),
        ("1.2", "1.1", "split", ("1.4", "1.5")),
        ("1.2", "2.0", "merged", ("1.5",)),
        ("1.3", "1.1", "merged", ("1.5",)),
        ("1.4", "2.0", "withdrawn", ()),
        ("1.4", "1.0", "came-from", ("1.2",)),
        ("1.5", "1.0", "came-from", ("1.2", "1.3")),
        ("9.9", "2.0", "unknown", ()),
    ],
)
def test_an_id_comes_to_what_the_lineage_says(
    clause: str, version: str, outcome: str, clauses: tuple[str, ...]
) -> None:
    found = resolve(LINEAGE, clause, version)
    assert (found.outcome, found.clauses) == (outcome, clauses)
    assert (found.first is None) == (outcome == "unknown")


def test_where_a_clause_ended_is_the_last_version_with_anything_of_it() -> None:
    assert resolve(LINEAGE, "1.4", "2.0").ended == Ended("2.0", "1.1", ("1.4",))


def test_an_id_that_never_was_names_its_section_and_those_like_it() -> None:
    assert resolve(LINEAGE, "1.66", "2.0").near[:2] == ("1", "1.6")
    assert resolve(LINEAGE, "Z.9", "2.0").near == ()
