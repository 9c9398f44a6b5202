from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from challenge_marks import SHIPPED, STAGES
from isa_registry.data import data_directory
from isa_registry.domain.agreement_text import AgreementError
from isa_registry.domain.catalogue_loading import FILES, load_catalogue
from isa_registry.domain.challenging.stages import TIME_TO_CONFIRM, TO_CONFIRM, WORDS_TO_CONFIRM, read_stages

FRIDAY = datetime(2026, 11, 27, 16, tzinfo=UTC)


def _changed(*path: str | int, to: Any) -> bytes:
    whole = json.loads(SHIPPED.read_bytes())
    place = whole
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = to
    return json.dumps(whole).encode()


def test_only_what_was_read_of_durhams_policy_is_shown_as_known() -> None:
    assert [stage.known.to_confirm for stage in STAGES.stages] == [False, True, True, True]
    # No text that was read says how long any of them may take.
    assert all(stage.allowed.known.to_confirm for stage in STAGES.stages)
    assert [stage.to_confirm for stage in STAGES.stages] == [TIME_TO_CONFIRM, TO_CONFIRM, TO_CONFIRM, TO_CONFIRM]


def test_the_roles_of_the_stages_are_the_catalogues() -> None:
    catalogue = load_catalogue(
        {name: (data_directory("agreements") / "catalogue" / name).read_bytes() for name in FILES}
    )
    for stage in STAGES.stages:
        assert set(stage.takes_part) <= set(catalogue.codes.roles), stage.code


def test_the_stages_follow_each_other_and_end() -> None:
    codes = [stage.code for stage in STAGES.stages]
    assert codes == ["stage-one", "stage-two", "stage-three", "stage-four"]
    after = [STAGES.after(code) for code in codes]
    assert [one and one.code for one in after] == [*codes[1:], None]
    assert [STAGES.last(code) for code in codes] == [False, False, False, True]


def test_a_challenge_in_a_stage_that_is_no_more_goes_on_with_the_first() -> None:
    assert STAGES.after("stage-of-before") is STAGES.first
    assert STAGES.due("stage-of-before", FRIDAY) is None


def test_five_working_days_after_a_friday_end_on_the_next_friday() -> None:
    due = STAGES.due("stage-one", FRIDAY)
    assert due is not None
    assert (due.day, due.at) == (date(2026, 12, 4), datetime(2026, 12, 5, tzinfo=UTC))


def test_hours_pass_at_night_and_at_weekends_too() -> None:
    stages = read_stages(
        _changed("stages", 0, "allowed", to={"hours": 48, "known": {"confidence": "verified", "source": "x"}})
    )
    due = stages.due("stage-one", FRIDAY)
    assert due is not None
    assert (due.day, due.at) == (None, datetime(2026, 11, 29, 16, tzinfo=UTC))
    assert stages.first.allowed.words == "48 hours"
    assert stages.first.to_confirm is None


def test_what_happens_in_a_stage_may_be_what_is_to_be_confirmed() -> None:
    sure = {"working_days": 5, "known": {"confidence": "secondary", "source": "x"}}
    assert read_stages(_changed("stages", 1, "allowed", to=sure)).stages[1].to_confirm == WORDS_TO_CONFIRM


def test_a_day_off_of_the_partnerships_file_counts_for_nothing() -> None:
    due = read_stages(_changed("days_off", to=["2026-12-01"])).due("stage-one", FRIDAY)
    assert due is not None
    assert due.day == date(2026, 12, 7)


_KNOWN = {"confidence": "uncertain", "source": "x"}


@pytest.mark.parametrize(
    ("path", "to", "pointer"),
    [
        (("partnership",), "Durham SCP", "#/partnership"),
        (("partnership",), 7, "#/partnership"),
        (("title",), " ", "#/title"),
        (("source",), "", "#/source"),
        (("not_for",), "all", "#/not_for"),
        (("stages",), [], "#/stages"),
        (("days_off",), ["2026-02-30"], "#/days_off/0"),
        (("another",), 1, "#"),
        (("stages", 0, "code"), "Stage One", "#/stages/0"),
        (("stages", 1, "code"), "stage-one", "#/stages/1"),
        (("stages", 1, "label"), "", "#/stages/1/label"),
        (("stages", 1, "says"), "", "#/stages/1/says"),
        (("stages", 1, "takes_part"), [], "#/stages/1/takes_part"),
        (("stages", 1, "takes_part"), ["nurse", "nurse"], "#/stages/1/takes_part/1"),
        (("stages", 1, "known"), {"confidence": "sure", "source": "x"}, "#/stages/1/known/confidence"),
        (("stages", 1, "known"), {"confidence": "verified", "source": ""}, "#/stages/1/known/source"),
        (("stages", 1, "allowed"), {"known": _KNOWN}, "#/stages/1/allowed"),
        (("stages", 1, "allowed"), {"known": _KNOWN, "hours": 1, "working_days": 1}, "#/stages/1/allowed"),
        (("stages", 1, "allowed"), {"known": _KNOWN, "working_days": 0}, "#/stages/1/allowed/working_days"),
        (("stages", 1, "allowed"), {"known": _KNOWN, "working_days": 61}, "#/stages/1/allowed/working_days"),
        (("stages", 1, "allowed"), {"known": _KNOWN, "hours": 721}, "#/stages/1/allowed/hours"),
        (("stages", 1, "allowed"), {"known": _KNOWN, "weeks": 1}, "#/stages/1/allowed"),
        (("stages", 1, "allowed"), {"known": {**_KNOWN, "source": " "}, "hours": 1}, "#/stages/1/allowed/known/source"),
    ],
)
def test_a_file_with_a_fault_is_refused_and_the_place_named(path: tuple[str | int, ...], to: Any, pointer: str) -> None:
    with pytest.raises(AgreementError) as raised:
        read_stages(_changed(*path, to=to))
    assert [fault.at for fault in raised.value.faults] == [pointer]


@pytest.mark.parametrize("data", [b"", b"{", b'{"title": 1, "title": 2}', b"[]", b"\xff"])
def test_what_is_no_such_document_is_refused(data: bytes) -> None:
    with pytest.raises(AgreementError):
        read_stages(data)
