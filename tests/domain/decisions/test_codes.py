"""Which questions are malformed, and which speak of codes that nobody knows."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from asking import COUNCIL, POLICE, question
from demonstration import catalogue
from isa_registry.domain.decisions import check_question, moment_of
from isa_registry.domain.questions import Circumstances, Question, RecipientKind, Subject

GOOD = question(POLICE, COUNCIL, "child-in-need")
SECRET = "swordfish"


def faults(asked: Question) -> list[tuple[str, str, int]]:
    return [(fault.pointer, fault.code, fault.status) for fault in check_question(asked, catalogue())]


def test_a_good_question_has_no_fault() -> None:
    assert faults(GOOD) == []


@pytest.mark.parametrize("member", ["on", "as_of"])
def test_a_what_if_that_is_not_recorded_has_no_fault(member: str) -> None:
    value = {"on": "2026-03-03", "as_of": 7}[member]
    for record in (None, False):
        assert faults(replace(GOOD, **{member: value}, record=record)) == []
    assert faults(replace(GOOD, **{member: value}, record=True)) == [("#/record", "what-if-not-recorded", 422)]


CIRCUMSTANCES = ("detriment_confirmed_by", "consent", "agreement_to_service", "para18_reason", "s36_4_authority",
                 "confidentiality_route", "statutory_request", "restriction")  # fmt: skip


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"purpose": SECRET}, "#/purpose"),
        ({"urgency": SECRET}, "#/urgency"),
        ({"categories": ("identity", SECRET)}, "#/categories/1"),
        ({"recipient": RecipientKind(SECRET)}, "#/recipient/kind"),
        ({"subjects": (Subject("child"), Subject(SECRET))}, "#/subjects/1/kind"),
        ({"subjects": (Subject("child", roles=("victim", SECRET)),)}, "#/subjects/0/roles/1"),
        *(({"circumstances": Circumstances(**{member: SECRET})}, f"#/circumstances/{member}")
          for member in CIRCUMSTANCES),
    ],
)  # fmt: skip
def test_an_unknown_code_is_422_where_it_stands_and_is_not_repeated(change: dict[str, Any], pointer: str) -> None:
    asked = replace(GOOD, **change)
    assert faults(asked) == [(pointer, "unknown-code", 422)]
    assert SECRET not in check_question(asked, catalogue())[0].detail


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"categories": ()}, ("#/categories", "too-few")),
        ({"categories": ("identity", "identity")}, ("#/categories", "duplicate")),
        ({"recipient": ""}, ("#/recipient", "bad-identifier")),
        ({"recipient": "x" * 129}, ("#/recipient", "bad-identifier")),
        ({"provider": ""}, ("#/provider", "bad-identifier")),
        ({"subjects": (Subject("child"),) * 51}, ("#/subjects", "too-many")),
        ({"subjects": (Subject("child", roles=("victim", "victim")),)}, ("#/subjects/0/roles", "duplicate")),
        ({"as_of": 0}, ("#/as_of", "bad-size")),
        ({"as_of": -3}, ("#/as_of", "bad-size")),
        ({"as_of": True}, ("#/as_of", "bad-size")),
        *(({"as_of": text}, ("#/as_of", "bad-time"))
          for text in ("", "yesterday", "2026-03-10", "2026-03-10T12:00:00", "2026-02-30T12:00:00Z",
                       "2026-03-10 12:00:00Z", "2026-03-10T25:00:00Z")),
        *(({"on": text}, ("#/on", "bad-date"))
          for text in ("", "2026-02-30", "20260210", "2026-2-10", "2026-02-10T00:00:00Z", "0000-01-01")),
    ],
)  # fmt: skip
def test_a_fault_of_form_is_400(change: dict[str, Any], fault: tuple[str, str]) -> None:
    assert faults(replace(GOOD, **change, record=False)) == [(*fault, 400)]


def test_thirty_categories_may_be_named_and_no_more() -> None:
    every = tuple(catalogue().categories)
    assert len(every) == 30
    assert faults(replace(GOOD, categories=every)) == []
    assert ("#/categories", "too-many", 400) in faults(replace(GOOD, categories=(*every, SECRET)))


@pytest.mark.parametrize(
    ("ref", "good"),
    [
        ("s1_" + "A" * 43, True),
        ("s1_" + "A" * 42 + "B", False),
        ("s1_" + "A" * 42, False),
        ("s1_" + "A" * 44, False),
        ("s2_" + "A" * 43, False),
        ("s1_" + "A" * 42 + "=", False),
        ("s1_" + "A" * 43 + "\n", False),
        ("4505577104", False),
    ],
)
def test_a_subject_reference_is_the_canonical_spelling_of_32_bytes(ref: str, good: bool) -> None:
    found = faults(replace(GOOD, subjects=(Subject("child", ref=ref),)))
    assert found == ([] if good else [("#/subjects/0/ref", "bad-reference", 400)])


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("2026-03-10T12:00:00.000Z", "2026-03-10T12:00:00.000Z"),
        ("2026-03-10T12:00:00Z", "2026-03-10T12:00:00.000Z"),
        ("2026-03-10T12:00:00.123456Z", "2026-03-10T12:00:00.123Z"),
        ("2026-03-10T13:00:00+01:00", "2026-03-10T12:00:00.000Z"),
        ("0001-01-01T00:00:00+01:00", None),
        ("2026-03-10T12:00:00+25:00", None),
        ("now", None),
    ],
)
def test_a_time_is_spelled_as_the_register_does(text: str, spelled: str | None) -> None:
    assert moment_of(text) == spelled


def test_every_fault_is_found() -> None:
    asked = replace(GOOD, purpose=SECRET, urgency=SECRET, on="x", recipient=RecipientKind(SECRET))
    assert [pointer for pointer, _, _ in faults(asked)] == ["#/recipient/kind", "#/purpose", "#/urgency", "#/on"]
