"""For how long a purpose is covered without a gap, and since when it is not."""

from __future__ import annotations

import pytest

from demonstration import NO_PAPERWORK, Demonstration
from isa_registry.domain.entries import LawfulBasisEnded, LawfulBasisRecorded
from isa_registry.domain.lawful_bases.cover import Cover, cover
from isa_registry.domain.set_up import Step, steps

DAY = "2026-11-27"


def basis(record: str, starts: str, ends: str | None = None, supersedes: str | None = None) -> LawfulBasisRecorded:
    return LawfulBasisRecorded(
        record, NO_PAPERWORK, "tier-1", "early-help", (), (), (), (), (), "own", "siro", starts, ends,
        supersedes=supersedes,
    )  # fmt: skip


def covered(*said: LawfulBasisRecorded | LawfulBasisEnded, on: str = DAY) -> Cover:
    return cover(Demonstration().then(*said).view().lawful_bases_for(NO_PAPERWORK, "tier-1", "early-help"), on)


def ended(record: str, on: str) -> LawfulBasisEnded:
    return LawfulBasisEnded(record, NO_PAPERWORK, on)


@pytest.mark.parametrize(
    ("said", "until", "soon"),
    [
        ([basis("lb_1", "2026-06-01")], None, None),
        ([basis("lb_1", "2026-06-01", "2026-12-27")], "2026-12-27", "2026-12-27"),
        ([basis("lb_1", "2026-06-01", "2026-12-28")], "2026-12-28", None),
        ([basis("lb_1", "2026-06-01"), ended("lb_1", "2026-12-01")], "2026-11-30", "2026-11-30"),
        ([basis("lb_1", "2026-06-01", "2026-12-10"), basis("lb_2", "2026-12-11")], None, None),
        ([basis("lb_1", "2026-06-01", "2026-12-10"), basis("lb_2", "2026-12-12")], "2026-12-10", "2026-12-10"),
        ([basis("lb_1", "2026-06-01"), basis("lb_2", "2026-12-01", "2026-12-05", "lb_1")], "2026-12-05", "2026-12-05"),
    ],
)
def test_a_purpose_is_covered_until_the_last_day_before_the_first_gap(
    said: list[LawfulBasisRecorded | LawfulBasisEnded], until: str | None, soon: str | None
) -> None:
    found = covered(*said)
    assert found.holding is not None
    assert (found.until, found.lapses_soon(DAY), found.lapsed_on) == (until, soon, None)


def test_what_lapsed_says_since_when_and_what_never_was_says_nothing() -> None:
    lapsed = covered(basis("lb_1", "2026-06-01", "2026-11-20"), basis("lb_2", "2027-01-01"))
    assert (lapsed.holding, lapsed.lapsed_on, lapsed.last and lapsed.last.recorded.record) == (
        None, "2026-11-21", "lb_1",
    )  # fmt: skip
    assert covered() == Cover(None)
    never = covered(basis("lb_1", "2026-12-01"), ended("lb_1", "2026-11-01"), on="2027-01-01")
    assert never == Cover(None)


def test_the_set_up_list_says_what_is_missing_has_lapsed_and_lapses_within_thirty_days() -> None:
    def step(*said: LawfulBasisRecorded) -> Step:
        found = steps(Demonstration().then(*said).view(), NO_PAPERWORK, DAY)
        return next(one for one in found if (one.agreement, one.purpose) == ("tier-1", "early-help"))

    def state(one: Step) -> tuple[bool, bool, str | None]:
        return one.done, one.overdue, one.lapses_on

    assert state(step()) == (False, False, None)
    assert state(step(basis("lb_1", "2026-06-01", "2026-11-26"))) == (False, True, None)
    assert state(step(basis("lb_1", "2026-06-01", DAY))) == (True, False, DAY)
    assert state(step(basis("lb_1", "2026-06-01", "2027-11-26"))) == (True, False, None)
