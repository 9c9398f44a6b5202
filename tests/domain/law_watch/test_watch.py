"""Law watch lists exactly what rests on what changed: held against a reading of the raw files that shares no code."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from demonstration import (
    Demonstration,
    catalogue,
    catalogue_files,
    demonstration_entries,
    demonstration_view,
    published,
)
from isa_registry.actions.catalogues import changed
from isa_registry.domain.agreement_entries import AgreementInForce, AgreementPublished, AgreementWithdrawn
from isa_registry.domain.catalogue import Provision
from isa_registry.domain.catalogue_loading import read_logged_catalogue
from isa_registry.domain.entries import CatalogueChanged, LawfulBasisEnded, LawfulBasisRecorded
from isa_registry.domain.law_watch.changes import coming
from isa_registry.domain.law_watch.history import Began, Came, Checked, history_of
from isa_registry.domain.law_watch.looking import changes_to_look_at, waiting
from isa_registry.domain.law_watch.watch import Bounds, Watch, bounds_between, last_change, watch, watch_of
from isa_registry.domain.register.law import Law, law_of
from isa_registry.domain.register.snapshots import read_snapshot, write_snapshot
from isa_registry.domain.verification_entries import LawChangeLookedAt
from marking import LEAD, S16LA, verified, withdrawn

TODAY = "2026-11-27"
CODES = sorted(catalogue().provisions)
S11 = "ca-2004-s11"

Edits = dict[str, dict[str, Any]]

EDITS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "dates": st.dates(date(2027, 1, 1), date(2030, 1, 1)).map(
        lambda day: {"in_force": [{"from": "2019-01-01", "until": day.isoformat()}]}
    ),
    "words": st.sampled_from(["The law says this.", "Something else."]).map(lambda text: {"says": text}),
    "confidence": st.sampled_from(["secondary", "uncertain"]).map(lambda how: {"confidence": how, "verified": False}),
    "nothing": st.just({}),
}


def edited(edits: Edits) -> dict[str, bytes]:
    files = dict(catalogue_files())
    provisions = json.loads(files["provisions.json"])
    for one in provisions:
        one.update(edits.get(one["code"], {}))
    return {**files, "provisions.json": json.dumps(provisions).encode()}


def entry(edits: Edits) -> CatalogueChanged:
    files = edited(edits)
    return changed(files, read_logged_catalogue(files))


def with_another(edits: Edits | None = None) -> CatalogueChanged:
    """A catalogue with one provision more, a copy of another that no row names."""
    provisions = json.loads(edited(edits or {})["provisions.json"])
    new = {**next(one for one in provisions if one["code"] == "ca-1989-s17"), "code": "ca-1989-s17-b"}
    files = {**catalogue_files(), "provisions.json": json.dumps([*provisions, new]).encode()}
    return changed(files, read_logged_catalogue(files))


def law(edits: Edits) -> Law:
    """The shipped law with these provisions otherwise, and nothing marked."""
    told = {one["code"]: one for one in json.loads(catalogue_files()["provisions.json"])}
    new = {code: msgspec.convert({**told[code], **edits[code]}, Provision) for code in edits}
    return law_of(replace(catalogue(), provisions={**catalogue().provisions, **new}), {})


def watched(register: Demonstration, today: str = TODAY, ahead: int = 90) -> Watch:
    view = register.view()
    found = watch(view, last_change(view), today, ahead)
    assert found is not None
    return found


def raw(files: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    return {one["code"]: one for one in json.loads(files["provisions.json"])}


def naive(edits: Edits) -> dict[str, tuple[set[str], set[str], set[str]]]:
    """By provision: what changed, the clauses that cite it, the records that name it."""
    before, after = raw(catalogue_files()), raw(edited(edits))
    found: dict[str, tuple[set[str], set[str], set[str]]] = {}
    for code in before:
        was, now = before[code], after[code]
        members = {"dates": "in_force", "confidence": "confidence"}
        aspects = {aspect for aspect, member in members.items() if was[member] != now[member]}
        aspects |= {"text"} if was != now else set()
        if aspects:
            found[code] = (aspects, {name for name, cites in CITED if code in cites}, RECORDED.get(code, set()))
    return found


def _cited() -> list[tuple[str, str]]:
    """Each clause with its own lines that say on what it rests, read line by line."""
    found: list[tuple[str, str]] = []
    for agreement in ("tier-1", "tier-2-hoth"):
        clause = ""
        for line in published(agreement).text.splitlines():
            heading = re.search(r"\{#([a-z0-9.-]+)\}", line)
            if line.startswith("#") and heading:
                clause = heading[1]
            elif line.startswith("Rests on:"):
                found.append((f"{agreement}/1.0#{clause}", re.sub("`([^`]*)`", r"<\1>", line)))
    return found


class _Within(str):
    def __contains__(self, code: object) -> bool:
        return f"<{code}>" in str(self)


CITED = [(name, _Within(line)) for name, line in _cited()]
RECORDED: dict[str, set[str]] = {}
for _one in demonstration_entries():
    if isinstance(_one, LawfulBasisRecorded):
        for _value in msgspec.to_builtins(_one).values():
            for _code in _value if isinstance(_value, list | tuple) else ():
                RECORDED.setdefault(_code, set()).add(_one.record)


@given(st.dictionaries(st.sampled_from(CODES), st.sampled_from(sorted(EDITS)).flatmap(EDITS.__getitem__), max_size=8))
def test_it_lists_exactly_the_provisions_that_changed_and_exactly_what_rests_on_each(edits: Edits) -> None:
    view = demonstration_view()
    old = view.law()
    assert old is not None
    found = {
        one.change.code: (
            set(one.change.aspects),
            {clause.name for clause in one.resting.standing},
            {record.record for record in one.resting.records},
        )
        for one in watch_of(view, old, law(edits), TODAY).changed
    }
    assert naive(edits) == found


def test_the_oracle_itself_finds_clauses_and_records() -> None:
    """Otherwise the property would hold of nothing."""
    assert 50 < len(CITED)
    assert {"art6-1-e", "ca-2004-s11"} <= RECORDED.keys()


def test_what_is_different_is_told_from_what_to_what_and_in_words() -> None:
    edits: Edits = {
        "ca-1989-s27": {"in_force": [{"from": "2019-01-01", "until": "2027-03-31"}], "confidence": "secondary"}
    }
    [found] = watched(Demonstration().then(entry(edits))).changed
    change = found.change
    was, now = (read_logged_catalogue(files).provisions["ca-1989-s27"] for files in (catalogue_files(), edited(edits)))
    assert ("changed", ("dates", "text", "confidence")) == (change.sort, change.aspects)
    assert change.dates is not None
    assert change.confidence is not None
    assert (was.in_force, now.in_force) == (change.dates.was, change.dates.now)
    assert ("general-knowledge", "secondary") == (change.confidence.was, change.confidence.now)
    assert "how sure: was general-knowledge; is secondary" in change.words


def test_a_mark_that_lapses_is_told_and_counts_as_confidence() -> None:
    """What people checked was sure until the words changed under it."""
    register = Demonstration().then(verified(S16LA), entry({"ca-2004-s16la": {"says": "Something else."}}))
    [found] = watched(register).changed
    assert found.change.mark_lapsed
    assert found.change.confidence is not None
    assert ("verified", catalogue().provisions["ca-2004-s16la"].confidence) == (
        found.change.confidence.was,
        found.change.confidence.now,
    )


def test_a_mark_on_what_did_not_change_stays_and_is_not_told() -> None:
    register = Demonstration().then(verified(S16LA), entry({"ca-1989-s27": {"says": "Something else."}}))
    assert ["ca-1989-s27"] == [one.change.code for one in watched(register).changed]


def test_a_mark_alone_is_a_change_between_two_entries() -> None:
    register = Demonstration().then(verified(S16LA))
    view = register.view()
    found = watch(view, bounds_between(view, view.size - 2, None), TODAY, 0)
    assert found is not None
    [only] = found.changed
    assert ("ca-2004-s16la", ("confidence",)) == (only.change.code, only.change.aspects)


def test_what_is_over_does_not_rest_on_anything_any_more() -> None:
    """A withdrawn version's clauses, and a record that has ended."""
    [ended] = [one for one in demonstration_entries() if isinstance(one, LawfulBasisRecorded)][:1]
    register = Demonstration().then(
        AgreementWithdrawn(agreement="tier-2-hoth", version="1.0", on=TODAY, reason="other"),
        LawfulBasisEnded(record=ended.record, organisation=ended.organisation, on=TODAY),
        entry({code: {"says": "Something else."} for code in CODES}),
    )
    found = watched(register).changed
    assert not [clause for one in found for clause in one.resting.standing if clause.agreement == "tier-2-hoth"]
    assert [clause for one in found for clause in one.resting.clauses if clause.agreement == "tier-2-hoth"]
    assert not [record for one in found for record in one.resting.records if record.record == ended.record]


def test_a_version_that_is_only_published_rests_on_the_law_already() -> None:
    base = published("tier-1")
    newer = AgreementPublished(
        agreement="tier-1", version="2.0", text=base.text, text_sha256=base.text_sha256, schedule=base.schedule,
        schedule_sha256=base.schedule_sha256,
    )  # fmt: skip
    register = Demonstration().then(newer, entry({"ca-1989-s47": {"says": "Something else."}}))
    [found] = watched(register).changed
    assert {"1.0", "2.0"} == {one.version for one in found.resting.standing if one.agreement == "tier-1"}
    register.then(AgreementInForce(agreement="tier-1", version="2.0", on="2026-11-01"))
    [later] = watched(register).changed
    assert {"2.0"} == {one.version for one in later.resting.standing if one.agreement == "tier-1"}


def test_a_new_provision_is_told_and_nothing_rests_on_it() -> None:
    [found] = watched(Demonstration().then(with_another())).changed
    assert ("added", False, None) == (
        found.change.sort,
        found.resting.any,
        found.change.confidence and found.change.confidence.was,
    )


def test_a_register_whose_law_was_never_changed_has_dates_alone() -> None:
    view = demonstration_view()
    assert last_change(view) is None
    found = watch(view, None, TODAY, 90)
    assert found is not None
    assert ((), catalogue().sha256, catalogue().sha256) == (found.changed, found.old, found.new)


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        ([{"from": "2026-11-28"}], [("comes-into-force", "2026-11-28")]),
        ([{"from": "2026-11-27"}], []),
        ([{"from": "2019-01-01", "until": "2026-11-27"}], [("ends", "2026-11-27")]),
        ([{"from": "2019-01-01", "until": "2026-11-26"}], []),
        ([{"from": "2019-01-01", "until": "2027-02-25"}], [("ends", "2027-02-25")]),
        ([{"from": "2019-01-01", "until": "2027-02-26"}], []),
        ([{"from": "2019-01-01", "until": "2026-12-31"}, {"from": "2027-01-01"}], []),
        (
            [{"from": "2019-01-01", "until": "2026-12-31"}, {"from": "2027-01-02"}],
            [("ends", "2026-12-31"), ("comes-into-force", "2027-01-02")],
        ),
        ([], []),
    ],
)  # fmt: skip
def test_dates_within_ninety_days_are_told_and_a_period_that_goes_on_is_none(
    periods: list[dict[str, str]], expected: list[tuple[str, str]]
) -> None:
    found = coming(law({"ca-1989-s27": {"in_force": periods}}), TODAY, 90)
    assert expected == [(one.what, one.on) for one in found]


def test_what_is_near_tells_what_rests_on_it() -> None:
    tomorrow = (date.fromisoformat(TODAY) + timedelta(days=1)).isoformat()
    register = Demonstration().then(entry({"ca-1989-s47": {"in_force": [{"from": "2019-01-01", "until": tomorrow}]}}))
    [near] = watched(register).near
    [found] = watched(register).changed
    assert near.resting == found.resting
    assert near.resting.any


def test_states_are_named_by_entry_or_by_hash() -> None:
    first, second = entry({"ca-1989-s27": {"says": "Once."}}), entry({"ca-1989-s27": {"says": "Twice."}})
    register = Demonstration().then(first, verified(S16LA), second)
    view = register.view()
    entries = [at for at, _ in view.catalogues()]
    old, middle, new = (one.sha256 for _, one in view.catalogues())
    assert Bounds(entries[2], entries[2] + 1) == bounds_between(view, middle, new) == last_change(view)
    assert Bounds(entries[1], entries[2] + 1) == bounds_between(view, old, new)
    assert Bounds(entries[1] + 1, view.size) == bounds_between(view, entries[1], None)
    assert None is bounds_between(view, new, old)
    assert None is bounds_between(view, "0" * 64, None)
    assert None is bounds_between(view, view.size, None)
    assert None is bounds_between(view, 0, view.size)


def test_a_change_waits_until_somebody_said_what_follows_and_a_later_one_waits_anew() -> None:
    first, second = entry({S11: {"says": "Once."}}), entry({S11: {"says": "Twice."}, "aja-1960-s12": {"says": "More."}})
    register = Demonstration().then(first)
    assert [S11] == [one.came.change.code for one in waiting(register.view(), TODAY)]
    register.then(LawChangeLookedAt(LEAD, first.sha256, S11, "nothing-follows"))
    assert () == waiting(register.view(), TODAY)
    register.then(second)
    assert {S11, "aja-1960-s12"} == {one.came.change.code for one in waiting(register.view(), TODAY)}
    register.then(LawChangeLookedAt(LEAD, first.sha256, S11, "advice-asked-for"))
    assert 2 == len(waiting(register.view(), TODAY))


def test_what_was_looked_at_is_in_a_snapshot_and_can_be_taken_back_with_its_entry() -> None:
    changed_by = entry({S11: {"says": "Once."}})
    register = Demonstration().then(changed_by, LawChangeLookedAt(LEAD, changed_by.sha256, S11, "nothing-follows"))
    view = register.view()
    again = read_snapshot(write_snapshot(register.register)).at(view.size)
    assert view.looked_at(changed_by.sha256, S11) == again.looked_at(changed_by.sha256, S11)
    assert history_of(view, S11) == history_of(again, S11)
    register.register.forget_from(view.size - 1)
    assert None is register.register.at(view.size - 1).looked_at(changed_by.sha256, S11)


def test_a_change_on_which_nothing_rests_and_no_answer_can_is_nobodys_to_look_at() -> None:
    register = Demonstration().then(with_another())
    [only] = changes_to_look_at(register.view(), TODAY)
    assert ("added", False, False) == (only.came.change.sort, only.matters, only.waits)


def test_the_history_of_a_provision_has_its_catalogues_and_its_marks_newest_first() -> None:
    register = Demonstration().then(
        verified(S16LA),
        withdrawn(S16LA),
        entry({"ca-2004-s16la": {"says": "Once."}}),
        with_another({"ca-2004-s16la": {"says": "Once."}}),
    )
    found = history_of(register.view(), "ca-2004-s16la")
    assert [Came, Checked, Checked, Began] == [type(one) for one in found]
    assert sorted((one.entry for one in found), reverse=True) == [one.entry for one in found]
    assert [None] == [one.said for one in found[1:2] if isinstance(one, Checked)]
