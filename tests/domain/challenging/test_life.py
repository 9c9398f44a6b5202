from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from challenge_marks import CHALLENGED, RAISER, STAGES, closed, moment, moved, raised
from isa_registry.domain.challenging.codes import ANSWERS, GROUNDS, OUT_OF_STAGES, OUTCOMES
from isa_registry.domain.challenging.codes import STEPS as WORDS
from isa_registry.domain.challenging.counting import counted
from isa_registry.domain.challenging.life import (
    STATES,
    STEPS,
    Challenge,
    Mark,
    every,
    outcomes_open_to,
    standing,
    steps_open_to,
)


def _standing(*marks: Mark) -> Challenge:
    found = standing(marks)
    assert found is not None
    return found


def test_a_challenge_begins_at_the_first_stage_and_waits_for_the_other_body() -> None:
    found = _standing(raised("2026-11-02"))
    assert (found.state, found.stage, found.outcome) == ("awaiting-answer", "stage-one", None)
    assert steps_open_to(found, CHALLENGED, STAGES) == (*ANSWERS, "ask-more", "move-up")
    assert steps_open_to(found, RAISER, STAGES) == ("move-up", "close")
    assert steps_open_to(found, "harbour", STAGES) == ()


def test_an_answer_goes_back_to_the_body_that_raised_it() -> None:
    found = _standing(raised("2026-11-02"), moved("2026-11-03", "answer-stands"))
    assert found.state == "answered"
    assert steps_open_to(found, RAISER, STAGES) == ("give-more", "move-up", "close")
    # A better answer is taken at any time.
    assert steps_open_to(found, CHALLENGED, STAGES) == (*ANSWERS, "move-up")


def test_asking_for_detail_does_not_stop_the_clock() -> None:
    asked = _standing(raised("2026-11-02"), moved("2026-11-03", "ask-more"))
    given_more = _standing(
        raised("2026-11-02"), moved("2026-11-03", "ask-more"), moved("2026-11-04", "give-more", by=RAISER)
    )
    assert (asked.state, given_more.state) == ("awaiting-detail", "awaiting-answer")
    assert asked.due(STAGES) == given_more.due(STAGES) == _standing(raised("2026-11-02")).due(STAGES)


def test_moving_up_begins_the_next_stages_time_and_waits_for_an_answer_again() -> None:
    found = _standing(
        raised("2026-11-02"),
        moved("2026-11-03", "answer-stands"),
        moved("2026-11-04", "move-up", by=RAISER, stage="stage-two"),
    )
    assert (found.state, found.stage, found.stage_since) == ("awaiting-answer", "stage-two", moment("2026-11-04"))


def test_either_body_moves_it_up_at_any_time_and_more_than_once() -> None:
    found = _standing(raised("2026-11-02"), moved("2026-11-02", "move-up", by=RAISER, stage="stage-two"))
    assert "move-up" in steps_open_to(found, RAISER, STAGES)
    assert "move-up" in steps_open_to(found, CHALLENGED, STAGES)


def test_after_the_last_stage_it_can_only_be_taken_further_outside() -> None:
    found = _standing(raised("2026-11-02"), moved("2026-11-03", "move-up", stage="stage-four"))
    for body in (RAISER, CHALLENGED):
        assert "move-up" not in steps_open_to(found, body, STAGES)
        assert OUT_OF_STAGES in outcomes_open_to(found, body, STAGES)
    assert outcomes_open_to(found, CHALLENGED, STAGES) == (OUT_OF_STAGES,)


def test_nobody_says_that_a_challenge_to_their_own_decision_is_settled() -> None:
    found = _standing(raised("2026-11-02"))
    assert outcomes_open_to(found, CHALLENGED, STAGES) == ()
    assert outcomes_open_to(found, RAISER, STAGES) == tuple(one for one in OUTCOMES if one != OUT_OF_STAGES)


def test_what_is_closed_takes_no_step_and_is_never_overdue() -> None:
    found = _standing(raised("2026-11-02"), closed("2026-11-03", "withdrawn-by-raiser"))
    assert (found.state, found.outcome) == ("closed", "withdrawn-by-raiser")
    assert steps_open_to(found, RAISER, STAGES) == steps_open_to(found, CHALLENGED, STAGES) == ()
    assert not found.overdue(STAGES, datetime(2036, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(("now", "overdue"), [("2026-11-09T23:59:59.999Z", False), ("2026-11-10T00:00:00Z", True)])
def test_a_stage_is_overdue_once_its_last_day_in_london_is_over(now: str, overdue: bool) -> None:
    assert _standing(raised("2026-11-02")).overdue(STAGES, moment(now)) is overdue


def test_without_its_first_entry_nothing_is_said_of_a_challenge() -> None:
    assert standing([moved("2026-11-03", "answer-stands"), closed("2026-11-04")]) is None
    assert every([moved("2026-11-03", "answer-stands", challenge="chl_2"), raised("2026-11-02")])[0].id == "chl_1"


def test_every_state_and_step_has_words_and_every_open_state_can_be_closed() -> None:
    assert {one.state for one in STEPS} | {one.to for one in STEPS} == set(STATES)
    assert {one.step for one in STEPS} == set(WORDS)
    assert {one.state for one in STEPS if one.step == "close"} == set(STATES) - {"closed"}
    assert len({(one.state, one.step) for one in STEPS}) == len(STEPS)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_is_done_somebody_can_always_go_on_until_it_is_closed(data: st.DataObject) -> None:
    marks = [raised("2026-11-02")]
    for number in range(data.draw(st.integers(0, 12))):
        found = _standing(*marks)
        choices = [(body, step) for body in (RAISER, CHALLENGED) for step in steps_open_to(found, body, STAGES)]
        assert bool(choices) is found.open
        if not choices:
            break
        body, step = data.draw(st.sampled_from(choices))
        at = f"2026-11-{3 + number:02}"
        if step == "close":
            marks.append(closed(at, data.draw(st.sampled_from(outcomes_open_to(found, body, STAGES))), by=body))
            continue
        after = STAGES.after(found.stage) if step == "move-up" else STAGES.stage(found.stage)
        assert after is not None
        marks.append(moved(at, step, by=body, stage=after.code))
    found = _standing(*marks)
    codes = [stage.code for stage in STAGES.stages]
    stages = [codes.index(mark.stage) for mark in marks if mark.event != "closed"]
    assert stages == sorted(stages), "it is never moved down"
    assert found.open is (marks[-1].event != "closed")


# --- counting ---------------------------------------------------------------------------------------------------------

START, END = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)


def test_a_period_counts_what_was_raised_and_what_was_closed_in_it() -> None:
    marks = [
        raised("2026-06-29", challenge="before"),
        closed("2026-07-02", "resolved-part-shared", challenge="before"),
        raised("2026-07-06", challenge="slow", ground="put-off"),
        moved("2026-07-20", "move-up", challenge="slow", stage="stage-two"),
        closed("2026-07-21", "decision-stands-agreed", challenge="slow"),
        raised("2026-09-30", challenge="open"),
        raised("2026-08-03", challenge="late"),
        raised("2026-10-02", challenge="after"),
        closed("2026-10-02", challenge="late"),
    ]
    found = counted(reversed(marks), STAGES, start=START, end=END)
    assert (found.raised, found.closed, found.within_time, found.open, found.overdue) == (3, 2, 1, 2, 1)
    assert {code: count for code, count in found.by_ground.items() if count} == {"not-shared": 2, "put-off": 1}
    assert {code: count for code, count in found.by_outcome.items() if count} == {
        "resolved-part-shared": 1,
        "decision-stands-agreed": 1,
    }
    assert found.by_stage == {"stage-one": 1, "stage-two": 1, "stage-three": 0, "stage-four": 0}


def test_an_empty_period_has_every_code_with_nothing() -> None:
    found = counted([], STAGES, start=START, end=END)
    assert set(found.by_ground) == set(GROUNDS)
    assert set(found.by_outcome) == set(OUTCOMES)
    assert not any((*found.by_ground.values(), *found.by_outcome.values(), *found.by_stage.values(), found.raised))
