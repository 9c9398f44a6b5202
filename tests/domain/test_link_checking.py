"""What became of what a link names, over histories of every shape; and what a person is told to do about it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.test_lineage import FIRST, SECOND, THIRD, histories
from isa_registry.domain.lineage import Edition, Lineage
from isa_registry.domain.link_checking import (
    LABELS,
    STATUSES,
    UNKNOWN,
    ClauseHeld,
    History,
    Verdict,
    VersionHeld,
    advice,
    checked,
)


def history(
    editions: tuple[Edition, ...],
    counts: str,
    words: dict[tuple[str, str], str],
    withdrawn: frozenset[str] = frozenset(),
) -> History:
    """The editions with these words; what is not said of a clause says the same in every version."""
    versions = {}
    for one in editions:
        held = {id_: words.get((one.version, id_), id_) for id_ in sorted(one.clauses)}
        clauses = {id_: ClauseHeld(f"Clause {id_}", f"sha256 of {said}", said) for id_, said in held.items()}
        standing = "withdrawn" if one.version in withdrawn else "in-force" if one.version == counts else "superseded"
        versions[one.version] = VersionHeld(one.version, standing, "2026-06-01", f"text {one.version}", clauses)
    return History("an-agreement", Lineage(editions), versions, counts)


EDITIONS = (FIRST, SECOND, THIRD)
WORDS = {("1.1", "1.1"): "said otherwise", ("2.0", "1.6"): "said otherwise", ("2.0", "1"): "new words"}
AT_SECOND, AT_THIRD = (history(EDITIONS, one, WORDS) for one in ("1.1", "2.0"))


@pytest.mark.parametrize(
    ("held", "version", "clause", "verdict"),
    [
        (AT_THIRD, "2.0", "1.6", Verdict("current", "2.0", "1.6", "2.0", None, False, ("1.6",))),
        (AT_SECOND, "1.0", "1", Verdict("superseded", "1.0", "1", "1.1", "1.1", False, ("1",))),
        (AT_SECOND, "1.0", "1.1", Verdict("changed", "1.0", "1.1", "1.1", "1.1", True, ("1.1",))),
        (AT_THIRD, "1.0", "1", Verdict("changed", "1.0", "1", "2.0", "2.0", True, ("1",))),
        (AT_THIRD, "1.1", "1.1", Verdict("renumbered", "1.1", "1.1", "2.0", "2.0", False, ("1.6",))),
        (AT_THIRD, "1.0", "1.1", Verdict("renumbered", "1.0", "1.1", "2.0", "1.1", True, ("1.6",))),
        (AT_SECOND, "1.0", "1.2", Verdict("split", "1.0", "1.2", "1.1", "1.1", True, ("1.4", "1.5"))),
        (AT_SECOND, "1.0", "1.3", Verdict("merged", "1.0", "1.3", "1.1", "1.1", True, ("1.5",))),
        (AT_THIRD, "1.1", "1.4", Verdict("withdrawn", "1.1", "1.4", "2.0", "2.0", True, ())),
        (AT_THIRD, None, "1.6", Verdict("current", "2.0", "1.6", "2.0", None, False, ("1.6",))),
        (AT_THIRD, None, "1.4", Verdict("withdrawn", "1.1", "1.4", "2.0", "2.0", True, ())),
        (AT_SECOND, None, "1.6", Verdict("current", "2.0", "1.6", "1.1", None, False, ())),
        (AT_SECOND, "1.0", None, Verdict("superseded", "1.0", None, "1.1", "1.1", True)),
        (AT_SECOND, None, None, Verdict("current", "1.1", None, "1.1", None, False)),
        (AT_SECOND, "2.0", None, Verdict("current", "2.0", None, "1.1", None, False)),
        (AT_SECOND, "9.0", None, UNKNOWN),
        (AT_SECOND, "1.0", "1.9", UNKNOWN),
        (AT_SECOND, None, "9", UNKNOWN),
    ],
)
def test_a_link_is_one_of_these(held: History, version: str | None, clause: str | None, verdict: Verdict) -> None:
    assert checked(held, version, clause) == verdict


def test_a_version_that_was_withdrawn_with_nothing_in_its_place_says_so() -> None:
    gone = history(EDITIONS, "2.0", {}, frozenset({"2.0"}))
    assert checked(gone, "2.0", "1.6").status == "withdrawn"
    assert "nothing has taken its place" in advice(checked(gone, None, None))


def test_a_later_version_that_was_withdrawn_before_it_was_in_force_leads_back() -> None:
    gone = history(EDITIONS, "1.1", WORDS, frozenset({"2.0"}))
    assert checked(gone, "2.0", "1.6") == Verdict("withdrawn", "2.0", "1.6", "1.1", None, False, ("1.1",))


def test_each_status_has_its_words_and_its_advice() -> None:
    assert set(LABELS) == set(STATUSES)
    said = {advice(Verdict(one, "1.0", "5.3", "1.1", "1.1", True, ("5.4", "5.5"))) for one in STATUSES}
    assert len(said) == len(STATUSES)
    assert advice(Verdict("split", "1.0", "5", "1.1", "1.1", True, ("6", "7", "8"))).startswith(
        "Read clauses 6, 7 and 8 "
    )


@st.composite
def agreements(draw: st.DrawFn) -> History:
    """A history of which any version counts, whose clauses say one of two things in each version."""
    editions = draw(histories())
    numbers = [one.version for one in editions]
    words = {(one.version, id_): draw(st.sampled_from("ab")) for one in editions for id_ in sorted(one.clauses)}
    return history(editions, draw(st.sampled_from(numbers)), words, draw(st.frozensets(st.sampled_from(numbers))))


@given(agreements())
def test_every_link_that_was_ever_issued_leads_to_what_took_its_place(held: History) -> None:
    place = held.lineage.versions.index
    now = held.versions[held.counts]
    for then in held.versions.values():
        for clause, had in then.clauses.items():
            found = checked(held, then.version, clause)
            assert found.status not in ("unknown", "not-ours")
            assert (found.version, found.clause, found.now) == (then.version, clause, held.counts)
            assert set(found.heirs) <= set(now.clauses)
            passed = place(then.version) < place(held.counts)
            assert passed == (found.since is not None)
            assert passed or found.status in ("current", "withdrawn")
            if passed:
                heirs = held.lineage.became(clause, then.version, held.counts).heirs
                same = len(heirs) == 1 and now.clauses[heirs[0]].words == had.words
                assert found.heirs == heirs
                assert found.words_differ == (not same)
                assert (found.status == "superseded") == (same and heirs == (clause,))
                assert (found.status == "withdrawn") == (not heirs)
            assert advice(found).endswith(".")


@given(agreements())
def test_what_a_link_says_changed_had_not_changed_in_any_version_before(held: History) -> None:
    order = held.lineage.versions
    for then in order:
        for clause, had in held.versions[then].clauses.items():
            since = checked(held, then, clause).since
            for between in order[order.index(then) + 1 : order.index(since)] if since else ():
                assert held.versions[between].clauses[clause].words == had.words


@given(agreements())
def test_an_identifier_of_a_clause_that_there_ever_was_always_leads_somewhere(held: History) -> None:
    for clause in {id_ for one in held.versions.values() for id_ in one.clauses}:
        found = checked(held, None, clause)
        assert found.status not in ("unknown", "not-ours")
        if clause in held.versions[held.counts].clauses:
            assert found.version == held.counts
