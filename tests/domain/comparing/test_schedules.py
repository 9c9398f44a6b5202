"""Every place in which two schedules differ has its sentence, and equal ones have none."""

import json
from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_registry.domain.agreements import (
    ParentAgreement,
    Schedule,
    ScheduleContact,
    ScheduleFlow,
    SchedulePurpose,
    ScheduleRetention,
    encode_schedule,
)
from isa_registry.domain.comparing.schedules import TELLING, schedule_changes
from next_version import next_version, old_version

codes = st.sampled_from(["identity", "finance", "health", "housing", "police-only"])
lists = st.lists(codes, max_size=4, unique=True).map(tuple)
words = st.sampled_from(["", "One", "Two has a note", "Three"])
days = st.sampled_from(["2026-06-01", "2027-06-01", "never"])


def rows(row: type, **members: Any) -> Any:
    return st.lists(st.builds(row, **members), max_size=3, unique_by=lambda one: getattr(one, "code", "")).map(tuple)


flows = st.lists(
    st.builds(ScheduleFlow, from_=codes, to=codes, minimum=lists, categories=st.none() | lists),
    max_size=3,
    unique_by=lambda one: (one.from_, one.to),
).map(tuple)
schedules = st.builds(
    Schedule,
    agreement=codes,
    version=st.sampled_from(["1.0", "1.1"]),
    title=words,
    tier=st.sampled_from([1, 2]),
    effective_from=days,
    review_due=days,
    purposes=rows(SchedulePurpose, code=codes, clause=st.sampled_from(["5.3", "5.4"]), categories=lists, minimum=lists,
                  flows=flows),
    signatory_roles=st.dictionaries(codes, lists, max_size=3),
    contacts=rows(ScheduleContact, code=codes, label=words, telephone=st.none() | words, note=st.none() | words),
    retention=rows(ScheduleRetention, code=codes, label=words, rule=words, starts=st.sampled_from(["birth", "death"]),
                   confidence=st.sampled_from(["verified", "uncertain"]), source=words,
                   years=st.none() | st.integers(1, 3)),
    parent=st.none() | st.builds(ParentAgreement, agreement=codes, version=st.sampled_from(["1.0", "1.1"])),
    ends=st.none() | days,
    topics=st.dictionaries(codes, st.sampled_from(["5.3", "5.4"]), max_size=3),
    parties=st.dictionaries(codes, lists, max_size=3),
    consulted_roles=st.dictionaries(codes, lists, max_size=3),
)  # fmt: skip


def leaves(value: Any, at: str = "") -> dict[str, Any]:
    """Every place of a schedule as JSON: rows by their codes, a list of codes by its codes and by their order."""
    if isinstance(value, dict):
        found = {f"{at}/": "there"} if at else {}
        for key, inner in value.items():
            found |= leaves(inner, f"{at}/{key}")
        return found
    if isinstance(value, list) and value and isinstance(value[0], dict):
        found = {}
        for row in value:
            found |= leaves(row, f"{at}/{row['code'] if 'code' in row else row['from'] + '-to-' + row['to']}")
        return found
    if isinstance(value, list):
        return {f"{at}/": "there"} | {f"{at}/{code}": count for code, count in Counter(value).items()}
    return {at: value}


def different_places(old: Schedule, new: Schedule) -> set[str]:
    """By another road than the code under test: flattened JSON. A row or a kind that one side lacks is one place."""
    was, now = (leaves(msgspec.json.decode(encode_schedule(one))) for one in (old, new))
    found = {at for at in was.keys() | now.keys() if was.get(at) != now.get(at)}
    return {at.rstrip("/") for at in found}


@given(schedules, schedules)
def test_each_place_that_differs_has_its_sentence(old: Schedule, new: Schedule) -> None:
    told = {one.at for one in schedule_changes(old, new)}
    for place in different_places(old, new):
        # A row that is new or gone is told once, for all that is in it.
        assert any(place == at or place.startswith(f"{at}/") or at.startswith(f"{place}/") for at in told), place


@given(schedules, schedules)
def test_schedules_that_differ_in_any_byte_give_a_sentence_and_equal_ones_none(old: Schedule, new: Schedule) -> None:
    assert (encode_schedule(old) == encode_schedule(new)) == (schedule_changes(old, new) == ())
    assert () == schedule_changes(old, msgspec.json.decode(encode_schedule(old), type=Schedule))


@given(schedules, schedules)
def test_the_other_way_round_the_same_places_differ(old: Schedule, new: Schedule) -> None:
    assert {one.at for one in schedule_changes(old, new)} == {one.at for one in schedule_changes(new, old)}


@given(schedules, schedules)
def test_every_sentence_is_one_and_none_is_said_twice_of_a_place(old: Schedule, new: Schedule) -> None:
    changes = schedule_changes(old, new)
    assert len(set(changes)) == len(changes)
    for one in changes:
        assert one.sentence[0].isupper() or one.sentence[0] == "“"
        assert one.sentence[-1] in ".”"
        assert "{" not in one.sentence


def test_no_member_of_a_schedule_is_left_out() -> None:
    assert set(Schedule.__struct_fields__) == set(TELLING)


def test_the_next_version_in_plain_sentences() -> None:
    told = [one.sentence for one in schedule_changes(old_version().read, next_version().read)]
    assert told == [
        "It is version 1.1 instead of 1.0.",
        "It takes effect on 1 January 2027 instead of 1 June 2026.",
        "The review is due on 1 January 2028 instead of 1 June 2027.",
        "Removes category finance from missing return interview.",
        "Adds category finance to crime prevention.",
        "Delegates under a scheme of delegation may no longer sign for maintained schools.",
        "Clause 14.2 is followed by clause 14.3.",
        "Clause 18.3 is followed by clause 18.2.",
    ]


@pytest.mark.parametrize(
    ("member", "value", "sentence"),
    [
        ("parent", {"agreement": "tier-1", "version": "2"}, "It rests on version 2 of tier-1 instead of version 1.0."),
        ("ends", "2029-12-31", "It ends on 31 December 2029; before, no end was set."),
        ("tier", 1, "It is a Tier 1 agreement instead of Tier 2."),
    ],
)  # fmt: skip
def test_members_that_are_one_value(member: str, value: Any, sentence: str) -> None:
    whole = json.loads(old_version().schedule)
    new = msgspec.convert({**whole, member: value}, Schedule)
    assert [sentence] == [one.sentence for one in schedule_changes(old_version().read, new)]


def test_directions_retention_contacts_and_groups_in_plain_sentences() -> None:
    whole = json.loads(old_version().schedule)
    flow = whole["purposes"][0]["flows"][0]
    flow["minimum"] = [*flow["minimum"], "family"]
    whole["parties"]["council"] = ["local-authority", "academy-trust"]
    whole["retention"][0]["years"] += 1
    whole["contacts"][0]["telephone"] = "03000 000 000"
    del whole["purposes"][1]["flows"][:1]
    told = [one.sentence for one in schedule_changes(old_version().read, msgspec.convert(whole, Schedule))]
    assert "Adds academy trusts to the group council." in told
    assert (
        "Category family is now among what is normally enough for harm outside the home, "
        f"{flow['from'].replace('-', ' ')} to {flow['to'].replace('-', ' ')}."
    ) in told
    assert any(one.startswith("For missing now, nothing of its own is set any more for ") for one in told)
    assert any("is kept for 76 years instead of for 75 years." in one for one in told)
    assert "The contact first contact has the telephone number “03000 000 000” instead of “03000 267 979”." in told
    assert 5 == len(told)
