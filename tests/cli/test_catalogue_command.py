"""`isa-registry catalogue`: what a lawyer, and the person beside them, sees."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from isa_registry.__main__ import main
from isa_registry.data import data_directory
from isa_registry.domain.catalogue_constraints import CONSTRAINTS
from isa_registry.domain.catalogue_loading import FILES

SHIPPED = data_directory("agreements") / "catalogue"


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """A copy of the shipped catalogue to edit."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "draft"))


def edit(directory: Path, name: str, change: Callable[[Any], object]) -> None:
    """Changes a file, and keeps its one row a line."""
    path = directory / name
    value = json.loads(path.read_bytes())
    change(value)
    if isinstance(value, list):
        text = "[\n" + ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in value) + "\n]\n"
    else:
        text = json.dumps(value, ensure_ascii=False, indent=2)
    path.write_text(text, encoding="utf-8")


def row(rows: list[dict[str, Any]], *names: str) -> dict[str, Any]:
    keys = ("organisation", "purpose") if len(names) == 2 else ("code",)
    return next(one for one in rows if tuple(one[key] for key in keys) == names)


def run(*arguments: str | Path) -> int:
    return main(["catalogue", *map(str, arguments)])


# --- check ----------------------------------------------------------------------------------------------------------


def test_the_catalogue_that_ships_is_held_and_what_was_held_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run("check")
    shown = capsys.readouterr()
    assert "" == shown.err
    assert shown.out.startswith("Catalogue 20")
    for heading in ("Counts", "Rules that no edit may break", "How sure", "Not verified, and", "Reading age, in years"):
        assert f"\n{heading}" in shown.out
    for constraint in CONSTRAINTS:
        assert f"  {constraint.name}: " in shown.out
    assert "  ca-2004-s16la: Children Act 2004 s.16LA: duty to share [uncertain]\n" in shown.out
    assert "durham/tier-1/1.0: " in shown.out
    assert shown.out.splitlines()[-1].startswith("Took ")


def test_a_fault_is_told_by_line_row_and_entry_with_what_to_do(draft: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(
        draft, "matrix.json", lambda rows: row(rows, "local-authority", "early-help")["article_9"].append({"code": "x"})
    )
    uses = len(row(json.loads((draft / "matrix.json").read_bytes()), "local-authority", "early-help")["article_9"])
    entry = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh")[uses]
    assert 1 == run("check", draft)
    shown = capsys.readouterr()
    assert (
        f"matrix.json line 2 (local-authority, early-help), article_9, {entry} entry, code: there is no x\n"
        "    Correct the spelling, or add it to its own file first.\n"
    ) == shown.out
    assert "1 fault\n" == shown.err


def test_faults_of_one_cause_share_what_to_do(draft: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(draft, "guidance.json", lambda items: items.remove(row(items, "family-court-papers")))
    assert 1 == run("check", draft)
    shown = capsys.readouterr()
    assert 2 < shown.out.count("there is no guidance for rows family-court-papers")
    assert 1 == shown.out.count("Correct the spelling")


def test_an_edit_that_the_law_does_not_bear_names_the_rule(draft: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(draft, "provisions.json", lambda all_: row(all_, "cda-1998-s115")["recipients"].append("voluntary"))
    assert 1 == run("check", draft)
    shown = capsys.readouterr().out
    assert "(cda-1998-s115), recipients: cda-1998-s115 names exactly" in shown
    assert "(relevant-authorities: Crime and Disorder Act 1998 s.115)\n    Undo the edit." in shown


def test_a_comma_too_few_is_found_by_its_line(draft: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = draft / "kinds.json"
    path.write_text(path.read_text(encoding="utf-8").replace("},\n", "}\n", 1), encoding="utf-8")
    assert 1 == run("check", draft)
    assert capsys.readouterr().out.startswith("kinds.json line 3: ")


def test_a_clause_that_rests_on_a_provision_that_went_is_named(draft: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(draft, "provisions.json", lambda all_: all_.remove(row(all_, "daa-2021-s3")))
    edit(
        draft,
        "guidance.json",
        lambda items: [one.update(cites=[]) for one in items if "daa-2021-s3" in one.get("cites", [])],
    )
    agreements = draft.parent / "agreements"
    shutil.copytree(SHIPPED.parent / "durham", agreements / "durham")
    text = agreements / "durham" / "tier-1" / "1.0" / "agreement.md"
    words = text.read_text(encoding="utf-8")
    if "`daa-2021-s3`" not in words:
        text.write_text(words.replace("Rests on: ", "Rests on: `daa-2021-s3`, ", 1), encoding="utf-8")
    assert 1 == run("check", draft, "--agreements", agreements)
    shown = capsys.readouterr()
    assert "durham/tier-1/1.0/agreement.md:" in shown.out
    assert "rests on daa-2021-s3, which is no provision\n    Correct the code in the clause" in shown.out


def test_a_label_that_an_annex_shows_asks_for_a_new_version(draft: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(draft, "categories.json", lambda all_: row(all_, "identity").update(label="Who somebody is"))
    assert 1 == run("check", draft)
    shown = capsys.readouterr().out
    assert "durham/tier-1/1.0/agreement.md:" in shown
    assert "so a new version of the agreement is due" in " ".join(shown.split())


def test_a_sentence_too_hard_to_read_is_shown_and_is_no_fault(draft: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hard = "Multidisciplinary safeguarding professionals communicate confidential information proportionately."
    edit(draft, "provisions.json", lambda all_: row(all_, "daa-2021-s1").update(says=hard))
    assert 0 == run("check", draft)
    assert "48.3 provisions.json daa-2021-s1 says: Multidisciplinary" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [("check", "nowhere"), ("check", "--agreements", "nowhere")])
def test_what_is_not_there_could_not_be_checked(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == run(*arguments)
    assert "nowhere: not a directory" in capsys.readouterr().err


# --- show -----------------------------------------------------------------------------------------------------------


def test_a_provision_is_shown_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run("show", "cda-1998-s115")
    shown = capsys.readouterr().out
    assert shown.startswith(
        "Crime and Disorder Act 1998 s.115: disclosure to a relevant authority\nprovision cda-1998-s115\n"
    )
    for heading in ("Says", "For the practitioner", "To", "Limits", "In force", "How sure", "Address", "Matrix rows"):
        assert f"\n\n{heading}\n  " in shown


def test_a_kind_and_a_purpose_show_their_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run("show", "police", "immediate-danger")
    assert capsys.readouterr().out.startswith(
        "Police (territorial force): Immediate danger\nrow police immediate-danger\n"
    )


def test_two_other_codes_are_two_sheets(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run("show", "mappa", "police")
    assert "\n\nPolice (territorial force)\nkind police\n" in capsys.readouterr().out


def test_a_code_that_is_not_there_names_those_like_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert 1 == run("show", "ca-1989-s471", "health")
    shown = capsys.readouterr()
    assert "ca-1989-s47" in shown.err
    assert shown.out.startswith("Physical health")


def test_a_body_that_only_receives_has_no_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert 1 == run("show", "home-office", "mappa")
    assert "home-office only receives: it has no rows" in capsys.readouterr().err


def test_the_law_of_another_day_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run("show", "ca-2004-s16la", "--on", "2026-09-29")
    assert "\n  not in force on 29 September 2026\n" in capsys.readouterr().out
    assert 2 == run("show", "ca-2004-s16la", "--on", "2026-02-30")
    assert "a real day" in capsys.readouterr().err


def test_a_row_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run("show", "nhs-england", "pre-birth", "--json")
    [shown] = json.loads(capsys.readouterr().out)
    assert ("row", "nhs-england", "pre-birth") == (shown["sort"], shown["organisation"], shown["purpose"])
    assert ("integrated-care-board", "child-protection-enquiry") == (
        shown["row"]["organisation"],
        shown["row"]["purpose"],
    )
    assert ["ca-1989-s47"] == shown["requests"]


def test_a_provision_for_machines_has_what_rests_on_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run("show", "ca-2004-s16la", "--json", "--on", "2026-09-29")
    [shown] = json.loads(capsys.readouterr().out)
    assert json.loads((SHIPPED / "provisions.json").read_bytes()).count(shown["provision"]) == 1
    assert shown["in_force"] is False
    assert {"organisation": "police", "purpose": "early-help", "member": "duties"} in shown["rows"]
    assert "tier-1/1.0#7.2" in shown["clauses"]


def test_without_a_code_all_there_is_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run("show")
    told = capsys.readouterr().out
    assert 0 == run("show", "--json")
    listed = json.loads(capsys.readouterr().out)
    assert "police" in listed["Kinds of organisation"]
    assert all(f"  {code}: " in told for code in listed["Duty: must"])


def test_another_catalogue_is_shown_and_one_with_faults_is_not(draft: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(draft, "provisions.json", lambda all_: row(all_, "daa-2021-s1").update(title="Another title"))
    assert 0 == run("show", "daa-2021-s1", "--catalogue", draft)
    assert capsys.readouterr().out.startswith("Another title\n")
    edit(draft, "provisions.json", lambda all_: row(all_, "daa-2021-s1").update(verified=True))
    assert 2 == run("show", "daa-2021-s1", "--catalogue", draft)
    assert "`isa-registry catalogue check` names them" in capsys.readouterr().err


# --- diff -----------------------------------------------------------------------------------------------------------


def test_a_copy_is_the_same(draft: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run("diff", draft, "--shipped")
    assert capsys.readouterr().out.endswith("\nThe two are the same.\n")


def test_a_difference_is_told_with_the_answers_it_could_change(draft: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(draft, "matrix.json", lambda rows: row(rows, "fire", "mappa")["gateways"].clear())
    edit(draft, "provisions.json", lambda all_: row(all_, "ca-1989-s17").update(note="Read again."))
    assert 1 == run("diff", SHIPPED, draft)
    shown = capsys.readouterr().out
    assert "\n  fire, mappa: changed\n      gateways: was " in shown
    assert "could change\n  for these kinds and purposes, and those that follow them:\n      fire: mappa\n" in shown
    assert shown.endswith("\nDifferences that no answer shows\n  provisions: ca-1989-s17\n")


def test_rows_in_another_order_are_different_and_change_nothing(
    draft: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(draft, "kinds.json", lambda kinds: kinds.reverse())
    assert 1 == run("diff", SHIPPED, draft)
    assert "Only the order of rows differs" in capsys.readouterr().out


def test_a_catalogue_in_one_file_is_compared(draft: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = draft.parent / "catalogue.json"
    whole.write_text(json.dumps({"files": {name: json.loads((draft / name).read_bytes()) for name in FILES}}))
    assert 0 == run("diff", whole, "--shipped")


def test_a_catalogue_with_faults_is_compared(draft: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(draft, "matrix.json", lambda rows: row(rows, "police", "mappa")["duties"].append("magna-carta"))
    assert 1 == run("diff", "--shipped", draft)
    assert "magna-carta" in capsys.readouterr().out


@pytest.mark.parametrize(
    "case", ["two and shipped", "one alone", "nowhere", "no catalogue", "no JSON", "no file of it"]
)
def test_what_cannot_be_compared(case: str, draft: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = draft.parent / "other"
    other.mkdir()
    text = draft.parent / "text.json"
    text.write_text("{" if case == "no JSON" else "[]")
    (draft / "kinds.json").write_text("[")
    arguments: dict[str, tuple[str | Path, ...]] = {
        "two and shipped": (SHIPPED, SHIPPED, "--shipped"),
        "one alone": (SHIPPED,),
        "nowhere": ("nowhere", "--shipped"),
        "no catalogue": (text, "--shipped"),
        "no JSON": (draft, "--shipped"),
        "no file of it": (other, "--shipped"),
    }
    assert 2 == run("diff", *arguments[case])
    shown = capsys.readouterr()
    assert "" == shown.out
    assert shown.err.startswith("isa-registry catalogue: ")


# --- around them ----------------------------------------------------------------------------------------------------


def test_no_database_and_no_setting_is_needed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "isa_registry", "catalogue", "show", "art6-1-e"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stderr)
    assert done.stdout.startswith("Public task\n")


def test_a_reader_who_stops_reading_is_no_error() -> None:
    command = f'"{sys.executable}" -m isa_registry catalogue check | head -1; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert (0, "") == (done.returncode, done.stderr)


def test_only_the_newest_version_of_an_agreement_has_the_labels_of_today(
    draft: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    agreements = draft.parent / "agreements"
    shutil.copytree(SHIPPED.parent / "durham" / "tier-1", agreements / "tier-1")
    (agreements / "tier-1" / "1.1").mkdir()
    edit(draft, "categories.json", lambda all_: row(all_, "identity").update(label="Who somebody is"))
    assert 0 == run("check", draft, "--agreements", agreements)
    (agreements / "tier-1" / "1.1").rmdir()
    assert 1 == run("check", draft, "--agreements", agreements)


def test_an_agreement_that_cannot_be_read_is_a_fault(draft: Path, capsys: pytest.CaptureFixture[str]) -> None:
    agreements = draft.parent / "agreements"
    version = Path(shutil.copytree(SHIPPED.parent / "durham" / "tier-1" / "1.0", agreements / "tier-1" / "1.0"))
    (version / "schedule.json").unlink()
    assert 1 == run("check", "--agreements", agreements)
    assert "tier-1/1.0/schedule.json" in capsys.readouterr().out
    assert 0 == run("show", "art6-1-e", "--agreements", agreements)
