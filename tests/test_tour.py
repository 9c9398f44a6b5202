"""The tour of docs/tour.md, run as it is printed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from live import Demonstration

TOUR = Path(__file__).resolve().parents[1] / "docs" / "tour.md"
MARK = "@@status@@"
DIFFERENT_EACH_TIME = (
    (r"chk_[0-9a-f]{32}", "CHECK"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "EVENT"),
    (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z", "TIME"),
    (r"^  root       [A-Za-z0-9+/]{43}=$", "  root       ROOT"),
    (r"(Ed25519|ML-DSA-44) key [0-9a-f]{8}", r"\1 key ID"),
    (r"(log size|log index |index|index     |log of|size      |extends the|of) [0-9]+", r"\1 N"),
)


@dataclass
class Step:
    """A command, and the lines that it prints; a line of three dots stands for any lines."""

    command: str
    printed: list[str] = field(default_factory=list)


def steps(text: str) -> list[Step]:
    """The commands of every console block, in order."""
    found: list[Step] = []
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Step(line[2:]))
            elif found[-1].command.endswith("\\"):
                found[-1].command += "\n" + line
            else:
                found[-1].printed.append(line)
    return found


def masked(line: str) -> str:
    for pattern, name in DIFFERENT_EACH_TIME:
        line = re.sub(pattern, name, line)
    return line.rstrip()


def shows(expected: list[str], printed: list[str]) -> bool:
    """Whether the lines are the expected ones, where three dots are any lines."""
    pattern = "".join(r"(?:.*\n)*?" if line == "..." else re.escape(masked(line)) + r"\n" for line in expected)
    return re.fullmatch(pattern, "".join(masked(line) + "\n" for line in printed)) is not None


def run(commands: list[Step], directory: Path, demo: Demonstration) -> list[tuple[int, list[str]]]:
    """Runs the commands in one shell; the exit status and the printed lines of each."""
    # The status of each command is told, and put back for a following `echo $?`.
    told = f"status=$?; echo '{MARK}'$status; (exit $status)"
    script = "\n".join(f"{step.command}\n{told}" for step in commands).replace(
        "127.0.0.1:8000", f"127.0.0.1:{demo.port}"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ISA_")}
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=directory,
        env=environment | {"ISA_URL": demo.url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    results: list[tuple[int, list[str]]] = []
    lines: list[str] = []
    for line in done.stdout.splitlines():
        before, mark, status = line.partition(MARK)
        if not mark:
            lines.append(line)
            continue
        results.append((int(status), [*lines, before] if before else lines))
        lines = []
    return results


@pytest.fixture
def checkout(demonstration: Demonstration, tmp_path: Path) -> Path:
    """A directory that looks like the repository after `make demo`."""
    if shutil.which("bash") is None:
        pytest.skip("the tour is for a POSIX shell")
    (tmp_path / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "demo").symlink_to(demonstration.state, target_is_directory=True)
    return tmp_path


def test_the_tour_runs_as_it_is_printed(demonstration: Demonstration, checkout: Path) -> None:
    tour = steps(TOUR.read_text(encoding="utf-8"))
    results = run(tour, checkout, demonstration)
    assert len(tour) == len(results) > 10
    for number, (step, (status, printed)) in enumerate(zip(tour, results, strict=True)):
        assert shows(step.printed, printed), f"$ {step.command}\n" + "\n".join(printed)
        following = tour[number + 1] if number + 1 < len(tour) else None
        told = int(following.printed[0]) if following is not None and following.command == "echo $?" else 0
        assert told == status, f"$ {step.command}"


def test_the_tour_goes_from_the_question_to_the_proof() -> None:
    """So that a shorter tour, or one without its failing step, does not pass for this one."""
    commands = [step.command for step in steps(TOUR.read_text(encoding="utf-8"))]
    for needed in (
        "isa-client ask",
        "isa-client sign",
        "isa-client send",
        "isa-client receipt",
        "isa-verify receipt",
        "isa-verify receipt changed",
        "isa-verify log",
    ):
        assert any(command.startswith(needed) for command in commands), needed


def test_a_line_that_is_not_printed_is_noticed() -> None:
    assert shows(["a", "...", "log size 12"], ["a", "b", "c", "log size 400"])
    assert shows(["a", "..."], ["a"])
    assert not shows(["a"], ["a", "b"])
    assert not shows(["a", "...", "d"], ["a", "b", "c"])
    assert not shows([], ["a"])
