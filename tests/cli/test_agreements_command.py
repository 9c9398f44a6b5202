"""`isa-registry agreements`: what an author of an agreement sees."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from isa_registry.__main__ import main
from isa_registry.data import data_directory
from isa_registry.domain.agreement_annex import split_annexes

DURHAM = data_directory("agreements") / "durham"
VERSIONS = ["tier-1/1.0", "tier-2-hoth/1.0"]


@pytest.fixture
def durham(tmp_path: Path) -> Path:
    """A copy of the shipped agreements to spoil."""
    return Path(shutil.copytree(DURHAM, tmp_path / "durham"))


def edit(path: Path, was: str, becomes: str) -> int:
    """Changes one place in a file, and says on which line it is."""
    text = path.read_text(encoding="utf-8")
    assert was in text
    path.write_text(text.replace(was, becomes, 1), encoding="utf-8")
    return text[: text.index(was)].count("\n") + 1


def test_the_agreements_that_ship_lint_clean(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agreements", "lint"]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_fault_is_named_by_file_and_line_and_counted(durham: Path, capsys: pytest.CaptureFixture[str]) -> None:
    version = durham / "tier-1" / "1.0"
    line = edit(version / "agreement.md", "### 3.1 Share now, record after {#3.1}\n\n", "\\g")
    edit(version / "agreement.md", "\\g", "### 3.1 Share now, record after {#3.1}\n\nUtilise it. ")
    assert main(["agreements", "lint", str(version)]) == 1
    shown = capsys.readouterr()
    assert shown.out == f"{version}/agreement.md:{line + 2}: “Utilise”: write use\n"
    assert shown.err == "1 fault\n"


def test_a_fault_of_the_ledger_is_named_where_the_ledger_lies(durham: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = durham / "tier-1" / "clause-ids.json"
    line = edit(ledger, '"3.1": {"heading": "', '"3.1": {"heading": "Not ')
    assert main(["agreements", "lint", str(durham / "tier-1" / "1.0")]) == 1
    assert "clause 3.1 is “Not " in capsys.readouterr().out
    ledger.write_text(ledger.read_text(encoding="utf-8").replace('"Not ', '"'), encoding="utf-8")
    edit(ledger, '"3.1": {', '"3.99": {"heading": "Gone", "since": "1.0"},\n  "3.1": {')
    assert main(["agreements", "lint", str(durham / "tier-1" / "1.0")]) == 1
    assert capsys.readouterr().out.startswith(f"{ledger}:{line}: 3.99 is not in the text: ")


def test_a_tier_2_is_held_against_the_parent_that_lies_beside_it(
    durham: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(durham / "tier-1")
    assert main(["agreements", "lint", str(durham / "tier-2-hoth" / "1.0")]) == 1
    assert "schedule.json#/parent: the text of tier-1 1.0 is not there" in capsys.readouterr().out


def test_an_older_version_is_not_held_to_the_headings_of_the_newest(durham: Path) -> None:
    older, newer = durham / "tier-1" / "1.0", durham / "tier-1" / "1.10"
    shutil.copytree(older, newer)
    edit(durham / "tier-1" / "clause-ids.json", '"3.1": {"heading": "', '"3.1": {"heading": "Not ')
    assert main(["agreements", "lint", str(older)]) == 0


def test_a_directory_that_is_not_there_is_a_mistake_of_the_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (["lint"], ["annex"], ["clause-ids"]):
        assert main(["agreements", *command, str(tmp_path / "nowhere")]) == 2
        assert "nowhere" in capsys.readouterr().err


def test_a_directory_without_an_agreement_has_everything_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["agreements", "lint", str(tmp_path)]) == 1
    assert f"{tmp_path}/agreement.md: this file is missing" in capsys.readouterr().out


@pytest.mark.parametrize("version", VERSIONS)
def test_the_annexes_are_printed_as_they_stand_in_the_text(version: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agreements", "annex", str(DURHAM / version)]) == 0
    _, written = split_annexes((DURHAM / version / "agreement.md").read_text(encoding="utf-8"))
    assert capsys.readouterr().out == written


@pytest.mark.parametrize("version", VERSIONS)
def test_annexes_are_written_into_the_text_and_nothing_else_is(version: str, durham: Path) -> None:
    text = durham / version / "agreement.md"
    before = text.read_bytes()
    edit(durham / version / "schedule.json", "03000 267 979", "0191 000 0000")
    assert main(["agreements", "annex", str(durham / version), "--write"]) == 0
    assert text.read_bytes() != before
    assert "| 0191 000 0000 |" in text.read_text(encoding="utf-8")
    edit(durham / version / "schedule.json", "0191 000 0000", "03000 267 979")
    assert main(["agreements", "annex", str(durham / version), "--write"]) == 0
    assert text.read_bytes() == before


def test_a_schedule_with_faults_makes_no_annexes(durham: Path, capsys: pytest.CaptureFixture[str]) -> None:
    version = durham / "tier-1" / "1.0"
    before = (version / "agreement.md").read_bytes()
    edit(version / "schedule.json", '"early-help"', '"late-help"')
    assert main(["agreements", "annex", str(version), "--write"]) == 1
    expected = f"{version}/schedule.json#/purposes/0/code: there is no purpose late-help\n"
    assert capsys.readouterr().out == expected
    (version / "schedule.json").write_text("{}")
    assert main(["agreements", "annex", str(version), "--write"]) == 1
    assert (version / "agreement.md").read_bytes() == before


def test_new_clause_ids_join_the_ledger_and_old_ones_stay(durham: Path, capsys: pytest.CaptureFixture[str]) -> None:
    version, place = durham / "tier-1" / "1.0", durham / "tier-1" / "clause-ids.json"
    whole = json.loads(place.read_bytes())
    ledger = dict(whole)
    del ledger["3.1"]
    ledger["3.99"] = {"heading": "Gone", "since": "0.8", "until": "0.9", "heirs": ["3.2"]}
    place.write_text(json.dumps(ledger))
    assert main(["agreements", "clause-ids", str(version)]) == 0
    assert json.loads(capsys.readouterr().out) == {**whole, "3.99": ledger["3.99"]}
    assert main(["agreements", "clause-ids", str(version), "--write"]) == 0
    assert main(["agreements", "lint", str(version)]) == 0
    place.unlink()
    assert main(["agreements", "clause-ids", str(version), "--write"]) == 0
    assert json.loads(place.read_bytes()) == whole


def test_a_text_or_ledger_that_cannot_be_read_is_left_alone(durham: Path, capsys: pytest.CaptureFixture[str]) -> None:
    version, place = durham / "tier-1" / "1.0", durham / "tier-1" / "clause-ids.json"
    place.write_text("[]")
    assert main(["agreements", "clause-ids", str(version), "--write"]) == 1
    assert place.read_text() == "[]"
    assert capsys.readouterr().out.startswith(f"{place}#: ")
    (version / "agreement.md").write_bytes(b"\xff")
    assert main(["agreements", "clause-ids", str(version), "--write"]) == 2
    assert "not UTF-8" in capsys.readouterr().err
