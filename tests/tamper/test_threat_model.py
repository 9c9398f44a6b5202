"""The threat model's page is what the suite performs, and each of its lines rests on a test that is there."""

from __future__ import annotations

import pytest

from isa_registry.runtime.fsck_findings import SENTENCES
from tamper.case import Takes, Tool, Verb
from tamper.cases import CASES, SILENT
from tamper.threat_model import PAGE, is_a_test, named_tests, rendered
from verify import rejections


def test_the_page_is_what_the_suite_says() -> None:
    """`PYTHONPATH=tests python tests/tamper/threat_model.py` makes it anew."""
    assert rendered() == PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(named_tests()))
def test_a_test_that_is_named_is_there(name: str) -> None:
    assert is_a_test(name)


@pytest.mark.parametrize(
    "name",
    [
        "tests/tamper/test_threat_model.py::test_that_is_not_there",
        "tests/tamper/test_nothing.py::test_that_is_not_there",
        "tests/tamper/cases.py::test_that_is_not_there",
        "tests/tamper/test_threat_model.py::named_tests",
    ],
)
def test_what_is_none_is_not(name: str) -> None:
    assert not is_a_test(name)


@pytest.mark.parametrize("verb", Verb)
def test_everything_that_can_be_done_is_done(verb: Verb) -> None:
    assert [case for case in CASES if case.verb is verb]


def test_every_tool_and_every_capability_has_its_cases() -> None:
    assert set(Tool) == {case.tool for case in CASES}
    assert set(Takes) == {case.takes for case in CASES}


def test_everything_that_fsck_can_find_has_its_case() -> None:
    assert set(SENTENCES) <= {case.code for case in CASES}


def test_what_is_silent_is_performed_or_was() -> None:
    assert all(bool(one.edits) + bool(one.view) + bool(one.test) == 1 for one in SILENT)


def test_no_two_cases_are_the_same() -> None:
    said = [(case.tool, case.verb, case.does) for case in CASES]
    assert len(said) == len(set(said))
    assert len({one.does for one in SILENT}) == len(SILENT)


def test_every_code_of_fsck_and_of_the_verifier_that_is_named_exists() -> None:
    known = {*SENTENCES, *rejections.collected()}
    of_others = {Tool.WITNESS, Tool.CHECKPOINTER, Tool.WORKER}
    assert {case.code for case in CASES if case.tool not in of_others} <= known
