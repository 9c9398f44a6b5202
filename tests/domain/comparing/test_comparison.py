"""Versions are compared clause by clause, and the differences lead from the old text to the new, byte for byte."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_registry.data import data_directory
from isa_registry.domain.agreement_lint.clause_ids import read_ledger
from isa_registry.domain.agreement_text import (
    AgreementError,
    AgreementText,
    Clause,
    agreement_markdown,
    clause_markdown,
    parse_agreement,
    parse_agreement_text,
)
from isa_registry.domain.comparing.comparison import (
    ClauseChange,
    Comparison,
    Wording,
    compare,
    compare_draft,
    new_markdown,
    old_markdown,
)
from isa_registry.domain.comparing.words import after, before
from next_version import next_version, old_version

OLD, NEW = (Wording(one.text, one.read) for one in (old_version(), next_version()))
TIER_1 = (data_directory("agreements") / "durham" / "tier-1" / "1.0" / "agreement.md").read_text(encoding="utf-8")


def by_id(found: Comparison) -> dict[str, ClauseChange]:
    return {one.id: one for one in found.clauses}


@pytest.fixture(scope="module")
def found() -> Comparison:
    return compare(OLD, NEW)


def test_what_became_of_each_clause(found: Comparison) -> None:
    states = {one.id: one.state for one in found.clauses if one.state != "unchanged"}
    assert states == {
        "1.2": "changed", "9.3": "changed", "10.21": "new", "13.1": "changed", "13.2": "changed", "13.7": "new",
        "14.1": "changed", "14.3": "moved", "18.1": "changed", "18.2": "changed", "18.3": "gone",
        "A.1": "changed", "E.1": "changed",
    }  # fmt: skip
    assert found.counts.unchanged == len(found.clauses) - len(states)
    assert (found.counts.moved, found.counts.new, found.counts.gone) == (1, 2, 1)


def test_a_clause_that_moved_says_whence_and_a_reader_sees_that_its_words_stayed(found: Comparison) -> None:
    moved = by_id(found)["14.3"]
    assert ("14.2", "14.3", 0, 0) == (moved.from_, moved.to, moved.words_added, moved.words_removed)
    assert () == moved.blocks


def test_a_clause_that_was_split_off_says_from_which(found: Comparison) -> None:
    assert ("13.1",) == by_id(found)["13.7"].related
    assert () == by_id(found)["10.21"].related


def test_a_clause_that_is_gone_says_what_took_over_by_its_words_or_by_the_ledger(found: Comparison) -> None:
    gone = by_id(found)["18.3"]
    assert ("18.3", None) == (gone.from_, gone.to)
    ledger = {id_: used.heirs for id_, used in read_ledger(next_version().ledger).items() if used.heirs}
    assert ("18.2",) == by_id(compare(OLD, NEW, ledger))["18.3"].related
    assert ("18.2",) == by_id(compare(NEW, OLD, ledger))["18.3"].related


def test_the_words_that_changed_in_a_clause(found: Comparison) -> None:
    changed = by_id(found)["9.3"]
    assert ["changed", "same", "same"] == [one.state for one in changed.blocks]
    assert ["paragraph", "answers", "rests-on"] == [one.kind for one in changed.blocks]
    assert [("added", "taxi firm, a ")] == [(one.op, one.text) for one in changed.blocks[0].runs if one.op != "same"]


def test_rows_of_a_table_that_did_not_change_stay_whole(found: Comparison) -> None:
    blocks = by_id(found)["A.1"].blocks
    changed = [one for one in blocks if one.state != "same"]
    assert ["row"] == [one.kind for one in changed]
    assert before(changed[0].runs).startswith("| Money, benefits, debt |")
    assert [("removed", "may "), ("added", "ask "), ("removed", "ask "), ("added", "may ")] == [
        (run.op, run.text) for run in changed[0].runs if run.op != "same"
    ]
    assert len(blocks) > 20


def wholes(text: str) -> dict[str, Clause]:
    return {one.id: one for one in parse_agreement(text)}


def applied(found: Comparison, old: str, new: str) -> tuple[str, str]:
    """Both texts, written from the comparison alone, save what it says is the same."""
    was, now = parse_agreement_text(old), parse_agreement_text(new)
    wholes = {one.id: one for one in was.clauses}
    parts: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for one in found.clauses:
        whole = wholes.get(one.from_ or "")
        if one.from_ is not None:
            parts[0][one.from_] = old_markdown(one, whole)
        if one.to is not None:
            parts[1][one.to] = new_markdown(one, whole)
    titles = before(found.title), after(found.title)
    texts = []
    for words, title, clauses in zip((was, now), titles, parts, strict=True):
        head = f"# {title}\n\nAgreement `{words.agreement}`, version `{words.version}`.\n"
        texts.append("\n".join((head, *(clauses[one.id] for one in words.clauses))))
        assert set(clauses) == {one.id for one in words.clauses}
    return texts[0], texts[1]


def test_applied_to_the_old_version_the_differences_give_the_new_one(found: Comparison) -> None:
    assert (OLD.text, NEW.text) == applied(found, OLD.text, NEW.text)


def turned(found: Comparison) -> set[tuple[object, ...]]:
    """What a comparison says, whichever side it calls the old one."""
    states = {"new": "gone", "gone": "new"}
    return {
        (
            states.get(one.state, one.state), one.to, one.from_, one.words_removed, one.words_added, one.related,
            after(one.heading), before(one.heading),
            tuple(after(block.runs) for block in one.blocks if after(block.runs)),
        )
        for one in found.clauses
    }  # fmt: skip


def said(found: Comparison) -> set[tuple[object, ...]]:
    return {
        (
            one.state, one.from_, one.to, one.words_added, one.words_removed, one.related,
            before(one.heading), after(one.heading),
            tuple(before(block.runs) for block in one.blocks if before(block.runs)),
        )
        for one in found.clauses
    }  # fmt: skip


def test_the_other_way_round_what_was_added_is_removed(found: Comparison) -> None:
    assert said(compare(NEW, OLD)) == turned(found)


def test_a_version_beside_itself_has_no_difference() -> None:
    same = compare(OLD, OLD)
    assert {"unchanged"} == {one.state for one in same.clauses}
    assert () == same.schedule
    assert all(not one.blocks and not one.heading for one in same.clauses)


CLAUSES = parse_agreement(OLD.text)
SOME = st.lists(st.integers(0, len(CLAUSES) - 1), min_size=1, max_size=6, unique=True)


@st.composite
def edited(draw: st.DrawFn) -> str:
    """An agreement of some clauses of the real one, numbered anew, with words swapped, dropped and put in."""
    clauses: list[Clause] = [Clause("1", "Some clauses", 1, "", (), (), 0)]
    for place in draw(SOME):
        one = CLAUSES[place]
        words = (one.text or "Nothing yet.").split(" ")
        for _ in range(draw(st.integers(0, 3))):
            at = draw(st.integers(0, len(words) - 1))
            words[at] = draw(st.sampled_from([words[0], "police", "and the council", words[at].upper()])) or "a"
        text = " ".join(words).replace("\n ", "\n").replace(" \n", "\n").strip()
        gap = draw(st.integers(1, 3)) + int(clauses[-1].id.rpartition(".")[2] if len(clauses) > 1 else 0)
        clauses.append(Clause(f"1.{gap}", one.heading, 2, text, one.answers, one.cites, 0))
    return agreement_markdown(AgreementText("Drawn", "tier-2-hoth", "1.0", tuple(clauses)))


@given(edited(), edited())
def test_any_two_texts_can_be_compared_and_the_differences_are_exact_both_ways(old: str, new: str) -> None:
    was, now = Wording(old, OLD.schedule), Wording(new, NEW.schedule)
    found = compare(was, now)
    assert (old, new) == applied(found, old, new)
    assert said(compare(now, was)) == turned(found)
    assert found == compare(was, now)
    ids = [one.from_ for one in found.clauses if one.from_], [one.to for one in found.clauses if one.to]
    assert [len(set(one)) for one in ids] == [len(one) for one in ids]


def test_clauses_that_were_all_renumbered_are_found_again() -> None:
    clauses = [Clause("1", "A section", 1, "", (), (), 0)]
    kept = [one for one in CLAUSES if one.level == 2][:30]
    old = [one._replace(id=f"1.{n}", level=2) for n, one in enumerate(kept, 1)]
    new = [one._replace(id=f"1.{n}", level=2) for n, one in enumerate(kept, 2)]
    texts = [agreement_markdown(AgreementText("Drawn", "tier-2-hoth", "1.0", (*clauses, *side))) for side in (old, new)]
    found = compare(Wording(texts[0], OLD.schedule), Wording(texts[1], OLD.schedule))
    assert (30, 0, 0) == (found.counts.moved, found.counts.new, found.counts.gone)


def test_a_draft_is_compared_like_a_version_and_the_first_one_with_nothing() -> None:
    assert compare(OLD, NEW) == compare_draft(OLD, NEW.text, NEW.schedule)
    assert compare_draft(None, NEW.text, NEW.schedule) is None
    with pytest.raises(AgreementError):
        compare_draft(OLD, "# Not yet\n", NEW.schedule)


def rewritten(text: str) -> str:
    """Every clause's words in another order: the most that a comparison of this length can have to do."""
    random_ = random.Random(1)
    words = parse_agreement_text(text)
    clauses = []
    for one in words.clauses:
        mixed = " ".join(one.text.split()).replace("|", "/").lstrip("/-*+<#").split(" ")
        random_.shuffle(mixed)
        clauses.append(one._replace(text=("So " + " ".join(mixed)).strip()))
    return agreement_markdown(words._replace(clauses=tuple(clauses)))


def test_tier_1_beside_one_that_is_rewritten_whole_takes_a_bounded_time() -> None:
    """138 kB. It is some 0.5 s here; the bound is for a busy machine, and an algorithm that grows faster breaks it."""
    started = time.process_time()
    found = compare(Wording(TIER_1, OLD.schedule), Wording(rewritten(TIER_1), OLD.schedule))
    assert time.process_time() - started < 15
    assert (TIER_1, rewritten(TIER_1)) == applied(found, TIER_1, rewritten(TIER_1))


def test_one_huge_clause_takes_a_bounded_time() -> None:
    texts = [
        f"# Huge\n\nAgreement `tier-2-hoth`, version `1.0`.\n\n## 1 All of it {{#1}}\n\n{words}\n"
        for words in (" ".join(["to be or not"] * 25_000), " ".join(["not be to or"] * 25_000))
    ]
    started = time.process_time()
    found = compare(Wording(texts[0], OLD.schedule), Wording(texts[1], OLD.schedule))
    assert time.process_time() - started < 30
    assert (texts[0], texts[1]) == applied(found, texts[0], texts[1])


def test_clauses_are_written_as_the_text_has_them(found: Comparison) -> None:
    new = wholes(NEW.text)
    for one in found.clauses:
        if one.state in ("changed", "new") and one.to is not None:
            assert clause_markdown(new[one.to]) == new_markdown(one)
