"""A form about several people keeps each one's role, and gives none of them to another."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec.structs import replace

from faults.drafts import submitted
from isa_registry.domain.entries import RegistryOpened
from isa_registry.domain.sharing import EventSubject, SharingEvent, read_event
from isa_registry.pages.decisions_form import what_is_missing, written
from isa_registry.pages.decisions_known import of_event

OPENED = RegistryOpened("o", "durham", "Durham", "durham-county-council", {})
NOW = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
FIRST, SECOND, THIRD = (f"s1_{letter * 42}A" for letter in "abc")


def event() -> SharingEvent:
    return replace(
        read_event(submitted(1).event),
        decided_at="2026-11-23T09:00:37.123Z",
        shared_at="2026-11-23T09:00:51.009Z",
        subjects=(
            EventSubject(kind="child", ref=FIRST, roles=("victim",)),
            EventSubject(kind="child", ref=SECOND, roles=("suspect",)),
            EventSubject(kind="parent-carer", ref=THIRD, roles=()),
        ),
    )


def test_a_correction_keeps_each_persons_roles() -> None:
    original = event()
    known = of_event(original, (), None, new=original.id)
    assert [one.field for one in known.people] == ["refs-child", "refs-child-2", "refs-parent-carer"]
    assert what_is_missing(known, known.values) == ()
    made = written(known, known.values, OPENED, original.provider, now=NOW).event
    assert made.subjects == original.subjects


def test_a_correction_that_changes_nothing_says_what_was_said() -> None:
    original = event()
    known = of_event(original, (), None, new=original.id)
    made = written(known, known.values, OPENED, original.provider, now=NOW).event
    same = replace(original, registry="o", corrects=original.id, late_entry=True)
    assert made == same
