"""Days and times, as people type them on a telephone and elsewhere."""

from __future__ import annotations

import pytest

from isa_registry.pages.rendering import _templates
from isa_registry.pages.typed import as_typed, day_typed, time_typed


@pytest.mark.parametrize(
    "typed",
    [
        "2027-03-27", "27/3/2027", "27/03/2027", "27.3.2027", "27-03-2027", "27 3 2027", "27 March 2027",
        "27th mar 2027", " 27 Mar, 2027 ", "2027/3/27", "2027 3 27",
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_typed(typed: str) -> None:
    assert day_typed(typed) == "2027-03-27"


@pytest.mark.parametrize(
    "typed", ["", "soon", "31/2/2027", "3/27/2027", "27/3/27", "27032027", "27 Marvel", "0/1/2027", "٢٧/٣/٢٠٢٧"]
)
def test_what_is_no_day_or_can_be_read_in_two_ways_is_left_as_it_is(typed: str) -> None:
    assert day_typed(typed) == typed


@pytest.mark.parametrize(
    ("typed", "time"),
    [
        ("14:05", "14:05"), ("14.05", "14:05"), ("1405", "14:05"), ("9:05", "09:05"), ("905", "09:05"),
        ("2.05pm", "14:05"), ("2 pm", "14:00"), ("12am", "00:00"), ("12.30pm", "12:30"), ("00:00", "00:00"),
    ],
)  # fmt: skip
def test_a_time_is_read_however_it_is_typed(typed: str, time: str) -> None:
    assert time_typed(typed) == time


@pytest.mark.parametrize("typed", ["", "14", "2", "24:00", "14:60", "13pm", "0am", "late", "14:5"])
def test_what_is_no_time_is_left_as_it_is(typed: str) -> None:
    assert time_typed(typed) == typed


def test_only_fields_of_days_and_times_are_spelled_out() -> None:
    sent = {
        "decided_on": ("27/3/2027",),
        "decided_at": ("1405",),
        "consulted_siro": ("1 May 2026",),
        "ref": ("1/4/2026",),
    }
    assert as_typed(sent) == {
        "decided_on": ("2027-03-27",), "decided_at": ("14:05",), "consulted_siro": ("2026-05-01",), "ref": ("1/4/2026",)
    }  # fmt: skip


def test_no_field_of_a_day_or_a_time_asks_for_a_number_pad() -> None:
    """It has neither hyphen, slash nor colon."""
    loader = _templates.loader
    assert loader is not None
    for name in (one for one in loader.list_templates() if not one.startswith("govuk_frontend_jinja/")):
        for line in loader.get_source(_templates, name)[0].splitlines():
            if 'inputmode="numeric"' in line:
                assert "-31" not in line and "14:05" not in line and "date_field" not in line, (name, line)
