"""The threat model's page is what the suite performs, and each of its lines rests on a test that is there."""

from __future__ import annotations

import subprocess
import sys

import pytest

from isa_registry.runtime.fsck.findings import SENTENCES
from tamper.case import Takes, Tool, Verb
from tamper.cases import CASES, SILENT
from tamper.threat_model import PAGE, REPOSITORY, is_a_test, named_tests, rendered
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
        "tests/tamper/test_stored.py::test_fsck_finds_it[isa-registry fsck: does nothing]",
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
    for cases in (CASES, SILENT):
        assert len({case.id for case in cases}) == len(cases)


def test_every_code_of_fsck_and_of_the_verifier_that_is_named_exists() -> None:
    known = {*SENTENCES, *rejections.collected()}
    of_others = {Tool.WITNESS, Tool.CHECKPOINTER, Tool.WORKER}
    assert {case.code for case in CASES if case.tool not in of_others} <= known


@pytest.mark.long
def test_every_test_that_is_named_is_collected() -> None:
    files = sorted({name.partition("::")[0] for name in named_tests()})
    collected = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n", "0", *files],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    known = {*collected, *(name.partition("[")[0] for name in collected)}
    assert set() == named_tests() - known
