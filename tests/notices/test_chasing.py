"""Whom the business unit may remind by hand on a day, and when the next reminder goes by itself."""

from __future__ import annotations

import pytest

from demonstration import attested
from isa_registry.domain import agreement_entries as entries
from isa_registry.domain.notices.chasing import Reminder, by_hand, chased, next_by_itself
from isa_registry.domain.register.facts import AgreementVersion
from notices.happening import COUNCIL, HARBOUR, POLICE, TIER_2, Log, next_version, opened


@pytest.fixture
def log() -> Log:
    """Version 1.1 was opened to the council and the police on 2 November."""
    log = Log()
    log.happens(next_version())
    log.happens(opened(COUNCIL, POLICE))
    return log


def version(log: Log) -> AgreementVersion:
    found = log.view.agreement_version(TIER_2, "1.1")
    assert found is not None
    return found


def reminders(log: Log, today: str, *invited: str, asking: tuple[str, ...] = ()) -> dict[str, Reminder]:
    return {one.organisation: one for one in by_hand(log.view, version(log), invited, today, asking=asking)}


@pytest.mark.parametrize(
    ("today", "follows"),
    [
        ("2026-11-02", "2026-11-09"), ("2026-11-08", "2026-11-09"), ("2026-11-09", "2026-11-16"),
        ("2026-11-29", "2026-11-30"), ("2026-11-30", None),
    ],
)  # fmt: skip
def test_the_next_reminder_goes_on_the_day_on_which_it_is_due(log: Log, today: str, follows: str | None) -> None:
    assert next_by_itself(log.view, version(log), today) == follows
    if follows is not None:
        before = {one.key for one in chased(log.view, version(log), today)}
        assert {one.key for one in chased(log.view, version(log), follows)} - before


def test_whoever_was_asked_is_reminded_from_the_second_day_on(log: Log) -> None:
    assert not reminders(log, "2026-11-03")
    found = reminders(log, "2026-11-04", HARBOUR)
    assert set(found) == {COUNCIL, POLICE, HARBOUR}
    (notice,) = found[POLICE].notices
    assert (notice.template, notice.roles, notice.parameters["days"]) == ("attestation-chased", ("signatory",), "2")
    assert reminders(log, "2026-11-05")[POLICE].notices[0].key != notice.key


def test_who_has_answered_or_waits_for_an_answer_is_not_reminded(log: Log) -> None:
    log.happens(attested(COUNCIL, TIER_2, version="1.1", at="2026-11-03T00:00:00.000Z"))
    log.happens(entries.AttestationDeclined(agreement=TIER_2, version="1.1", organisation="cafcass", reason="not-ours"))
    assert set(reminders(log, "2026-11-05", HARBOUR, "cafcass", "no-such-body")) == {POLICE, HARBOUR}
    assert set(reminders(log, "2026-11-05", HARBOUR, asking=(POLICE,))) == {HARBOUR}


def test_a_step_that_has_come_is_told_first_so_that_it_does_not_follow_on_the_same_day(log: Log) -> None:
    by_itself = {one.organisation: one for one in chased(log.view, version(log), "2026-11-16")}
    found = reminders(log, "2026-11-16", HARBOUR)
    assert found[POLICE].notices[0] == by_itself[POLICE]
    assert len(found[HARBOUR].notices) == 1
    every_step = {
        one.key for day in ("09", "16", "30") for one in chased(log.view, version(log), f"2026-11-{day}")
    }  # fmt: skip
    assert {key for key in every_step if POLICE in key} < set(found[POLICE].before)


def test_nobody_is_reminded_of_a_version_that_is_over(log: Log) -> None:
    log.happens(entries.AgreementWithdrawn(agreement=TIER_2, version="1.1", on="2026-11-10", reason="replaced"))
    assert not reminders(log, "2026-11-12", HARBOUR)
    assert next_by_itself(log.view, version(log), "2026-11-12") is None
