"""docs/guides/law.md: each command as it is printed, and what the page says of the catalogue."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from test_tour import MARK, Step, steps

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "docs" / "guides" / "law.md").read_text(encoding="utf-8")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A directory that looks like the repository, whose catalogue a command may copy."""
    if shutil.which("bash") is None:
        pytest.skip("the guide is for a POSIX shell")
    (tmp_path / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    shutil.copytree(ROOT / "agreements", tmp_path / "agreements")
    return tmp_path


def run(commands: list[Step], directory: Path) -> list[tuple[int, list[str]]]:
    """Runs the commands in one shell; the exit status and the printed lines of each."""
    told = f"status=$?; echo '{MARK}'$status; (exit $status)"
    script = "\n".join(f"{step.command}\n{told}" for step in commands)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=directory,
        env={"PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    *blocks, _ = re.split(rf"^{MARK}(\d+)\n", done.stdout, flags=re.MULTILINE)
    return [(int(status), printed.splitlines()) for printed, status in zip(blocks[::2], blocks[1::2], strict=True)]


def joined(found: list[Step]) -> list[Step]:
    """Steps whose command has an open quotation mark go on in the lines after it."""
    for step in found:
        while step.command.count("'") % 2:
            step.command += "\n" + step.printed.pop(0)
    return found


def test_the_guide_runs_as_it_is_printed(checkout: Path) -> None:
    guide = joined(steps(GUIDE))
    results = run(guide, checkout)
    assert len(guide) == len(results) > 10
    for number, (step, (status, printed)) in enumerate(zip(guide, results, strict=True)):
        assert prints(step.printed, printed), f"$ {step.command}\n" + "\n".join(printed)
        following = guide[number + 1] if number + 1 < len(guide) else None
        if following is not None and following.command == "echo $?":
            assert int(following.printed[0]) == status, f"$ {step.command}"


def prints(expected: list[str], printed: list[str]) -> bool:
    """Whether the lines are the expected ones. Three dots are any lines, and at the end of a line any end of it."""
    pattern = "".join(
        r"(?:.*\n)*?"
        if line == "..."
        else re.escape(line.removesuffix("...")) + (".*" if line.endswith("...") else "") + r"\n"
        for line in expected
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None


def test_a_line_that_is_not_printed_is_noticed() -> None:
    assert prints(["a ...", "...", "d"], ["a b", "c", "d"])
    assert not prints(["a", "...", "d"], ["a b", "c", "d"])
    assert not prints(["a ..."], ["a b", "c"])


def test_the_guide_uses_every_command_of_the_catalogue() -> None:
    commands = [step.command for step in steps(GUIDE)]
    for needed in ("catalogue check", "catalogue show", "catalogue diff", "agreements lint"):
        assert any(f"isa-registry {needed}" in command for command in commands), needed


def test_every_question_that_is_open_has_what_is_done_meanwhile() -> None:
    table = GUIDE.split("## What is open")[1].split("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert 13 == len(rows)
    assert all(len(row.strip("| ").split(" | ")) == 2 for row in rows)


def test_what_the_guide_says_of_the_matrix_is_so() -> None:
    catalogue = ROOT / "agreements" / "catalogue"
    rows = {(one["organisation"], one["purpose"]): one for one in json.loads((catalogue / "matrix.json").read_bytes())}
    public = {one["code"]: one["public"] for one in json.loads((catalogue / "kinds.json").read_bytes())}
    assert (216, 18, 12) == (len(rows), len({kind for kind, _ in rows}), len({purpose for _, purpose in rows}))

    def codes(kind: str, purpose: str, member: str) -> list[str]:
        return [use["code"] for use in rows[kind, purpose][member]]

    kinds = {kind for kind, _ in rows}
    others = {kind for kind in kinds if not public[kind]}
    assert [] == [kind for kind in kinds if "dpa-2018-sch1-para10" in codes(kind, "harm-outside-the-home", "article_9")]
    assert [] == [kind for kind in others if codes(kind, "practice-review", "article_10")]
    for kind in ("independent-school", "voluntary", "faith", "sports-club"):
        assert "dpa-2018-sch1-para6" in codes(kind, "mappa", "article_9")
    for purpose in ("early-help", "child-in-need", "child-protection-enquiry", "missing-return-interview"):
        assert [] == codes("gp-practice", purpose, "gateways")
    for kind in ("police", "british-transport-police"):
        assert ["msa-2015-s52"] == codes(kind, "modern-slavery-referral", "gateways")
    assert "ctsa-2015-s38" in codes("integrated-care-board", "prevent-channel", "gateways")
    assert [] == codes("maintained-school", "quality-assurance", "gateways")


def test_what_the_guide_says_of_marks_is_what_the_pages_say() -> None:
    from isa_registry.domain.verifying import LOOK_AGAIN_AFTER
    from isa_registry.pages.law import ADDRESS, WORDS
    from isa_registry.pages.navigation import ACCOUNT

    part = GUIDE.split("## Marking it in a running registry")[1].split("\n## ")[0]
    assert f'Open `{ADDRESS}`, choose "{WORDS["not-yet-checked"][0]}"' in part
    assert f'the list then says "{WORDS["lapsed"][0]}"' in part
    to_check = "Points of the law to check"
    assert f'Another lead finds it under "{to_check}"' in part
    assert [{"law-lead"}] == [set(line.roles) for one in ACCOUNT for line in one.lines if line.text == to_check]
    assert 365 == LOOK_AGAIN_AFTER.days


def test_there_are_five_named_conditions_and_nine_files_as_the_guide_says() -> None:
    from typing import get_args

    from isa_registry.domain.catalogue import Predicate
    from isa_registry.domain.catalogue_loading import FILES

    assert (5, 9) == (len(get_args(Predicate)), len(FILES))
    assert "there are five such conditions" in GUIDE
    assert "nine files in `agreements/catalogue/`" in GUIDE
