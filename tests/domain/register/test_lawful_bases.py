"""A record's first and last day are honoured to the instant, London time, on whatever side of a change of the clocks;
what a view of an earlier size knew stays what it knew; and nothing that was said is ever changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from asking import COUNCIL, question
from demonstration import NO_PAPERWORK, Demonstration, catalogue, demonstration_entries
from isa_registry.domain.dates import LONDON, london_date
from isa_registry.domain.decisions import decide
from isa_registry.domain.entries import LawfulBasisEnded, LawfulBasisRecorded
from isa_registry.domain.lawful_bases.history import events
from isa_registry.domain.questions import Evidence
from isa_registry.domain.register.register import RegisterView

PURPOSE = "harm-outside-the-home"
AROUND = [date(2026, 6, 1), date(2026, 10, 24), date(2026, 10, 25), date(2026, 10, 26), date(2026, 12, 31),
          date(2027, 3, 27), date(2027, 3, 28), date(2027, 3, 29)]  # fmt: skip
"""Days of summer and winter, and both changes of the clocks, after the agreement came into force."""

days = st.builds(lambda day, more: day + timedelta(days=more), st.sampled_from(AROUND), st.integers(-1, 1))
nearly = st.sampled_from([timedelta(milliseconds=-1), timedelta(0), timedelta(milliseconds=1), timedelta(hours=-1),
                          timedelta(minutes=-59), timedelta(minutes=59), timedelta(hours=12)])  # fmt: skip


@cache
def _whole() -> Demonstration:
    return Demonstration()


@cache
def _size() -> int:
    return len(list(demonstration_entries()))


def begun() -> Demonstration:
    """The demonstration, in which the body has no records; the one of the example before is forgotten."""
    whole = _whole()
    size = _size()
    whole.register.forget_from(size)
    del whole.entries[size:]
    whole.size = size
    return whole


def midnight(day: date) -> datetime:
    """The instant at which a day begins in London."""
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)


def basis(record: str, starts: date, ends: date | None = None, **said: Any) -> LawfulBasisRecorded:
    return LawfulBasisRecorded(
        record=record,
        organisation=NO_PAPERWORK,
        agreement="tier-2-hoth",
        purpose=PURPOSE,
        article_6=("art6-1-ea", "uk-gdpr-annex1-para6"),
        article_9=(),
        article_10=(),
        part_3=(),
        gateways=(),
        adopted="own",
        approved_by="siro",
        starts=starts.isoformat(),
        ends=None if ends is None else ends.isoformat(),
        **said,
    )


def ended(record: str, on: date) -> LawfulBasisEnded:
    return LawfulBasisEnded(record=record, organisation=NO_PAPERWORK, on=on.isoformat())


def holding(view: RegisterView, on: str) -> str | None:
    found = view.lawful_basis(NO_PAPERWORK, "tier-2-hoth", PURPOSE, on)
    return None if found is None else found.recorded.record


def misses(view: RegisterView, moment: datetime, *, provider: bool) -> bool:
    """Whether an answer at an instant misses the body's record: as the one that shares, or that receives."""
    sides = (NO_PAPERWORK, COUNCIL) if provider else (COUNCIL, NO_PAPERWORK)
    answer = decide(view, catalogue(), question(*sides, PURPOSE), Evidence(), today=london_date(moment))
    code = "lawful-basis-record" if provider else "recipient-lawful-basis-record"
    return code in {one.code for one in answer.missing}


@given(days, st.one_of(st.none(), st.integers(0, 200)), st.one_of(st.none(), st.integers(0, 200)), days, nearly,
       st.sampled_from(["start", "end", "any"]))  # fmt: skip
def test_a_record_holds_from_the_first_instant_of_its_first_day_to_the_last_of_its_last_on_both_sides(
    starts: date, lasting: int | None, ending: int | None, other: date, near: timedelta, at: str
) -> None:
    ends = None if lasting is None else starts + timedelta(days=lasting)
    register = begun().then(basis("lb_1", starts, ends))
    gone = [midnight(ends + timedelta(days=1))] if ends is not None else []
    if ending is not None:
        last = starts + timedelta(days=ending)
        register.then(ended("lb_1", last))
        gone.append(midnight(last))
    turn = midnight(starts) if at == "start" else min(gone, default=midnight(other)) if at == "end" else midnight(other)
    moment = max(turn + near, midnight(date(2026, 6, 2)))
    holds = midnight(starts) <= moment and all(moment < instant for instant in gone)
    view = register.view()
    assert (holding(view, london_date(moment)) == "lb_1") == holds
    assert misses(view, moment, provider=True) == (not holds)
    assert misses(view, moment, provider=False) == (not holds)


@given(days, st.integers(1, 200), st.one_of(st.none(), st.integers(0, 100)), nearly, st.integers(-2, 250))
def test_at_every_instant_one_record_holds_and_the_successor_does_from_its_first(
    starts: date, later: int, lasting: int | None, near: timedelta, when: int
) -> None:
    second = starts + timedelta(days=later)
    ends = None if lasting is None else second + timedelta(days=lasting)
    register = begun().then(basis("lb_1", starts), basis("lb_2", second, ends, supersedes="lb_1"))
    moment = midnight(starts + timedelta(days=when)) + near
    expected = None
    if midnight(starts) <= moment < midnight(second):
        expected = "lb_1"
    elif moment >= midnight(second) and (ends is None or moment < midnight(ends + timedelta(days=1))):
        expected = "lb_2"
    assert holding(register.view(), london_date(moment)) == expected


@given(st.lists(st.tuples(st.sampled_from(["record", "supersede", "end"]), days, days), min_size=1, max_size=8), days)
def test_what_an_earlier_size_knew_stays_and_no_record_ever_changes_its_words(
    steps: list[tuple[str, date, date]], on: date
) -> None:
    register = begun()
    known: list[tuple[RegisterView, str | None]] = [(register.view(), None)]
    said: list[LawfulBasisRecorded] = []
    for number, (what, first, other) in enumerate(steps):
        if what == "end" and said:
            register.then(ended(said[-1].record, other))
        else:
            before = said[-1].record if what == "supersede" and said else None
            made = basis(f"lb_{number}", first, max(first, other), supersedes=before)
            said.append(made)
            register.then(made)
        known.append((register.view(), holding(register.view(), on.isoformat())))
    assert [holding(view, on.isoformat()) for view, _ in known] == [was for _, was in known]
    records = register.view().lawful_bases_for(NO_PAPERWORK, "tier-2-hoth", PURPOSE)
    assert [one.recorded for one in records] == said
    assert [one.recorded for one in register.view().lawful_bases_of(NO_PAPERWORK)][-len(said) or None :][
        : len(said)
    ] == said


def test_the_last_logged_of_two_that_overlap_holds_and_an_id_names_one_record_for_ever() -> None:
    first, second = date(2026, 7, 1), date(2026, 8, 1)
    register = begun().then(basis("lb_1", first), basis("lb_2", second, date(2026, 8, 31)))
    view = register.then(basis("lb_2", first)).view()
    assert [holding(view, day) for day in ("2026-07-31", "2026-08-01", "2026-09-01")] == ["lb_1", "lb_2", "lb_1"]


def test_another_body_ends_nothing() -> None:
    register = begun().then(basis("lb_1", date(2026, 7, 1)))
    register.then(LawfulBasisEnded(record="lb_1", organisation=COUNCIL, on="2026-08-01"))
    assert holding(register.view(), "2026-09-01") == "lb_1"


def test_the_history_tells_each_event_with_its_entry() -> None:
    register = begun()
    at = register.size
    register.then(basis("lb_1", date(2026, 7, 1)), basis("lb_2", date(2026, 9, 1), supersedes="lb_1"),
                  ended("lb_2", date(2026, 8, 1)))  # fmt: skip
    history = register.view().lawful_basis_history(NO_PAPERWORK, "tier-2-hoth", PURPOSE)
    assert [(one.what, one.record, one.on, one.entry - at, one.by) for one in events(history)] == [
        ("recorded", "lb_1", "2026-07-01", 0, None),
        ("superseded", "lb_1", "2026-09-01", 1, "lb_2"),
        ("recorded", "lb_2", "2026-09-01", 1, None),
        ("goes-on", "lb_1", None, 2, None),
        ("ended", "lb_2", "2026-08-01", 2, None),
    ]
